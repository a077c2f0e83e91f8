"""The incident controller: alerts and workflow endings from the bus, facts into the machine, its commands out.

One turn at a time: the state and the situation are read, the machine judges, and the transition is committed before
anybody else reads, so no guard judges on what has changed meanwhile. What an event changes is in one transaction with
the place on the bus up to which events are dealt with. An incident whose evidence or decision was being waited for when
the program stopped is asked about again at the start, under the same decision id.
"""

from __future__ import annotations

import asyncio
import dataclasses
import secrets
from collections.abc import Callable, Iterable
from datetime import datetime

from tiphys import errors
from tiphys.audit.record import Record
from tiphys.controllers import incident_rows as rows
from tiphys.controllers.incident_events import CONSUMER, Batch, alert_facts, ended_facts
from tiphys.controllers.loop import Tasks
from tiphys.controllers.ports import (
    Bus,
    Change,
    Clock,
    Cursor,
    Evidence,
    Notifier,
    Planner,
    Question,
    Store,
    StoredEvent,
)
from tiphys.remediation import cleaning, facts, machine, telling
from tiphys.remediation import evidence as findings
from tiphys.remediation import incident as incidents
from tiphys.remediation.catalog import Catalog
from tiphys.remediation.commands import AskPlanner, Command, GatherEvidence, Notify, PublishEvent
from tiphys.remediation.facts import Fact
from tiphys.remediation.incident import Incident
from tiphys.remediation.phases import OPEN, Phase
from tiphys.remediation.situation import Situation
from tiphys.settings import RemediationSettings

PLANNER_TIMEOUT_S = 60.0
"""Seconds that a planner may think; a routing call takes a few."""


@dataclasses.dataclass(frozen=True, slots=True)
class Outside:
    """What the controller reaches."""

    store: Store
    bus: Bus
    clock: Clock
    planner: Planner
    evidence: Evidence
    notifier: Notifier


class IncidentController:
    """Works on every incident; `run` goes on until it is cancelled."""

    def __init__(self, outside: Outside, catalog: Catalog, limits: RemediationSettings) -> None:
        self.outside = outside
        self.catalog = catalog
        self._limits = limits
        self._turn = asyncio.Lock()
        self._tasks = Tasks()
        self._timers: dict[str, asyncio.Task[None]] = {}

    async def run(self) -> None:
        """Takes up what was open, then deals with events as they come."""
        try:
            await self._take_up()
            while True:
                batch = await self.outside.bus.read(CONSUMER)
                for stored in batch:
                    await self._deal(stored)
                await self.outside.bus.acknowledge(CONSUMER, batch[-1].seq)
        finally:
            await self._tasks.cancel()

    async def feed(self, incident_id: str, make: Callable[[Situation], Fact]) -> Incident | None:
        """Gives the machine one fact about a known incident; returns the incident if that changed it."""
        async with self._turn:
            before = await rows.load_incident(self.outside.store, incident_id)
            if before is None:
                raise errors.NotFound(f"there is no incident {incident_id}")
            at = self.outside.clock.now()
            transition = machine.receive(before, make(await self._situation(at)), self.catalog)
            await self.outside.store.commit(rows.change_of(before, transition, at))
        if transition.incident:
            self._follow(transition.incident, transition.commands)
        return transition.incident

    async def change(self, make: Callable[[datetime], Change]) -> None:
        """Commits a change of what the guards look at (a switch, a marker), between two turns."""
        async with self._turn:
            await self.outside.store.commit(make(self.outside.clock.now()))

    async def _situation(self, at: datetime) -> Situation:
        return await rows.load_situation(self.outside.store, self._limits, self.catalog, at)

    async def _take_up(self) -> None:
        for row in await self.outside.store.states(rows.INCIDENT, phases=(*OPEN, Phase.HEALED)):
            if row.phase == Phase.HEALED and row.body["wake_at"] is None:
                continue
            incident = incidents.from_json(row.body)
            self._follow(incident, machine.resume(incident, self.catalog))

    async def _deal(self, stored: StoredEvent) -> None:
        """One event, and the cursor past it, in one transaction; an event that breaks is reported and passed over."""
        cursor = Change(cursors=(Cursor(CONSUMER, stored.seq),))
        try:
            async with self._turn:
                batch = Batch(self.outside.store, self.catalog, self.outside.clock.now())
                await alert_facts(batch, stored.event)
                await ended_facts(batch, stored.event)
                if batch.changes:
                    await self.outside.store.commit(rows.joined([*batch.changes, cursor]))
        except errors.Unavailable:
            raise
        except Exception as error:  # noqa: BLE001 - one event that breaks us must not stop all that follow it
            await self._report(stored.event.id, error, cursor)
            return
        for incident, commands in batch.followed:
            self._follow(incident, commands)

    def _follow(self, incident: Incident, commands: Iterable[Command]) -> None:
        """Carries out what was asked for, now that the rest is durable, and sets the incident's timer."""
        for command in commands:
            if not isinstance(command, PublishEvent):
                self._tasks.spawn(self._guarded(incident.id, command))
        if timer := self._timers.pop(incident.id, None):
            timer.cancel()
        if incident.wake_at:
            self._timers[incident.id] = self._tasks.spawn(self._wake(incident.id, incident.wake_at))

    async def _wake(self, incident_id: str, at: datetime) -> None:
        await self.outside.clock.sleep_until(at)
        self._timers.pop(incident_id, None)
        try:
            await self.feed(incident_id, lambda floor: facts.Woken(floor.now, floor, secrets.token_hex(16)))
        except Exception as error:  # noqa: BLE001 - one incident that breaks us must not take the others along
            await self._report(incident_id, error, Change())

    async def _guarded(self, incident_id: str, command: GatherEvidence | AskPlanner | Notify) -> None:
        try:
            match command:
                case GatherEvidence():
                    await self._gather(incident_id, command)
                case AskPlanner():
                    await self._ask(incident_id, command)
                case Notify():
                    await self.outside.notifier.notify(command.kind, incident_id, command.body)
        except Exception as error:  # noqa: BLE001 - foreign code behind a port must not take the program along
            await self._report(incident_id, error, Change())

    async def _gather(self, incident_id: str, command: GatherEvidence) -> None:
        """An enricher that breaks its promise never to raise has found nothing, and the guards see that."""
        try:
            found = findings.parse_evidence(await self.outside.evidence.gather(command.alert))
        except Exception as error:  # noqa: BLE001 - whatever an enricher dies of, the incident goes on
            await self._report(incident_id, error, Change())
            found = ()
        await self.feed(incident_id, lambda floor: facts.EvidenceGathered(floor.now, found))

    async def _ask(self, incident_id: str, command: AskPlanner) -> None:
        name = self.outside.planner.name
        question = Question(command.decision_id, incident_id, command.alert, command.evidence, command.candidates)
        try:
            async with asyncio.timeout(PLANNER_TIMEOUT_S):
                reply = await self.outside.planner.decide(question)
        except Exception as error:  # noqa: BLE001 - whatever a planner dies of, people must get the incident
            reason = cleaning.clean_text(f"the planner did not answer: {type(error).__name__}: {error}", 500)
            await self.feed(incident_id, lambda floor: facts.PlannerFailed(floor.now, name, reason, floor))
            return
        text, nonce = reply.encode(errors="replace").decode(), secrets.token_hex(16)
        await self.feed(incident_id, lambda floor: facts.PlannerAnswered(floor.now, name, text, nonce, floor))

    async def _report(self, subject: str, error: Exception, change: Change) -> None:
        """What went wrong stands in the log, with whatever else must be written."""
        text = cleaning.clean_text(f"{type(error).__name__}: {error}", 1000)
        data: dict[str, telling.Canonical] = {"error": text}
        record = Record("incident.trouble", subject, telling.MACHINE, self.outside.clock.now(), data)
        await self.outside.store.commit(dataclasses.replace(change, records=(record,)))
