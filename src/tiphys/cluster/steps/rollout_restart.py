"""Replaces every pod of a Deployment by a rollout, as `kubectl rollout restart` does, and waits until it is complete.

Unlike deletion, it keeps the service available. With `--restart-id` (a workflow's name) a repetition finds the restart
done and only waits; without it, each call is a restart of its own.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from datetime import UTC, datetime

from tiphys import jsons
from tiphys.cluster import owners
from tiphys.cluster.client import DEPLOYMENTS, KubeClient
from tiphys.cluster.steps import polling, program

RESTARTED_AT = "kubectl.kubernetes.io/restartedAt"
"""What kubectl writes (Kubernetes: kubectl/pkg/polymorphichelpers/objectrestarter.go)."""
RESTART_ID = "tiphys.dev/restart-id"


def main(argv: Sequence[str] | None = None) -> int:
    """Runs the step."""
    parser = program.parser("rollout_restart", __doc__)
    parser.add_argument("--deployment", required=True, type=program.dns_label, help="its name")
    parser.add_argument("--restart-id", type=program.dns_name, default="", help="names this restart, for a repetition")
    parser.add_argument("--within-seconds", default=90, type=program.whole(1, 3600), help="how long to wait (90)")
    parser.add_argument("--poll-seconds", default=1.0, type=float, help="between two looks (1)")
    return program.run(parser.parse_args(argv), _restart)


async def _restart(client: KubeClient, arguments: argparse.Namespace) -> str:
    namespace, name, restart_id = arguments.namespace, arguments.deployment, arguments.restart_id
    spec = jsons.as_object((await client.get(DEPLOYMENTS, namespace, name)).get("spec"))
    template = jsons.as_object(jsons.as_object(spec.get("template")).get("metadata"))
    if not restart_id or jsons.as_object(template.get("annotations")).get(RESTART_ID) != restart_id:
        marks = {RESTARTED_AT: datetime.now(UTC).isoformat(timespec="seconds")}
        marks |= {RESTART_ID: restart_id} if restart_id else {}
        await client.merge(DEPLOYMENTS, namespace, name, {"spec": {"template": {"metadata": {"annotations": marks}}}})

    async def look() -> str:
        return polling.incompleteness(await owners.load_deployment(client, namespace, name))

    await polling.until_well(look, within_s=arguments.within_seconds, poll_s=arguments.poll_seconds)
    deployment = await owners.load_deployment(client, namespace, name)
    return f"Deployment {namespace}/{name} restarted: {deployment.ready} of {deployment.replicas} ready"


if __name__ == "__main__":
    sys.exit(main())
