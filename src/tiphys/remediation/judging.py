"""The judgement of a planner's reply, made anew each time that an action could begin. Pure."""

from __future__ import annotations

import dataclasses

from tiphys import errors
from tiphys.remediation import guards, proposal
from tiphys.remediation.catalog import Catalog
from tiphys.remediation.incident import Incident, Judgement
from tiphys.remediation.proposal import Asked, Proposal
from tiphys.remediation.routing import Route, choose_route
from tiphys.remediation.situation import Situation


def judged(incident: Incident, situation: Situation, catalog: Catalog, *, approved: bool = False) -> Incident:
    """The incident with a fresh judgement of the reply that it keeps."""
    asked = Asked(incident.id, incident.decision_id, incident.group, incident.evidence, incident.catalog_digest)
    made = proposal.make_proposal(catalog, asked, incident.reply, incident.failure)
    verdicts = guards.judge(made, situation)
    route = choose_route(made.action, verdicts, approved=approved)
    return dataclasses.replace(incident, judgement=_judgement(made, situation, verdicts, route, approved=approved))


def _judgement(
    made: Proposal, situation: Situation, verdicts: tuple[guards.Verdict, ...], route: Route, *, approved: bool
) -> Judgement:
    action = made.action
    return Judgement(
        at=situation.now,
        decision=made.decision,
        action=action.name if action else "",
        template=action.template if action else "",
        compensation=action.compensation if action else "",
        timeout_s=int(action.timeout.total_seconds()) if action else 0,
        target=made.target,
        params=made.params,
        verdicts=verdicts,
        route=route,
        approved=approved,
    )


def judgement_of(incident: Incident) -> Judgement:
    """The last judgement of an incident that has one."""
    if incident.judgement is None:
        raise errors.Bug(f"incident {incident.id} was never judged")
    return incident.judgement
