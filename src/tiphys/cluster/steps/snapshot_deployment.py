"""Writes down a Deployment: its generation, replicas and revision, and the revision before; takes the lock on it."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from datetime import timedelta

from tiphys.cluster import locks, owners, snapshots
from tiphys.cluster.client import KubeClient
from tiphys.cluster.snapshots import DeploymentSnapshot
from tiphys.cluster.steps import program


def main(argv: Sequence[str] | None = None) -> int:
    """Runs the step."""
    parser = program.parser("snapshot_deployment", __doc__)
    parser.add_argument("--deployment", required=True, type=program.dns_label, help="its name")
    program.add_lock(parser)
    program.add_output(parser)
    return program.run(parser.parse_args(argv), _snapshot)


async def _snapshot(client: KubeClient, arguments: argparse.Namespace) -> str:
    deployment = await owners.load_deployment(client, arguments.namespace, arguments.deployment)
    await locks.claim(client, deployment, arguments.lock_owner, timedelta(seconds=arguments.lock_seconds))
    deployment = await owners.load_deployment(client, arguments.namespace, arguments.deployment)
    revisions = await owners.load_revisions(client, deployment)
    current = next((one for one in revisions if one.revision == deployment.revision), None)
    before = max(
        (one for one in revisions if one.revision < deployment.revision), key=lambda one: one.revision, default=None
    )
    snapshot = DeploymentSnapshot(
        namespace=deployment.namespace,
        name=deployment.name,
        uid=deployment.uid,
        generation=deployment.generation,
        replicas=deployment.replicas,
        ready=deployment.ready,
        revision=deployment.revision,
        replica_set=current.name if current else "",
        previous_revision=before.revision if before else 0,
        previous_replica_set=before.name if before else "",
    )
    program.write_output(arguments.output, snapshots.dump(snapshot))
    where = f"{deployment.namespace}/{deployment.name}"
    return f"Deployment {where}, revision {deployment.revision}, {deployment.ready} of {deployment.replicas} ready"


if __name__ == "__main__":
    sys.exit(main())
