"""Reads a chain as an outsider would, and says what is wrong with it and where.

It takes raw rows, whatever they were read with, decodes the entries itself, and trusts no column. What it cannot know:
a chain rewritten from some row to its end together with its head row is whole; only an anchor elsewhere shows that.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from enum import Enum

from tiphys.audit.chain import GENESIS, Head, entry_hash


class Kind(Enum):
    """What can be wrong; the value is its name in reports."""

    MODIFIED = "modified"
    LINKED_WRONG = "linked-wrong"
    GAP = "gap"
    COLUMN_DIFFERS = "column-differs-from-bytes"
    TRUNCATED = "truncated"
    HEAD_DIFFERS = "head-differs"


EXIT_CODES = {
    Kind.MODIFIED: 10,
    Kind.LINKED_WRONG: 11,
    Kind.GAP: 12,
    Kind.COLUMN_DIFFERS: 13,
    Kind.TRUNCATED: 14,
    Kind.HEAD_DIFFERS: 15,
}
"""Exit status of the verifier by what it found first; 0 is clean, 1 and 2 are other programs' failures."""


@dataclass(frozen=True, slots=True)
class RawRow:
    """One row as it is kept: the sealed entry, and the plain columns that stand beside it for queries."""

    seq: int
    prev_hash: bytes
    hash: bytes
    entry: bytes
    kind: str
    subject: str
    actor: str
    at: str


@dataclass(frozen=True, slots=True)
class Finding:
    """One kind of damage: the first row that shows it, what was expected there, what is there, and how many rows."""

    kind: Kind
    seq: int
    expected: str
    found: str
    rows: int = 1

    def __str__(self) -> str:
        more = f" (and {self.rows - 1} more)" if self.rows > 1 else ""
        return f"{self.kind.value}: seq {self.seq}{more}: expected {self.expected}, found {self.found}"


def verify(rows: Iterable[RawRow], head: Head | None) -> list[Finding]:
    """All damage in `rows` (in order of `seq`) against the kept head row, each kind once, in the order of the rows."""
    first: dict[Kind, Finding] = {}
    for finding in _findings(rows, head):
        known = first.get(finding.kind)
        first[finding.kind] = replace(known, rows=known.rows + 1) if known else finding
    return list(first.values())


def exit_code(findings: Iterable[Finding]) -> int:
    """The code of the first finding; 0 when there is none."""
    return next((EXIT_CODES[finding.kind] for finding in findings), 0)


def _findings(rows: Iterable[RawRow], head: Head | None) -> Iterator[Finding]:
    size, last_hash = 0, GENESIS
    for row in rows:
        if row.seq != size:
            yield Finding(Kind.GAP, size, f"seq {size}", f"seq {row.seq}")
        if row.prev_hash != last_hash:
            yield Finding(Kind.LINKED_WRONG, row.seq, f"previous hash {last_hash.hex()}", row.prev_hash.hex())
        right = entry_hash(row.prev_hash, row.entry)
        if row.hash != right:
            yield Finding(Kind.MODIFIED, row.seq, f"hash {right.hex()} for these bytes", row.hash.hex())
        yield from _column_findings(row)
        size, last_hash = row.seq + 1, row.hash
    yield from _head_findings(size, last_hash, head)


def _column_findings(row: RawRow) -> Iterator[Finding]:
    for name, have in (("kind", row.kind), ("subject", row.subject), ("actor", row.actor), ("at", row.at)):
        want = _member(row.entry, name)
        if want != have:
            yield Finding(Kind.COLUMN_DIFFERS, row.seq, f"{name} {want!r} as in the bytes", f"{have!r}")
            return


def _member(entry: bytes, name: str) -> object:
    try:
        value: object = json.loads(entry)[name]
    except (ValueError, KeyError, TypeError, IndexError):
        return None
    return value


def _head_findings(size: int, last_hash: bytes, head: Head | None) -> Iterator[Finding]:
    if head is None:
        yield Finding(Kind.HEAD_DIFFERS, size, "a head row", "none")
    elif head.size > size:
        yield Finding(Kind.TRUNCATED, size, f"{head.size} rows as the head row says", f"{size} rows")
    elif head.size < size or head.hash != last_hash:
        expected = f"a head row with {size} rows and hash {last_hash.hex()}"
        yield Finding(Kind.HEAD_DIFFERS, max(size - 1, 0), expected, f"{head.size} rows and hash {head.hash.hex()}")
