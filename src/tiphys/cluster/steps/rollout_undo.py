"""Puts the template of the revision before the snapshot back into a Deployment.

A repetition finds that template in place and does nothing; a Deployment that has moved on since the snapshot (another
release, by someone else) is left alone.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from tiphys import errors
from tiphys.cluster import locks, owners, snapshots
from tiphys.cluster.client import DEPLOYMENTS, KubeClient
from tiphys.cluster.snapshots import DeploymentSnapshot
from tiphys.cluster.steps import program


def main(argv: Sequence[str] | None = None) -> int:
    """Runs the step."""
    parser = program.parser("rollout_undo", __doc__)
    parser.add_argument(
        "--snapshot", required=True, type=snapshots.parse_deployment, help="what the snapshot step wrote"
    )
    program.add_lock_owner(parser)
    return program.run(parser.parse_args(argv), _undo)


async def _undo(client: KubeClient, arguments: argparse.Namespace) -> str:
    snapshot: DeploymentSnapshot = arguments.snapshot
    if snapshot.namespace != arguments.namespace:
        raise errors.Refused(f"the snapshot is of {snapshot.namespace}, not of {arguments.namespace}")
    where = f"Deployment {snapshot.namespace}/{snapshot.name}"
    if not snapshot.previous_replica_set:
        raise errors.Refused(f"{where} has no revision before {snapshot.revision}: nothing to go back to")
    deployment = await locks.require(client, "Deployment", snapshot.namespace, snapshot.name, arguments.lock_owner)
    revisions = {one.name: one for one in await owners.load_revisions(client, deployment)}
    target = revisions.get(snapshot.previous_replica_set)
    if deployment.uid != snapshot.uid or target is None:
        raise errors.Refused(f"{where}: revision {snapshot.previous_revision} of the snapshot does not exist any more")
    if target.revision == deployment.revision:
        return f"{where} is back at the template of revision {snapshot.previous_revision} already"
    if deployment.revision != snapshot.revision:
        raise errors.Refused(
            f"{where} has moved on from revision {snapshot.revision} to {deployment.revision}: look again"
        )
    await client.edit(
        DEPLOYMENTS,
        snapshot.namespace,
        snapshot.name,
        [
            {"op": "test", "path": "/metadata/resourceVersion", "value": deployment.resource_version},
            {"op": "replace", "path": "/spec/template", "value": target.template},
        ],
    )
    return f"{where} goes back from revision {snapshot.revision} to {snapshot.previous_revision}"


if __name__ == "__main__":
    sys.exit(main())
