"""A clock that a test moves by hand."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta


class FakeClock:
    """`Clock` whose time stands still until `advance`."""

    def __init__(self, now: datetime = datetime(2026, 1, 1, tzinfo=UTC)) -> None:
        self._now = now
        self._sleepers: list[tuple[datetime, asyncio.Future[None]]] = []

    def now(self) -> datetime:
        """See `Clock`."""
        return self._now

    async def sleep_until(self, at: datetime) -> None:
        """See `Clock`."""
        if at <= self._now:
            return
        sleeper = asyncio.get_running_loop().create_future()
        self._sleepers.append((at, sleeper))
        await sleeper

    def advance(self, by: timedelta | float) -> None:
        """Moves time on by a duration (a number is seconds) and wakes those whose time has come."""
        self._now += by if isinstance(by, timedelta) else timedelta(seconds=by)
        due = [sleeper for at, sleeper in self._sleepers if at <= self._now and not sleeper.done()]
        self._sleepers = [(at, sleeper) for at, sleeper in self._sleepers if at > self._now and not sleeper.done()]
        for sleeper in due:
            sleeper.set_result(None)
