"""From a trigger and its events to what is done: the Workflow with every parameter put in, named; or the log lines.

A Workflow's name is never left to chance: the same trigger with the same events always makes the same name, so that
doing it twice cannot make two workflows. It must not know who carries it out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import ValidationError

from tiphys import ids
from tiphys.events import parameters, rawjson
from tiphys.events.envelope import Event
from tiphys.events.parameters import Applied, ParameterError
from tiphys.events.plan import SensorPlan, Trigger
from tiphys.jsons import as_object, is_object
from tiphys.manifest.events_model import ArgoWorkflowTrigger

SENSOR_LABEL = "events.argoproj.io/sensor"
TRIGGER_LABEL = "events.argoproj.io/trigger"
TIMESTAMP_LABEL = "events.argoproj.io/action-timestamp"
"""The labels that Argo Events gives to what a trigger makes; the last is in milliseconds since 1970."""
ORIGIN_ANNOTATION = "tiphys.dev/origin"
"""Says of two Workflows of one name whether the same was wanted.

It is the same for the same trigger and events or, where a parameter sets the name, for the same trigger and name: a
name out of the event is its author's own word for `once`.
"""
SUBMIT = "submit"
"""The operation of `argoWorkflow` that there is on this floor."""


@dataclass(frozen=True, slots=True)
class Resolution:
    """What a firing does, and the value of every parameter on the way."""

    payload: Any
    applied: tuple[Applied, ...]


def firing_id(plan: SensorPlan, trigger: Trigger, events: Mapping[str, Event]) -> str:
    """The same for the same trigger and events, for ever."""
    return ids.derived_name(trigger.name, *_identity(plan, trigger, events))


def resolve(plan: SensorPlan, trigger: Trigger, events: Mapping[str, Event], at: datetime) -> Resolution:
    """What the trigger does with these events; raises `ParameterError`."""
    template, first = parameters.apply(dict(trigger.template), trigger.parameters, events)
    if trigger.kind == "log":
        return Resolution([_log_line(name, event) for name, event in events.items()], tuple(first))
    verb = _verb(template)
    resource, second = parameters.apply(verb.source and verb.source.resource, verb.parameters, events)
    applied = (*first, *second)
    identity = _identity(plan, trigger, events)
    resource = _named(resource, plan.namespace, identity)
    if any(each.value is not None and each.parameter.dest.endswith("metadata.name") for each in applied):
        identity = (plan.namespace, plan.name, trigger.name, resource["metadata"]["name"])
    labels = {
        SENSOR_LABEL: plan.name,
        TRIGGER_LABEL: trigger.name,
        TIMESTAMP_LABEL: str(int(at.timestamp() * 1000)),
    }
    return Resolution(_marked(resource, labels, ids.derived_name(trigger.name, *identity)), applied)


def _verb(template: object) -> ArgoWorkflowTrigger:
    """The `argoWorkflow` of a template, in whatever state its parameters have left it."""
    try:
        verb = ArgoWorkflowTrigger.model_validate(as_object(template).get("argoWorkflow"))
    except ValidationError as error:
        raise ParameterError(
            f"the trigger's parameters have broken its template: {error.errors()[0]['msg']}"
        ) from error
    if verb.operation != SUBMIT:
        raise ParameterError(f"operation {verb.operation!r} is not supported yet")
    return verb


def _named(resource: object, namespace: str, identity: tuple[str, ...]) -> dict[str, Any]:
    """The Workflow in its namespace, under its own name or one that is derived from where it comes from."""
    if not is_object(resource) or resource.get("kind") != "Workflow":
        raise ParameterError("what the parameters have made is not a Workflow")
    metadata = as_object(resource.get("metadata"))
    name, prefix = metadata.get("name"), metadata.get("generateName")
    if not name and not prefix:
        raise ParameterError("the Workflow has neither metadata.name nor metadata.generateName")
    if not isinstance(name or prefix, str):
        raise ParameterError("the Workflow's name is not text")
    name = name or ids.derived_name(str(prefix), *identity)
    return {**resource, "metadata": {**metadata, "name": name, "namespace": metadata.get("namespace") or namespace}}


def _marked(resource: dict[str, Any], labels: Mapping[str, str], origin: str) -> dict[str, Any]:
    """The Workflow with the marks of where it comes from."""
    metadata = resource["metadata"]
    marks = {
        "labels": {**as_object(metadata.get("labels")), **labels},
        "annotations": {**as_object(metadata.get("annotations")), ORIGIN_ANNOTATION: origin},
    }
    return {**resource, "metadata": {**metadata, **marks}}


def _identity(plan: SensorPlan, trigger: Trigger, events: Mapping[str, Event]) -> tuple[str, ...]:
    return (plan.namespace, plan.name, trigger.name, *(f"{name}={event.id}" for name, event in sorted(events.items())))


def _log_line(dependency: str, event: Event) -> dict[str, Any]:
    return {"dependencyName": dependency, "context": event.context(), "data": _decoded(event)}


def _decoded(event: Event) -> Any:  # noqa: ANN401 - any JSON value
    value = rawjson.parse(event.data or "null")
    return event.data if value is None else rawjson.load(value)
