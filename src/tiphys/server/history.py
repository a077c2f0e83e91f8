"""What has changed, in order: gives every change a resource version, and wakes those who watch.

A version is a number that only grows, also over restarts (it begins with the time of the start in microseconds). The
history remembers the last changes and not their contents: a watcher is shown the object as it is when it gets there, so
a slow one skips what was overwritten meanwhile. It takes what was committed, on the event loop.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict, deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal, TypeAlias

from tiphys.controllers.ports import Change, WorkflowRow

Kind: TypeAlias = Literal["ADDED", "MODIFIED", "DELETED"]

CAPACITY: Final = 20_000
"""Changes remembered; a watcher that is further behind has to begin anew (Kubernetes: 410 Gone)."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One workflow that was changed; `deleted` is its last row when it is gone."""

    version: int
    kind: Kind
    uid: str
    deleted: WorkflowRow | None = None


class History:
    """The order of all changes since this process began."""

    def __init__(self, started_at: datetime, capacity: int = CAPACITY) -> None:
        self._version = int(started_at.timestamp() * 1_000_000)
        self._forgotten = self._version
        self._entries: deque[Entry] = deque()
        self._latest: OrderedDict[str, int] = OrderedDict()
        self._capacity = capacity
        self._moved = asyncio.Event()

    @property
    def version(self) -> int:
        """The version of the latest change."""
        return self._version

    def next_version(self) -> int:
        """A version for a document that is about to be written (templates keep it themselves)."""
        self._version += 1
        return self._version

    def version_of(self, uid: str) -> int:
        """The version of that workflow's latest change, or one that is not older when it is long ago."""
        return self._latest.get(uid, self._forgotten)

    def take(self, change: Change) -> None:
        """Notes what a commit has changed."""
        for kind, uid, row in _touched(change):
            self._append(kind, uid, row)
        self._wake()

    def forget(self) -> None:
        """Begins anew: whoever watches has to read what there is, because changes were missed."""
        self._entries.clear()
        self._latest.clear()
        self._forgotten = self.next_version()
        self._wake()

    def remembers(self, version: int) -> bool:
        """Whether every change after `version` is still known."""
        return version >= self._forgotten

    def since(self, version: int) -> Sequence[Entry]:
        """The changes after `version`, oldest first."""
        newer: list[Entry] = []
        for entry in reversed(self._entries):
            if entry.version <= version:
                break
            newer.append(entry)
        return newer[::-1]

    async def moved(self) -> None:
        """Returns at the next change."""
        await self._moved.wait()

    def _wake(self) -> None:
        self._moved.set()
        self._moved = asyncio.Event()

    def _append(self, kind: Kind, uid: str, row: WorkflowRow | None) -> None:
        self._entries.append(Entry(self.next_version(), kind, uid, row))
        self._latest[uid] = self._version
        if kind == "DELETED":
            del self._latest[uid]
        if len(self._entries) > self._capacity:
            oldest = self._entries.popleft()
            self._forgotten = oldest.version
            if self._latest.get(oldest.uid) == oldest.version:
                del self._latest[oldest.uid]


def _touched(change: Change) -> Iterator[tuple[Kind, str, WorkflowRow | None]]:
    created = {row.uid for row in change.created}
    deleted = {row.uid: row for row in change.deleted if isinstance(row, WorkflowRow)}
    for uid in created:
        yield "ADDED", uid, None
    changed = dict.fromkeys([row.uid for row in change.workflows] + [row.workflow_uid for row in change.nodes])
    for uid in changed:
        if uid not in created and uid not in deleted:
            yield "MODIFIED", uid, None
    for uid, row in deleted.items():
        yield "DELETED", uid, row
