"""Small values from which the tests of the incident machine are made."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeAlias

import yaml

from tiphys.controllers.ports import Question
from tiphys.remediation import facts, intake, machine
from tiphys.remediation.catalog import Catalog
from tiphys.remediation.catalog_parse import parse_catalog
from tiphys.remediation.commands import AskPlanner, Transition
from tiphys.remediation.evidence import Finding, parse_evidence
from tiphys.remediation.incident import Incident
from tiphys.remediation.intake import AlertGroup
from tiphys.remediation.situation import Situation
from tiphys.settings import RemediationSettings

Json: TypeAlias = Any
"""Whatever JSON can hold, and what a test gets wrong on purpose."""

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
ROOT = Path(__file__).parents[3]
LABELS = {"alertname": "ServiceHung", "namespace": "shop", "pod": "web-1", "service": "web", "severity": "critical"}


def catalog_tree() -> Json:
    return yaml.safe_load((ROOT / "catalog/actions.yaml").read_text())


def catalog() -> Catalog:
    return parse_catalog(catalog_tree())


def fact(name: str, value: Json, trust: str = "api") -> dict[str, Any]:
    return {"fact": name, "value": value, "source": "kube-api", "trust": trust}


OWNER = fact("pod_owner", {"kind": "Deployment", "name": "web", "selector": "app=web", "matched_pods": 2})
NO_DEPLOY = fact("recent_deploys", [])
DEPLOY = fact(
    "recent_deploys",
    [{"release": "web", "finished": "2026-03-01T11:30:00Z", "from_revision": "1", "to_revision": "2"}],
)
REPLICAS = fact("current_replicas", {"spec": 4, "ready": 4})
NO_HPA = fact("hpa", None)


def evidence(*facts_: dict[str, Any]) -> tuple[Finding, ...]:
    return parse_evidence(facts_ or (OWNER, NO_DEPLOY))


def alert(labels: dict[str, str] | None = None, **fields: Json) -> dict[str, Any]:
    return {
        "status": "firing",
        "labels": LABELS if labels is None else labels,
        "annotations": {"summary": "web does not answer"},
        "startsAt": "2026-03-01T11:59:00.123456789Z",
        "endsAt": "0001-01-01T00:00:00Z",
        "generatorURL": "http://prometheus/graph",
        "fingerprint": "aa11",
        **fields,
    }


def notification(*alerts: dict[str, Any], **fields: Json) -> dict[str, Any]:
    listed = list(alerts or (alert(),))
    firing = any(item.get("status") == "firing" for item in listed if isinstance(item, dict))
    return {
        "version": "4",
        "groupKey": '{}:{alertname="ServiceHung"}',
        "truncatedAlerts": 0,
        "status": "firing" if firing else "resolved",
        "receiver": "tiphys",
        "groupLabels": {},
        "commonLabels": {},
        "commonAnnotations": {},
        "externalURL": "http://alertmanager",
        "alerts": listed,
        **fields,
    }


def group(*alerts: dict[str, Any]) -> AlertGroup:
    read = intake.parse_notification(notification(*alerts))
    return AlertGroup(read.group_key, read.firing)


def group_of(**labels: str) -> AlertGroup:
    return group(alert({**LABELS, **labels}))


def situation(at: datetime = NOW, **changes: Json) -> Situation:
    return dataclasses.replace(Situation(at, RemediationSettings(), catalog().digest), **changes)


def reply(incident_id: str, *actions: tuple[str, dict[str, Any]], confidence: Json = 0.9, **fields: Json) -> str:
    listed = [{"name": name, "params": params, "rationale": "because"} for name, params in actions]
    body = {"incident_id": incident_id, "actions": listed, "confidence": confidence, "needs_human": False}
    return json.dumps(body | fields)


RESTART = ("restart_pods", {"namespace": "shop", "selector": "app=web"})
ROLLBACK = ("rollback_release", {"namespace": "shop", "release": "web"})
ROLLBACK_LABELS = {**LABELS, "alertname": "KubePodCrashLooping"}


def opened(about: AlertGroup | None = None, found: Sequence[Finding] | None = None) -> tuple[Incident, AskPlanner]:
    """An incident whose planner is being asked, and the question."""
    about = about or group()
    arrived = facts.GroupArrived(NOW, intake.incident_id(about), about, "event-1")
    first = after(None, arrived)
    transition = machine.receive(first, facts.EvidenceGathered(NOW, tuple(found or evidence())), catalog())
    question = transition.commands[0]
    assert transition.incident
    assert isinstance(question, AskPlanner)
    return transition.incident, question


def asked(question: AskPlanner, incident: Incident) -> Question:
    return Question(question.decision_id, incident.id, question.alert, question.evidence, question.candidates)


def after(incident: Incident | None, happened: facts.Fact, by: Catalog | None = None) -> Incident:
    changed = machine.receive(incident, happened, by or catalog()).incident
    assert changed
    return changed


def answered(incident: Incident, text: str, **changes: Json) -> Transition:
    happened = facts.PlannerAnswered(NOW, "test", text, "nonce", situation(**changes))
    return machine.receive(incident, happened, catalog())


def decided(*actions: tuple[str, dict[str, Any]], **fields: Json) -> Incident:
    """The incident after the planner's answer."""
    incident, _ = opened()
    made = answered(incident, reply(incident.id, *actions, **fields)).incident
    assert made
    return made


def awaiting() -> Incident:
    """An incident that waits for a human's answer about a rollback."""
    incident, _ = opened(group(alert(ROLLBACK_LABELS)), evidence(OWNER, DEPLOY))
    made = answered(incident, reply(incident.id, ROLLBACK)).incident
    assert made
    assert made.phase == "awaiting-approval"
    return made


def granted(incident: Incident, minutes: float = 1, **changes: Json) -> Transition:
    assert incident.approval
    at = NOW + timedelta(minutes=minutes)
    seal = changes.pop("seal", "")
    happened = facts.ApprovalGranted(at, incident.approval.id, "human:ada", "go", situation(at, **changes), seal)
    return machine.receive(incident, happened, catalog())
