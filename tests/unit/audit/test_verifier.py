from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tiphys.audit.chain import Head, entry_bytes, entry_hash, extended, time_text
from tiphys.audit.record import Record
from tiphys.audit.verifier import EXIT_CODES, Kind, RawRow, exit_code, verify

AT = datetime(2026, 1, 2, 3, 4, 5, 6, tzinfo=UTC)


def chain(length: int) -> tuple[list[RawRow], Head]:
    head, rows = Head(), []
    for number in range(length):
        record = Record("incident.routed", f"incident-{number}", "planner:rules", AT + timedelta(seconds=number))
        entry = entry_bytes(record)
        after = extended(head, entry)
        columns = (record.kind, record.subject, record.actor, time_text(record.at))
        rows.append(RawRow(head.size, head.hash, after.hash, entry, *columns))
        head = after
    return rows, head


def edited(rows: list[RawRow]) -> list[RawRow]:
    rows[3] = replace(rows[3], entry=rows[3].entry.replace(b"incident-3", b"incident-9"), subject="incident-9")
    return rows


def rehashed(rows: list[RawRow]) -> list[RawRow]:
    rows = edited(rows)
    rows[3] = replace(rows[3], hash=entry_hash(rows[3].prev_hash, rows[3].entry))
    return rows


def renumbered(rows: list[RawRow]) -> list[RawRow]:
    return [replace(row, seq=number) for number, row in enumerate(rows[:3] + rows[4:])]


def recoloured(rows: list[RawRow]) -> list[RawRow]:
    rows[2] = replace(rows[2], actor="human:eve")
    return rows


def test_a_whole_chain_is_clean():
    assert verify(*chain(8)) == []


def test_an_empty_log_is_clean():
    assert verify([], Head()) == []


@pytest.mark.parametrize(
    ("attack", "kind", "seq"),
    [
        (edited, Kind.MODIFIED, 3),
        (rehashed, Kind.LINKED_WRONG, 4),
        (lambda rows: rows[:3] + rows[4:], Kind.GAP, 3),
        (lambda rows: rows[1:], Kind.GAP, 0),
        (lambda rows: [*rows[:3], rows[2], *rows[3:]], Kind.GAP, 3),
        (renumbered, Kind.LINKED_WRONG, 3),
        (recoloured, Kind.COLUMN_DIFFERS, 2),
        (lambda rows: rows[:5], Kind.TRUNCATED, 5),
        (lambda rows: [], Kind.TRUNCATED, 0),
    ],
)
def test_damage_is_named_with_its_first_row(attack: Callable[[list[RawRow]], list[RawRow]], kind: Kind, seq: int):
    rows, head = chain(8)
    found = verify(attack(rows), head)
    assert (found[0].kind, found[0].seq) == (kind, seq)
    assert exit_code(found) == EXIT_CODES[kind]


def test_a_head_row_that_fits_no_row_is_found():
    rows, head = chain(4)
    assert [finding.kind for finding in verify(rows, Head(4, bytes(32)))] == [Kind.HEAD_DIFFERS]
    assert [finding.kind for finding in verify(rows, Head(3, head.hash))] == [Kind.HEAD_DIFFERS]
    assert [finding.kind for finding in verify(rows, None)] == [Kind.HEAD_DIFFERS]


def test_each_kind_is_told_once_with_its_count():
    rows, head = chain(5)
    (finding,) = verify([replace(row, actor="human:eve") for row in rows], head)
    assert (finding.kind, finding.seq, finding.rows) == (Kind.COLUMN_DIFFERS, 0, 5)
    assert "seq 0 (and 4 more)" in str(finding)


def test_a_full_rewrite_is_not_found_without_an_anchor():
    """What an unanchored chain cannot promise, so that nobody claims it."""
    rows, _ = chain(8)
    head = Head()
    for number, row in enumerate(edited(rows)):
        after = extended(head, row.entry)
        rows[number] = replace(row, prev_hash=head.hash, hash=after.hash)
        head = after
    assert verify(rows, head) == []


def test_times_are_text_of_one_form():
    assert time_text(AT) == "2026-01-02T03:04:05.000006Z"
    assert time_text(AT.replace(microsecond=0)) == "2026-01-02T03:04:05.000000Z"
