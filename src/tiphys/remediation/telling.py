"""What the log and people are told about an incident: records, and the bodies of notifications and events. Pure.

Everything here is computed facts; a planner's own words are quoted under `rationale` and nowhere else.
"""

from __future__ import annotations

from datetime import datetime

from tiphys import jsons
from tiphys.audit.record import Canonical, Record
from tiphys.remediation import cleaning, digests, guards
from tiphys.remediation.approval import Approval
from tiphys.remediation.incident import Incident, Judgement
from tiphys.remediation.provenance import Resolved
from tiphys.remediation.routing import Verdict

MACHINE = "controller:incident"
"""The actor of what the machine does by itself."""


def record(kind: str, incident: Incident, at: datetime, data: dict[str, Canonical], actor: str = MACHINE) -> Record:
    """A record about the incident."""
    return Record(f"{kind}", incident.id, actor, at, data)


def opened(incident: Incident) -> dict[str, Canonical]:
    """The alerts that opened the incident."""
    return {
        "event": incident.event_id,
        "group": incident.group.group_key,
        "alerts": [alert.key for alert in incident.group.alerts],
        "labels": dict[str, Canonical](incident.group.labels),
    }


def gathered(incident: Incident) -> dict[str, Canonical]:
    """The evidence, by digest: it may be long, and it may hold fractions."""
    return {"evidence": [f"{item.fact}:{item.digest}" for item in incident.evidence]}


def answered(incident: Incident) -> dict[str, Canonical]:
    """The planner's reply by digest, or that there was none."""
    return {
        "planner": incident.planner,
        "decision": incident.decision_id,
        "reply": digests.digest_of(incident.reply) if incident.reply else "",
        "failure": incident.failure,
        "catalog": incident.catalog_digest,
    }


def routed(judgement: Judgement) -> dict[str, Canonical]:
    """The route with every verdict and every parameter's source."""
    decision = judgement.decision
    return {
        "route": str(judgement.route),
        "action": judgement.action,
        "target": judgement.target,
        "confidence_bp": guards.basis_points(decision.confidence) if decision else None,
        "approved": judgement.approved,
        "params": [provenance(item) for item in judgement.params],
        "verdicts": [verdict_of(verdict) for verdict in judgement.verdicts],
    }


def provenance(item: Resolved) -> Canonical:
    """A parameter with its source."""
    return {
        "name": item.name,
        "value": item.value,
        "source": item.source,
        "path": item.path,
        "digest": item.digest,
    }


def verdict_of(verdict: Verdict) -> Canonical:
    """A guard's verdict with what it looked at."""
    inputs: dict[str, Canonical] = {name: _storable(value) for name, value in verdict.inputs.items()}
    return {"guard": verdict.name, "ok": verdict.ok, "reason": verdict.reason, "inputs": inputs}


def _storable(value: str | bool | int) -> Canonical:  # noqa: FBT001 - the type of an input, not a switch
    return cleaning.clean_text(value) if isinstance(value, str) else value


def requested(approval: Approval) -> dict[str, Canonical]:
    """What a human is asked, and by when."""
    terms = approval.terms
    return {
        "approval": approval.id,
        "incident_id": terms.incident_id,
        "action": terms.action,
        "target": terms.target,
        "params": [provenance(item) for item in terms.params],
        "reasons": [f"{verdict.name}: {verdict.reason}" for verdict in terms.verdicts if not verdict.ok],
        "expires_at": terms.expires_at.isoformat(),
        "seal": approval.seal,
    }


def execution(incident: Incident, judgement: Judgement, template: str) -> jsons.JsonObject:
    """The body of the `execute` event, from which the shipped Sensor submits the WorkflowTemplate.

    `parameters` is the list that a Workflow takes as arguments: texts, the incident's id among them.
    """
    values = {item.name: item.value for item in judgement.params}
    texts = {"incident_id": incident.id, **{name: str(value) for name, value in values.items()}}
    return {
        "incident_id": incident.id,
        "decision_id": incident.decision_id,
        "workflow_name": incident.workflow_name,
        "action": judgement.action,
        "template": template,
        "target": judgement.target,
        "params": values,
        "parameters": [{"name": name, "value": value} for name, value in texts.items()],
    }


def summary(incident: Incident) -> jsons.JsonObject:
    """An incident in a few lines, for people."""
    judgement, last = incident.judgement, incident.moves[-1]
    return {
        "incident_id": incident.id,
        "phase": str(incident.phase),
        "reason": last.reason,
        "alert": dict(incident.group.labels),
        "summary": incident.group.annotations.get("summary", ""),
        "action": judgement.action if judgement else "",
        "target": judgement.target if judgement else "",
        "workflow": incident.workflow_name,
    }
