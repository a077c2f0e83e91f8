"""The store in one SQLite file: the shipped default.

One thread writes (see `writer`), a few read through connections that cannot write. It keeps rows and knows none of the
machines.
"""

from __future__ import annotations

import asyncio
import json
import os
import sqlite3
import threading
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

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
from tiphys.errors import TiphysError, Unavailable
from tiphys.store import changes, rows
from tiphys.store.connections import open_reader, open_writer
from tiphys.store.lock import take_lock
from tiphys.store.rows import Columns
from tiphys.store.statements import load_statements
from tiphys.store.writer import Job, Writer

READERS = 2
"""Threads that read: as many as a small machine has cores; each has its own connection."""
RECORD_PAGE = 500
"""Audit records fetched at a time, so that a long export blocks no one."""

_READ = load_statements("read.sql")
_Row = TypeVar("_Row")


class SqliteStore:
    """`Store` over one file; made by `open_sqlite`, used on the event loop that was running then."""

    def __init__(self, path: Path, lock: int, connection: sqlite3.Connection) -> None:
        self._lock = lock
        self._writer = Writer(connection, asyncio.get_running_loop())
        self._readers = _Readers(path)
        self._feeds = Feeds()
        self._manifests: dict[str, Mapping[str, Any]] = {}
        self._closed = False

    @property
    def epoch(self) -> int:
        """Grows with each opening of the file."""
        return self._writer.epoch

    async def commit(self, change: Change) -> None:
        """See `Store`; what is committed together by many callers shares one transaction."""
        writes = changes.prepare(change, is_same_manifest=self._is_same_manifest)
        done = asyncio.get_running_loop().create_future()
        self._writer.submit(Job(partial(changes.write, writes=writes), partial(self._settle, change, done)))
        await done

    async def workflow(self, namespace: str, name: str) -> WorkflowRow | None:
        """See `Store`."""
        return await self._one(rows.workflow_row, "workflow", namespace, name)

    async def workflow_by_uid(self, uid: str) -> WorkflowRow | None:
        """See `Store`."""
        return await self._one(rows.workflow_row, "workflow_by_uid", uid)

    async def workflows(self, query: WorkflowQuery) -> Sequence[WorkflowRow]:
        """See `Store`; labels are matched here, everything else by the database."""
        parameters = {"namespace": query.namespace, "prefix": query.name_prefix, "phases": _list_or_none(query.phases)}
        return selection.page(query, await self._all(rows.workflow_row, "workflows", parameters))

    async def open_workflows(self) -> Sequence[WorkflowRow]:
        """See `Store`."""
        return await self._all(rows.workflow_row, "open_workflows", {})

    async def nodes(self, workflow_uid: str) -> Sequence[NodeRow]:
        """See `Store`."""
        return await self._all(rows.node_row, "nodes", (workflow_uid,))

    async def document(self, kind: str, namespace: str, name: str) -> DocumentRow | None:
        """See `Store`."""
        return await self._one(rows.document_row, "document", kind, namespace, name)

    async def documents(self, kind: str, namespace: str = "") -> Sequence[DocumentRow]:
        """See `Store`."""
        return await self._all(rows.document_row, "documents", {"kind": kind, "namespace": namespace})

    async def state(self, machine: str, key: str) -> StateRow | None:
        """See `Store`."""
        return await self._one(rows.state_row, "state", machine, key)

    async def states(
        self, machine: str, *, phases: tuple[str, ...] = (), group: str | None = None
    ) -> Sequence[StateRow]:
        """See `Store`."""
        parameters = {"machine": machine, "phases": _list_or_none(phases), "group": group}
        return await self._all(rows.state_row, "states", parameters)

    async def events_after(self, seq: int, *, limit: int, source: str = "", subject: str = "") -> Sequence[StoredEvent]:
        """See `Store`."""
        parameters = {"seq": seq, "limit": limit, "source": source, "subject": subject}
        return await self._all(rows.stored_event, "events_after", parameters)

    async def event(self, event_id: str) -> StoredEvent | None:
        """See `Store`."""
        return await self._one(rows.stored_event, "event", event_id)

    async def cursor(self, consumer: str) -> int:
        """See `Store`."""
        found = await self._all(tuple, "cursor", (consumer,))
        return found[0][0] if found else 0

    async def records(self, *, after: int = -1, subject: str = "") -> AsyncIterator[SealedRecord]:
        """See `Store`."""
        while True:
            parameters = {"after": after, "subject": subject, "limit": RECORD_PAGE}
            page = await self._all(rows.sealed_record, "records", parameters)
            for record in page:
                yield record
            if len(page) < RECORD_PAGE:
                return
            after = page[-1].seq

    def changes(self, wanted: Callable[[Change], bool] | None = None) -> AbstractContextManager[AsyncIterator[Change]]:
        """See `Store`."""
        return self._feeds.subscribe(wanted)

    async def close(self) -> None:
        """See `Store`."""
        if self._closed:
            return
        self._closed = True
        await asyncio.to_thread(self._writer.close)
        self._readers.close()
        os.close(self._lock)

    def _is_same_manifest(self, row: WorkflowRow) -> bool:
        """Whether the very object was written before: rows are never mutated, so it cannot have changed."""
        return self._manifests.get(row.uid) is row.manifest

    def _settle(self, change: Change, done: asyncio.Future[None], error: TiphysError | None) -> None:
        if error is None:
            self._remember_manifests(change)
            self._feeds.publish(change)
        if done.cancelled():
            return
        if error is None:
            done.set_result(None)
        else:
            done.set_exception(error)

    def _remember_manifests(self, change: Change) -> None:
        for row in (*change.created, *change.workflows):
            self._manifests[row.uid] = row.manifest
            if row.finished_at:
                del self._manifests[row.uid]
        for row in change.deleted:
            if isinstance(row, WorkflowRow):
                self._manifests.pop(row.uid, None)

    async def _one(self, build: Callable[[Columns], _Row], name: str, *key: str) -> _Row | None:
        found = await self._all(build, name, key)
        return found[0] if found else None

    async def _all(
        self, build: Callable[[Columns], _Row], name: str, parameters: Sequence[Any] | Mapping[str, Any]
    ) -> list[_Row]:
        if self._closed:
            raise Unavailable("the store is closed")
        return await self._readers.run(
            lambda connection: [build(row) for row in connection.execute(_READ[name], parameters)]
        )


class _Readers:
    """A few threads, each with its own connection that can only read."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._mine = threading.local()
        self._opened: list[sqlite3.Connection] = []
        self._threads = ThreadPoolExecutor(READERS, "tiphys-store-reader", initializer=self._open)

    async def run(self, read: Callable[[sqlite3.Connection], _Row]) -> _Row:
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._read, read)

    def close(self) -> None:
        self._threads.shutdown()
        for connection in self._opened:
            connection.close()

    def _open(self) -> None:
        self._mine.connection = open_reader(self._path)
        self._opened.append(self._mine.connection)

    def _read(self, read: Callable[[sqlite3.Connection], _Row]) -> _Row:
        try:
            return read(self._mine.connection)
        except sqlite3.Error as error:
            raise Unavailable(f"{self._path}: the state could not be read: {error}") from error


async def open_sqlite(path: Path) -> SqliteStore:
    """Opens the state file, made with its directory when missing; raises `Unavailable` when another engine has it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = take_lock(path.with_name(f"{path.name}.lock"))
    try:
        return SqliteStore(path, lock, open_writer(path))
    except BaseException:
        os.close(lock)
        raise


def _list_or_none(phases: tuple[str, ...]) -> str | None:
    return json.dumps(phases) if phases else None
