"""A sensor held against what is there: EventSources, their events, WorkflowTemplates.

On Argo Events a name that does not exist is no error; the sensor is green and never fires. Here it is refused when it
is loaded, with the nearest name that exists.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from tiphys.errors import Problem
from tiphys.events.compiling import DEFAULT_NAMESPACE, examine
from tiphys.events.findings import Findings
from tiphys.events.own_sources import OWN_SOURCES
from tiphys.jsons import as_object
from tiphys.manifest.events_model import EventDependency, EventSource, Sensor, Trigger
from tiphys.manifest.model import WorkflowTemplate


@dataclass(frozen=True, slots=True)
class _Templates:
    """The names of the templates that a sensor can submit, by scope."""

    namespaced: frozenset[tuple[str, str]]
    cluster: frozenset[str]

    def names(self, namespace: str, *, cluster_scope: bool) -> frozenset[str]:
        """Those that a Workflow of the namespace can name."""
        if cluster_scope:
            return self.cluster
        return frozenset(name for place, name in self.namespaced if place == namespace)


def validate_sensor(
    sensor: Sensor, event_sources: Iterable[EventSource], templates: Iterable[WorkflowTemplate]
) -> list[Problem]:
    """Everything that is wrong with a sensor, errors and warnings; paths count from the document's root.

    `templates` are WorkflowTemplates and ClusterWorkflowTemplates.
    """
    _, problems = examine(sensor)
    found = Findings(problems)
    known = events_of(event_sources)
    for place, dependency in enumerate(sensor.spec.dependencies):
        _check_event(dependency, f"spec.dependencies[{place}]", known, found)
    there = _templates(templates)
    for place, trigger in enumerate(sensor.spec.triggers):
        _check_template(sensor, trigger, f"spec.triggers[{place}].template.argoWorkflow", there, found)
    return found.problems


def events_of(event_sources: Iterable[EventSource]) -> dict[str, set[str]]:
    """The names of all events by EventSource, our own sources included."""
    known = {source: set(events) for source, events in OWN_SOURCES.items()}
    for each in event_sources:
        names = [*each.spec.webhook, *(name for events in each.spec.others.values() for name in events)]
        known.setdefault(each.metadata.name, set()).update(names)
    return known


def _check_event(given: EventDependency, path: str, known: Mapping[str, set[str]], found: Findings) -> None:
    source, event = given.event_source_name, given.event_name
    if not source or not event:
        return
    if source not in known:
        message = f"there is no EventSource {source!r}"
        found.unknown(f"{path}.eventSourceName", message, source, known, rule="unknown-event-source")
    elif event not in known[source]:
        message = f"the EventSource {source!r} has no event {event!r}"
        found.unknown(f"{path}.eventName", message, event, known[source], rule="unknown-event")


def _templates(templates: Iterable[WorkflowTemplate]) -> _Templates:
    namespaced: set[tuple[str, str]] = set()
    cluster: set[str] = set()
    for each in templates:
        if each.kind == "ClusterWorkflowTemplate":
            cluster.add(each.metadata.name)
        else:
            namespaced.add((each.metadata.namespace or DEFAULT_NAMESPACE, each.metadata.name))
    return _Templates(frozenset(namespaced), frozenset(cluster))


def _check_template(sensor: Sensor, trigger: Trigger, path: str, there: _Templates, found: Findings) -> None:
    """A template that is named in the manifest itself must exist; one that a parameter names is seen when it fires."""
    verb = trigger.template.argo_workflow if trigger.template else None
    if verb is None or verb.source is None or not verb.source.resource:
        return
    place = "spec.workflowTemplateRef"
    if any(place.startswith(each.dest) or each.dest.startswith(place) for each in verb.parameters):
        return
    if any(each.dest.startswith("argoWorkflow") for each in trigger.parameters):
        return
    resource = verb.source.resource
    reference = as_object(as_object(resource.get("spec")).get("workflowTemplateRef"))
    name = str(reference.get("name", ""))
    if not name:
        return
    namespace = as_object(resource.get("metadata")).get("namespace") or sensor.metadata.namespace or DEFAULT_NAMESPACE
    cluster = bool(reference.get("clusterScope"))
    names = there.names(str(namespace), cluster_scope=cluster)
    if name not in names:
        kind = "ClusterWorkflowTemplate" if cluster else f"WorkflowTemplate in namespace {namespace}"
        message = f"there is no {kind} {name!r}"
        found.unknown(f"{path}.source.resource.{place}.name", message, name, names, rule="unknown-template")
