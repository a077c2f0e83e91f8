"""Deletes the pods of a snapshot, and no others: each by its uid, so that a repetition finds the work done."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from tiphys import errors
from tiphys.cluster import locks, snapshots
from tiphys.cluster.client import PODS, Conflict, KubeClient
from tiphys.cluster.steps import program


def main(argv: Sequence[str] | None = None) -> int:
    """Runs the step."""
    parser = program.parser("delete_pods", __doc__)
    parser.add_argument("--snapshot", required=True, type=snapshots.parse_pods, help="what the snapshot step wrote")
    program.add_lock_owner(parser)
    parser.add_argument("--max-pods", default=20, type=program.whole(1, 500), help="refuse more than so many (20)")
    parser.add_argument("--grace-seconds", default=30, type=program.whole(0, 600), help="between TERM and KILL (30)")
    return program.run(parser.parse_args(argv), _delete)


async def _delete(client: KubeClient, arguments: argparse.Namespace) -> str:
    snapshot: snapshots.PodsSnapshot = arguments.snapshot
    if snapshot.namespace != arguments.namespace:
        raise errors.Refused(f"the snapshot is of {snapshot.namespace}, not of {arguments.namespace}")
    if len(snapshot.pods) > arguments.max_pods:
        raise errors.Refused(f"the snapshot has {len(snapshot.pods)} pods, {arguments.max_pods} are allowed")
    await locks.require(client, snapshot.kind, snapshot.namespace, snapshot.owner, arguments.lock_owner)
    gone = 0
    for uid, name in snapshot.pods.items():
        try:
            await client.delete(PODS, snapshot.namespace, name, uid=uid, grace_s=arguments.grace_seconds)
        except (errors.NotFound, Conflict):
            gone += 1
    return f"deleted {len(snapshot.pods) - gone} pods, {gone} were gone already"


if __name__ == "__main__":
    sys.exit(main())
