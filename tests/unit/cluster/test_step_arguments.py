"""A step program trusts no caller: what does not fit the grammar of its arguments ends it before anything is asked."""

import importlib

import pytest

from tiphys.cluster import snapshots
from tiphys.cluster.snapshots import DeploymentSnapshot, PodsSnapshot

PODS = snapshots.dump(PodsSnapshot("shop", "app=web", "Deployment", "web", 2, 2, {"u": "web-1"}))
DEPLOYMENT = snapshots.dump(DeploymentSnapshot("shop", "web", "u", 1, 2, 2, 2, "web-2", 1, "web-1"))
NS = "--namespace=shop"
LOCK = ("--lock-owner=run-1", "--lock-seconds=60", "--output=/nowhere/out")


def ends(name: str, *argv: str) -> int:
    try:
        return importlib.import_module(f"tiphys.cluster.steps.{name}").main(list(argv))
    except SystemExit as end:
        return int(str(end.code))


@pytest.mark.parametrize(
    "selector",
    [
        "",
        " ",
        "app",
        "app=",
        "app=web,",
        "app!=web",
        "app in (web)",
        "--all-namespaces=true",
        "app=web,--all-namespaces=true",
        "app=web; rm -rf /",
        "app=$(id)",
        "app=web\n",
        "app=wéb",
        "*",
    ],
)
def test_a_selector_is_a_list_of_equalities_and_nothing_else(selector: str):
    assert ends("snapshot_pods", NS, f"--selector={selector}", *LOCK) == 2


@pytest.mark.parametrize("namespace", ["", "Shop", "shop/../kube-system", "-shop", "shop\n", "a" * 64, "--all"])
def test_a_namespace_is_a_dns_label(namespace: str):
    assert ends("snapshot_pods", f"--namespace={namespace}", "--selector=app=web", *LOCK) == 2


@pytest.mark.parametrize("replicas", ["0", "-1", "31x", "1e3", "", "30; rm", "1001", "\N{ARABIC-INDIC DIGIT THREE}"])
def test_replicas_are_a_whole_number_within_limits(replicas: str):
    assert ends("scale_deployment", NS, f"--snapshot={DEPLOYMENT}", LOCK[0], f"--replicas={replicas}") == 2


@pytest.mark.parametrize("snapshot", ["", "{}", "[]", "null", "{", PODS.replace('"desired":2,', ""), DEPLOYMENT])
def test_a_snapshot_is_what_the_snapshot_step_wrote(snapshot: str):
    assert ends("delete_pods", NS, f"--snapshot={snapshot}", LOCK[0]) == 2


@pytest.mark.parametrize(
    "argv",
    [
        ("verify_rollout", "--expect=scaled"),
        ("verify_rollout", "--expect=undone", "--replicas=3"),
        ("verify_rollout", "--expect=fine"),
    ],
)
def test_what_is_expected_is_said_completely(argv: tuple[str, ...]):
    name, *rest = argv
    assert ends(name, NS, f"--snapshot={DEPLOYMENT}", "--within-seconds=1", *rest) == 2


def test_abbreviations_and_unknown_flags_are_refused():
    assert ends("delete_pods", NS, f"--snap={PODS}", LOCK[0]) == 2
    assert ends("delete_pods", NS, f"--snapshot={PODS}", LOCK[0], "--force") == 2
    assert ends("release", NS, "--lock-owner=a", "--kinds=Node", "--action=a", "--incident=b", "--status=c") == 2


def test_without_a_cluster_a_step_fails_and_says_what_to_set(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    for name in ("TIPHYS_KUBE_URL", "KUBERNETES_SERVICE_HOST"):
        monkeypatch.delenv(name, raising=False)
    assert ends("delete_pods", NS, f"--snapshot={PODS}", LOCK[0]) == 1
    assert "set TIPHYS_KUBE_URL" in capsys.readouterr().err


def test_a_snapshot_survives_its_way_through_a_parameter():
    assert snapshots.dump(snapshots.parse_pods(PODS)) == PODS
    assert snapshots.dump(snapshots.parse_deployment(DEPLOYMENT)) == DEPLOYMENT
    assert "\n" not in PODS
