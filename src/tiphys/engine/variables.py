"""The names that tags may use of the workflow, and what is known of a node by name. Pure.

Argo: workflow/controller/operator.go (setGlobalParameters, buildLocalScope), v4.1.2.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from tiphys.engine import node as nodes
from tiphys.engine.node import Node
from tiphys.engine.texts import MISSING, Names
from tiphys.jsons import JsonObject, as_list, as_object
from tiphys.lang import gojson, gotext, strftime
from tiphys.manifest.model import WorkflowSpec

SCHEDULED_TIME: Final = "workflows.argoproj.io/scheduled-time"
"""The annotation that a CronWorkflow leaves on its workflows."""
_LETTERS: Final = "BbmAadHIMSYypZzL"
"""`workflow.creationTimestamp.<letter>` exists for these letters of strftime (Argo: util/strftime)."""


def time_text(at: datetime | None) -> str:
    """Argo's text of a time: RFC 3339 in whole seconds, UTC; empty for none."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if at else ""


class Globals(Names):
    """The names under `workflow.`; the moving ones are asked for through `moving` when they are wanted."""

    def __init__(self, uid: str, metadata: JsonObject, spec: WorkflowSpec) -> None:
        self.workflow_name = str(metadata["name"])
        self.known: dict[str, object] = _fixed(uid, metadata, spec)
        self.moving: dict[str, Callable[[], str | None]] = {}

    def find(self, name: str) -> object:
        """The value of a name under `workflow.`."""
        value = self.known.get(name, MISSING)
        if value is MISSING and name in self.moving:
            moved = self.moving[name]()
            return MISSING if moved is None else moved
        return value


def _fixed(uid: str, metadata: JsonObject, spec: WorkflowSpec) -> dict[str, object]:
    created = datetime.fromisoformat(metadata["creationTimestamp"]).astimezone(UTC)
    values: dict[str, object] = {
        "workflow.name": metadata["name"],
        "workflow.namespace": metadata.get("namespace", ""),
        "workflow.mainEntrypoint": spec.entrypoint,
        "workflow.serviceAccountName": spec.service_account_name,
        "workflow.uid": uid,
        "workflow.creationTimestamp": time_text(created),
        "workflow.creationTimestamp.RFC3339": time_text(created),
        "workflow.creationTimestamp.s": str(int(created.timestamp())),
    }
    values |= {
        f"workflow.creationTimestamp.{letter}": strftime.format_time(f"%{letter}", created) for letter in _LETTERS
    }
    if spec.priority is not None:
        values["workflow.priority"] = str(spec.priority)
    annotations = as_object(metadata.get("annotations"))
    if SCHEDULED_TIME in annotations:
        values["workflow.scheduledTime"] = annotations[SCHEDULED_TIME]
    for kind in ("labels", "annotations"):
        values[f"workflow.{kind}"] = values[f"workflow.{kind}.json"] = gojson.encode(metadata.get(kind) or None)
    return values | described(metadata)


def described(metadata: JsonObject) -> dict[str, object]:
    """The names of labels and annotations, of the document or of `workflowMetadata`."""
    return {
        f"workflow.{kind}.{key}": value
        for kind in ("labels", "annotations")
        for key, value in as_object(metadata.get(kind)).items()
    }


def workflow_parameters(parameters: list[JsonObject]) -> dict[str, object]:
    """The names of the workflow's parameters, which have values."""
    text = encode_struct(parameters) if parameters else "null"
    values: dict[str, object] = {"workflow.parameters": text, "workflow.parameters.json": text}
    return values | {f"workflow.parameters.{p['name']}": p["value"] for p in parameters if "value" in p}


def encode_struct(value: Any) -> str:  # noqa: ANN401 - a JSON value
    """JSON as Go writes a struct: in the order of the fields, `<`, `>` and `&` escaped."""
    if isinstance(value, dict):
        return "{" + ",".join(f"{gojson.encode_string(str(k))}:{encode_struct(v)}" for k, v in value.items()) + "}"  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
    if isinstance(value, list):
        return "[" + ",".join(encode_struct(item) for item in value) + "]"  # pyright: ignore[reportUnknownVariableType]
    return gojson.encode(value)


def last_attempt(node: Node, all_nodes: Mapping[str, Node]) -> Node:
    """The node whose outputs count: of a Retry node its last attempt, else itself."""
    if node.type == nodes.RETRY:
        for child_id in reversed(node.children):
            child = all_nodes[child_id]
            if not child.hooked:
                return child
    return node


def node_variable(node: Node, rest: str) -> object:
    """What `steps.<name>.<rest>` or `tasks.<name>.<rest>` says of a node."""
    match rest:
        case "id":
            return node.id
        case "status":
            return node.phase
        case "startedAt":
            return time_text(node.started_at) or MISSING
        case "finishedAt":
            return time_text(node.finished_at) or MISSING
        case _:
            return _output(node.outputs, rest)


def _output(outputs: JsonObject | None, rest: str) -> object:
    if outputs is None:
        return MISSING
    if rest == "exitCode":
        return outputs.get("exitCode", MISSING)
    if rest == "outputs.result":
        return outputs.get("result", MISSING)
    if rest.startswith("outputs.parameters."):
        name = rest.removeprefix("outputs.parameters.")
        for parameter in as_list(outputs.get("parameters")):
            if parameter["name"] == name:
                return parameter.get("value", MISSING)
    return MISSING


def failures_text(failed: list[JsonObject]) -> str:
    """`workflow.failures`: a JSON list as a quoted text."""
    return gotext.quote(encode_struct(failed) if failed else "null")
