"""Waits until a Deployment is what the act step made of it, complete and ready.

`--expect=undone`: the template of the revision before the snapshot; `--expect=scaled`: `--replicas` of them. Complete
means, as `kubectl rollout status` has it: the controller has seen the newest spec, and all pods are updated and
available, with no old one left.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from tiphys.cluster import owners, snapshots
from tiphys.cluster.client import KubeClient
from tiphys.cluster.objects import Workload
from tiphys.cluster.snapshots import DeploymentSnapshot
from tiphys.cluster.steps import polling, program


def main(argv: Sequence[str] | None = None) -> int:
    """Runs the step."""
    parser = program.parser("verify_rollout", __doc__)
    parser.add_argument(
        "--snapshot", required=True, type=snapshots.parse_deployment, help="what the snapshot step wrote"
    )
    parser.add_argument("--expect", required=True, choices=("undone", "scaled"), help="what was done")
    parser.add_argument("--replicas", type=program.whole(1, 1000), help="how many there shall be (with scaled)")
    program.add_polling(parser)
    arguments = parser.parse_args(argv)
    if (arguments.expect == "scaled") != (arguments.replicas is not None):
        parser.error("--replicas belongs to --expect=scaled, and is needed there")
    return program.run(arguments, _verify)


async def _verify(client: KubeClient, arguments: argparse.Namespace) -> str:
    snapshot: DeploymentSnapshot = arguments.snapshot

    async def look() -> str:
        deployment = await owners.load_deployment(client, snapshot.namespace, snapshot.name)
        if problem := await _find_difference(client, deployment, arguments):
            return problem
        return polling.incompleteness(deployment)

    await polling.until_well(look, within_s=arguments.within_seconds, poll_s=arguments.poll_seconds)
    deployment = await owners.load_deployment(client, snapshot.namespace, snapshot.name)
    where = f"Deployment {snapshot.namespace}/{snapshot.name}"
    return f"{where}, revision {deployment.revision}: {deployment.ready} of {deployment.replicas} ready"


async def _find_difference(client: KubeClient, deployment: Workload, arguments: argparse.Namespace) -> str:
    snapshot: DeploymentSnapshot = arguments.snapshot
    if deployment.uid != snapshot.uid:
        return "the Deployment of the snapshot does not exist any more"
    if arguments.expect == "scaled":
        right = deployment.replicas == arguments.replicas
        return "" if right else f"{deployment.replicas} replicas are wanted, not {arguments.replicas}"
    revisions = await owners.load_revisions(client, deployment)
    current = next((one.name for one in revisions if one.revision == deployment.revision), "")
    right = current == snapshot.previous_replica_set
    return "" if right else f"the current replica set is {current}, not {snapshot.previous_replica_set}"


if __name__ == "__main__":
    sys.exit(main())
