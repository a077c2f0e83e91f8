"""The exit handler of every remediation: gives the lock back, however the run ended, and says how it ended."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from tiphys import errors
from tiphys.cluster import locks, objects, owners
from tiphys.cluster.client import KubeClient, Resource
from tiphys.cluster.steps import program
from tiphys.jsons import JsonObject


def main(argv: Sequence[str] | None = None) -> int:
    """Runs the step."""
    parser = program.parser("release", __doc__)
    program.add_lock_owner(parser)
    for name in ("action", "incident", "status"):
        parser.add_argument(f"--{name}", required=True, type=program.short_text, help="for the closing line")
    parser.add_argument("--kinds", required=True, type=_kinds, help="kinds of workloads that may be locked: KIND,KIND")
    return program.run(parser.parse_args(argv), _release)


async def _release(client: KubeClient, arguments: argparse.Namespace) -> str:
    owner, released = arguments.lock_owner, 0
    for kind in arguments.kinds:
        for document in await _list_if_served(client, owners.RESOURCES[kind], arguments.namespace):
            workload = objects.parse_workload(kind, document)
            released += await locks.release(client, workload, owner)
    what = f"{arguments.action} for incident {arguments.incident} ended {arguments.status}"
    return f"{what}; {released} locks of {owner} released"


async def _list_if_served(client: KubeClient, resource: Resource, namespace: str) -> list[JsonObject]:
    """The objects of a kind; none where the API does not know the kind."""
    try:
        return await client.list(resource, namespace)
    except errors.NotFound:
        return []


def _kinds(text: str) -> list[str]:
    kinds = text.split(",")
    if unknown := [kind for kind in kinds if kind not in owners.RESOURCES]:
        raise argparse.ArgumentTypeError(f"{', '.join(unknown)}: only {', '.join(owners.RESOURCES)}")
    return kinds


if __name__ == "__main__":
    sys.exit(main())
