"""Sensors: one loop for each trigger reads the bus, feeds the trigger's machine, and carries out what it asks for.

State, the place on the bus, firings, traces and audit records of one fact are one commit; only then is anything done.
A crash between the two is healed when the trigger is loaded again: its open firings are asked for again, under the
same names, and a Workflow that is there already is the one that was wanted.

A trigger reads all events in the order of the bus, whatever its dependencies are, so that several of them see events
in the order in which they happened.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import assert_never

from tiphys.controllers import sensor_rows as rows
from tiphys.controllers.ports import Backend, Bus, Change, Clock, Event, Store, StoredEvent
from tiphys.controllers.supervisor import Health, Supervisor
from tiphys.errors import AlreadyExists, Unavailable
from tiphys.events import envelope
from tiphys.events.commands import Command, FiringPhase, SubmitWorkflow, Transition, WriteLog
from tiphys.events.facts import EventArrived, Fact, SensorLoaded, TriggerFailed, TriggerSucceeded, Woken
from tiphys.events.machine import TriggerMachine
from tiphys.events.plan import SensorPlan, Trigger
from tiphys.events.resolution import ORIGIN_ANNOTATION
from tiphys.jsons import JsonObject, as_object

BATCH = 100
"""Events that are read at once."""
HEAD_PAGE = 1000
"""Events that are looked at together on the way to the newest."""
PAUSE_S = 5.0
"""Seconds before a Workflow is submitted again to a backend that does not answer."""

_log = logging.getLogger(__name__)


class SensorController:
    """Runs the triggers of all sensors; one that dies is begun again from what is stored."""

    def __init__(self, store: Store, bus: Bus, backend: Backend, clock: Clock) -> None:
        self._store = store
        self._bus = bus
        self._backend = backend
        self._clock = clock
        self._supervisor = Supervisor(clock)
        self._running: dict[str, SensorPlan] = {}

    async def apply(self, plans: Sequence[SensorPlan]) -> None:
        """Makes these the sensors that run: on return each has its place on the bus, and misses no later event.

        A sensor that ran and is not among them any more is forgotten: put back, it begins at the newest event.
        """
        wanted = {rows.trigger_key(plan, trigger): (plan, trigger) for plan in plans for trigger in plan.triggers}
        for key in [key for key, plan in self._running.items() if key not in wanted or wanted[key][0] != plan]:
            await self._supervisor.stop(_part(key))
            del self._running[key]
            if key not in wanted:
                await self._store.commit(Change(deleted=(rows.state_row(key, {}),)))
        for key, (plan, trigger) in wanted.items():
            if key not in self._running:
                loop = TriggerLoop(plan, trigger, self._store, self._bus, self._backend, self._clock)
                await loop.take_place()
                self._supervisor.start(_part(key), loop.run)
                self._running[key] = plan

    def health(self) -> list[Health]:
        """Every trigger."""
        return self._supervisor.health()

    async def close(self) -> None:
        """Ends all triggers; what they had not finished goes on when they are started again."""
        await self._supervisor.close()
        self._running.clear()


class TriggerLoop:
    """One trigger at work."""

    def __init__(
        self, plan: SensorPlan, trigger: Trigger, store: Store, bus: Bus, backend: Backend, clock: Clock
    ) -> None:
        self._plan = plan
        self._trigger = trigger
        self._key = rows.trigger_key(plan, trigger)
        self._store = store
        self._bus = bus
        self._backend = backend
        self._clock = clock
        self._machine = TriggerMachine(plan, trigger)
        self._one_fact = asyncio.Lock()
        self._tasks: asyncio.TaskGroup | None = None
        self._timer: asyncio.Task[None] | None = None

    async def take_place(self) -> Transition:
        """Loads what is stored and takes the place on the bus, durably; gives back what is still to be done."""
        stored = await self._store.state(rows.SENSOR, self._key)
        pending = await self._store.states(rows.FIRING, phases=(FiringPhase.PENDING,), group=self._key)
        self._machine = TriggerMachine(
            self._plan, self._trigger, stored.body if stored else None, map(rows.firing_of, pending)
        )
        head = await self._newest()
        loaded = self._machine.receive(SensorLoaded(self._clock.now(), head))
        await self._commit(loaded, None if stored else head)
        return loaded

    async def run(self, started: Callable[[], None]) -> None:
        """Works until cancelled; any error of the store ends it, to be begun again from what is stored."""
        self._timer = None
        async with asyncio.TaskGroup() as tasks:
            self._tasks = tasks
            self._carry_out(await self.take_place())
            started()
            while True:
                await self._deal_with(await self._bus.read(rows.consumer(self._key), limit=BATCH))

    async def _deal_with(self, batch: Sequence[StoredEvent]) -> None:
        """Feeds events in order; those that the trigger has nothing to do with are passed over together."""
        passed_over = False
        for stored in batch:
            fact = EventArrived(self._clock.now(), stored.seq, _seen(stored.event))
            passed_over = not await self._feed(fact, stored.seq)
        if passed_over:
            await self._bus.acknowledge(rows.consumer(self._key), batch[-1].seq)

    async def _feed(self, fact: Fact, seq: int | None = None) -> bool:
        """One fact to its end: machine, commit, commands; whether there was anything to commit."""
        async with self._one_fact:
            transition = self._machine.receive(fact)
            committed = await self._commit(transition, seq)
            self._carry_out(transition)
            return committed

    async def _commit(self, done: Transition, seq: int | None) -> bool:
        now = self._clock.now()
        if not (done.state or done.firings or done.traces or done.records):
            return False
        state = [rows.state_row(self._key, done.state)] if done.state is not None else []
        firings = [rows.firing_row(self._key, firing) for firing in done.firings]
        traces = [rows.trace_row(self._key, trace, now) for trace in done.traces]
        cursors = () if seq is None else (rows.cursor(self._key, seq),)
        await self._store.commit(
            Change(states=(*state, *firings, *traces), cursors=cursors, records=tuple(done.records))
        )
        return True

    def _carry_out(self, done: Transition) -> None:
        """Begins what the machine asked for; results come back as facts."""
        if self._tasks is None:
            return
        for command in done.commands:
            self._tasks.create_task(self._execute(command))
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self._tasks.create_task(self._wake(done.wake_at)) if done.wake_at else None

    async def _wake(self, at: datetime) -> None:
        await self._clock.sleep_until(at)
        self._timer = None
        await self._feed(Woken(self._clock.now()))

    async def _execute(self, command: Command) -> None:
        match command:
            case SubmitWorkflow():
                fact = await self._submit(command)
            case WriteLog():
                for line in command.lines:
                    _log.info("sensor %s: %s", self._key, json.dumps(line, ensure_ascii=False))
                fact = TriggerSucceeded(self._clock.now(), command.firing_id, command.attempt)
            case _:
                assert_never(command)
        await self._feed(fact)

    async def _submit(self, command: SubmitWorkflow) -> TriggerSucceeded | TriggerFailed:
        """Submits; waits as long as it takes for a backend that does not answer."""
        actor = f"sensor:{self._plan.namespace}/{self._plan.name}"
        while True:
            try:
                await self._backend.submit(command.manifest, actor=actor)
            except Unavailable as error:
                _log.warning("sensor %s: %s; trying again", self._key, error)
                await self._clock.sleep_until(self._clock.now() + timedelta(seconds=PAUSE_S))
            except AlreadyExists as error:
                return await self._already_there(command, str(error))
            except Exception as error:  # noqa: BLE001 - whatever it is, the firing has failed, and that is recorded
                return self._failed(command, str(error) or type(error).__name__)
            else:
                return TriggerSucceeded(self._clock.now(), command.firing_id, command.attempt)

    async def _already_there(self, command: SubmitWorkflow, message: str) -> TriggerSucceeded | TriggerFailed:
        """Done before when the one that is there has the same origin; otherwise somebody else has the name."""
        wanted = as_object(command.manifest.get("metadata"))
        there = await self._store.workflow(str(wanted.get("namespace")), str(wanted.get("name")))
        if there and _origin(as_object(there.manifest.get("metadata"))) == _origin(wanted):
            return TriggerSucceeded(self._clock.now(), command.firing_id, command.attempt, existed=True)
        return self._failed(command, message, for_good=True)

    def _failed(self, command: SubmitWorkflow, message: str, *, for_good: bool = False) -> TriggerFailed:
        return TriggerFailed(self._clock.now(), command.firing_id, command.attempt, message, for_good)

    async def _newest(self) -> int:
        """The place of the newest event on the bus."""
        head = await self._store.cursor(rows.consumer(self._key))
        while page := await self._store.events_after(head, limit=HEAD_PAGE):
            head = page[-1].seq
        return head


def _seen(event: Event) -> envelope.Event:
    return envelope.of(
        event_id=event.id,
        source=event.source,
        subject=event.subject,
        kind=event.type,
        time=event.time,
        data=event.data,
    )


def _origin(metadata: JsonObject) -> object:
    return as_object(metadata.get("annotations")).get(ORIGIN_ANNOTATION)


def _part(key: str) -> str:
    return f"trigger {key}"
