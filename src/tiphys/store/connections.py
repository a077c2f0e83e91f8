"""How a state file is opened: one connection that writes, others that can only read, and the schema brought up to date.

WAL lets readers and the writer go on at the same time; `synchronous=FULL` makes a commit durable before it returns.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path

from tiphys.errors import Unavailable
from tiphys.store.statements import load_migrations

BUSY_TIMEOUT_S = 10.0
"""Seconds to wait for another process's lock; a checkpoint of another reader takes milliseconds."""
CACHE_KIB = 32_000
"""KiB of page cache for the writer: the hot pages of some 100,000 nodes."""
CHECKPOINT_PAGES = 4_000
"""Pages of 4 KiB in the write-ahead log before it is folded back (16 MiB)."""


def open_writer(path: Path) -> sqlite3.Connection:
    """The writing connection, with the newest schema; transactions are begun by hand."""
    try:
        connection = sqlite3.connect(
            path, timeout=BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=False, cached_statements=64
        )
        connection.executescript(
            f"PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA temp_store=MEMORY;"
            f"PRAGMA cache_size=-{CACHE_KIB}; PRAGMA wal_autocheckpoint={CHECKPOINT_PAGES};"
        )
        _migrate(connection, path)
    except sqlite3.Error as error:
        raise Unavailable(f"{path}: cannot be opened as a state file: {error}") from error
    return connection


def open_reader(path: Path) -> sqlite3.Connection:
    """A connection that can only read; the file must exist."""
    try:
        connection = sqlite3.connect(
            f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=BUSY_TIMEOUT_S, check_same_thread=False
        )
        connection.execute("PRAGMA query_only=ON")
    except sqlite3.Error as error:
        raise Unavailable(f"{path}: cannot be read as a state file: {error}") from error
    return connection


def _migrate(connection: sqlite3.Connection, path: Path) -> None:
    migrations = load_migrations()
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version > len(migrations):
        raise Unavailable(
            f"{path}: schema version {version} is newer than this Tiphys knows ({len(migrations)}); use a newer Tiphys"
        )
    for number, script in enumerate(migrations[version:], start=version + 1):
        connection.executescript(f"BEGIN IMMEDIATE; {script} PRAGMA user_version={number}; COMMIT;")
