"""Documents as Argo's typed objects are written: which empty fields are always there, and which keys never are. Pure.

Argo: the json tags of pkg/apis/workflow/v1alpha1/workflow_types.go (fields without `omitempty`), as recorded in
conformance/api/README.md, 3.4. Nothing else is filled in, and nothing that the author wrote is taken out.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tiphys.jsons import JsonObject, as_list, as_object, is_object

_ALWAYS_IN_TEMPLATE = ("inputs", "outputs", "metadata")
_CONTAINERS = ("container", "script")
_CONTAINER_LISTS = ("initContainers", "sidecars")


def workflow_object(document: Mapping[str, Any]) -> JsonObject:
    """A Workflow as it is answered: without kind and apiVersion, with its `status`."""
    shaped = template_object(document)
    status = {"startedAt": None, "finishedAt": None, **as_object(document.get("status"))}
    nodes = as_object(status.get("nodes"))
    if nodes:
        status["nodes"] = {key: _node(as_object(node)) for key, node in nodes.items()}
    return {**shaped, "status": status}


def template_object(document: Mapping[str, Any]) -> JsonObject:
    """A WorkflowTemplate or ClusterWorkflowTemplate as it is answered: without kind, apiVersion and status."""
    metadata = {key: value for key, value in as_object(document.get("metadata")).items() if value not in (None, "", {})}
    return {"metadata": metadata, "spec": _spec(as_object(document.get("spec")))}


def _node(node: JsonObject) -> JsonObject:
    return {"id": "", "name": "", "type": "", "startedAt": None, "finishedAt": None, **node}


def _spec(spec: JsonObject) -> JsonObject:
    shaped = _with_hooks({**spec, "arguments": as_object(spec.get("arguments"))})
    if spec.get("templates"):
        shaped["templates"] = [_template(as_object(template)) for template in as_list(spec["templates"])]
    if is_object(spec.get("templateDefaults")):
        shaped["templateDefaults"] = _template(spec["templateDefaults"])
    return _present(shaped)


def _template(template: JsonObject) -> JsonObject:
    shaped = {**template, **{key: as_object(template.get(key)) for key in _ALWAYS_IN_TEMPLATE}}
    for key in _CONTAINERS:
        if is_object(template.get(key)):
            shaped[key] = _container(template[key], script=key == "script")
    for key in _CONTAINER_LISTS:
        if template.get(key):
            shaped[key] = [_container(as_object(item), script=False) for item in as_list(template[key])]
    if template.get("steps") is not None:
        shaped["steps"] = [[_call(as_object(step)) for step in as_list(group)] for group in as_list(template["steps"])]
    if is_object(template.get("dag")):
        tasks = [_call(as_object(task)) for task in as_list(template["dag"].get("tasks"))]
        shaped["dag"] = {**template["dag"], "tasks": tasks}
    return _present(shaped)


def _container(container: JsonObject, *, script: bool) -> JsonObject:
    always: JsonObject = {"name": "", "resources": {}, "source": ""} if script else {"name": "", "resources": {}}
    return {**always, **_present(container)}


def _call(call: JsonObject) -> JsonObject:
    shaped = _with_hooks({**call, "arguments": as_object(call.get("arguments"))})
    if is_object(call.get("inline")):
        shaped["inline"] = _template(call["inline"])
    return _present(shaped)


def _with_hooks(holder: JsonObject) -> JsonObject:
    hooks = as_object(holder.get("hooks"))
    if not hooks:
        return holder
    shaped = {
        name: {**as_object(hook), "arguments": as_object(as_object(hook).get("arguments"))}
        for name, hook in hooks.items()
    }
    return {**holder, "hooks": shaped}


def _present(value: JsonObject) -> JsonObject:
    """Without the keys that are null: Go cannot tell them from absent ones."""
    return {key: item for key, item in value.items() if item is not None}
