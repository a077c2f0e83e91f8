"""One trigger of one sensor: facts in, transition out. Pure.

Each trigger is a machine of its own, as in Argo Events: its own subscriptions, waiting events and firings. An event
is offered to every dependency of the trigger that names it; a dependency's position on the bus makes the same event
twice a no-op. A firing is durable, with its Workflow resolved and named, before anything is done about it.

Argo: pkg/eventbus/jetstream/sensor/trigger_conn.go and pkg/sensors/listener.go, v1.9.11.
Differs: a firing is kept until its end and `retryStrategy` counts with and without `atLeastOnce`, where Argo Events
loses a firing that fails or crashes (tests/unit/events/test_machine.py). Retries have no jitter: one machine, no herd.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, assert_never

from tiphys.audit.record import Canonical, Record
from tiphys.events import envelope, filters, resolution
from tiphys.events.commands import (
    Command,
    Firing,
    FiringPhase,
    SubmitWorkflow,
    Trace,
    TraceOutcome,
    Transition,
    WriteLog,
)
from tiphys.events.envelope import Event
from tiphys.events.facts import EventArrived, Fact, SensorLoaded, TriggerFailed, TriggerSucceeded, Woken
from tiphys.events.parameters import ParameterError
from tiphys.events.plan import SensorPlan, Trigger
from tiphys.jsons import as_object
from tiphys.manifest.events_model import EventDependency


class TriggerMachine:
    """The state of a trigger; `state` and the open firings (`pending`) are what an earlier machine gave out."""

    def __init__(
        self,
        plan: SensorPlan,
        trigger: Trigger,
        state: Mapping[str, Any] | None = None,
        pending: Iterable[Firing] = (),
    ) -> None:
        state = state or {}
        self.plan = plan
        self.trigger = trigger
        self._condition_text: str | None = state.get("condition")
        self._subjects: dict[str, str] = dict(as_object(state.get("subjects")))
        self._positions: dict[str, int] = dict(as_object(state.get("positions")))
        waiting = as_object(state.get("waiting"))
        self._waiting: dict[str, Event] = {name: envelope.from_json(body) for name, body in waiting.items()}
        self._pending: dict[str, Firing] = {firing.id: firing for firing in pending}

    @property
    def dependencies(self) -> Sequence[EventDependency]:
        """What the trigger listens to, in the order of its condition."""
        return [self.plan.dependencies[name] for name in self.trigger.condition.names]

    @property
    def waiting(self) -> Mapping[str, Event]:
        """The events that wait for others, by dependency."""
        return self._waiting

    def receive(self, fact: Fact) -> Transition:
        """What the fact changes."""
        match fact:
            case SensorLoaded():
                return self._loaded(fact)
            case EventArrived():
                return self._arrived(fact)
            case TriggerSucceeded():
                return self._succeeded(fact)
            case TriggerFailed():
                return self._failed(fact)
            case Woken():
                return self._woken(fact)
            case _:
                assert_never(fact)

    def _loaded(self, fact: SensorLoaded) -> Transition:
        """Begins new dependencies at the head, forgets what waits under a changed spec, takes up open firings."""
        before = self._state()
        subjects = {each.name: f"{each.event_source_name}/{each.event_name}" for each in self.dependencies}
        reset = self._condition_text != self.trigger.condition.text
        kept = {name for name, subject in subjects.items() if self._subjects.get(name) == subject}
        forgotten = {name: event for name, event in self._waiting.items() if reset or name not in kept}
        self._waiting = {name: event for name, event in self._waiting.items() if name not in forgotten}
        self._positions = {name: self._positions[name] if name in kept else fact.head for name in subjects}
        self._subjects, self._condition_text = subjects, self.trigger.condition.text
        return Transition(
            state=self._changed(before),
            traces=[
                Trace(event.id, name, TraceOutcome.RESET, "the sensor was changed") for name, event in forgotten.items()
            ],
            commands=[self._command(firing) for firing in self._pending.values() if firing.retry_at is None],
            wake_at=self._wake_at(),
        )

    def _arrived(self, fact: EventArrived) -> Transition:
        done = Transition(wake_at=self._wake_at())
        dependencies = [each for each in self.dependencies if self._is_new(each, fact)]
        if not dependencies:
            return done
        for dependency in dependencies:
            self._positions[dependency.name] = fact.seq
            done = _joined(done, self._offered(dependency, fact))
        return replace(done, state=self._state())

    def _is_new(self, dependency: EventDependency, fact: EventArrived) -> bool:
        named = (dependency.event_source_name, dependency.event_name) == (fact.event.source, fact.event.subject)
        return named and fact.seq > self._positions.get(dependency.name, 0)

    def _offered(self, dependency: EventDependency, fact: EventArrived) -> Transition:
        """One dependency takes the event or filters it."""
        name, event = dependency.name, fact.event
        verdict = filters.judge(event, dependency.filters, dependency.filters_logical_operator)
        if not verdict.passed:
            data: dict[str, Canonical] = {"dependency": name, "event": event.id, "reason": verdict.reason}
            trace = Trace(event.id, name, TraceOutcome.FILTERED, verdict.reason)
            return Transition(traces=[trace], records=[self._record("sensor.filtered", fact.at, data)])
        if not self.trigger.condition.keeps_events:
            return self._fired({name: event}, fact.at)
        replaced = self._waiting.get(name)
        traces = [Trace(replaced.id, name, TraceOutcome.REPLACED, f"by {event.id}")] if replaced else []
        self._waiting[name] = event
        if not self.trigger.condition.is_met(self._waiting.keys()):
            reason = f"for {self.trigger.condition.text}"
            return Transition(traces=[*traces, Trace(event.id, name, TraceOutcome.WAITING, reason)])
        events, self._waiting = self._waiting, {}
        return _joined(Transition(traces=traces), self._fired(events, fact.at))

    def _fired(self, events: Mapping[str, Event], at: datetime) -> Transition:
        """A new firing, with its command or, when a parameter cannot be had, already failed."""
        identity = resolution.firing_id(self.plan, self.trigger, events)
        firing = Firing(identity, FiringPhase.PENDING, at, {name: event.id for name, event in events.items()}, None)
        traces = [Trace(event.id, name, TraceOutcome.FIRED, firing_id=identity) for name, event in events.items()]
        try:
            payload = resolution.resolve(self.plan, self.trigger, events, at).payload
        except ParameterError as error:
            firing = replace(firing, phase=FiringPhase.FAILED, message=str(error))
            return Transition(
                firings=[firing], traces=traces, records=[self._firing_record("sensor.failed", firing, at)]
            )
        firing = replace(firing, payload=payload)
        self._pending[identity] = firing
        records = [self._firing_record("sensor.fired", firing, at)]
        return Transition(firings=[firing], traces=traces, commands=[self._command(firing)], records=records)

    def _succeeded(self, fact: TriggerSucceeded) -> Transition:
        firing = self._open(fact)
        if firing is None:
            return Transition(wake_at=self._wake_at())
        del self._pending[firing.id]
        message = "it had been submitted before" if fact.existed else ""
        firing = replace(firing, phase=FiringPhase.SUCCEEDED, message=message)
        record = self._firing_record("sensor.succeeded", firing, fact.at)
        return Transition(firings=[firing], records=[record], wake_at=self._wake_at())

    def _failed(self, fact: TriggerFailed) -> Transition:
        """The next attempt is planned, or the firing has failed for good."""
        firing = self._open(fact)
        if firing is None:
            return Transition(wake_at=self._wake_at())
        retry = self.trigger.retry
        firing = replace(firing, message=fact.message)
        if firing.attempts < retry.steps and not fact.for_good:
            waits = timedelta(seconds=retry.duration_s * retry.factor ** (firing.attempts - 1))
            firing = replace(firing, retry_at=fact.at + waits)
            self._pending[firing.id] = firing
        else:
            del self._pending[firing.id]
            firing = replace(firing, phase=FiringPhase.FAILED)
        kind = "sensor.failed" if firing.phase is FiringPhase.FAILED else "sensor.attempt-failed"
        return Transition(
            firings=[firing], records=[self._firing_record(kind, firing, fact.at)], wake_at=self._wake_at()
        )

    def _woken(self, fact: Woken) -> Transition:
        due = [each for each in self._pending.values() if each.retry_at is not None and each.retry_at <= fact.at]
        again = [replace(firing, attempts=firing.attempts + 1, retry_at=None) for firing in due]
        self._pending.update({firing.id: firing for firing in again})
        return Transition(firings=again, commands=[self._command(firing) for firing in again], wake_at=self._wake_at())

    def _open(self, fact: TriggerSucceeded | TriggerFailed) -> Firing | None:
        """The firing whose running attempt the fact is about; None when it has ended or is at another attempt."""
        firing = self._pending.get(fact.firing_id)
        return firing if firing and firing.retry_at is None and firing.attempts == fact.attempt else None

    def _command(self, firing: Firing) -> Command:
        if self.trigger.kind == "log":
            return WriteLog(firing.id, firing.attempts, firing.payload)
        return SubmitWorkflow(firing.id, firing.attempts, firing.payload)

    def _wake_at(self) -> datetime | None:
        return min((firing.retry_at for firing in self._pending.values() if firing.retry_at), default=None)

    def _state(self) -> dict[str, Any]:
        return {
            "condition": self._condition_text,
            "subjects": self._subjects,
            "positions": dict(self._positions),
            "waiting": {name: event.as_json() for name, event in self._waiting.items()},
        }

    def _changed(self, before: Mapping[str, Any]) -> Mapping[str, Any] | None:
        after = self._state()
        return None if after == before else after

    def _firing_record(self, kind: str, firing: Firing, at: datetime) -> Record:
        data: dict[str, Canonical] = {
            "firing": firing.id,
            "events": dict[str, Canonical](firing.events),
            "attempt": firing.attempts,
            "workflow": firing.workflow or None,
            "message": firing.message or None,
        }
        return self._record(kind, at, data, subject=firing.workflow)

    def _record(self, kind: str, at: datetime, data: dict[str, Canonical], subject: str = "") -> Record:
        sensor = f"{self.plan.namespace}/{self.plan.name}"
        return Record(kind, subject or sensor, f"sensor:{sensor}", at, {"trigger": self.trigger.name, **data})


def _joined(first: Transition, second: Transition) -> Transition:
    """Both, one after the other; state and timer are set once at the end."""
    return replace(
        first,
        firings=[*first.firings, *second.firings],
        traces=[*first.traces, *second.traces],
        commands=[*first.commands, *second.commands],
        records=[*first.records, *second.records],
    )
