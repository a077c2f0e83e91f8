"""The incident machine: a fact comes in, a transition goes out. Pure.

The way of an incident is the table in `phases.py`. A fact that does not fit the phase, or comes a second time, changes
nothing. The planner's reply is judged each time that an action could begin: when it comes, when a hold ends, and when a
human has approved.
"""

from __future__ import annotations

import dataclasses
from typing import assert_never

from tiphys import errors, jsons
from tiphys.remediation import constraints, dispatching, endings, facts, judging, provenance, telling
from tiphys.remediation.catalog import Action, Catalog
from tiphys.remediation.commands import AskPlanner, Command, GatherEvidence, Transition
from tiphys.remediation.incident import Incident, Move
from tiphys.remediation.phases import Phase

_NOTHING = Transition(None)


def receive(  # noqa: PLR0911 - one return for each kind of fact
    incident: Incident | None, fact: facts.Fact, catalog: Catalog
) -> Transition:
    """What `fact` changes; `incident` is None before the first one."""
    if isinstance(fact, facts.GroupArrived):
        return _arrived(fact, catalog) if incident is None else _NOTHING
    if incident is None:
        raise errors.Bug(f"{type(fact).__name__} for an incident that nobody knows")
    match fact:
        case facts.EvidenceGathered():
            return _gathered(incident, fact, catalog)
        case facts.PlannerAnswered() | facts.PlannerFailed():
            return _answered(incident, fact, catalog)
        case facts.ApprovalGranted():
            return dispatching.granted(incident, fact, catalog)
        case facts.ApprovalDenied():
            return dispatching.denied(incident, fact)
        case facts.Woken():
            return _woken(incident, fact, catalog)
        case facts.WorkflowEnded():
            return endings.ended(incident, fact)
        case facts.AlertResolved():
            return endings.resolved(incident, fact)
        case _:
            assert_never(fact)


def resume(incident: Incident, catalog: Catalog) -> tuple[Command, ...]:
    """The commands that were open when the program stopped; asking again carries the same decision id."""
    match incident.phase:
        case Phase.GATHERING:
            return (GatherEvidence(incident.group.to_json()),)
        case Phase.DECIDING:
            return (_question(incident, catalog),)
        case _:
            return ()


def _arrived(fact: facts.GroupArrived, catalog: Catalog) -> Transition:
    opened = Move(fact.at, Phase.GATHERING, "alerts arrived")
    incident = Incident(fact.incident_id, Phase.GATHERING, fact.group, fact.event_id, fact.at, (opened,))
    records = (telling.record("incident.opened", incident, fact.at, telling.opened(incident)),)
    severity = fact.group.labels.get("severity", "")
    if severity in catalog.policy.ignored_severities:
        return endings.close(incident, Phase.IGNORED, fact.at, f"{severity} alerts are never acted on", records)
    return Transition(incident, (GatherEvidence(fact.group.to_json()),), records)


def _gathered(incident: Incident, fact: facts.EvidenceGathered, catalog: Catalog) -> Transition:
    if incident.phase is not Phase.GATHERING:
        return _NOTHING
    after = dataclasses.replace(incident, evidence=fact.evidence, catalog_digest=catalog.digest)
    after = endings.moved(after, Phase.DECIDING, fact.at, "evidence gathered")
    records = (telling.record("incident.evidence-gathered", after, fact.at, telling.gathered(after)),)
    return Transition(after, (_question(after, catalog),), records)


def _question(incident: Incident, catalog: Catalog) -> AskPlanner:
    candidates = [_candidate(action, incident) for action in catalog.candidates(incident.group.labels)]
    evidence = [dataclasses.asdict(finding) for finding in incident.evidence]
    return AskPlanner(incident.decision_id, incident.group.to_json(), evidence, candidates)


def _candidate(action: Action, incident: Incident) -> jsons.JsonObject:
    """What a planner sees of an action; `blocked` says why its limits forbid it, where nothing is left to choose."""
    offers = provenance.make_offers(action, provenance.Ground(incident.group, incident.evidence), {})
    fixed = {offer.parameter: offer.values[0].value for offer in offers if len(offer.values) == 1}
    case = constraints.Case(fixed, incident.group.labels, incident.evidence, incident.group.started_at)
    decided = len(fixed) == len(offers)
    return {
        "name": action.name,
        "blast_radius": action.blast_radius,
        "requires_approval": action.requires_approval,
        "params": {offer.parameter: offer.to_json() for offer in offers},
        "blocked": [fault for _, fault in constraints.judge_limits(action, case) if fault] if decided else [],
    }


def _answered(incident: Incident, fact: facts.PlannerAnswered | facts.PlannerFailed, catalog: Catalog) -> Transition:
    if incident.phase is not Phase.DECIDING:
        return _NOTHING
    if isinstance(fact, facts.PlannerAnswered):
        after = dataclasses.replace(incident, planner=fact.planner, reply=fact.reply)
        nonce = fact.nonce
    else:
        after = dataclasses.replace(incident, planner=fact.planner, failure=fact.reason)
        nonce = ""
    actor = f"planner:{fact.planner}"
    records = (telling.record("incident.planner-answered", after, fact.at, telling.answered(after), actor),)
    return dispatching.follow(judging.judged(after, fact.situation, catalog), fact.situation, nonce, records)


def _woken(incident: Incident, fact: facts.Woken, catalog: Catalog) -> Transition:
    if incident.wake_at is None or fact.at < incident.wake_at:
        return _NOTHING
    match incident.phase:
        case Phase.HELD:
            return dispatching.follow(judging.judged(incident, fact.situation, catalog), fact.situation, fact.nonce, ())
        case Phase.AWAITING_APPROVAL:
            return dispatching.unanswered(incident, fact.at, "nobody answered in time")
        case Phase.DISPATCHED | Phase.COMPENSATING:
            return endings.overdue(incident, fact.at)
        case Phase.HEALED:
            return endings.close(
                incident, Phase.ESCALATED, fact.at, "the workflow succeeded, but the alert still fires", ()
            )
        case _:
            return _NOTHING
