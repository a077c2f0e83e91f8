"""Sensors, events and the short way through the machine for the tests of this room."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from tiphys.events import conditions, envelope
from tiphys.events.commands import Transition
from tiphys.events.envelope import Event
from tiphys.events.facts import EventArrived, Fact, SensorLoaded
from tiphys.events.machine import TriggerMachine
from tiphys.events.plan import RetryStrategy, SensorPlan, Trigger
from tiphys.manifest.events_model import (
    EventDependency,
    EventDependencyFilter,
    TriggerParameter,
    TriggerParameterSource,
)

NOW = datetime(2026, 1, 15, 10, 30, tzinfo=UTC)


def later(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def event(event_id: str, subject: str = "a", body: object = None, source: str = "hook") -> Event:
    data = {"header": {}, "body": body}
    return envelope.of(event_id=event_id, source=source, subject=subject, kind="webhook", time=NOW, data=data)


def take(dependency: str, key: str, dest: str, value: str | None = None) -> TriggerParameter:
    return TriggerParameter(
        src=TriggerParameterSource(dependency_name=dependency, data_key=key, value=value), dest=dest
    )


WORKFLOW = {
    "apiVersion": "argoproj.io/v1alpha1",
    "kind": "Workflow",
    "metadata": {"generateName": "heal-"},
    "spec": {"workflowTemplateRef": {"name": "restart"}},
}


def submit(
    *dependencies: str,
    condition: str = "",
    retry: RetryStrategy | None = None,
    parameters: tuple[TriggerParameter, ...] = (),
) -> Trigger:
    verb = {
        "operation": "submit",
        "source": {"resource": WORKFLOW},
        "parameters": [each.model_dump(by_alias=True) for each in parameters],
    }
    return Trigger(
        name="go",
        kind="argoWorkflow",
        template={"name": "go", "argoWorkflow": verb},
        condition=conditions.parse(condition, dependencies),
        retry=retry or RetryStrategy(),
    )


def on(name: str, subject: str, filters: EventDependencyFilter | None = None) -> EventDependency:
    return EventDependency(name=name, event_source_name="hook", event_name=subject, filters=filters)


def plan_of(trigger: Trigger, *dependencies: str | EventDependency) -> SensorPlan:
    """A sensor whose dependency `a` is the event `hook/a`, and so on."""
    whole = [on(each, each) if isinstance(each, str) else each for each in dependencies]
    return SensorPlan("ops", "healer", {each.name: each for each in whole}, (trigger,))


def machine_of(trigger: Trigger, *dependencies: str) -> TriggerMachine:
    machine = TriggerMachine(plan_of(trigger, *dependencies), trigger)
    machine.receive(SensorLoaded(NOW, 0))
    return machine


def arrived(seq: int, arriving: Event) -> EventArrived:
    return EventArrived(later(seq), seq, arriving)


def run(machine: TriggerMachine, *facts: Fact) -> list[Transition]:
    return [machine.receive(fact) for fact in facts]
