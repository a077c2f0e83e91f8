"""Facts about real objects of a practice cluster, in the form in which a planner gets them."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.integration.practice import SHOP, access, practice_cluster

from tiphys.cluster import evidence
from tiphys.cluster.client import ClusterAccess, KubeClient
from tiphys.cluster.evidence import KubeEvidence
from tiphys.jsons import JsonObject
from tiphys.sandbox import demo_shop


class FixedClock:
    """Always the same time."""

    def __init__(self, at: datetime) -> None:
        self._at = at

    def now(self) -> datetime:
        return self._at

    async def sleep_until(self, at: datetime) -> None:
        del at


def clock(later: timedelta = timedelta()) -> FixedClock:
    return FixedClock(datetime.now(UTC) + later)


async def facts(client: KubeClient, labels: dict[str, str], later: timedelta = timedelta()) -> dict[str, Any]:
    found = await KubeEvidence(client, clock(later)).gather({"labels": labels})
    assert all(fact.keys() == {"fact", "value", "source", "trust", "at"} for fact in found)
    assert {(fact["source"], fact["trust"]) for fact in found} == {("kube-api", "api")}
    return {fact["fact"]: fact["value"] for fact in found}


async def test_the_owner_of_a_pod_is_resolved_and_its_state_described(tmp_path: Path):
    async with practice_cluster(tmp_path, demo_shop.deployment("web", replicas=2)) as (sandbox, kube):
        await demo_shop.wedge(sandbox.pod_addresses(SHOP, "app=web"))
        (pod, _) = await kube.until_pods(
            lambda pods: all(not pod["status"]["containerStatuses"][0]["ready"] for pod in pods)
        )
        await kube.until(
            lambda: kube.get(f"{kube.deployments}/web"), lambda deployment: deployment["status"]["readyReplicas"] == 0
        )
        async with KubeClient(access(sandbox, "evidence-reader")) as client:
            found = await facts(client, {"namespace": SHOP, "pod": pod["metadata"]["name"]})
    owner = {"kind": "Deployment", "name": "web", "namespace": SHOP, "selector": "app=web", "matched_pods": 2}
    assert found["pod_owner"] == owner
    assert found["current_replicas"] == {"spec": 2, "ready": 0}
    assert found["pod_status"] == {"phase": "Running", "ready": False, "reason": None, "restarts": 0}
    assert found["last_restarts"]["count"] == 0
    assert found["not_ready_pods"] == {"count": 2, "reason": "readiness", "since": found["not_ready_pods"]["since"]}
    (deploy,) = found["recent_deploys"]
    assert (deploy["release"], deploy["status"], deploy["from_revision"]) == ("web", "complete", None)
    assert found["hpa"] is None


async def test_a_bad_release_is_seen_as_failed_and_its_undoing_as_complete(tmp_path: Path):
    async with practice_cluster(tmp_path, demo_shop.deployment("web", replicas=1)) as (sandbox, kube):
        await kube.patch(f"{kube.deployments}/web", demo_shop.release(demo_shop.CRASHING))
        await kube.until_pods(lambda pods: any(_restarts(pod) >= 2 for pod in pods))
        async with KubeClient(access(sandbox, "evidence-reader")) as client:
            labels = {"namespace": SHOP, "deployment": "web"}
            broken = await facts(client, labels)
            await kube.patch(f"{kube.deployments}/web", demo_shop.release(demo_shop.GOOD))
            await kube.until_rolled_out()
            healed = await facts(client, labels)
            old = await facts(client, labels, later=timedelta(hours=25))
    (deploy,) = broken["recent_deploys"]
    wanted = {"release": "web", "from_revision": "1", "to_revision": "2", "status": "failed"}
    assert wanted.items() <= deploy.items()
    assert deploy["finished"] >= deploy["started"]
    assert broken["last_restarts"]["count"] >= 2
    assert broken["last_restarts"]["last_exit"] == "1: Error"
    (deploy,) = healed["recent_deploys"]
    wanted = {"from_revision": None, "to_revision": "3", "status": "complete", "rolled_back_from": "2"}
    assert wanted.items() <= deploy.items()
    assert deploy["started"] is None
    assert old["recent_deploys"] == {"within_24h": [], "last": deploy["finished"]}


async def test_a_rollout_that_still_goes_on_is_in_progress(tmp_path: Path):
    async with practice_cluster(tmp_path, demo_shop.deployment("web", replicas=1)) as (sandbox, kube):
        await kube.patch(f"{kube.deployments}/web", demo_shop.release(demo_shop.SICK))
        await kube.until_pods(lambda pods: len(pods) == 2)
        async with KubeClient(access(sandbox, "evidence-reader")) as client:
            found = await facts(client, {"namespace": SHOP, "deployment": "web"})
    (deploy,) = found["recent_deploys"]
    assert (deploy["status"], deploy["finished"]) == ("in_progress", None)


async def test_several_pods_lead_to_the_workload_that_owns_them_all(tmp_path: Path):
    deployments = [demo_shop.deployment("web", replicas=2), demo_shop.deployment("api", replicas=1)]
    async with practice_cluster(tmp_path, *deployments) as (sandbox, kube):
        web = [pod["metadata"]["name"] for pod in await kube.items(kube.pods, labelSelector="app=web")]
        api = [pod["metadata"]["name"] for pod in await kube.items(kube.pods, labelSelector="app=api")]

        def group(*names: str) -> JsonObject:
            return {"alerts": [{"labels": {"namespace": SHOP, "pod": name}} for name in names]}

        async with KubeClient(access(sandbox, "evidence-reader")) as client:
            one = await KubeEvidence(client, clock()).gather(group(*web))
            two = await KubeEvidence(client, clock()).gather(group(*web, *api))
    owners = [fact["value"] for facts in (one, two) for fact in facts if fact["fact"] == "pod_owner"]
    assert owners[0]["name"] == "web"
    assert owners[1] is None


async def test_a_service_leads_to_its_workload_when_there_is_only_one(tmp_path: Path):
    deployments = [demo_shop.deployment(name, replicas=1) for name in ("web", "api")]
    for deployment in deployments:
        deployment["spec"]["template"]["metadata"]["labels"]["tier"] = "front"
    async with practice_cluster(tmp_path, *deployments) as (sandbox, kube):
        both = demo_shop.service("both")
        both["spec"]["selector"] = {"tier": "front"}
        await kube.create(f"/api/v1/namespaces/{SHOP}/services", both)
        async with KubeClient(access(sandbox, "evidence-reader")) as client:
            one = await facts(client, {"namespace": SHOP, "service": "web"})
            several = await facts(client, {"namespace": SHOP, "service": "both"})
    assert one["pod_owner"]["name"] == "web"
    assert several["pod_owner"] is None


@pytest.mark.parametrize(
    ("labels", "note"),
    [
        ({}, None),
        ({"namespace": SHOP}, None),
        ({"namespace": SHOP, "pod": "gone"}, {"kube-api": "NotFound"}),
        ({"namespace": "secret", "pod": "a"}, {"kube-api": "Forbidden"}),
    ],
)
async def test_what_cannot_be_had_is_null(tmp_path: Path, labels: dict[str, str], note: JsonObject | None):
    async with practice_cluster(tmp_path) as (sandbox, _), KubeClient(access(sandbox, "evidence-reader")) as client:
        found = await facts(client, labels)
    assert (found["pod_owner"], found["current_replicas"], found["recent_deploys"]) == (None, None, None)
    assert found.get("enricher_note") == note


async def test_a_cluster_that_does_not_answer_costs_the_budget_and_no_more(tmp_path: Path):
    (tmp_path / "token").write_text("x")

    async def never(_: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused")

    transport = httpx.MockTransport(never)
    async with KubeClient(ClusterAccess("http://cluster", tmp_path / "token"), transport=transport) as client:
        found = await KubeEvidence(client, clock(), budget_s=0.05).gather({"labels": {"namespace": "a", "pod": "b"}})
    values = {fact["fact"]: fact["value"] for fact in found}
    assert values["enricher_note"] == {"kube-api": "no answer within 0.05 s"}
    assert values["pod_owner"] is None


def test_the_labels_of_a_group_are_those_that_its_firing_alerts_share():
    def alert(status: str, **labels: str) -> JsonObject:
        return {"status": status, "labels": labels}

    group = {"alerts": [alert("firing", a="1", pod="x"), alert("firing", a="1", pod="y"), alert("resolved", a="2")]}
    assert evidence.target_labels(group) == {"a": "1"}
    assert evidence.target_labels(alert("firing", a="1")) == {"a": "1"}


def test_the_facts_have_the_names_of_the_labelled_cases():
    shared = Path(__file__).parents[2] / ".." / "shared" / "conformance" / "triage" / "open.jsonl"
    if not shared.exists():
        pytest.skip("needs the labelled cases")
    names = {fact["fact"] for line in shared.read_text().splitlines() for fact in json.loads(line).get("context", [])}
    ours = {
        "hpa",
        "pod_owner",
        "current_replicas",
        "recent_deploys",
        "last_restarts",
        "not_ready_pods",
        "enricher_note",
    }
    assert ours <= names


def _restarts(pod: JsonObject) -> int:
    return sum(status["restartCount"] for status in pod["status"].get("containerStatuses", []))
