"""Why an incident was, or was not, acted on: every gate with its inputs, from the state alone. Pure.

The same form for an incident that healed, one that was refused, and one that was never looked at; a gate that was not
reached is listed as such.
"""

from __future__ import annotations

from typing import Any

from tiphys import jsons
from tiphys.remediation import telling
from tiphys.remediation.incident import Incident


def explain(incident: Incident) -> jsons.JsonObject:
    """The chain of gates of one incident as JSON, in the order in which they stand."""
    return {
        "id": incident.id,
        "phase": str(incident.phase),
        "reason": incident.moves[-1].reason,
        "opened_at": incident.opened_at.isoformat(),
        "gates": [_intake(incident), _evidence(incident), _planner(incident), *_guards(incident), _approval(incident)],
        "execution": _execution(incident),
        "moves": [
            {"at": move.at.isoformat(), "phase": str(move.phase), "reason": move.reason} for move in incident.moves
        ],
    }


def _gate(name: str, passed: object, reason: str, inputs: object) -> dict[str, Any]:
    """One gate; `passed` is true, false, or None when the incident never came so far."""
    return {"gate": name, "passed": passed, "reason": reason, "inputs": inputs}


def _intake(incident: Incident) -> dict[str, Any]:
    count = len(incident.group.alerts)
    alerts = [{"key": alert.key, "labels": dict(alert.labels)} for alert in incident.group.alerts]
    inputs = {"event": incident.event_id, "group": incident.group.group_key, "alerts": alerts}
    return _gate("intake", count > 0, f"{count} firing alert(s) that nobody worked on", inputs)


def _evidence(incident: Incident) -> dict[str, Any]:
    found = [
        {"fact": item.fact, "value": item.value, "source": item.source, "trust": item.trust}
        for item in incident.evidence
    ]
    reached = True if incident.catalog_digest else None
    return _gate("evidence", reached, f"{len(found)} facts" if reached else "not gathered", found)


def _planner(incident: Incident) -> dict[str, Any]:
    judgement = incident.judgement
    if judgement is None:
        return _gate("planner", None, "not asked", {})
    decision = judgement.decision
    proposed = decision.actions[0] if decision and decision.actions else None
    inputs = {
        "planner": incident.planner,
        "decision": incident.decision_id,
        "catalog": incident.catalog_digest,
        "confidence": decision.confidence if decision else None,
        "needs_human": decision.needs_human if decision else None,
        "action": proposed.name if proposed else None,
        "rationale": proposed.rationale if proposed else "",
        "params": [telling.provenance(item) for item in judgement.params],
    }
    reason = incident.failure or (f"proposes {proposed.name}" if proposed else "proposes no action")
    return _gate("planner", decision is not None, reason, inputs)


def _guards(incident: Incident) -> list[dict[str, Any]]:
    verdicts = incident.judgement.verdicts if incident.judgement else ()
    return [_gate(verdict.name, verdict.ok, verdict.reason, dict(verdict.inputs)) for verdict in verdicts]


def _approval(incident: Incident) -> dict[str, Any]:
    approval = incident.approval
    if approval is None:
        return _gate("approval", None, "not asked for", {})
    inputs = {
        "approval": approval.id,
        "expires_at": approval.terms.expires_at.isoformat(),
        "decided_by": approval.decided_by,
        "seal": approval.seal,
    }
    passed = None if approval.phase == "pending" else approval.phase == "granted"
    return _gate("approval", passed, approval.reason or str(approval.phase), inputs)


def _execution(incident: Incident) -> dict[str, Any]:
    judgement = incident.judgement
    return {
        "route": str(judgement.route) if judgement else None,
        "action": judgement.action if judgement else "",
        "target": judgement.target if judgement else "",
        "workflow": incident.workflow_name,
        "dispatched_at": incident.dispatched_at.isoformat() if incident.dispatched_at else None,
        "overdue": incident.overdue,
        "alerts_cleared": incident.all_cleared,
    }
