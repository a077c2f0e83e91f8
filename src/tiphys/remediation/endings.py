"""How an incident ends: its workflow's ending, an alert that ends by itself, a hand-over to people. Pure.

An action ends well when its workflow, verify step included, has succeeded and the alert agrees within a while.
"""

from __future__ import annotations

import dataclasses
from datetime import datetime, timedelta

from tiphys import ids
from tiphys.audit.record import Record
from tiphys.remediation import approval as approvals
from tiphys.remediation import facts, judging, phases, telling
from tiphys.remediation.approval import ApprovalPhase
from tiphys.remediation.commands import Notify, PublishEvent, Transition
from tiphys.remediation.incident import Incident, Move
from tiphys.remediation.phases import Phase

ENDING_GRACE = timedelta(minutes=5)
"""After an action's own timeout, how long its workflow's ending may take to arrive."""
CLEAR_WITHIN = timedelta(minutes=15)
"""How long the alert may go on firing after a healing; three times Alertmanager's default `group_interval`."""

_NOTHING = Transition(None)


def ended(incident: Incident, fact: facts.WorkflowEnded) -> Transition:
    """A workflow of the incident has ended: healed, compensated, or handed to people."""
    if incident.phase not in phases.HOLDS_LOCK or fact.workflow_name != incident.workflow_name:
        return _NOTHING
    data: dict[str, telling.Canonical] = {
        "workflow": fact.workflow_name,
        "phase": fact.phase,
        "message": fact.message,
    }
    records = (telling.record("incident.workflow-ended", incident, fact.at, data),)
    judgement = judging.judgement_of(incident)
    said = f"{fact.workflow_name} {fact.phase}" + (f": {fact.message}" if fact.message else "")
    if incident.phase is Phase.COMPENSATING:
        return close(incident, Phase.ESCALATED, fact.at, f"{judgement.action} failed; its compensation {said}", records)
    if fact.phase == "Succeeded":
        return _heal(incident, fact.at, records)
    if not judgement.compensation:
        return close(incident, Phase.ESCALATED, fact.at, said, records)
    name = ids.derived_name("compensate", incident.decision_id)
    deadline = fact.at + timedelta(seconds=judgement.timeout_s) + ENDING_GRACE
    after = moved(incident, Phase.COMPENSATING, fact.at, said, deadline)
    after = dataclasses.replace(after, workflow_name=name, overdue=False)
    body = telling.execution(after, judgement, judgement.compensation)
    return Transition(after, (PublishEvent(f"{after.decision_id}-compensate", "execute", body),), records)


def _heal(incident: Incident, at: datetime, records: tuple[Record, ...]) -> Transition:
    """The workflow, its verify step included, has succeeded; the alert is given some time to agree."""
    wake_at = None if incident.all_cleared else at + CLEAR_WITHIN
    after = moved(incident, Phase.HEALED, at, f"{incident.workflow_name} succeeded", wake_at)
    record = telling.record("incident.healed", after, at, {"workflow": after.workflow_name})
    return Transition(after, (Notify("incident.closed", telling.summary(after)),), (*records, record))


def overdue(incident: Incident, at: datetime) -> Transition:
    """No ending came: people are told, and the target stays locked, for the workflow may still be at work."""
    after = dataclasses.replace(incident, overdue=True, wake_at=None)
    records = (telling.record("incident.overdue", after, at, {"workflow": after.workflow_name}),)
    body = {**telling.summary(after), "reason": f"no ending of {after.workflow_name} was seen"}
    return Transition(after, (Notify("incident.escalated", body),), records)


def resolved(incident: Incident, fact: facts.AlertResolved) -> Transition:
    """One alert has ended; with the last of them, whatever has not begun is called off."""
    keys = {alert.key for alert in incident.group.alerts}
    if fact.key not in keys or fact.key in incident.cleared:
        return _NOTHING
    after = dataclasses.replace(incident, cleared=(*incident.cleared, fact.key))
    records = (telling.record("incident.alert-resolved", after, fact.at, {"alert": fact.key}),)
    if not after.all_cleared:
        return Transition(after, (), records)
    if after.phase is Phase.HEALED:
        return Transition(dataclasses.replace(after, wake_at=None), (), records)
    if Phase.RESOLVED not in phases.MOVES[after.phase]:
        return Transition(after, (), records)
    if after.approval:
        answer = approvals.decide(
            after.approval, ApprovalPhase.WITHDRAWN, fact.at, telling.MACHINE, "the alert has ended"
        )
        after = dataclasses.replace(after, approval=answer)
    return close(after, Phase.RESOLVED, fact.at, "the alert has ended by itself", records)


def close(incident: Incident, phase: Phase, at: datetime, reason: str, records: tuple[Record, ...]) -> Transition:
    """Ends the incident; people hear of it unless nothing was there to do."""
    after = moved(incident, phase, at, reason)
    record = telling.record(f"incident.{phase}", after, at, {"reason": reason})
    body = telling.summary(after)
    if phase is Phase.ESCALATED:
        event = PublishEvent(f"{after.decision_id}-escalate", "escalate", body)
        return Transition(after, (event, Notify("incident.escalated", body)), (*records, record))
    commands = (Notify("incident.closed", body),) if phase is Phase.RESOLVED else ()
    return Transition(after, commands, (*records, record))


def moved(incident: Incident, phase: Phase, at: datetime, reason: str, wake_at: datetime | None = None) -> Incident:
    """The incident in its next phase, with the reason and the timer that it wants there."""
    phases.check_move(incident.phase, phase)
    move = Move(at, phase, reason)
    return dataclasses.replace(incident, phase=phase, moves=(*incident.moves, move), wake_at=wake_at)
