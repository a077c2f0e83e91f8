"""Any changed byte of a kept chain is found, in whatever field it stands."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from tiphys.audit.canonical import MAX_INTEGER, canonical_bytes
from tiphys.audit.chain import Head, entry_bytes, extended, time_text
from tiphys.audit.record import Record
from tiphys.audit.verifier import RawRow, verify

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
values = st.recursive(
    st.none() | st.booleans() | st.integers(-MAX_INTEGER, MAX_INTEGER) | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)
records = st.builds(
    Record,
    kind=texts,
    subject=texts,
    actor=texts,
    at=st.datetimes(min_value=datetime(1970, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 - the zone is the strategy's
    data=st.dictionaries(texts, values, max_size=3),
)


def sealed(log: list[Record]) -> tuple[list[RawRow], Head]:
    head, rows = Head(), []
    for record in log:
        entry = entry_bytes(record)
        after = extended(head, entry)
        columns = (record.kind, record.subject, record.actor, time_text(record.at))
        rows.append(RawRow(head.size, head.hash, after.hash, entry, *columns))
        head = after
    return rows, head


@given(values)
def test_canonical_bytes_can_be_read_back(value: object):
    assert json.loads(canonical_bytes(value)) == value


@given(values)
def test_canonical_bytes_are_a_fixed_point(value: object):
    text = canonical_bytes(value)
    assert canonical_bytes(json.loads(text)) == text


@given(st.lists(records, min_size=1, max_size=5), st.data())
def test_any_changed_byte_is_found(log: list[Record], data: st.DataObject):
    rows, head = sealed(log)
    assert verify(rows, head) == []
    row = data.draw(st.sampled_from(rows))
    field = data.draw(st.sampled_from(["prev_hash", "hash", "entry"]))
    old = bytearray(getattr(row, field))
    place = data.draw(st.integers(0, len(old) - 1))
    old[place] ^= data.draw(st.integers(1, 255))
    rows[row.seq] = replace(row, **{field: bytes(old)})
    assert verify(rows, head) != []


@given(st.lists(records, min_size=1, max_size=5), st.data())
def test_any_changed_column_is_found(log: list[Record], data: st.DataObject):
    rows, head = sealed(log)
    row = data.draw(st.sampled_from(rows))
    field = data.draw(st.sampled_from(["kind", "subject", "actor", "at"]))
    other = data.draw(texts.filter(lambda text: text != getattr(row, field)))
    rows[row.seq] = replace(row, **{field: other})
    assert verify(rows, head) != []


@given(st.lists(records, min_size=2, max_size=6, unique_by=entry_bytes), st.data())
def test_any_missing_or_swapped_row_is_found(log: list[Record], data: st.DataObject):
    rows, head = sealed(log)
    left, right = sorted(data.draw(st.lists(st.integers(0, len(rows) - 1), min_size=2, max_size=2, unique=True)))
    assert verify(rows[:left] + rows[left + 1 :], head) != []
    rows[left], rows[right] = replace(rows[right], seq=left), replace(rows[left], seq=right)
    assert verify(rows, head) != []
