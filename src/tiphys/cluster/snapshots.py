"""What was there before a step acted: written by the snapshot step, handed to act and verify as a parameter. Pure.

One line of JSON, so that it can travel as a workflow parameter and stands in the audit record with its digest (T17).
"""

from __future__ import annotations

import argparse
import dataclasses
import json
from dataclasses import dataclass
from typing import TypeVar

from tiphys import jsons

Snapshot = TypeVar("Snapshot", "PodsSnapshot", "DeploymentSnapshot")


@dataclass(frozen=True, slots=True)
class PodsSnapshot:
    """The pods that a selector found, by uid, and how many ready ones their owner wants."""

    namespace: str
    selector: str
    kind: str
    owner: str
    desired: int
    ready: int
    pods: dict[str, str]


@dataclass(frozen=True, slots=True)
class DeploymentSnapshot:
    """A Deployment: generation, replicas, revision, and the replica set of the revision before (or none)."""

    namespace: str
    name: str
    uid: str
    generation: int
    replicas: int
    ready: int
    revision: int
    replica_set: str
    previous_revision: int
    previous_replica_set: str


def dump(snapshot: PodsSnapshot | DeploymentSnapshot) -> str:
    """The snapshot as one line of JSON."""
    return json.dumps(dataclasses.asdict(snapshot), separators=(",", ":"), sort_keys=True)


def parse_pods(text: str) -> PodsSnapshot:
    """A snapshot of pods, as an argument of a step program."""
    return _parse(text, PodsSnapshot)


def parse_deployment(text: str) -> DeploymentSnapshot:
    """A snapshot of a Deployment, as an argument of a step program."""
    return _parse(text, DeploymentSnapshot)


def _parse(text: str, kind: type[Snapshot]) -> Snapshot:
    try:
        return kind(**jsons.as_object(json.loads(text)))
    except (ValueError, TypeError) as error:
        raise argparse.ArgumentTypeError(f"not a {kind.__name__}, as the snapshot step writes it: {error}") from error
