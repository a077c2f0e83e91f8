from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest

from tiphys.controllers.ports import Change, NodeRow, WorkflowRow
from tiphys.server.history import History

START = datetime(2026, 1, 1, tzinfo=UTC)


def row(uid: str) -> WorkflowRow:
    return WorkflowRow(uid, "argo", uid, "Running", START, {}, {})


@pytest.fixture
def history() -> History:
    return History(START, capacity=3)


def test_changes_are_told_in_order_with_growing_versions(history):
    begin = history.version
    history.take(Change(created=(row("a"),), workflows=(row("a"),)))
    history.take(Change(nodes=(NodeRow("a", "a-1", "Running", {}),)))
    history.take(Change(deleted=(row("a"),)))
    entries = history.since(begin)
    assert [entry.kind for entry in entries] == ["ADDED", "MODIFIED", "DELETED"]
    assert [entry.version for entry in entries] == [begin + 1, begin + 2, begin + 3]
    assert history.since(begin + 2) == entries[2:]


def test_a_change_that_touches_no_workflow_is_no_entry(history):
    before = history.version
    history.take(Change())
    assert history.version == before


def test_what_is_forgotten_is_known_to_be_forgotten(history):
    begin = history.version
    for name in "abcde":
        history.take(Change(created=(row(name),)))
    assert not history.remembers(begin)
    assert history.remembers(begin + 2)
    assert history.version_of("a") == begin + 2
    assert history.version_of("e") == begin + 5


def test_a_gap_makes_everybody_begin_anew(history):
    begin = history.version
    history.forget()
    assert not history.remembers(begin)
    assert history.remembers(history.version)


def test_versions_grow_over_a_restart(history):
    history.take(Change(created=(row("a"),)))
    assert History(datetime(2026, 1, 1, 0, 0, 1, tzinfo=UTC)).version > history.version


async def test_a_change_wakes_who_waits(history):
    waiting = asyncio.create_task(history.moved())
    await asyncio.sleep(0)
    assert not waiting.done()
    history.take(Change(created=(row("a"),)))
    await asyncio.wait_for(waiting, 1)
