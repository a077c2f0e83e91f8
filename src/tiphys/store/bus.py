"""The embedded event bus: the store's event table, a cursor for each consumer, and a wake-up at each commit.

An event that a transition publishes is in the same transaction as the transition. It works over any `Store`.
"""

from __future__ import annotations

from collections.abc import Sequence

from tiphys.controllers.ports import Change, Cursor, Event, Store, StoredEvent


class StoreBus:
    """`Bus` over a store."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def publish(self, event: Event) -> None:
        """See `Bus`."""
        await self._store.commit(Change(events=(event,)))

    async def read(self, consumer: str, *, limit: int = 100) -> Sequence[StoredEvent]:
        """See `Bus`."""
        seq = await self._store.cursor(consumer)
        with self._store.changes(_has_events) as changes:
            while not (found := await self._store.events_after(seq, limit=limit)):
                await anext(changes)
        return found

    async def acknowledge(self, consumer: str, seq: int) -> None:
        """See `Bus`."""
        await self._store.commit(Change(cursors=(Cursor(consumer, seq),)))


def _has_events(change: Change) -> bool:
    return bool(change.events)
