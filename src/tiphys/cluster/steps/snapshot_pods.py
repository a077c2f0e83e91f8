"""Writes down which pods a selector finds, after taking the lock on the one workload that owns them all.

Refuses pods of several workloads, of none that is known, too many of them, or none at all.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from datetime import timedelta

from tiphys import errors
from tiphys.cluster import locks, owners, snapshots
from tiphys.cluster.client import KubeClient
from tiphys.cluster.objects import Pod, Workload
from tiphys.cluster.snapshots import PodsSnapshot
from tiphys.cluster.steps import program


def main(argv: Sequence[str] | None = None) -> int:
    """Runs the step."""
    parser = program.parser("snapshot_pods", __doc__)
    parser.add_argument("--selector", required=True, type=program.selector, help="which pods")
    parser.add_argument("--max-pods", default=20, type=program.whole(1, 500), help="refuse more than so many (20)")
    program.add_lock(parser)
    program.add_output(parser)
    return program.run(parser.parse_args(argv), _snapshot)


async def _snapshot(client: KubeClient, arguments: argparse.Namespace) -> str:
    namespace, selector = arguments.namespace, arguments.selector
    pods = [pod for pod in await owners.load_pods(client, namespace, selector) if not pod.ending]
    if not pods:
        raise errors.Refused(f"{selector} finds no pod in {namespace}: nothing to restart")
    if len(pods) > arguments.max_pods:
        raise errors.Refused(f"{selector} finds {len(pods)} pods in {namespace}, {arguments.max_pods} are allowed")
    workload = await _find_owner(client, namespace, pods)
    await locks.claim(client, workload, arguments.lock_owner, timedelta(seconds=arguments.lock_seconds))
    pods = [pod for pod in await owners.load_pods(client, namespace, selector) if not pod.ending]
    snapshot = PodsSnapshot(
        namespace=namespace,
        selector=selector,
        kind=workload.kind,
        owner=workload.name,
        desired=workload.replicas,
        ready=sum(pod.ready for pod in pods),
        pods={pod.uid: pod.name for pod in pods},
    )
    program.write_output(arguments.output, snapshots.dump(snapshot))
    where = f"{workload.kind} {namespace}/{workload.name}"
    return f"{len(pods)} pods of {where}, {snapshot.ready} of {workload.replicas} ready"


async def _find_owner(client: KubeClient, namespace: str, pods: Sequence[Pod]) -> Workload:
    found: dict[str, Workload] = {}
    for pod in pods:
        workload = await owners.resolve_owner(client, namespace, pod)
        if workload is None:
            raise errors.Refused(f"pod {namespace}/{pod.name} belongs to no Deployment, StatefulSet or DaemonSet")
        found[workload.uid] = workload
    if len(found) > 1:
        names = ", ".join(sorted(f"{one.kind} {one.name}" for one in found.values()))
        raise errors.Refused(f"the selector reaches pods of several workloads ({names}): it must name one")
    return next(iter(found.values()))


if __name__ == "__main__":
    sys.exit(main())
