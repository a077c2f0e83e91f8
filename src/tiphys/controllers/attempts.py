"""Carries attempts of nodes to the executor, a limited number at a time, and their ends back as facts.

An attempt that waits for a place has not been started: stopping it is taking it out of the queue. It does not know what
a workflow does with an end.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection

from tiphys.controllers.loop import Tasks
from tiphys.controllers.ports import Attempt, Clock, Executor, Outcome, OutputSpec, WorkflowRow
from tiphys.engine.commands import StartAttempt
from tiphys.engine.facts import AttemptEnded, AttemptStarted
from tiphys.errors import TiphysError
from tiphys.jsons import as_list

Report = Callable[[str, AttemptStarted | AttemptEnded], None]
"""Is told a workflow's uid and a fact about one of its attempts."""


def attempt_of(command: StartAttempt, row: WorkflowRow, *, grace_s: float) -> Attempt:
    """What the executor is asked for when the machine of `row` wants a node's program run."""
    container = command.container
    return Attempt(
        token=command.token,
        workflow_uid=row.uid,
        workflow_name=row.name,
        namespace=row.namespace,
        node_id=command.node_id,
        node_name=command.node_name,
        pod_name=command.pod_name,
        template_name=command.template_name,
        image=container.get("image", ""),
        command=tuple(as_list(container.get("command"))),
        args=tuple(as_list(container.get("args"))),
        source=command.source,
        env=tuple((entry["name"], entry.get("value") or "") for entry in as_list(container.get("env"))),
        working_dir=container.get("workingDir", ""),
        outputs=OutputSpec(command.outputs, command.result),
        deadline=command.deadline,
        grace_s=grace_s,
    )


class Attempts:
    """The attempts of all workflows of one engine; at most `parallelism` run at a time, in the order of asking."""

    def __init__(self, executor: Executor, clock: Clock, report: Report, *, parallelism: int) -> None:
        self._executor = executor
        self._clock = clock
        self._report = report
        self._free = parallelism
        self._waiting: dict[str, Attempt] = {}
        self._running: dict[str, asyncio.Task[None]] = {}
        self._tasks = Tasks()

    async def recover(self, tokens: Collection[str]) -> None:
        """Tells the executor what an earlier engine left; see `Executor.recover`."""
        await self._executor.recover(tokens)

    def start(self, attempt: Attempt) -> None:
        """Starts it as soon as there is a place; the same token again changes nothing."""
        if attempt.token not in self._waiting and attempt.token not in self._running:
            self._waiting[attempt.token] = attempt
            self._fill()

    async def stop(self, token: str) -> None:
        """Ends it; its `AttemptEnded` follows in any case."""
        waiting = self._waiting.pop(token, None)
        if waiting:
            self._report(waiting.workflow_uid, AttemptEnded(self._clock.now(), token, exit_code=None))
        else:
            await self._executor.stop(token)

    async def drop(self, workflow_uid: str) -> None:
        """Ends all attempts of a workflow and waits until nothing of it runs any more."""
        for token in [token for token, attempt in self._waiting.items() if attempt.workflow_uid == workflow_uid]:
            del self._waiting[token]
        running = {token: task for token, task in self._running.items() if token.startswith(f"{workflow_uid}/")}
        for token in running:
            await self._executor.stop(token)
        await asyncio.gather(*running.values())

    async def forget(self, tokens: Collection[str]) -> None:
        """The ends of these attempts are durable."""
        for token in tokens:
            await self._executor.forget(token)

    async def close(self) -> None:
        """Starts nothing more; what runs is the executor's to end."""
        self._waiting.clear()
        await self._tasks.cancel()

    def _fill(self) -> None:
        while self._free and self._waiting:
            token = next(iter(self._waiting))
            self._free -= 1
            self._running[token] = self._tasks.spawn(self._run(self._waiting.pop(token)))

    async def _run(self, attempt: Attempt) -> None:
        try:
            outcome = await self._outcome(attempt)
        finally:
            self._free += 1
            del self._running[attempt.token]
        self._fill()
        self._report(attempt.workflow_uid, _end_of(attempt, outcome))

    async def _outcome(self, attempt: Attempt) -> Outcome:
        try:
            started_at = await self._executor.start(attempt)
        except TiphysError as error:
            now = self._clock.now()
            return Outcome(None, now, now, error=str(error))
        self._report(attempt.workflow_uid, AttemptStarted(started_at, attempt.token))
        return await self._executor.wait(attempt.token)


def _end_of(attempt: Attempt, outcome: Outcome) -> AttemptEnded:
    return AttemptEnded(
        outcome.finished_at,
        attempt.token,
        exit_code=outcome.exit_code,
        parameters=outcome.parameters,
        missing=outcome.missing,
        result=outcome.result,
        error=outcome.error,
        lost=outcome.lost,
    )
