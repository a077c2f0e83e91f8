"""What the revisions of a Deployment say about its last release, in the form of a deploy enricher. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from tiphys import errors
from tiphys.cluster import objects
from tiphys.cluster.objects import Pod, ReplicaSet, Workload

RECENT = timedelta(hours=24)
STUCK = ("CrashLoopBackOff", "ErrImagePull", "ImagePullBackOff", "InvalidImageName", "RunContainerError")
"""Reasons for which a container waits and which do not pass by themselves (Kubernetes: pkg/kubelet)."""
CRASHES = 2
"""Restarts after which a pod that is not ready is in a crash loop, also while it happens to run once more."""
TIMED_OUT = "ProgressDeadlineExceeded"


def recent_deploys(deployment: Workload, revisions: Sequence[ReplicaSet], pods: Sequence[Pod], now: datetime) -> Any:  # noqa: ANN401 - a list or an object, as deploy enrichers give it
    """The newest rollout: a list of it when recent, else when the last one was; None when there is none.

    `status` is `complete`, `in_progress`, or `failed`: its pods cannot start, so it has come to its end without
    success; `finished` is then when it last made progress. A revision that was brought back has no `from_revision`,
    since the one before it is the one that was just given up: `rolled_back_from` names that.
    """
    if not revisions:
        return None
    current, before = revisions[-1], revisions[-2] if len(revisions) > 1 else None
    status = _status(deployment, current, pods)
    finished = deployment.progressed_at if status != "in_progress" else None
    if finished and now - parse_time(finished) > RECENT:
        return {"within_24h": [], "last": finished}
    previous = str(before.revision) if before else None
    deploy: dict[str, Any] = {
        "release": deployment.name,
        "started": None if current.brought_back else current.created_at,
        "finished": finished,
        "from_revision": None if current.brought_back else previous,
        "to_revision": str(current.revision),
        "status": status,
    }
    return [{**deploy, "rolled_back_from": previous} if current.brought_back else deploy]


def _status(deployment: Workload, current: ReplicaSet, pods: Sequence[Pod]) -> str:
    if deployment.progress_reason == objects.ROLLED_OUT:
        return "complete"
    new = [pod for pod in pods if pod.owner and pod.owner.uid == current.uid]
    stuck = any(pod.waiting in STUCK or (pod.restarts >= CRASHES and not pod.ready) for pod in new)
    return "failed" if stuck or deployment.progress_reason == TIMED_OUT else "in_progress"


def parse_time(text: str) -> datetime:
    """A time as the API writes it; raises `Refused` for anything else."""
    try:
        return datetime.fromisoformat(text)
    except ValueError as error:
        raise errors.Refused(f"the Kubernetes API gave {text!r} for a time") from error
