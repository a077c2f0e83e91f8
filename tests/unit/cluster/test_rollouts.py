from datetime import UTC, datetime

import pytest

from tiphys import errors
from tiphys.cluster import objects, rollouts
from tiphys.cluster.objects import Pod, ReplicaSet, Workload
from tiphys.jsons import JsonObject

NOW = datetime(2026, 1, 2, 12, tzinfo=UTC)


def deployment(reason: str, at: str = "2026-01-02T11:00:00Z") -> Workload:
    progress = {"type": "Progressing", "reason": reason, "lastUpdateTime": at}
    return objects.parse_workload("Deployment", {"metadata": {"name": "web"}, "status": {"conditions": [progress]}})


def revision(number: int, *, history: str = "") -> ReplicaSet:
    annotations = {objects.REVISION: str(number), **({objects.HISTORY: history} if history else {})}
    metadata = {"uid": f"rs-{number}", "annotations": annotations, "creationTimestamp": "2026-01-02T10:00:00Z"}
    return objects.parse_replica_set({"metadata": metadata})


def pod(number: int, *, waiting: str = "", restarts: int = 0, ready: bool = False) -> Pod:
    container: JsonObject = {"restartCount": restarts, "state": {"waiting": {"reason": waiting}} if waiting else {}}
    condition = {"type": "Ready", "status": str(ready)}
    owner = {"controller": True, "kind": "ReplicaSet", "name": "x", "uid": f"rs-{number}"}
    status = {"containerStatuses": [container], "conditions": [condition]}
    return objects.parse_pod({"metadata": {"ownerReferences": [owner]}, "status": status})


def status_of(workload: Workload, *pods: Pod) -> tuple[str, str | None]:
    (deploy,) = rollouts.recent_deploys(workload, [revision(1), revision(2)], pods, NOW)
    return deploy["status"], deploy["finished"]


@pytest.mark.parametrize(
    "crashing",
    [
        pod(2, waiting="CrashLoopBackOff", restarts=1),
        pod(2, waiting="ImagePullBackOff"),
        pod(2, restarts=2),
    ],
)
def test_a_rollout_whose_new_pods_cannot_start_has_failed(crashing: Pod):
    assert status_of(deployment("ReplicaSetUpdated"), crashing) == ("failed", "2026-01-02T11:00:00Z")


@pytest.mark.parametrize(
    "fine", [pod(1, waiting="CrashLoopBackOff", restarts=9), pod(2, restarts=1), pod(2, restarts=5, ready=True)]
)
def test_old_pods_and_a_stumble_do_not_fail_a_rollout(fine: Pod):
    assert status_of(deployment("ReplicaSetUpdated"), fine) == ("in_progress", None)


def test_a_completed_rollout_stays_complete_whatever_its_pods_do_later():
    crashing = pod(2, waiting="CrashLoopBackOff", restarts=9)
    assert status_of(deployment(objects.ROLLED_OUT), crashing)[0] == "complete"


def test_a_rollout_that_ran_out_of_time_has_failed():
    assert status_of(deployment(rollouts.TIMED_OUT))[0] == "failed"


def test_an_old_deploy_is_only_dated_and_none_at_all_is_null():
    old = deployment(objects.ROLLED_OUT, "2026-01-01T11:00:00Z")
    value = rollouts.recent_deploys(old, [revision(1)], [], NOW)
    assert value == {"within_24h": [], "last": "2026-01-01T11:00:00Z"}
    assert rollouts.recent_deploys(old, [], [], NOW) is None


def test_an_undoing_offers_nothing_to_go_back_to():
    undone = [revision(2), revision(3, history="1")]
    (deploy,) = rollouts.recent_deploys(deployment(objects.ROLLED_OUT), undone, [], NOW)
    assert (deploy["from_revision"], deploy["rolled_back_from"], deploy["started"]) == (None, "2", None)


def test_a_time_that_is_none_is_refused():
    with pytest.raises(errors.Refused, match="for a time"):
        rollouts.recent_deploys(deployment(objects.ROLLED_OUT, "yesterday"), [revision(1)], [], NOW)
