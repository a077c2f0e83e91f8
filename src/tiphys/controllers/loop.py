"""The loop around one machine: facts in the order of their arrival, one batch at a time, nothing lost while busy.

While one batch is being committed the next one gathers, so a slow disk makes larger transactions and not a longer
queue. This is the only place that catches broadly: what a machine gets wrong is reported and ends that machine's work,
never the program's.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from typing import Any, Generic, TypeVar

Fact = TypeVar("Fact")


class Tasks:
    """Tasks that nobody waits for, kept alive until they end or are cancelled together."""

    def __init__(self) -> None:
        self._running: set[asyncio.Task[Any]] = set()

    def spawn(self, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        """Runs `work` beside everything else."""
        task = asyncio.ensure_future(work)
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        return task

    async def cancel(self) -> None:
        """Cancels what still runs and waits for it."""
        running = tuple(self._running)
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)


class Loop(Generic[Fact]):
    """Feeds one machine: `handle` takes a batch and returns when its transition is durable and its commands are out.

    `fail` is told of the first error; after it facts are dropped.
    """

    def __init__(
        self,
        tasks: Tasks,
        handle: Callable[[Sequence[Fact]], Awaitable[None]],
        fail: Callable[[Exception], Awaitable[None]],
    ) -> None:
        self._tasks = tasks
        self._handle = handle
        self._fail = fail
        self._inbox: list[Fact] = []
        self._busy = False
        self._stopped = False

    def post(self, *facts: Fact) -> None:
        """Hands facts in; returns at once."""
        if self._stopped:
            return
        self._inbox += facts
        if not self._busy:
            self._busy = True
            self._tasks.spawn(self._drain())

    def stop(self) -> None:
        """Drops what waits and whatever is still to come."""
        self._stopped = True
        self._inbox.clear()

    async def _drain(self) -> None:
        try:
            while batch := self._take():
                await self._handle(batch)
        except Exception as error:  # noqa: BLE001 - a machine's bug must end that machine's work only
            self.stop()
            await self._fail(error)
        finally:
            self._busy = False

    def _take(self) -> list[Fact]:
        batch, self._inbox = self._inbox, []
        return batch
