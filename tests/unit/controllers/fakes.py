"""What the controllers of this room are tested with: a backend that keeps workflows, and a store that dies."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from tiphys.controllers.ports import Change, Store, WorkflowRow
from tiphys.errors import TiphysError, Unavailable
from tiphys.testing.store import MemoryStore

NOW = datetime(2026, 1, 15, 10, 30, tzinfo=UTC)


class KeepingBackend:
    """Accepts workflows into a store; raises what it is told to, once each."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.errors: list[TiphysError] = []
        self.calls = 0
        self.after_submit: Callable[[], None] = lambda: None

    async def submit(self, manifest: Mapping[str, Any], *, actor: str) -> WorkflowRow:
        self.calls += 1
        if self.errors:
            raise self.errors.pop(0)
        metadata = manifest["metadata"]
        row = WorkflowRow(uuid.uuid4().hex, metadata["namespace"], metadata["name"], "", NOW, manifest, {})
        await self.store.commit(Change(created=(row,)))
        self.after_submit()
        return row


class DyingStore:
    """A store whose commits fail from the one of number `dies_at` on (counted from 0), as if the process were killed.

    `written` says whether that commit is still written before the death is felt.
    """

    def __init__(self, inner: MemoryStore, dies_at: int, *, written: bool) -> None:
        self.inner = inner
        self.dies_at = dies_at
        self.written = written
        self.count = 0

    async def commit(self, change: Change) -> None:
        place, self.count = self.count, self.count + 1
        if place < self.dies_at or (place == self.dies_at and self.written):
            await self.inner.commit(change)
        if place >= self.dies_at:
            raise Unavailable("killed")

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - everything else is the store's own
        return getattr(self.inner, name)


async def until(condition: Callable[[], object]) -> None:
    """Lets the other tasks of the loop run until it is so."""
    for _ in range(2000):
        if condition():
            return
        await asyncio.sleep(0)
    raise AssertionError("it did not become so")
