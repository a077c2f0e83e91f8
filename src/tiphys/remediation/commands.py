"""What the incident machine wants done in the world, and what one fact has changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from tiphys.audit.record import Record
from tiphys.remediation.incident import Incident


@dataclass(frozen=True, slots=True)
class GatherEvidence:
    """Ask the enrichers about the alert group (JSON, `AlertGroup.to_json`); the fact `EvidenceGathered` follows."""

    alert: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class AskPlanner:
    """Ask for one decision; `PlannerAnswered` or `PlannerFailed` follows.

    `decision_id` is the same when asked again after a crash. `candidates` are the actions that match, each with what
    may be answered for every parameter.
    """

    decision_id: str
    alert: Mapping[str, Any]
    evidence: Sequence[Mapping[str, Any]]
    candidates: Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class PublishEvent:
    """Put an event of source `remediation` on the bus, in the same transaction as the state; `id` is unique."""

    id: str
    subject: str
    body: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Notify:
    """Tell people, best effort; `kind` is `approval.requested`, `incident.escalated` or `incident.closed`."""

    kind: str
    body: Mapping[str, Any]


Command: TypeAlias = GatherEvidence | AskPlanner | PublishEvent | Notify


@dataclass(frozen=True, slots=True)
class Transition:
    """What one fact has changed; `incident` is None when nothing has.

    `commands` may be carried out once the rest is durable, but a `PublishEvent` is part of the rest.
    `incident.wake_at` is when the machine next wants a `Woken`.
    """

    incident: Incident | None
    commands: tuple[Command, ...] = ()
    records: tuple[Record, ...] = ()
