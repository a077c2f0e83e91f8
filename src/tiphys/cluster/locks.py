"""A lock on a workload, kept as annotations on it: two runs never act on one target at a time (T21, T22).

The owner is the workflow's name, which is derived from the decision; `until` makes the lock of a run that died count
for nothing in the end. It is taken and given back by compare-and-swap on the workload's resourceVersion.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from tiphys import errors
from tiphys.cluster import objects, owners
from tiphys.cluster.client import Conflict, KubeClient
from tiphys.cluster.objects import Workload

OWNER = "tiphys.dev/remediation-owner"
UNTIL = "tiphys.dev/remediation-until"
TRIES = 5
"""How often a lost compare-and-swap is tried again: controllers write the same object."""


async def claim(client: KubeClient, workload: Workload, owner: str, lasts: timedelta) -> None:
    """Takes the lock, or renews one's own; raises `Refused` while another run holds it."""
    now = datetime.now(UTC)
    for _ in range(TRIES):
        holder = holder_of(workload, now)
        if holder not in ("", owner):
            raise errors.Refused(
                f"{workload.kind} {workload.namespace}/{workload.name} is being worked on by {holder} until "
                f"{workload.annotations.get(UNTIL)}: wait for its end"
            )
        try:
            await _annotate(client, workload, {OWNER: owner, UNTIL: (now + lasts).strftime("%Y-%m-%dT%H:%M:%SZ")})
        except Conflict:
            workload = await _reload(client, workload)
        else:
            return
    raise errors.Unavailable(f"{workload.kind} {workload.namespace}/{workload.name} changes too fast to be locked")


async def require(client: KubeClient, kind: str, namespace: str, name: str, owner: str) -> Workload:
    """The workload, looked up just now; raises `Refused` unless `owner` holds its lock."""
    workload = objects.parse_workload(kind, await client.get(owners.RESOURCES[kind], namespace, name))
    holder = holder_of(workload, datetime.now(UTC))
    if holder != owner:
        held = f"held by {holder}" if holder else "not held (any more)"
        raise errors.Refused(
            f"{kind} {namespace}/{name}: its lock is {held}, not by {owner}: begin with a new snapshot"
        )
    return workload


async def release(client: KubeClient, workload: Workload, owner: str) -> bool:
    """Gives one's own lock back; False when it was not held (any more)."""
    for _ in range(TRIES):
        if workload.annotations.get(OWNER) != owner:
            return False
        try:
            await _annotate(client, workload, {OWNER: None, UNTIL: None})
        except Conflict:
            workload = await _reload(client, workload)
        else:
            return True
    raise errors.Unavailable(f"{workload.kind} {workload.namespace}/{workload.name} changes too fast to be unlocked")


def holder_of(workload: Workload, now: datetime) -> str:
    """Who holds the lock now; empty when nobody does, or when it has run out. An unreadable time never runs out."""
    until = workload.annotations.get(UNTIL, "")
    try:
        if until and datetime.fromisoformat(until) <= now:
            return ""
    except ValueError:
        pass
    return workload.annotations.get(OWNER, "")


async def _annotate(client: KubeClient, workload: Workload, annotations: dict[str, str | None]) -> None:
    patch = {"metadata": {"resourceVersion": workload.resource_version, "annotations": annotations}}
    await client.merge(owners.RESOURCES[workload.kind], workload.namespace, workload.name, patch)


async def _reload(client: KubeClient, workload: Workload) -> Workload:
    resource = owners.RESOURCES[workload.kind]
    return objects.parse_workload(workload.kind, await client.get(resource, workload.namespace, workload.name))
