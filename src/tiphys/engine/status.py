"""Argo's status object, made from the machine's state and node bodies: what `GET` returns. Pure.

Argo: pkg/apis/workflow/v1alpha1/workflow_types.go (WorkflowStatus), workflow/progress/updater.go, v4.1.2.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from tiphys.engine import node as nodes
from tiphys.engine import phases
from tiphys.jsons import JsonObject, as_object

_WORKING: Final = frozenset((nodes.POD, nodes.SUSPEND))
"""The types of nodes that count in the progress of a workflow."""


def render_status(state: Mapping[str, Any], bodies: Iterable[Mapping[str, Any]]) -> JsonObject:
    """The `status` of a Workflow; `state` and `bodies` are as in its rows (before `Submitted`: an empty status)."""
    if not state.get("phase"):
        return {}
    shown = {body["id"]: _render_node(body) for body in bodies}
    working = [body for body in shown.values() if body["type"] in _WORKING]
    done = sum(body["phase"] == phases.SUCCEEDED for body in working)
    status: JsonObject = {
        "phase": state["phase"],
        "startedAt": _seconds(state.get("startedAt")),
        "finishedAt": _seconds(state.get("finishedAt")),
        "progress": f"{done}/{len(working)}",
    }
    if state.get("message"):
        status["message"] = state["message"]
    if shown:
        status["nodes"] = shown
    if outputs := as_object(state.get("outputs")):
        status["outputs"] = {"parameters": [{"name": name, "value": value} for name, value in outputs.items()]}
    status["conditions"] = _conditions(state, working)
    if stored := _stored_spec(state):
        status["storedWorkflowTemplateSpec"] = stored
    return status


def render_annotations(state: Mapping[str, Any]) -> dict[str, str]:
    """The annotations that a workflow has got by running, to be laid over those of its document."""
    return dict(state.get("annotations") or {})


def _render_node(body: Mapping[str, Any]) -> JsonObject:
    shown = {key: value for key, value in body.items() if key != nodes.OWN}
    shown["startedAt"] = _seconds(body.get("startedAt"))
    shown["finishedAt"] = _seconds(body.get("finishedAt"))
    if body["type"] in _WORKING:
        shown["progress"] = "1/1" if body["phase"] == phases.SUCCEEDED else "0/1"
    return shown


def _conditions(state: Mapping[str, Any], working: Iterable[Mapping[str, Any]]) -> list[JsonObject]:
    running = any(body["type"] == nodes.POD and body["phase"] == phases.RUNNING for body in working)
    conditions: list[JsonObject] = [{"type": "PodRunning", "status": str(running)}]
    if state["phase"] in phases.COMPLETED:
        conditions.append({"type": "Completed", "status": "True"})
    return conditions


def _stored_spec(state: Mapping[str, Any]) -> JsonObject | None:
    """The merged spec of a workflow that was submitted by reference."""
    resolved = as_object(state.get("resolved"))
    if resolved.get("scope") != "local/":
        return None
    local = as_object(as_object(resolved["templates"]).get("local/"))
    return {**as_object(resolved["spec"]), "templates": list(local.values())}


def _seconds(text: str | None) -> str | None:
    """A time in whole seconds, as Argo keeps it."""
    return f"{text[:19]}Z" if text else None
