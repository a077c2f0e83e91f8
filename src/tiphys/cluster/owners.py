"""From a pod to the workload that owns it, by asking the API; a name is never taken apart to guess it."""

from __future__ import annotations

from tiphys import errors
from tiphys.cluster import objects
from tiphys.cluster.client import DAEMON_SETS, DEPLOYMENTS, PODS, REPLICA_SETS, STATEFUL_SETS, KubeClient
from tiphys.cluster.objects import Owner, Pod, ReplicaSet, Workload

RESOURCES = {one.kind: one for one in (DEPLOYMENTS, STATEFUL_SETS, DAEMON_SETS)}
"""The kinds of workloads that can be resolved and acted on."""


async def resolve_owner(client: KubeClient, namespace: str, pod: Pod) -> Workload | None:
    """The workload of a pod (Pod → ReplicaSet → Deployment, or directly); None when nothing of those owns it."""
    owner = pod.owner
    if owner and owner.kind == "ReplicaSet":
        document = await client.get(REPLICA_SETS, namespace, owner.name)
        owner = objects.parse_owner(document)
    return await _load(client, namespace, owner) if owner and owner.kind in RESOURCES else None


async def _load(client: KubeClient, namespace: str, owner: Owner) -> Workload | None:
    """The workload that a reference means; None when another one has taken the name since."""
    found = objects.parse_workload(owner.kind, await client.get(RESOURCES[owner.kind], namespace, owner.name))
    return found if found.uid == owner.uid else None


async def load_deployment(client: KubeClient, namespace: str, name: str) -> Workload:
    """The Deployment of that name."""
    return objects.parse_workload("Deployment", await client.get(DEPLOYMENTS, namespace, name))


async def load_pods(client: KubeClient, namespace: str, selector: str) -> list[Pod]:
    """The pods that a selector finds; raises `Refused` for an empty one, which would mean every pod (T20)."""
    if not selector.strip():
        raise errors.Refused("an empty label selector would mean every pod of the namespace: name the pods")
    return [objects.parse_pod(document) for document in await client.list(PODS, namespace, labels=selector)]


async def load_revisions(client: KubeClient, deployment: Workload) -> list[ReplicaSet]:
    """The revisions of a Deployment, oldest first."""
    documents = await client.list(REPLICA_SETS, deployment.namespace, labels=deployment.selector)
    owned = [
        document
        for document in documents
        if (owner := objects.parse_owner(document)) is not None and owner.uid == deployment.uid
    ]
    return sorted((objects.parse_replica_set(document) for document in owned), key=lambda one: one.revision)
