"""The WorkflowTemplates of the catalog: what they promise as documents, and their steps run on a practice cluster.

The steps are run here by a few lines that know nothing but order and tags; the engine runs the same files elsewhere.
"""

import asyncio
import contextlib
import importlib
import io
import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
import yaml
from tests.contracts.kube import Kube, uids
from tests.integration.practice import RBAC, SHOP, practice_cluster

from tiphys.cluster import locks
from tiphys.jsons import JsonObject
from tiphys.sandbox import accounts, demo_shop
from tiphys.sandbox.server import Sandbox

TEMPLATES = Path(__file__).parents[2] / "catalog" / "templates"
FILES = sorted(TEMPLATES.glob("*.yaml"))
DOCUMENTS = {path.stem: yaml.safe_load(path.read_text()) for path in FILES}
RUN = "remediation-1"


def templates(document: JsonObject) -> dict[str, JsonObject]:
    return {template["name"]: template for template in document["spec"]["templates"]}


# --- as documents -----------------------------------------------------------------------------------------------------


@pytest.fixture(params=DOCUMENTS, ids=str)
def document(request: pytest.FixtureRequest) -> JsonObject:
    assert DOCUMENTS[request.param]["metadata"]["name"] == request.param
    return DOCUMENTS[request.param]


def test_all_deadlines_together_leave_verify_its_time(document: JsonObject):
    """T16: every attempt of every step, with the waits between them, fits below the workflow's deadline."""
    used = 0
    for (step,) in templates(document)["main"]["steps"]:
        template = templates(document)[step["template"]]
        retries = template["retryStrategy"]["limit"]
        used += template["activeDeadlineSeconds"] * (retries + 1)
        used += sum(int(template["retryStrategy"]["backoff"]["duration"][:-1]) * 2**at for at in range(retries))
    assert used < document["spec"]["activeDeadlineSeconds"]


def test_verify_gives_up_before_it_is_killed(document: JsonObject):
    verify = templates(document)["verify"]
    (within,) = [arg for arg in verify["container"]["args"] if arg.startswith("--within-seconds=")]
    assert int(within.partition("=")[2]) < verify["activeDeadlineSeconds"]


def test_the_lock_outlives_the_run(document: JsonObject):
    release = templates(document)["release"]
    (seconds,) = [
        arg for arg in templates(document)["snapshot"]["container"]["args"] if arg.startswith("--lock-seconds=")
    ]
    exit_handler_s = release["activeDeadlineSeconds"] * (release["retryStrategy"]["limit"] + 1) + 2
    assert int(seconds.partition("=")[2]) > document["spec"]["activeDeadlineSeconds"] + exit_handler_s


def test_parameters_come_as_arguments_of_one_flag_each(document: JsonObject):
    """T18: no script, no shell, no tag outside `--flag=<tag>`; nothing beyond the floor's language."""
    text = json.dumps(document)
    assert "script" not in text
    assert "{{=" not in text
    for template in templates(document).values():
        if "container" not in template:
            continue
        assert template["container"]["command"][:2] == ["python", "-m"]
        for argument in template["container"]["args"]:
            assert re.fullmatch(r"--[a-z-]+=(\{\{[a-z_.]+\}\}|[^{}]+)", argument), argument


def test_every_step_has_deadline_and_bounded_retries_and_every_run_an_exit_handler(document: JsonObject):
    """T14"""
    spec = document["spec"]
    assert (spec["entrypoint"], spec["onExit"], spec["parallelism"]) == ("main", "release", 1)
    for name, template in templates(document).items():
        if name != "main":
            assert template["activeDeadlineSeconds"] > 0
            assert template["retryStrategy"]["limit"] <= 2
            assert template["retryStrategy"]["retryPolicy"] == "OnError"


def test_each_action_has_an_account_of_its_own_with_pinned_verbs(document: JsonObject):
    """T27"""
    account = document["spec"]["serviceAccountName"]
    rbac = [one for one in accounts.load_documents(RBAC) if one["metadata"]["name"] == account]
    assert {one["kind"] for one in rbac} == {"ServiceAccount", "Role", "RoleBinding"}
    (role,) = [one for one in rbac if one["kind"] == "Role"]
    assert not [rule for rule in role["rules"] if "*" in [*rule["verbs"], *rule["resources"], *rule["apiGroups"]]]
    for template in templates(document).values():
        if "container" in template:
            assert template["container"]["env"] == [{"name": "TIPHYS_KUBE_ACCOUNT", "value": account}]


def test_no_two_actions_share_an_account():
    names = [document["spec"]["serviceAccountName"] for document in DOCUMENTS.values()]
    assert len(set(names)) == len(names) == 3


# --- as runs ----------------------------------------------------------------------------------------------------------


class Run:
    """Runs the steps of one template in order, then the exit handler, as the engine would."""

    def __init__(
        self,
        sandbox: Sandbox,
        name: str,
        parameters: Mapping[str, str],
        *,
        run: str = RUN,
        within: int = 20,
        as_program: bool = False,
    ) -> None:
        self._environ = sandbox.step_environment
        self._document = DOCUMENTS[name]
        self._tags = {f"workflow.parameters.{key}": value for key, value in parameters.items()}
        self._tags |= {"workflow.name": run, "workflow.parameters.incident_id": "INC-1", "workflow.status": "Running"}
        self._directory = sandbox.directory / run
        self._within = within
        self._as_program = as_program

    async def all(self) -> tuple[str, str]:
        """The phase and the output of everything."""
        said, phase = "", "Succeeded"
        for (step,) in templates(self._document)["main"]["steps"]:
            code, text = await self.step(step["template"])
            said += text
            if code:
                phase = "Failed"
                break
        self._tags["workflow.status"] = phase
        code, text = await self.step("release")
        assert code == 0, text
        return phase, said + text

    async def step(self, name: str) -> tuple[int, str]:
        """The exit status and output of one step."""
        template = templates(self._document)[name]
        container = template["container"]
        argv = [re.sub(r"\{\{([^}]*)\}\}", lambda tag: self._tags[tag[1]], text) for text in container["args"]]
        argv = [text.replace("/tmp/", f"{self._directory}/") for text in argv]
        argv = [re.sub(r"^--within-seconds=.*", f"--within-seconds={self._within}", text) for text in argv]
        argv += ["--poll-seconds=0.05"] if name == "verify" else []
        account = {variable["name"]: variable["value"] for variable in container["env"]}
        start = _start_program if self._as_program else _call_main
        code, text = await start(container["command"], argv, {**self._environ, **account})
        self._collect(template)
        return code, text

    def _collect(self, template: JsonObject):
        for output in template.get("outputs", {}).get("parameters", []):
            path = Path(output["valueFrom"]["path"].replace("/tmp", str(self._directory)))
            if path.exists():
                self._tags[f"inputs.parameters.{output['name']}"] = path.read_text()


async def _start_program(command: list[str], argv: list[str], environ: Mapping[str, str]) -> tuple[int, str]:
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        *command[1:],
        *argv,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env={**os.environ, **environ},
    )
    text = (await child.communicate())[0].decode()
    assert child.returncode is not None
    return child.returncode, text


async def _call_main(command: list[str], argv: list[str], environ: Mapping[str, str]) -> tuple[int, str]:
    """The same without a process of its own, which costs half a second of imports."""
    text = io.StringIO()
    with pytest.MonkeyPatch.context() as patch, contextlib.redirect_stdout(text), contextlib.redirect_stderr(text):
        for name, value in environ.items():
            patch.setenv(name, value)
        code = await asyncio.to_thread(importlib.import_module(command[2]).main, argv)
    return code, text.getvalue()


def restart(sandbox: Sandbox, *, selector: str = "app=web", run: str = RUN, within: int = 20) -> Run:
    return Run(sandbox, "restart-pods-tpl", {"namespace": SHOP, "selector": selector}, run=run, within=within)


async def lock_of(kube: Kube, name: str = "web") -> str:
    annotations = (await kube.get(f"{kube.deployments}/{name}"))["metadata"].get("annotations", {})
    return annotations.get(locks.OWNER, "")


async def test_a_wedged_service_is_restarted_verified_and_unlocked(tmp_path: Path):
    async with practice_cluster(tmp_path, demo_shop.deployment("web", replicas=2)) as (sandbox, kube):
        before = await kube.items(kube.pods)
        await demo_shop.wedge(sandbox.pod_addresses(SHOP, "app=web"))
        await kube.until_pods(lambda pods: all(not pod["status"]["containerStatuses"][0]["ready"] for pod in pods))
        parameters = {"namespace": SHOP, "selector": "app=web"}
        phase, said = await Run(sandbox, "restart-pods-tpl", parameters, as_program=True).all()
        assert phase == "Succeeded", said
        assert "OK: 2 pods of Deployment shop/web, 0 of 2 ready" in said
        assert "OK: all 2 pods replaced, 2 of 2 ready" in said
        assert "restart_pods for incident INC-1 ended Succeeded; 1 locks of remediation-1 released" in said
        assert not uids(await kube.items(kube.pods)) & uids(before)
        assert await lock_of(kube) == ""


async def test_a_service_that_stays_sick_fails_verification_and_is_still_unlocked(tmp_path: Path):
    async with practice_cluster(tmp_path, demo_shop.deployment("web", replicas=1)) as (sandbox, kube):
        release = {**demo_shop.release(demo_shop.SICK)["spec"], "strategy": {"type": "Recreate", "rollingUpdate": None}}
        await kube.patch(f"{kube.deployments}/web", {"spec": release})
        await kube.until_pods(lambda pods: any(pod["spec"]["containers"][0]["image"] == demo_shop.SICK for pod in pods))
        await kube.until_pods(lambda pods: len(pods) == 1)
        phase, said = await restart(sandbox, within=1).all()
        assert phase == "Failed"
        assert "FAIL: after 1 s: 0 of 1 new pods are ready" in said
        assert "ended Failed; 1 locks of remediation-1 released" in said
        assert await lock_of(kube) == ""


async def test_a_step_that_is_repeated_finds_its_work_done(tmp_path: Path):
    async with practice_cluster(tmp_path, demo_shop.deployment("web", replicas=2)) as (sandbox, kube):
        run = restart(sandbox)
        assert (await run.step("snapshot"))[0] == 0
        assert (await run.step("restart"))[1] == "OK: deleted 2 pods, 0 were gone already\n"
        assert (await run.step("verify"))[0] == 0
        after = await kube.items(kube.pods)
        assert (await run.step("restart"))[1] == "OK: deleted 0 pods, 2 were gone already\n"
        assert uids(await kube.items(kube.pods)) == uids(after)


async def test_verify_is_not_content_with_the_old_pods(tmp_path: Path):
    """T15"""
    async with practice_cluster(tmp_path, demo_shop.deployment("web", replicas=2)) as (sandbox, _):
        run = restart(sandbox, within=1)
        assert (await run.step("snapshot"))[0] == 0
        code, said = await run.step("verify")
        assert code == 1
        assert "2 pods of the snapshot are still there" in said


async def test_two_runs_never_work_on_one_target(tmp_path: Path):
    """T21"""
    async with practice_cluster(tmp_path, demo_shop.deployment("web", replicas=1)) as (sandbox, kube):
        first, second = restart(sandbox), restart(sandbox, run="remediation-2")
        assert (await first.step("snapshot"))[0] == 0
        assert (await first.step("snapshot"))[0] == 0, "one's own lock is renewed"
        phase, said = await second.all()
        assert phase == "Failed"
        assert "is being worked on by remediation-1 until" in said
        assert "0 locks of remediation-2 released" in said
        assert await lock_of(kube) == RUN
        past = {"metadata": {"annotations": {locks.UNTIL: "2020-01-01T00:00:00Z"}}}
        await kube.patch(f"{kube.deployments}/web", past)
        assert (await second.step("snapshot"))[0] == 0, "the lock of a run that died runs out"
        code, said = await first.step("restart")
        assert code == 1, "who has lost the lock may not act any more"
        assert "its lock is held by remediation-2, not by remediation-1" in said


@pytest.mark.parametrize(
    ("selector", "words"),
    [("app=none", "finds no pod"), ("tier=front", "several workloads"), ("crowd=yes", "20 are allowed")],
)
async def test_a_selector_that_reaches_too_little_or_too_much_is_refused(tmp_path: Path, selector: str, words: str):
    """T20"""
    key, _, value = selector.partition("=")
    deployments = [demo_shop.deployment(name, replicas=1) for name in ("web", "api")]
    if key == "crowd":
        deployments = [demo_shop.deployment("web", replicas=21)]
        del deployments[0]["spec"]["template"]["spec"]["containers"][0]["readinessProbe"]
        deployments[0]["spec"]["template"]["spec"]["containers"][0]["command"] = ["/bin/sleep", "1000"]
    for deployment in deployments:
        deployment["spec"]["template"]["metadata"]["labels"][key if key != "app" else "x"] = value
    async with practice_cluster(tmp_path, *deployments) as (sandbox, kube):
        before = await kube.items(kube.pods)
        phase, said = await restart(sandbox, selector=selector).all()
        assert phase == "Failed"
        assert words in said
        assert uids(await kube.items(kube.pods)) == uids(before)


async def test_an_account_can_do_nothing_outside_its_action(tmp_path: Path):
    """T27: the account of one action, at the work of another, is refused in Kubernetes' words."""
    async with practice_cluster(tmp_path, demo_shop.deployment("web", replicas=1)) as (sandbox, _):
        (sandbox.token_directory / "restart-pods").write_text(
            (sandbox.token_directory / "rollback-release").read_text()
        )
        code, said = await restart(sandbox).step("snapshot")
        assert code == 1
        assert 'User "system:serviceaccount:argo-events:rollback-release" cannot list resource "pods"' in said


async def test_a_bad_release_is_rolled_back(tmp_path: Path):
    async with practice_cluster(tmp_path, demo_shop.deployment("web", replicas=2)) as (sandbox, kube):
        await kube.patch(f"{kube.deployments}/web", demo_shop.release(demo_shop.CRASHING))
        await kube.until_pods(lambda pods: len(pods) == 3)
        phase, said = await Run(sandbox, "rollback-release-tpl", {"namespace": SHOP, "release": "web"}).all()
        assert phase == "Succeeded", said
        assert "goes back from revision 2 to 1" in said
        assert "Deployment shop/web, revision 3: 2 of 2 ready" in said
        deployment = await kube.get(f"{kube.deployments}/web")
        assert deployment["spec"]["template"]["spec"]["containers"][0]["image"] == demo_shop.GOOD
        assert await lock_of(kube) == ""


async def test_an_undo_that_is_repeated_does_not_undo_itself(tmp_path: Path):
    async with practice_cluster(tmp_path, demo_shop.deployment("web", replicas=1)) as (sandbox, kube):
        await kube.patch(f"{kube.deployments}/web", demo_shop.release(demo_shop.CRASHING))
        await kube.until(lambda: kube.items(kube.replica_sets), lambda sets: len(sets) == 2)
        run = Run(sandbox, "rollback-release-tpl", {"namespace": SHOP, "release": "web"})
        for step in ("snapshot", "undo", "verify"):
            assert (await run.step(step))[0] == 0
        code, said = await run.step("undo")
        assert (code, said) == (0, "OK: Deployment shop/web is back at the template of revision 1 already\n")


async def test_a_first_release_cannot_be_rolled_back(tmp_path: Path):
    async with practice_cluster(tmp_path, demo_shop.deployment("web", replicas=1)) as (sandbox, _):
        phase, said = await Run(sandbox, "rollback-release-tpl", {"namespace": SHOP, "release": "web"}).all()
        assert phase == "Failed"
        assert "nothing to go back to" in said


async def test_a_newer_release_is_not_rolled_back_by_an_older_decision(tmp_path: Path):
    async with practice_cluster(tmp_path, demo_shop.deployment("web", replicas=1)) as (sandbox, kube):
        await kube.patch(f"{kube.deployments}/web", demo_shop.release(demo_shop.CRASHING))
        await kube.until(lambda: kube.items(kube.replica_sets), lambda sets: len(sets) == 2)
        run = Run(sandbox, "rollback-release-tpl", {"namespace": SHOP, "release": "web"})
        assert (await run.step("snapshot"))[0] == 0
        await kube.patch(f"{kube.deployments}/web", demo_shop.release(demo_shop.SICK))
        await kube.until(lambda: kube.items(kube.replica_sets), lambda sets: len(sets) == 3)
        code, said = await run.step("undo")
        assert code == 1
        assert "has moved on from revision 2 to 3" in said


async def test_a_deployment_is_scaled_to_a_number_and_no_further_than_allowed(tmp_path: Path):
    async with practice_cluster(tmp_path, demo_shop.deployment("web", replicas=1)) as (sandbox, kube):
        parameters = {"namespace": SHOP, "deployment": "web", "replicas": "3"}
        run = Run(sandbox, "scale-deployment-tpl", parameters)
        phase, said = await run.all()
        assert phase == "Succeeded", said
        assert "goes from 1 to 3 replicas" in said
        assert "its lock is not held (any more), not by remediation-1" in (await run.step("scale"))[1]
        again = Run(sandbox, "scale-deployment-tpl", parameters)
        assert (await again.step("snapshot"))[0] == 0
        assert (await again.step("scale"))[1] == "OK: Deployment shop/web has 3 replicas already\n"
        assert (await again.step("release"))[0] == 0
        phase, said = await Run(sandbox, "scale-deployment-tpl", {**parameters, "replicas": "31"}, run="other").all()
        assert phase == "Failed"
        assert "31 replicas are more than the 30 that are allowed" in said
        assert (await kube.get(f"{kube.deployments}/web"))["spec"]["replicas"] == 3


async def test_a_restart_by_rollout_is_named_and_then_done_only_once(tmp_path: Path):
    async with practice_cluster(tmp_path, demo_shop.deployment("web", replicas=1)) as (sandbox, kube):
        token = {"TIPHYS_KUBE_ACCOUNT": "admin", **sandbox.step_environment}
        argv = ["--namespace", SHOP, "--deployment", "web", "--restart-id", RUN, "--poll-seconds=0.05"]
        before = await kube.items(kube.pods)
        command = ["python", "-m", "tiphys.cluster.steps.rollout_restart"]
        assert await _call_main(command, argv, token) == (0, "OK: Deployment shop/web restarted: 1 of 1 ready\n")
        await kube.until_pods(lambda pods: len(pods) == 1 and not uids(pods) & uids(before))
        after = await kube.items(kube.pods)
        assert (await _call_main(command, argv, token))[0] == 0
        assert uids(await kube.items(kube.pods)) == uids(after)
        code, said = await _call_main(command, [*argv, "--deployment=none"], token)
        assert code == 1
        assert 'deployments.apps "none" not found' in said


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_step_program_exists(path: Path):
    for template in templates(DOCUMENTS[path.stem]).values():
        if "container" in template:
            assert callable(importlib.import_module(template["container"]["command"][2]).main)
