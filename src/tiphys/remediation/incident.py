"""The state of one incident: everything that the machine needs to be loaded again, and all that explains it. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import pydantic

from tiphys import ids, jsons
from tiphys.remediation.approval import Approval
from tiphys.remediation.decision import Decision
from tiphys.remediation.evidence import Finding
from tiphys.remediation.intake import AlertGroup
from tiphys.remediation.phases import Phase
from tiphys.remediation.provenance import Resolved
from tiphys.remediation.routing import Route, Verdict


@dataclass(frozen=True, slots=True)
class Move:
    """A change of phase and its reason."""

    at: datetime
    phase: Phase
    reason: str


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the guards made of the planner's reply, the last time they were asked.

    `params` hold each parameter with its source; `approved` says whether they judged with an approval at hand.
    """

    at: datetime
    decision: Decision | None
    action: str
    template: str
    compensation: str
    timeout_s: int
    target: str
    params: tuple[Resolved, ...]
    verdicts: tuple[Verdict, ...]
    route: Route
    approved: bool = False

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why the route is not `execute`, in the words of the guards that said no."""
        return tuple(f"{verdict.name}: {verdict.reason}" for verdict in self.verdicts if not verdict.ok)


@dataclass(frozen=True, slots=True)
class Incident:
    """One incident.

    `planner` and `reply` are kept as they came: a reply is judged again, never asked for again. `wake_at` is the timer.
    `catalog_digest` is the catalog from which the planner could choose.
    `cleared` holds the keys of the alerts that have ended. `workflow_name` is the workflow that runs or ran last.
    """

    id: str
    phase: Phase
    group: AlertGroup
    event_id: str
    opened_at: datetime
    moves: tuple[Move, ...]
    evidence: tuple[Finding, ...] = ()
    catalog_digest: str = ""
    planner: str = ""
    reply: str = ""
    failure: str = ""
    judgement: Judgement | None = None
    approval: Approval | None = None
    workflow_name: str = ""
    dispatched_at: datetime | None = None
    wake_at: datetime | None = None
    overdue: bool = False
    cleared: tuple[str, ...] = ()

    @property
    def decision_id(self) -> str:
        """One decision an incident: its name follows from the incident's."""
        return ids.derived_name("dec", self.id)

    @property
    def all_cleared(self) -> bool:
        """Whether every alert of the incident has ended."""
        return {alert.key for alert in self.group.alerts} <= set(self.cleared)


_CODEC = pydantic.TypeAdapter(Incident)


def to_json(incident: Incident) -> jsons.JsonObject:
    """The incident as JSON; `from_json` gives back an equal one."""
    return _CODEC.dump_python(incident, mode="json")


def from_json(body: object) -> Incident:
    """The incident that `to_json` wrote."""
    return _CODEC.validate_python(body)
