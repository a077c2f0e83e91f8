"""Sets the number of replicas of a Deployment; an absolute number, so that a repetition changes nothing."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from tiphys import errors
from tiphys.cluster import locks, snapshots
from tiphys.cluster.client import DEPLOYMENTS, KubeClient
from tiphys.cluster.snapshots import DeploymentSnapshot
from tiphys.cluster.steps import program


def main(argv: Sequence[str] | None = None) -> int:
    """Runs the step."""
    parser = program.parser("scale_deployment", __doc__)
    parser.add_argument(
        "--snapshot", required=True, type=snapshots.parse_deployment, help="what the snapshot step wrote"
    )
    parser.add_argument("--replicas", required=True, type=program.whole(1, 1000), help="how many there shall be")
    parser.add_argument("--max-replicas", default=30, type=program.whole(1, 1000), help="refuse more than so many (30)")
    program.add_lock_owner(parser)
    return program.run(parser.parse_args(argv), _scale)


async def _scale(client: KubeClient, arguments: argparse.Namespace) -> str:
    snapshot: DeploymentSnapshot = arguments.snapshot
    where, replicas = f"Deployment {snapshot.namespace}/{snapshot.name}", arguments.replicas
    if snapshot.namespace != arguments.namespace:
        raise errors.Refused(f"the snapshot is of {snapshot.namespace}, not of {arguments.namespace}")
    if replicas > arguments.max_replicas:
        raise errors.Refused(
            f"{where}: {replicas} replicas are more than the {arguments.max_replicas} that are allowed"
        )
    deployment = await locks.require(client, "Deployment", snapshot.namespace, snapshot.name, arguments.lock_owner)
    if deployment.replicas == replicas:
        return f"{where} has {replicas} replicas already"
    if deployment.uid != snapshot.uid or deployment.replicas != snapshot.replicas:
        raise errors.Refused(f"{where} has changed since the snapshot ({deployment.replicas} replicas): look again")
    patch = {"spec": {"replicas": replicas}}
    await client.merge(DEPLOYMENTS, snapshot.namespace, snapshot.name, patch, subresource="scale")
    return f"{where} goes from {snapshot.replicas} to {replicas} replicas"


if __name__ == "__main__":
    sys.exit(main())
