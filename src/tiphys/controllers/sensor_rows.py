"""How a trigger's state, firings and traces are kept as rows.

Three kinds of `StateRow`: `sensor` (one for each trigger, key `namespace/sensor/trigger`), `firing` (key: that and the
firing's id; group: that; phase: the firing's) and `trace` (key `event id/namespace/sensor/trigger/dependency`; group:
the event's id; phase: what became of it).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from tiphys.controllers.ports import Cursor, StateRow
from tiphys.events.commands import Firing, FiringPhase, Trace
from tiphys.events.plan import SensorPlan, Trigger

SENSOR, FIRING, TRACE = "sensor", "firing", "trace"
"""The `machine` of each kind of row."""


def trigger_key(plan: SensorPlan, trigger: Trigger) -> str:
    """The key of a trigger's state."""
    return f"{plan.namespace}/{plan.name}/{trigger.name}"


def consumer(key: str) -> str:
    """Under which name a trigger reads the bus."""
    return f"sensor/{key}"


def cursor(key: str, seq: int) -> Cursor:
    """How far the trigger has read; how far each of its dependencies has come stands in its state."""
    return Cursor(consumer(key), seq)


def state_row(key: str, state: Mapping[str, Any]) -> StateRow:
    """The row of a trigger's own state."""
    return StateRow(SENSOR, key, "", state)


def firing_row(key: str, firing: Firing) -> StateRow:
    """The row of a firing."""
    body = {
        "id": firing.id,
        "at": firing.at.isoformat(),
        "events": dict(firing.events),
        "payload": firing.payload,
        "attempts": firing.attempts,
        "retryAt": firing.retry_at.isoformat() if firing.retry_at else None,
        "message": firing.message,
        "workflow": firing.workflow,
    }
    return StateRow(FIRING, f"{key}/{firing.id}", firing.phase.value, body, group=key)


def firing_of(row: StateRow) -> Firing:
    """The firing that `firing_row` wrote."""
    body = row.body
    return Firing(
        id=body["id"],
        phase=FiringPhase(row.phase),
        at=datetime.fromisoformat(body["at"]),
        events=body["events"],
        payload=body["payload"],
        attempts=body["attempts"],
        retry_at=datetime.fromisoformat(body["retryAt"]) if body["retryAt"] else None,
        message=body["message"],
    )


def trace_row(key: str, trace: Trace, at: datetime) -> StateRow:
    """The row of a trace."""
    body = {
        "event": trace.event_id,
        "trigger": key,
        "dependency": trace.dependency,
        "outcome": trace.outcome.value,
        "reason": trace.reason,
        "firing": trace.firing_id,
        "at": at.isoformat(),
    }
    return StateRow(
        TRACE, f"{trace.event_id}/{key}/{trace.dependency}", trace.outcome.value, body, group=trace.event_id
    )
