"""What a sensor would do with some events: every dependency, filter, condition and parameter; nothing is carried out.

It is the machine itself that answers, with an empty bus before the first event.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tiphys.errors import InvalidManifest
from tiphys.events import envelope, filters, resolution
from tiphys.events.commands import Firing, Trace
from tiphys.events.envelope import Event
from tiphys.events.facts import EventArrived, SensorLoaded
from tiphys.events.filters import Finding
from tiphys.events.machine import TriggerMachine
from tiphys.events.parameters import ParameterError
from tiphys.events.plan import SensorPlan, Trigger
from tiphys.jsons import JsonObject, as_object


@dataclass(frozen=True, slots=True)
class Delivery:
    """An event at one dependency of a trigger: what its filters said, what became of it, and why."""

    event: str
    trigger: str
    dependency: str
    filters: tuple[Finding, ...]
    outcome: str
    reason: str


@dataclass(frozen=True, slots=True)
class ParameterValue:
    """Where a value went; `value` is None for one that is left out."""

    dest: str
    value: str | None


@dataclass(frozen=True, slots=True)
class WouldFire:
    """A trigger that would fire: with which events, parameters and what for; or why it would fail."""

    trigger: str
    events: Mapping[str, str]
    parameters: tuple[ParameterValue, ...]
    payload: Any
    error: str


@dataclass(frozen=True, slots=True)
class Waiting:
    """A trigger whose condition has not been met since it last was: the events it has, the dependencies without."""

    trigger: str
    condition: str
    received: Mapping[str, str]
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Simulation:
    """All of it, in the order of the events; `unmatched` are the events that no dependency names."""

    sensor: str
    deliveries: tuple[Delivery, ...]
    firings: tuple[WouldFire, ...]
    waiting: tuple[Waiting, ...]
    unmatched: tuple[str, ...]

    @property
    def would_fire(self) -> bool:
        """Whether any trigger would do something."""
        return any(not firing.error for firing in self.firings)


def simulate(plan: SensorPlan, events: Sequence[Event], at: datetime) -> Simulation:
    """What the sensor would do with the events, one after the other; `at` is the time it would happen."""
    machines = [TriggerMachine(plan, trigger) for trigger in plan.triggers]
    for machine in machines:
        machine.receive(SensorLoaded(at, 0))
    deliveries: list[Delivery] = []
    firings: list[WouldFire] = []
    for place, event in enumerate(events):
        for machine in machines:
            done = machine.receive(EventArrived(at, place + 1, event))
            deliveries += [_delivery(machine, trace, event) for trace in done.traces if trace.event_id == event.id]
            firings += [_would_fire(plan, machine.trigger, firing, events, at) for firing in done.firings]
    seen = {delivery.event for delivery in deliveries}
    return Simulation(
        sensor=f"{plan.namespace}/{plan.name}",
        deliveries=tuple(deliveries),
        firings=tuple(firings),
        waiting=tuple(_waiting(machine) for machine in machines if machine.waiting),
        unmatched=tuple(event.id for event in events if event.id not in seen),
    )


def read_event(document: JsonObject, *, default_id: str, at: datetime) -> Event:
    """An event from a file: a CloudEvent, or `{context, data}` as Argo Events shows one; raises `InvalidManifest`.

    `source` and `subject` must be there; `id`, `type` (webhook) and `time` (`at`) may be missing.
    """
    context = as_object(document.get("context")) or document
    source, subject = context.get("source"), context.get("subject")
    if not (isinstance(source, str) and source and isinstance(subject, str) and subject):
        raise InvalidManifest("an event needs `source` (the EventSource) and `subject` (the event's name), both text")
    try:
        time = datetime.fromisoformat(context["time"]) if "time" in context else at
    except (TypeError, ValueError) as error:
        raise InvalidManifest(f"the event's time {context['time']!r} is not RFC 3339") from error
    return envelope.of(
        event_id=str(context.get("id") or default_id),
        source=source,
        subject=subject,
        kind=str(context.get("type") or "webhook"),
        time=time if time.tzinfo else time.replace(tzinfo=at.tzinfo),
        data=document.get("data"),
    )


def _delivery(machine: TriggerMachine, trace: Trace, event: Event) -> Delivery:
    dependency = machine.plan.dependencies[trace.dependency]
    verdict = filters.judge(event, dependency.filters, dependency.filters_logical_operator)
    return Delivery(
        event.id, machine.trigger.name, trace.dependency, verdict.findings, trace.outcome.value, trace.reason
    )


def _would_fire(plan: SensorPlan, trigger: Trigger, firing: Firing, events: Sequence[Event], at: datetime) -> WouldFire:
    by_id = {event.id: event for event in events}
    used = {name: by_id[event_id] for name, event_id in firing.events.items()}
    try:
        applied = resolution.resolve(plan, trigger, used, at).applied
    except ParameterError as error:
        return WouldFire(trigger.name, firing.events, (), None, str(error))
    values = tuple(ParameterValue(each.parameter.dest, each.value) for each in applied)
    return WouldFire(trigger.name, firing.events, values, firing.payload, "")


def _waiting(machine: TriggerMachine) -> Waiting:
    received = {name: event.id for name, event in machine.waiting.items()}
    condition = machine.trigger.condition
    missing = tuple(name for name in condition.names if name not in received)
    return Waiting(machine.trigger.name, condition.text, received, missing)
