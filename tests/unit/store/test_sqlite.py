"""What is true of the SQLite store beyond the contract."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from tests.contracts.rows import AT, event, workflow

from tiphys.audit.record import Record
from tiphys.audit.verifier import Kind
from tiphys.controllers.ports import Change
from tiphys.errors import Bug, NotFound, Unavailable
from tiphys.store.audit_reader import verify_file
from tiphys.store.sqlite import open_sqlite


def alter(path: Path, statement: str) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(statement)


async def test_everything_is_there_after_reopening(tmp_path: Path):
    path = tmp_path / "deep" / "state.db"
    store = await open_sqlite(path)
    await store.commit(Change(created=(workflow("a"),), events=(event("e"),), records=(Record("k", "s", "a", AT),)))
    await store.close()
    again = await open_sqlite(path)
    assert await again.workflow("argo", "a") == workflow("a")
    assert await again.event("e")
    await again.commit(Change(records=(Record("k", "s", "a", AT),)))
    assert [record.seq async for record in again.records()] == [0, 1]
    await again.close()


async def test_an_engine_that_was_replaced_can_write_no_more(tmp_path: Path):
    path = tmp_path / "state.db"
    store = await open_sqlite(path)
    alter(path, "UPDATE engine SET epoch = epoch + 1")
    with pytest.raises(Unavailable, match="taken over"):
        await store.commit(Change(events=(event("e"),)))
    assert await store.event("e") is None
    await store.close()


async def test_what_no_column_can_hold_is_a_bug_of_ours_and_nothing_is_written(tmp_path: Path):
    store = await open_sqlite(tmp_path / "state.db")
    with pytest.raises(Bug, match="could not be written"):
        await store.commit(Change(events=(replace(event("e"), source="\ud800"),)))
    await store.commit(Change(events=(event("f"),)))
    assert [stored.event.id for stored in await store.events_after(0, limit=9)] == ["f"]
    await store.close()


async def test_a_file_that_is_no_database_is_refused(tmp_path: Path):
    path = tmp_path / "state.db"
    path.write_text("This is not a database at all. " * 100)
    with pytest.raises(Unavailable, match=r"state\.db"):
        await open_sqlite(path)
    with pytest.raises(Unavailable, match="audit log"):
        verify_file(path)


async def test_a_newer_schema_is_refused(tmp_path: Path):
    path = tmp_path / "state.db"
    await (await open_sqlite(path)).close()
    alter(path, "PRAGMA user_version=99")
    with pytest.raises(Unavailable, match="newer"):
        await open_sqlite(path)


@pytest.mark.parametrize(
    ("statement", "kind", "seq"),
    [
        ("UPDATE audit_record SET entry = replace(entry, 's2', 's9') WHERE seq = 2", Kind.MODIFIED, 2),
        ("UPDATE audit_record SET subject = 's9' WHERE seq = 2", Kind.COLUMN_DIFFERS, 2),
        ("DELETE FROM audit_record WHERE seq = 1", Kind.GAP, 1),
        ("DELETE FROM audit_record WHERE seq = 4", Kind.TRUNCATED, 4),
        ("UPDATE audit_record SET prev_hash = randomblob(32) WHERE seq = 3", Kind.LINKED_WRONG, 3),
        ("DELETE FROM audit_head", Kind.HEAD_DIFFERS, 5),
    ],
)
async def test_an_altered_log_is_found_in_the_open_file_and_in_the_closed(
    tmp_path: Path, statement: str, kind: Kind, seq: int
):
    path = tmp_path / "state.db"
    store = await open_sqlite(path)
    await store.commit(Change(records=tuple(Record("k", f"s{number}", "a", AT) for number in range(5))))
    assert verify_file(path) == []
    alter(path, statement.replace("replace(entry, 's2', 's9')", "CAST(replace(entry, 's2', 's9') AS BLOB)"))
    assert (verify_file(path)[0].kind, verify_file(path)[0].seq) == (kind, seq)
    await store.close()
    assert verify_file(path)[0].kind == kind


def test_a_missing_file_is_said_to_be_missing(tmp_path: Path):
    with pytest.raises(NotFound, match=r"nothing\.db"):
        verify_file(tmp_path / "nothing.db")
