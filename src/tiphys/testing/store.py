"""A store in memory: for tests of whatever needs a `Store` and not its durability."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractContextManager

from tiphys.audit.chain import Head, entry_bytes, extended
from tiphys.controllers import selection
from tiphys.controllers.feed import Feeds
from tiphys.controllers.ports import (
    Change,
    DocumentRow,
    NodeRow,
    SealedRecord,
    StateRow,
    StoredEvent,
    WorkflowQuery,
    WorkflowRow,
)
from tiphys.errors import AlreadyExists, Unavailable


class MemoryStore:
    """`Store` in dictionaries; `commits` holds every change that was committed, in order."""

    def __init__(self) -> None:
        self.commits: list[Change] = []
        self._workflows: dict[str, WorkflowRow] = {}
        self._nodes: dict[str, dict[str, NodeRow]] = {}
        self._documents: dict[tuple[str, str, str], DocumentRow] = {}
        self._states: dict[tuple[str, str], StateRow] = {}
        self._events: dict[str, StoredEvent] = {}
        self._cursors: dict[str, int] = {}
        self._records: list[tuple[str, SealedRecord]] = []
        self._head = Head()
        self._feeds = Feeds()
        self._closed = False

    async def commit(self, change: Change) -> None:
        """See `Store`."""
        self._check_open()
        entries = [(record.subject, entry_bytes(record)) for record in change.records]
        self._check_created(change)
        self._delete(change)
        for row in (*change.created, *change.workflows):
            self._workflows[row.uid] = row
        for node in change.nodes:
            self._nodes.setdefault(node.workflow_uid, {})[node.node_id] = node
        self._documents |= {(row.kind, row.namespace, row.name): row for row in change.documents}
        self._states |= {(row.machine, row.key): row for row in change.states}
        for event in change.events:
            self._events.setdefault(event.id, StoredEvent(len(self._events) + 1, event))
        for cursor in change.cursors:
            self._cursors[cursor.consumer] = max(cursor.seq, self._cursors.get(cursor.consumer, 0))
        for subject, entry in entries:
            self._seal(subject, entry)
        self.commits.append(change)
        self._feeds.publish(change)

    async def workflow(self, namespace: str, name: str) -> WorkflowRow | None:
        """See `Store`."""
        self._check_open()
        return self._named(namespace, name)

    async def workflow_by_uid(self, uid: str) -> WorkflowRow | None:
        """See `Store`."""
        self._check_open()
        return self._workflows.get(uid)

    async def workflows(self, query: WorkflowQuery) -> Sequence[WorkflowRow]:
        """See `Store`."""
        self._check_open()
        newest_first = sorted(self._workflows.values(), key=lambda row: row.created_at)[::-1]
        return selection.page(query, [row for row in newest_first if _matches(row, query)])

    async def open_workflows(self) -> Sequence[WorkflowRow]:
        """See `Store`."""
        self._check_open()
        return [row for row in self._workflows.values() if row.finished_at is None]

    async def nodes(self, workflow_uid: str) -> Sequence[NodeRow]:
        """See `Store`."""
        self._check_open()
        return list(self._nodes.get(workflow_uid, {}).values())

    async def document(self, kind: str, namespace: str, name: str) -> DocumentRow | None:
        """See `Store`."""
        self._check_open()
        return self._documents.get((kind, namespace, name))

    async def documents(self, kind: str, namespace: str = "") -> Sequence[DocumentRow]:
        """See `Store`."""
        self._check_open()
        found = [row for row in self._documents.values() if row.kind == kind and namespace in ("", row.namespace)]
        return sorted(found, key=lambda row: (row.name, row.namespace))

    async def state(self, machine: str, key: str) -> StateRow | None:
        """See `Store`."""
        self._check_open()
        return self._states.get((machine, key))

    async def states(
        self, machine: str, *, phases: tuple[str, ...] = (), group: str | None = None
    ) -> Sequence[StateRow]:
        """See `Store`."""
        self._check_open()
        found = [
            row
            for row in self._states.values()
            if row.machine == machine and (not phases or row.phase in phases) and group in (None, row.group)
        ]
        return sorted(found, key=lambda row: row.key)

    async def events_after(self, seq: int, *, limit: int, source: str = "", subject: str = "") -> Sequence[StoredEvent]:
        """See `Store`."""
        self._check_open()
        found = [
            stored
            for stored in self._events.values()
            if stored.seq > seq and source in ("", stored.event.source) and subject in ("", stored.event.subject)
        ]
        return found[:limit]

    async def event(self, event_id: str) -> StoredEvent | None:
        """See `Store`."""
        self._check_open()
        return self._events.get(event_id)

    async def cursor(self, consumer: str) -> int:
        """See `Store`."""
        self._check_open()
        return self._cursors.get(consumer, 0)

    async def records(self, *, after: int = -1, subject: str = "") -> AsyncIterator[SealedRecord]:
        """See `Store`."""
        self._check_open()
        for about, record in self._records[after + 1 :]:
            if subject in ("", about):
                yield record

    def changes(self, wanted: Callable[[Change], bool] | None = None) -> AbstractContextManager[AsyncIterator[Change]]:
        """See `Store`."""
        return self._feeds.subscribe(wanted)

    async def close(self) -> None:
        """See `Store`."""
        self._closed = True

    def _check_open(self) -> None:
        if self._closed:
            raise Unavailable("the store is closed")

    def _named(self, namespace: str, name: str) -> WorkflowRow | None:
        return next((row for row in self._workflows.values() if (row.namespace, row.name) == (namespace, name)), None)

    def _check_created(self, change: Change) -> None:
        gone = {row.uid for row in change.deleted if isinstance(row, WorkflowRow)}
        for row in change.created:
            other = self._named(row.namespace, row.name)
            if (other and other.uid not in gone) or (row.uid in self._workflows and row.uid not in gone):
                raise AlreadyExists(
                    f"workflow {row.namespace}/{row.name} already exists; choose another name or delete it first"
                )

    def _delete(self, change: Change) -> None:
        for row in change.deleted:
            match row:
                case WorkflowRow():
                    self._workflows.pop(row.uid, None)
                    self._nodes.pop(row.uid, None)
                case DocumentRow():
                    self._documents.pop((row.kind, row.namespace, row.name), None)
                case StateRow():
                    self._states.pop((row.machine, row.key), None)

    def _seal(self, subject: str, entry: bytes) -> None:
        after = extended(self._head, entry)
        self._records.append((subject, SealedRecord(self._head.size, entry, self._head.hash, after.hash)))
        self._head = after


def _matches(row: WorkflowRow, query: WorkflowQuery) -> bool:
    return (
        query.namespace in ("", row.namespace)
        and (not query.phases or row.phase in query.phases)
        and row.name.startswith(query.name_prefix)
    )
