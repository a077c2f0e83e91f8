"""What was committed, told to whoever watches: the way from the store to a stream of server-sent events.

A watcher sees every change from the moment it subscribed, in the order of commits. One that falls too far behind is cut
off, so that a stalled reader cannot fill the memory; it reads the rows again and subscribes anew.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Generator
from contextlib import contextmanager

from tiphys.controllers.ports import Change
from tiphys.errors import Unavailable

MAX_BEHIND = 10_000
"""Changes that one watcher may have unread: some seconds of the highest commit rate."""


class Feeds:
    """The open subscriptions of one store; used on the event loop only."""

    def __init__(self) -> None:
        self._wanted: dict[asyncio.Queue[Change | None], Callable[[Change], bool]] = {}

    def publish(self, change: Change) -> None:
        """Hands a committed change to every subscriber that wants it."""
        for queue, wanted in tuple(self._wanted.items()):
            if not wanted(change):
                continue
            if queue.qsize() < MAX_BEHIND:
                queue.put_nowait(change)
            else:
                del self._wanted[queue]
                queue.put_nowait(None)

    @contextmanager
    def subscribe(self, wanted: Callable[[Change], bool] | None = None) -> Generator[AsyncIterator[Change]]:
        """The changes from now on; iterating raises `Unavailable` when the subscriber fell behind."""
        queue: asyncio.Queue[Change | None] = asyncio.Queue()
        self._wanted[queue] = wanted or _all
        try:
            yield _drain(queue)
        finally:
            self._wanted.pop(queue, None)


def _all(_: Change) -> bool:
    return True


async def _drain(queue: asyncio.Queue[Change | None]) -> AsyncIterator[Change]:
    while (change := await queue.get()) is not None:
        yield change
    raise Unavailable(f"this watcher fell {MAX_BEHIND} changes behind; read the state again and watch anew")
