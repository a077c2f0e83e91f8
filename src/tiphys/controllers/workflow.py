"""The workflow controller: one loop for each open workflow, from its submission to its end.

A fact goes to the machine at once; what it changes is committed, and only then are the commands carried out: the intent
to run a program is durable before the program starts, its result before anything that waits for it. The result of one
node and the intents of those that it makes ready are one transaction. It knows the machine and the ports, no adapter.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Protocol

from tiphys.audit.record import Record
from tiphys.controllers import endings
from tiphys.controllers.attempts import Attempts, attempt_of
from tiphys.controllers.loop import Loop, Tasks
from tiphys.controllers.ports import Change, Clock, Event, Executor, JsonObject, NodeRow, Store, WorkflowRow
from tiphys.engine.commands import Command, StartAttempt, Transition
from tiphys.engine.facts import AttemptEnded, AttemptStarted, Fact, Submitted, Woken
from tiphys.engine.machine import WorkflowMachine
from tiphys.errors import NotFound, Refused, TiphysError, Unavailable
from tiphys.manifest.resolve import Resolved


class Edit(Protocol):
    """What a verb changes in the workflow's document."""

    def __call__(self, manifest: JsonObject) -> JsonObject:
        """The changed document; the given one is left as it is."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Verb:
    """What somebody asks of a running workflow: a fact for the machine, an edit of the document, a line of the log."""

    fact: Fact
    record: Record
    edit: Edit | None = None
    done: asyncio.Future[None] = field(default_factory=lambda: asyncio.get_running_loop().create_future())


@dataclass(slots=True, eq=False)
class _Live:
    """An open workflow: its machine, its row as committed last, and the bodies of its nodes for its last words."""

    row: WorkflowRow
    machine: WorkflowMachine
    bodies: dict[str, Mapping[str, Any]]
    loop: Loop[Fact | Verb]
    verbs: set[Verb] = field(default_factory=set[Verb])
    wake_at: datetime | None = None
    timer: asyncio.Task[None] | None = None
    ended: asyncio.Event = field(default_factory=asyncio.Event)
    error: TiphysError | None = None


@dataclass(slots=True)
class _Step:
    """What one batch of facts amounts to."""

    row: WorkflowRow
    nodes: dict[str, NodeRow] = field(default_factory=dict[str, NodeRow])
    commands: list[Command] = field(default_factory=list[Command])
    records: list[Record] = field(default_factory=list[Record])
    wake_at: datetime | None = None

    def add(self, transition: Transition) -> None:
        uid = self.row.uid
        self.nodes |= {node.node_id: NodeRow(uid, node.node_id, node.phase, node.body) for node in transition.nodes}
        self.commands += transition.commands
        self.records += transition.records
        self.wake_at = transition.wake_at
        if transition.state is not None:
            self.row = replace(
                self.row,
                phase=transition.phase,
                state=transition.state,
                labels=transition.labels,
                started_at=transition.started_at,
                finished_at=transition.finished_at,
            )


class WorkflowController:
    """All open workflows of one store; used on one event loop."""

    def __init__(self, store: Store, executor: Executor, clock: Clock, *, parallelism: int, grace_s: float) -> None:
        self._store = store
        self._clock = clock
        self._grace_s = grace_s
        self._live: dict[str, _Live] = {}
        self._tasks = Tasks()
        self._attempts = Attempts(executor, clock, self._report, parallelism=parallelism)

    async def recover(self) -> None:
        """Takes up every open workflow of the store; called once, before all else."""
        commands: list[tuple[_Live, Command]] = []
        for row in await self._store.open_workflows():
            live = await self._load(row)
            commands += [(live, command) for command in live.machine.open_commands()]
        await self._attempts.recover([command.token for _, command in commands])
        for live, command in commands:
            await self._carry_out(live, [command])
        for live in tuple(self._live.values()):
            live.loop.post(Woken(self._clock.now()))

    async def submit(
        self,
        manifest: JsonObject,
        resolved: Resolved,
        *,
        actor: str,
        config_maps: Mapping[str, Mapping[str, str]] | None = None,
    ) -> WorkflowRow:
        """Begins a workflow whose document has its final name, namespace and uid; durable on return.

        Raises `AlreadyExists`, `Unavailable`.
        """
        now = self._clock.now()
        row = endings.new_row(manifest, now)
        record = _record("workflow.submitted", row, actor, now)
        machine = WorkflowMachine.begin(uid=row.uid, manifest=manifest, resolved=resolved, config_maps=config_maps)
        step = _Step(row, records=[record])
        step.add(machine.receive(Submitted(now)))
        live = self._new_live(step.row, machine)
        await self._commit(live, step, created=True)
        if not machine.finished:
            self._live[row.uid] = live
        await self._follow_up(live, step, ())
        return step.row

    async def refuse(self, manifest: JsonObject, *, phase: str, message: str, actor: str) -> WorkflowRow:
        """Keeps a workflow that cannot be run as one that has ended at once, as Argo does; durable on return."""
        now = self._clock.now()
        row = endings.broken_row(endings.new_row(manifest, now), phase, message, now)
        records = (
            _record("workflow.submitted", row, actor, now),
            _record("workflow.refused", row, actor, now, {"message": message}),
        )
        await self._store.commit(Change(created=(row,), records=records, events=(endings.ended_event(row, (), now),)))
        return row

    async def ask(self, uid: str, verb: Verb) -> None:
        """Has a verb carried out; durable on return. Raises `NotFound` for a workflow that is not open."""
        live = self._live.get(uid)
        if live is None or live.machine.finished:
            raise NotFound("the workflow has finished")
        live.verbs.add(verb)
        live.loop.post(verb)
        await verb.done

    async def delete(self, row: WorkflowRow, *, actor: str) -> None:
        """Removes a workflow after killing what still runs of it; durable on return."""
        live = self._live.pop(row.uid, None)
        if live:
            self._abandon(live, NotFound(f"workflow {row.namespace}/{row.name} was deleted"))
        await self._attempts.drop(row.uid)
        record = _record("workflow.deleted", row, actor, self._clock.now())
        await self._store.commit(Change(deleted=(row,), records=(record,)))

    async def wait_ended(self, uid: str) -> WorkflowRow:
        """Waits until the workflow's end is durable; raises `NotFound` when it was deleted or never was."""
        live = self._live.get(uid)
        if live:
            await live.ended.wait()
            if live.error:
                raise live.error
        row = await self._store.workflow_by_uid(uid)
        if row is None:
            raise NotFound(f"there is no workflow with uid {uid}")
        return row

    async def close(self) -> None:
        """Stops driving; open workflows stay open in the store and are taken up by the next engine."""
        for live in self._live.values():
            live.loop.stop()
        await self._attempts.close()
        await self._tasks.cancel()

    # --- one workflow ---

    def _new_live(self, row: WorkflowRow, machine: WorkflowMachine) -> _Live:
        async def handle(batch: Sequence[Fact | Verb]) -> None:
            await self._handle(live, batch)

        async def fail(error: Exception) -> None:
            await self._fail(live, error)

        live = _Live(row, machine, {}, Loop(self._tasks, handle, fail))
        return live

    async def _load(self, row: WorkflowRow) -> _Live:
        nodes = await self._store.nodes(row.uid)
        bodies = {node.node_id: node.body for node in nodes}
        machine = WorkflowMachine.load(uid=row.uid, manifest=row.manifest, state=row.state, nodes=bodies.values())
        live = self._live[row.uid] = self._new_live(row, machine)
        live.bodies = bodies
        return live

    def _report(self, uid: str, fact: AttemptStarted | AttemptEnded) -> None:
        live = self._live.get(uid)
        if live:
            live.loop.post(fact)
        elif isinstance(fact, AttemptEnded):
            self._tasks.spawn(self._attempts.forget([fact.token]))

    async def _handle(self, live: _Live, batch: Sequence[Fact | Verb]) -> None:
        step = _Step(live.row, wake_at=live.wake_at)
        for item in batch:
            if isinstance(item, Verb):
                step.records.append(item.record)
                step.add(live.machine.receive(item.fact))
                if item.edit:
                    step.row = replace(step.row, manifest=item.edit(step.row.manifest))
            else:
                step.add(live.machine.receive(item))
        await self._commit(live, step)
        await self._follow_up(live, step, batch)

    async def _commit(self, live: _Live, step: _Step, *, created: bool = False) -> None:
        live.bodies |= {node_id: node.body for node_id, node in step.nodes.items()}
        rows = (step.row,) if created or step.row is not live.row else ()
        events: tuple[Event, ...] = ()
        if step.row.finished_at:
            events = (endings.ended_event(step.row, live.bodies.values(), step.row.finished_at),)
        change = Change(
            created=rows if created else (),
            workflows=() if created else rows,
            nodes=tuple(step.nodes.values()),
            events=events,
            records=tuple(step.records),
        )
        if rows or change.nodes or change.records:
            await self._store.commit(change)
        live.row = step.row

    async def _follow_up(self, live: _Live, step: _Step, batch: Iterable[Fact | Verb]) -> None:
        """What may be done once the batch is durable."""
        await self._carry_out(live, step.commands)
        await self._attempts.forget([item.token for item in batch if isinstance(item, AttemptEnded)])
        for item in batch:
            if isinstance(item, Verb):
                live.verbs.discard(item)
                item.done.set_result(None)
        if live.row.finished_at:
            self._live.pop(live.row.uid, None)
            self._abandon(live, None)
        else:
            self._set_timer(live, step.wake_at)

    async def _carry_out(self, live: _Live, commands: Iterable[Command]) -> None:
        for command in commands:
            if isinstance(command, StartAttempt):
                self._attempts.start(attempt_of(command, live.row, grace_s=self._grace_s))
            else:
                await self._attempts.stop(command.token)

    def _set_timer(self, live: _Live, at: datetime | None) -> None:
        if at == live.wake_at and not (live.timer and live.timer.done()):
            return
        if live.timer:
            live.timer.cancel()
        live.wake_at = at
        live.timer = self._tasks.spawn(self._wake(live, at)) if at else None

    async def _wake(self, live: _Live, at: datetime) -> None:
        await self._clock.sleep_until(at)
        live.loop.post(Woken(self._clock.now()))

    async def _fail(self, live: _Live, error: Exception) -> None:
        """The machine or the store has failed: the workflow ends as Error where that can still be written."""
        row, now = live.row, self._clock.now()
        if isinstance(error, Unavailable):
            self._abandon(live, error)
            return
        message = f"a bug of Tiphys ended this workflow: {type(error).__name__}: {error}"
        live.row = endings.broken_row(row, "Error", message, now)
        record = _record("workflow.broken", row, "controller:workflow", now, {"message": message})
        event = endings.ended_event(live.row, live.bodies.values(), now)
        try:
            await self._store.commit(Change(workflows=(live.row,), records=(record,), events=(event,)))
            self._live.pop(row.uid, None)
            self._abandon(live, None)
        except TiphysError as refusal:
            self._abandon(live, refusal)
        await self._attempts.drop(row.uid)

    def _abandon(self, live: _Live, error: TiphysError | None) -> None:
        """Lets go of a workflow: nothing is fed to it any more, and whoever waits is told."""
        live.loop.stop()
        if live.timer:
            live.timer.cancel()
        live.error = error
        live.ended.set()
        for verb in live.verbs:
            if not verb.done.done():
                verb.done.set_exception(error or Refused("the workflow has finished"))


def _record(kind: str, row: WorkflowRow, actor: str, at: datetime, more: Mapping[str, str] | None = None) -> Record:
    return Record(kind, f"{row.namespace}/{row.name}", actor, at, {"uid": row.uid, **(more or {})})
