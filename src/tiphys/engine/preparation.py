"""What is done once before anything runs: global parameters, tags in the spec, labels. Pure.

Argo: workflow/controller/operator.go (setGlobalParameters, substituteGlobalVariables, updateWorkflowMetadata), v4.1.2.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from tiphys.engine.failures import CallFailed
from tiphys.engine.parameters import config_map_value
from tiphys.engine.run import Run
from tiphys.engine.texts import fill, fill_tree
from tiphys.engine.uses import argument_bodies
from tiphys.engine.variables import described, workflow_parameters
from tiphys.jsons import JsonObject, as_object
from tiphys.lang import gotext, labels
from tiphys.manifest import resolve
from tiphys.manifest.model import WorkflowSpec

PREFIX: Final = "workflows.argoproj.io/"
"""Of Argo's own labels and annotations."""


def prepare(run: Run) -> None:
    """Makes the workflow's parameters known and fills the tags of the spec; those of templates when they are called.

    Raises `CallFailed` for a parameter without a value.
    """
    plan = run.plan
    bodies = [_valued(run, body) for body in argument_bodies(plan.spec.arguments).values()]
    run.globals.known |= workflow_parameters(bodies)
    wire = resolve.as_wire(plan.spec)
    filled = fill_tree(wire, lambda text: fill(text, run.globals))
    if filled != wire:
        plan.spec = WorkflowSpec.model_validate(filled)
    run.globals.known |= described(as_object(plan.spec.workflow_metadata))
    run.workflow_arguments = argument_bodies(plan.spec.arguments)


def add_labels(run: Run, live: dict[str, str], manifest: Mapping[str, Any]) -> str:
    """Adds the labels of `workflowMetadata` and of the reference to the live ones.

    Returns what is wrong with them, in Argo's words; empty when nothing is.
    """
    metadata = as_object(run.plan.spec.workflow_metadata)
    for name, value in as_object(metadata.get("labels")).items():
        if problems := labels.value_problems(value):
            return f'invalid label value {gotext.quote(value)} for label "{name}": {";".join(problems)}'
        live[name] = value
    ref = as_object(as_object(manifest.get("spec")).get("workflowTemplateRef"))
    if ref:
        kind = "cluster-workflow-template" if ref.get("clusterScope") else "workflow-template"
        live[PREFIX + kind] = ref.get("name", "")
    return ""


def _valued(run: Run, body: JsonObject) -> JsonObject:
    """A workflow parameter with its value; raises `CallFailed` when it has none."""
    if "value" in body:
        return body
    source = as_object(body.get("valueFrom"))
    if "configMapKeyRef" not in source:
        raise CallFailed(f"either value or valueFrom must be specified in order to set global parameter {body['name']}")
    ref = as_object(source["configMapKeyRef"])
    try:
        return body | {"value": config_map_value(run, ref)}
    except CallFailed as error:
        if "default" in source:
            return body | {"value": source["default"]}
        raise CallFailed(
            f"failed to set global parameter {body['name']} from configmap with name {ref.get('name')}"
            f" and key {ref.get('key')}: {error}"
        ) from error
