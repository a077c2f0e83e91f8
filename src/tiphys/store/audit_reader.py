"""Reads the audit chain of a state file for the verifier, sharing nothing with the store.

Its statements are its own; it works on a copy, on a file that an engine has open, and on one whose rows are damaged.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from tiphys.audit.chain import Head
from tiphys.audit.verifier import Finding, RawRow, verify
from tiphys.errors import NotFound, Unavailable
from tiphys.store.connections import open_reader

_ROWS = "SELECT seq, prev_hash, hash, entry, kind, subject, actor, at FROM audit_record ORDER BY seq"
_HEAD = "SELECT size, hash FROM audit_head WHERE id = 0"


def verify_file(path: Path) -> list[Finding]:
    """What is wrong with the chain in that state file; raises `NotFound`, `Unavailable` when it cannot be read."""
    if not path.is_file():
        raise NotFound(f"{path}: there is no such state file; name one with --db or --data-dir")
    try:
        with closing(open_reader(path)) as connection:
            connection.execute("BEGIN")
            head = connection.execute(_HEAD).fetchone()
            return verify(_rows(connection), Head(*head) if head else None)
    except sqlite3.Error as error:
        raise Unavailable(f"{path}: the audit log cannot be read: {error}") from error


def _rows(connection: sqlite3.Connection) -> Iterator[RawRow]:
    for columns in connection.execute(_ROWS):
        yield RawRow(*columns)
