"""Both ends of a workflow: its first row, its last event, how it breaks, and the object that users see."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from tiphys.controllers.ports import Event, JsonObject, WorkflowRow
from tiphys.engine.status import render_status
from tiphys.engine.variables import time_text
from tiphys.events.own_sources import TIPHYS, WORKFLOW_ENDED
from tiphys.jsons import as_object


def new_row(manifest: JsonObject, at: datetime) -> WorkflowRow:
    """The row of a workflow that has not been looked at yet."""
    metadata = as_object(manifest["metadata"])
    return WorkflowRow(
        uid=metadata["uid"],
        namespace=metadata["namespace"],
        name=metadata["name"],
        phase="",
        created_at=at,
        manifest=manifest,
        state={},
        labels=as_object(metadata.get("labels")),
    )


def broken_row(row: WorkflowRow, phase: str, message: str, at: datetime) -> WorkflowRow:
    """The workflow ended from outside its machine, with a message."""
    labels = {
        **row.labels,
        "workflows.argoproj.io/phase": phase,
        "workflows.argoproj.io/completed": "true",
    }
    started_at = row.started_at or at
    state = {
        **row.state,
        "phase": phase,
        "message": message,
        "labels": labels,
        "startedAt": time_text(started_at),
        "finishedAt": time_text(at),
    }
    return replace(row, phase=phase, state=state, labels=labels, started_at=started_at, finished_at=at)


def ended_event(row: WorkflowRow, bodies: Iterable[Mapping[str, Any]], at: datetime) -> Event:
    """What the bus is told of an ending: identity, phase, message, labels and outputs."""
    status = render_status(row.state, bodies)
    told = {
        "namespace": row.namespace,
        "name": row.name,
        "uid": row.uid,
        "phase": row.phase,
        "message": status.get("message", ""),
        "labels": dict(row.labels),
        "outputs": status.get("outputs", {}),
    }
    return Event(f"{WORKFLOW_ENDED}/{row.uid}", TIPHYS, WORKFLOW_ENDED, TIPHYS, at, told)


def render_workflow(row: WorkflowRow, bodies: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """The Workflow object as Argo's `GET` returns it."""
    metadata = {**as_object(row.manifest["metadata"]), "labels": dict(row.labels)}
    if not row.labels:
        del metadata["labels"]
    return {**row.manifest, "metadata": metadata, "status": render_status(row.state, bodies)}
