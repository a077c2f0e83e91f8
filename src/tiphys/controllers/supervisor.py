"""Keeps long-running parts alive: runs them, begins them again with growing pauses, and says how they are.

A part that dies (a webhook server, a sensor's trigger) must neither take the others along nor stay dead unseen.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeAlias, cast

from tiphys.controllers.ports import Clock

FIRST_PAUSE_S = 1.0
MAX_PAUSE_S = 30.0
"""Seconds before a restart; doubled each time up to the maximum."""
STEADY_S = 60.0
"""Seconds after which a run counts as good, and the pauses begin anew."""

_log = logging.getLogger(__name__)


Run: TypeAlias = Callable[[Callable[[], None]], Awaitable[None]]
"""A part: it calls what it is given as soon as it works, and then only ends by an error or by being stopped."""


@dataclass(frozen=True, slots=True)
class Health:
    """How one part is; `problem` is empty when it works, `restarts` counts how often it was begun again."""

    name: str
    problem: str = ""
    restarts: int = 0

    @property
    def is_healthy(self) -> bool:
        """Whether it works."""
        return not self.problem


class Supervisor:
    """Runs parts by name until told to stop."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._health: dict[str, Health] = {}

    def health(self) -> list[Health]:
        """Every part, by name."""
        return [self._health[name] for name in sorted(self._health)]

    def start(self, name: str, run: Run) -> None:
        """Runs a part for ever."""
        self._health[name] = Health(name, "it is starting")
        self._tasks[name] = asyncio.create_task(self._keep(name, run), name=name)

    async def stop(self, name: str) -> None:
        """Ends a part and waits until it has ended; an unknown name is nothing."""
        task = self._tasks.pop(name, None)
        self._health.pop(name, None)
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def close(self) -> None:
        """Ends them all."""
        await asyncio.gather(*(self.stop(name) for name in list(self._tasks)))

    async def _keep(self, name: str, run: Run) -> None:
        pause = FIRST_PAUSE_S
        restarts = 0
        while True:
            began = self._clock.now()
            problem = await self._run_once(run, Health(name, restarts=restarts))
            if _is_being_stopped():
                return
            now = self._clock.now()
            if now - began > timedelta(seconds=STEADY_S):
                pause = FIRST_PAUSE_S
            restarts += 1
            self._health[name] = Health(name, problem, restarts)
            await self._clock.sleep_until(now + timedelta(seconds=pause))
            pause = min(pause * 2, MAX_PAUSE_S)

    async def _run_once(self, run: Run, healthy: Health) -> str:
        """Why it ended."""

        def started() -> None:
            self._health[healthy.name] = healthy

        try:
            await run(started)
        except Exception as error:  # noqa: BLE001 - whatever kills a part, it is begun again and that is said
            _log.warning("%s failed: %s", healthy.name, error, exc_info=True)
            return _first_words(error)
        return "it ended by itself"


def _is_being_stopped() -> bool:
    """Whether this task was cancelled; an error of a task group hides a cancellation that comes at the same time."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


def _first_words(error: BaseException) -> str:
    """The message of an error; of a group of errors, that of the first."""
    if isinstance(error, BaseExceptionGroup):
        return _first_words(cast("BaseExceptionGroup[BaseException]", error).exceptions[0])
    return str(error) or type(error).__name__
