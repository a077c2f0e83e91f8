"""What has happened to an incident, with its time: the only way in to the machine. Times are aware UTC datetimes.

Facts on which the machine judges carry the `Situation` at that moment, and the randomness that it may not make itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from tiphys.remediation.evidence import Finding
from tiphys.remediation.intake import AlertGroup
from tiphys.remediation.situation import Situation


@dataclass(frozen=True, slots=True)
class GroupArrived:
    """Alerts that nobody works on yet; `event_id` is the event they came with. The first fact of every incident."""

    at: datetime
    incident_id: str
    group: AlertGroup
    event_id: str


@dataclass(frozen=True, slots=True)
class EvidenceGathered:
    """The enrichers have answered."""

    at: datetime
    evidence: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class PlannerAnswered:
    """A planner's raw reply; `nonce` makes the seal of an approval unguessable."""

    at: datetime
    planner: str
    reply: str
    nonce: str
    situation: Situation


@dataclass(frozen=True, slots=True)
class PlannerFailed:
    """The planner gave no answer; it is not asked again."""

    at: datetime
    planner: str
    reason: str
    situation: Situation


@dataclass(frozen=True, slots=True)
class ApprovalGranted:
    """A human's yes; that this actor may give it was checked before. `seal`, if given, is of what they were shown."""

    at: datetime
    approval_id: str
    actor: str
    reason: str
    situation: Situation
    seal: str = ""


@dataclass(frozen=True, slots=True)
class ApprovalDenied:
    """A human's no."""

    at: datetime
    approval_id: str
    actor: str
    reason: str


@dataclass(frozen=True, slots=True)
class Woken:
    """The time that a transition asked for (`wake_at`) has come; being woken early or twice does no harm."""

    at: datetime
    situation: Situation
    nonce: str


@dataclass(frozen=True, slots=True)
class WorkflowEnded:
    """A workflow has ended with Argo's `phase` (`Succeeded`, `Failed`, `Error`) and `message`."""

    at: datetime
    workflow_name: str
    phase: str
    message: str


@dataclass(frozen=True, slots=True)
class AlertResolved:
    """One of the incident's alerts has ended; `key` names that firing of it."""

    at: datetime
    key: str


Fact: TypeAlias = (
    GroupArrived
    | EvidenceGathered
    | PlannerAnswered
    | PlannerFailed
    | ApprovalGranted
    | ApprovalDenied
    | Woken
    | WorkflowEnded
    | AlertResolved
)
