"""From a judgement to what follows: start the workflow, ask a human, wait, or end. Pure.

Only `_dispatch` starts anything, and only the route `execute` leads there. A human's yes is checked against what was
shown when it comes, and the same verdicts are asked for again before anything starts.
"""

from __future__ import annotations

import dataclasses
from datetime import datetime, timedelta
from typing import assert_never

from tiphys import errors, ids
from tiphys.audit.record import Record
from tiphys.remediation import approval as approvals
from tiphys.remediation import endings, facts, judging, telling
from tiphys.remediation.approval import ApprovalPhase
from tiphys.remediation.catalog import Catalog
from tiphys.remediation.commands import Notify, PublishEvent, Transition
from tiphys.remediation.incident import Incident
from tiphys.remediation.phases import Phase
from tiphys.remediation.routing import Route
from tiphys.remediation.situation import Situation

MAX_HOLD = timedelta(hours=2)
"""How long an incident is held in all, longer than any deploy window; then people have it."""

_NOTHING = Transition(None)


def follow(incident: Incident, situation: Situation, nonce: str, records: tuple[Record, ...]) -> Transition:
    """Goes where the fresh judgement leads."""
    judgement, at = judging.judgement_of(incident), situation.now
    records = (*records, telling.record("incident.routed", incident, at, telling.routed(judgement)))
    reason = "; ".join(judgement.reasons)
    match judgement.route:
        case Route.EXECUTE:
            return _dispatch(incident, at, records)
        case Route.APPROVE:
            return _ask_human(incident, situation, nonce, records)
        case Route.HOLD:
            until = max(verdict.until for verdict in judgement.verdicts if verdict.until and not verdict.ok)
            if until > incident.opened_at + MAX_HOLD:
                return endings.close(incident, Phase.ESCALATED, at, f"held for too long: {reason}", records)
            held = endings.moved(incident, Phase.HELD, at, reason, until)
            return Transition(held, (), records)
        case Route.NONE:
            return endings.close(incident, Phase.IGNORED, at, reason, records)
        case Route.ESCALATE:
            return endings.close(incident, Phase.ESCALATED, at, reason, records)
        case _:
            assert_never(judgement.route)


def _dispatch(incident: Incident, at: datetime, records: tuple[Record, ...]) -> Transition:
    judgement = judging.judgement_of(incident)
    if judgement.route is not Route.EXECUTE:
        raise errors.Bug(f"incident {incident.id} was routed to {judgement.route}, not to execute")
    prefix = judgement.action.replace("_", "-")
    named = dataclasses.replace(
        incident, workflow_name=ids.derived_name(prefix, incident.decision_id), dispatched_at=at
    )
    deadline = at + timedelta(seconds=judgement.timeout_s) + endings.ENDING_GRACE
    after = endings.moved(named, Phase.DISPATCHED, at, f"{judgement.action} on {judgement.target}", deadline)
    body = telling.execution(after, judgement, judgement.template)
    event = PublishEvent(f"{after.decision_id}-execute", "execute", body)
    record = telling.record("incident.dispatched", after, at, {"workflow": after.workflow_name, **_run_of(after)})
    return Transition(after, (event,), (*records, record))


def _run_of(incident: Incident) -> dict[str, telling.Canonical]:
    judgement = judging.judgement_of(incident)
    return {"action": judgement.action, "target": judgement.target, "decision": incident.decision_id}


def _ask_human(incident: Incident, situation: Situation, nonce: str, records: tuple[Record, ...]) -> Transition:
    judgement, at = judging.judgement_of(incident), situation.now
    terms = approvals.Terms(
        incident_id=incident.id,
        decision_id=incident.decision_id,
        action=judgement.action,
        template=judgement.template,
        target=judgement.target,
        params=judgement.params,
        verdicts=judgement.verdicts,
        catalog_digest=incident.catalog_digest,
        expires_at=at + timedelta(seconds=situation.limits.approval_ttl_s),
        nonce=nonce,
    )
    approval = approvals.request(terms, at)
    asked = dataclasses.replace(incident, approval=approval)
    after = endings.moved(
        asked, Phase.AWAITING_APPROVAL, at, "; ".join(judgement.reasons) or "the catalog", terms.expires_at
    )
    body = telling.requested(approval)
    commands = (PublishEvent(f"{after.decision_id}-approve", "approve", body), Notify("approval.requested", body))
    return Transition(after, commands, (*records, telling.record("approval.requested", after, at, body)))


def granted(incident: Incident, fact: facts.ApprovalGranted, catalog: Catalog) -> Transition:
    """A human said yes: begins the action, or ends the incident when the yes does not fit (any more)."""
    approval = incident.approval
    if incident.phase is not Phase.AWAITING_APPROVAL or approval is None or approval.id != fact.approval_id:
        return _NOTHING
    fault = approvals.fault(approval, ApprovalPhase.PENDING, fact.at)
    if not fault and fact.seal and fact.seal != approval.seal:
        fault = "the terms are not the ones that were shown"
    if fault:
        return unanswered(incident, fact.at, fault)
    granted = approvals.decide(approval, ApprovalPhase.GRANTED, fact.at, fact.actor, fact.reason)
    after = dataclasses.replace(incident, approval=granted)
    data: dict[str, telling.Canonical] = {"approval": approval.id, "seal": approval.seal, "reason": fact.reason}
    records = (telling.record("approval.granted", after, fact.at, data, fact.actor),)
    judged = judging.judged(after, fact.situation, catalog, approved=True)
    if broken := _breach(judged, fact.at):
        return endings.close(judged, Phase.ESCALATED, fact.at, f"approved, but {broken}", records)
    return follow(judged, fact.situation, "", records)


def _breach(incident: Incident, at: datetime) -> str:
    """Why what would be dispatched now is not what was approved; empty when it is."""
    approval, judgement = incident.approval, judging.judgement_of(incident)
    if approval is None:
        return "there is no approval"
    terms = approval.terms
    shown = (terms.action, terms.template, terms.target, terms.params)
    if shown != (judgement.action, judgement.template, judgement.target, judgement.params):
        return "what would be done now is not what was shown"
    if judgement.route is not Route.EXECUTE:
        return "; ".join(judgement.reasons)
    return approvals.fault(approval, ApprovalPhase.GRANTED, at)


def denied(incident: Incident, fact: facts.ApprovalDenied) -> Transition:
    """A human said no."""
    approval = incident.approval
    if incident.phase is not Phase.AWAITING_APPROVAL or approval is None or approval.id != fact.approval_id:
        return _NOTHING
    if fault := approvals.fault(approval, ApprovalPhase.PENDING, fact.at):
        return unanswered(incident, fact.at, fault)
    denied = approvals.decide(approval, ApprovalPhase.DENIED, fact.at, fact.actor, fact.reason)
    after = dataclasses.replace(incident, approval=denied)
    data: dict[str, telling.Canonical] = {"approval": approval.id, "reason": fact.reason}
    records = (telling.record("approval.denied", after, fact.at, data, fact.actor),)
    return endings.close(after, Phase.ESCALATED, fact.at, f"denied by {fact.actor}: {fact.reason}", records)


def unanswered(incident: Incident, at: datetime, fault: str) -> Transition:
    """The approval has expired, or an answer did not fit it: that means no."""
    if incident.approval is None:
        raise errors.Bug(f"incident {incident.id} waits for no approval")
    expired = approvals.decide(incident.approval, ApprovalPhase.EXPIRED, at, telling.MACHINE, fault)
    after = dataclasses.replace(incident, approval=expired)
    records = (telling.record("approval.expired", after, at, {"approval": expired.id, "reason": fault}),)
    return endings.close(after, Phase.ESCALATED, at, f"not approved: {fault}", records)
