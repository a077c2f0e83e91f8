"""Waits until every pod of a snapshot is gone and as many new ones are ready as their owner wants.

Old pods, pods that are ending and pods that merely run do not count (T15).
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from tiphys.cluster import owners, snapshots
from tiphys.cluster.client import KubeClient
from tiphys.cluster.snapshots import PodsSnapshot
from tiphys.cluster.steps import polling, program


def main(argv: Sequence[str] | None = None) -> int:
    """Runs the step."""
    parser = program.parser("verify_pods", __doc__)
    parser.add_argument("--snapshot", required=True, type=snapshots.parse_pods, help="what the snapshot step wrote")
    program.add_polling(parser)
    return program.run(parser.parse_args(argv), _verify)


async def _verify(client: KubeClient, arguments: argparse.Namespace) -> str:
    snapshot: PodsSnapshot = arguments.snapshot
    within_s, poll_s = arguments.within_seconds, arguments.poll_seconds
    await polling.until_well(lambda: _find_problem(client, snapshot), within_s=within_s, poll_s=poll_s)
    return f"all {len(snapshot.pods)} pods replaced, {snapshot.desired} of {snapshot.desired} ready"


async def _find_problem(client: KubeClient, snapshot: PodsSnapshot) -> str:
    pods = await owners.load_pods(client, snapshot.namespace, snapshot.selector)
    old = [pod.name for pod in pods if pod.uid in snapshot.pods]
    ready = sum(pod.ready and not pod.ending and pod.uid not in snapshot.pods for pod in pods)
    if old:
        return f"{len(old)} pods of the snapshot are still there ({', '.join(sorted(old))})"
    return "" if ready >= snapshot.desired else f"{ready} of {snapshot.desired} new pods are ready"


if __name__ == "__main__":
    sys.exit(main())
