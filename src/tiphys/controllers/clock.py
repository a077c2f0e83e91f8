"""The clock of the running program."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime


class SystemClock:
    """`Clock` over the host's time."""

    def now(self) -> datetime:
        """See `Clock`."""
        return datetime.now(UTC)

    async def sleep_until(self, at: datetime) -> None:
        """See `Clock`; a change of the host's time while waiting is seen at the latest after a minute."""
        while (left := (at - datetime.now(UTC)).total_seconds()) > 0:  # noqa: ASYNC110 - time itself is waited for
            await asyncio.sleep(min(left, 60.0))
