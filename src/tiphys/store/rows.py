"""Rows of the ports to and from columns; JSON is ASCII text so that no string of a manifest can be unstorable."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from tiphys.audit.chain import time_text
from tiphys.controllers.ports import DocumentRow, Event, NodeRow, SealedRecord, StateRow, StoredEvent, WorkflowRow

Columns = tuple[Any, ...]
"""One row as SQLite gives or takes it."""

_encoder = json.JSONEncoder(separators=(",", ":"))


def json_text(value: object) -> str:
    """JSON without white space."""
    return _encoder.encode(value)


def workflow_columns(row: WorkflowRow) -> Columns:
    """For `create_workflow` and `put_workflow`."""
    times = time_text(row.created_at), _time_or_none(row.started_at), _time_or_none(row.finished_at)
    bodies = json_text(_plain(row.labels)), json_text(_plain(row.manifest)), json_text(_plain(row.state))
    return row.uid, row.namespace, row.name, row.phase, *times, *bodies


def moved_workflow_columns(row: WorkflowRow) -> Columns:
    """For `move_workflow`."""
    times = _time_or_none(row.started_at), _time_or_none(row.finished_at)
    return row.phase, *times, json_text(_plain(row.labels)), json_text(_plain(row.state)), row.uid


def node_columns(row: NodeRow) -> Columns:
    """For `put_node`."""
    return row.workflow_uid, row.node_id, row.phase, json_text(_plain(row.body))


def document_columns(row: DocumentRow) -> Columns:
    """For `put_document`."""
    return row.kind, row.namespace, row.name, json_text(_plain(row.body))


def state_columns(row: StateRow) -> Columns:
    """For `put_state`."""
    return row.machine, row.key, row.phase, row.group, json_text(_plain(row.body))


def event_columns(event: Event) -> Columns:
    """For `add_event`."""
    return event.id, event.source, event.subject, event.type, time_text(event.time), json_text(event.data)


def workflow_row(columns: Columns) -> WorkflowRow:
    """From the columns of the workflow queries."""
    uid, namespace, name, phase, created, started, finished, labels, manifest, state = columns
    return WorkflowRow(
        uid=uid,
        namespace=namespace,
        name=name,
        phase=phase,
        created_at=datetime.fromisoformat(created),
        started_at=datetime.fromisoformat(started) if started else None,
        finished_at=datetime.fromisoformat(finished) if finished else None,
        labels=json.loads(labels),
        manifest=json.loads(manifest),
        state=json.loads(state),
    )


def node_row(columns: Columns) -> NodeRow:
    """From the columns of `nodes`."""
    workflow_uid, node_id, phase, body = columns
    return NodeRow(workflow_uid, node_id, phase, json.loads(body))


def document_row(columns: Columns) -> DocumentRow:
    """From the columns of the document queries."""
    kind, namespace, name, body = columns
    return DocumentRow(kind, namespace, name, json.loads(body))


def state_row(columns: Columns) -> StateRow:
    """From the columns of the state queries."""
    machine, key, phase, body, group = columns
    return StateRow(machine, key, phase, json.loads(body), group)


def stored_event(columns: Columns) -> StoredEvent:
    """From the columns of the event queries."""
    seq, event_id, source, subject, kind, time, data = columns
    return StoredEvent(seq, Event(event_id, source, subject, kind, datetime.fromisoformat(time), json.loads(data)))


def sealed_record(columns: Columns) -> SealedRecord:
    """From the columns of `records`."""
    seq, entry, prev_hash, entry_hash = columns
    return SealedRecord(seq, entry, prev_hash, entry_hash)


def _plain(value: Mapping[str, Any]) -> dict[str, Any]:
    return value if isinstance(value, dict) else dict(value)


def _time_or_none(at: datetime | None) -> str | None:
    return time_text(at) if at else None
