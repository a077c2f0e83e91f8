"""Group commit: one thread owns the writing connection, drains all that is queued into one transaction, then releases.

While one transaction is on its way to the disk, the next batch grows: no delay is added, and a slow disk makes larger
batches. Each job stands in its own savepoint, so that one that fails leaves the others of its batch unharmed.
"""

from __future__ import annotations

import asyncio
import queue
import sqlite3
import threading
from collections.abc import Callable
from dataclasses import dataclass

from tiphys.errors import Bug, TiphysError, Unavailable
from tiphys.store.statements import load_statements

_WRITE = load_statements("write.sql")


@dataclass(slots=True)
class Job:
    """One unit of work and who waits for it: `work` runs in the thread, `settle` on the loop with the error or None."""

    work: Callable[[sqlite3.Connection], None]
    settle: Callable[[TiphysError | None], None]
    error: TiphysError | None = None


class Writer:
    """The thread and its queue. `epoch` is the one under which this engine may write."""

    def __init__(self, connection: sqlite3.Connection, loop: asyncio.AbstractEventLoop) -> None:
        self._connection = connection
        self._loop = loop
        self._queue: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
        self._closed = False
        (self.epoch,) = connection.execute(_WRITE["take_epoch"]).fetchone()
        self._thread = threading.Thread(target=self._run, name="tiphys-store-writer", daemon=True)
        self._thread.start()

    def submit(self, job: Job) -> None:
        """Queues a job; jobs are carried out and settled in that order. Raises `Unavailable` when closed."""
        if self._closed:
            raise Unavailable("the store is closed")
        self._queue.put(job)

    def close(self) -> None:
        """Waits for all that is queued, folds the log back into the file and closes the connection."""
        if not self._closed:
            self._closed = True
            self._queue.put(None)
        self._thread.join()

    def _run(self) -> None:
        while batch := self._drain():
            self._commit(batch)
            self._loop.call_soon_threadsafe(_settle, batch)
        try:
            self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        finally:
            self._connection.close()

    def _drain(self) -> list[Job]:
        """Everything that is queued, at least one job; empty at the end."""
        batch: list[Job] = []
        job = self._queue.get()
        while job is not None:
            batch.append(job)
            try:
                job = self._queue.get_nowait()
            except queue.Empty:
                return batch
        if batch:
            self._queue.put(None)
        return batch

    def _commit(self, batch: list[Job]) -> None:
        try:
            self._connection.execute("BEGIN IMMEDIATE")
            self._check_epoch()
            for job in batch:
                self._carry_out(job)
            self._connection.execute("COMMIT")
        except (sqlite3.Error, Unavailable) as error:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            for job in batch:
                job.error = Unavailable(f"the state could not be written: {error}")

    def _check_epoch(self) -> None:
        (epoch,) = self._connection.execute(_WRITE["epoch"]).fetchone()
        if epoch != self.epoch:
            raise Unavailable(f"another engine has taken over this state (epoch {epoch}, ours is {self.epoch})")

    def _carry_out(self, job: Job) -> None:
        self._connection.execute("SAVEPOINT job")
        try:
            job.work(self._connection)
        except Exception as error:  # noqa: BLE001 - whatever one job does wrong, it must not take its batch along
            job.error = error if isinstance(error, TiphysError) else _translated(error)
            self._connection.execute("ROLLBACK TO job")
        self._connection.execute("RELEASE job")


def _translated(error: Exception) -> TiphysError:
    if isinstance(error, sqlite3.OperationalError):
        return Unavailable(f"the state could not be written: {error}")
    return Bug(f"a change could not be written: {type(error).__name__}: {error}")


def _settle(batch: list[Job]) -> None:
    for job in batch:
        job.settle(job.error)
