"""Rows for the contract suites."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from tiphys.controllers.ports import Event, NodeRow, WorkflowRow

AT = datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC)


def workflow(name: str, *, age_s: float = 0, namespace: str = "argo", phase: str = "Running", **more: object):
    return WorkflowRow(
        uid=f"uid-of-{namespace}-{name}",
        namespace=namespace,
        name=name,
        phase=phase,
        created_at=AT - timedelta(seconds=age_s),
        manifest={"metadata": {"name": name}, "spec": {"odd": '\ud800 "é" \x00'}},
        state={"counts": [1, 2.5, None]},
        **more,
    )


def node(owner: WorkflowRow, node_id: str, phase: str = "Running") -> NodeRow:
    return NodeRow(owner.uid, node_id, phase, {"id": node_id, "phase": phase})


def event(event_id: str, *, source: str = "webhook", subject: str = "alert") -> Event:
    return Event(event_id, source, subject, "webhook", AT, {"body": {"id": event_id}})
