"""What is true of every `Store`."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from tests.contracts.rows import AT, event, node, workflow

from tiphys.audit.chain import GENESIS, entry_hash
from tiphys.audit.record import Record
from tiphys.controllers.feed import MAX_BEHIND
from tiphys.controllers.ports import Change, Cursor, DocumentRow, StateRow, Store, WorkflowQuery
from tiphys.errors import AlreadyExists, Refused, Unavailable
from tiphys.store.sqlite import open_sqlite
from tiphys.testing.store import MemoryStore


@pytest.fixture(params=["memory", "sqlite"])
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Store]:
    opened = MemoryStore() if request.param == "memory" else await open_sqlite(tmp_path / "state.db")
    yield opened
    await opened.close()


def record(number: int, subject: str = "incident-1") -> Record:
    return Record("incident.routed", subject, "planner:rules", AT + timedelta(seconds=number), {"number": number})


async def names(store: Store, **query: object) -> list[str]:
    return [row.name for row in await store.workflows(WorkflowQuery(**query))]


async def test_a_workflow_comes_back_as_it_was_given(store: Store):
    row = workflow("a", labels={"team": "x"}, started_at=AT, finished_at=AT + timedelta(seconds=1))
    await store.commit(Change(created=(row,)))
    assert await store.workflow("argo", "a") == row
    assert await store.workflow_by_uid(row.uid) == row


async def test_what_does_not_exist_is_none_or_empty(store: Store):
    assert await store.workflow("argo", "a") is None
    assert await store.workflow_by_uid("u") is None
    assert await store.document("ConfigMap", "argo", "c") is None
    assert await store.state("incident", "i") is None
    assert await store.event("e") is None
    assert await store.cursor("c") == 0
    assert list(await store.workflows(WorkflowQuery())) == []
    assert list(await store.nodes("u")) == []
    assert [r async for r in store.records()] == []


async def test_a_name_is_taken_once_and_the_whole_change_fails(store: Store):
    await store.commit(Change(created=(workflow("a"),)))
    other = replace(workflow("a"), uid="another")
    with pytest.raises(AlreadyExists, match="argo/a"):
        await store.commit(
            Change(nodes=(node(other, "n"),), created=(other,), records=(record(0),), events=(event("e"),))
        )
    assert await store.workflow_by_uid("another") is None
    assert list(await store.nodes("another")) == []
    assert await store.event("e") is None
    assert [r async for r in store.records()] == []


async def test_the_same_name_is_free_in_another_namespace(store: Store):
    await store.commit(Change(created=(workflow("a"), workflow("a", namespace="other"))))
    assert await names(store) == ["a", "a"]


async def test_one_that_fails_does_not_harm_those_beside_it(store: Store):
    await store.commit(Change(created=(workflow("taken"),)))
    changes = [Change(created=(workflow(name),), records=(record(0),)) for name in ("a", "taken", "b", "taken", "c")]
    results = await asyncio.gather(*(store.commit(change) for change in changes), return_exceptions=True)
    assert [type(result) for result in results] == [type(None), AlreadyExists, type(None), AlreadyExists, type(None)]
    assert sorted(await names(store)) == ["a", "b", "c", "taken"]
    assert [r.seq async for r in store.records()] == [0, 1, 2]


async def test_a_row_replaces_the_row_of_its_key_and_keeps_its_place(store: Store):
    first, second = workflow("a"), workflow("b")
    await store.commit(Change(created=(first, second), nodes=(node(first, "x"), node(first, "y"))))
    done = replace(first, phase="Succeeded", labels={"l": "1"}, state={"s": 1}, finished_at=AT)
    await store.commit(Change(workflows=(done,), nodes=(node(first, "y", "Failed"), node(first, "x", "Succeeded"))))
    assert await store.workflow_by_uid(first.uid) == done
    assert [(n.node_id, n.phase) for n in await store.nodes(first.uid)] == [("x", "Succeeded"), ("y", "Failed")]
    assert [row.name for row in await store.open_workflows()] == ["b"]


async def test_a_changed_manifest_is_kept(store: Store):
    row = workflow("a")
    await store.commit(Change(created=(row,)))
    await store.commit(Change(workflows=(replace(row, phase="Running"),)))
    suspended = replace(row, manifest={"spec": {"suspend": True}})
    await store.commit(Change(workflows=(suspended,)))
    assert await store.workflow_by_uid(row.uid) == suspended


async def test_workflows_are_listed_newest_first(store: Store):
    await store.commit(Change(created=(workflow("middle", age_s=5), workflow("old", age_s=9), workflow("new"))))
    assert await names(store) == ["new", "middle", "old"]
    assert await names(store, limit=1, offset=1) == ["middle"]
    assert await names(store, offset=2) == ["old"]


async def test_of_the_same_age_the_last_written_comes_first(store: Store):
    await store.commit(Change(created=(workflow("a"), workflow("b"))))
    await store.commit(Change(created=(workflow("c"),)))
    assert await names(store) == ["c", "b", "a"]


async def test_workflows_are_chosen_by_namespace_phase_and_prefix(store: Store):
    rows = (
        workflow("train-1", phase="Failed"),
        workflow("train_2", phase="Succeeded", age_s=1),
        workflow("t%", namespace="other", phase="Failed", age_s=2),
    )
    await store.commit(Change(created=rows))
    assert await names(store, namespace="argo") == ["train-1", "train_2"]
    assert await names(store, phases=("Failed",)) == ["train-1", "t%"]
    assert await names(store, phases=("Failed", "Succeeded"), name_prefix="train_") == ["train_2"]
    assert await names(store, name_prefix="t%") == ["t%"]


async def test_workflows_are_chosen_by_labels_before_they_are_paged(store: Store):
    await store.commit(
        Change(created=tuple(workflow(f"w{n}", age_s=n, labels={"odd": str(n % 2), "n": str(n)}) for n in range(6)))
    )
    assert await names(store, labels="odd=1", offset=1, limit=1) == ["w3"]
    assert await names(store, labels="odd!=1,n notin (0)") == ["w2", "w4"]
    with pytest.raises(Refused):
        await store.workflows(WorkflowQuery(labels="a in"))


async def test_open_workflows_are_oldest_first(store: Store):
    await store.commit(Change(created=(workflow("a"), workflow("b", finished_at=AT), workflow("c"))))
    assert [row.name for row in await store.open_workflows()] == ["a", "c"]


async def test_documents_are_unique_by_kind_and_name(store: Store):
    config, other, cluster = (
        DocumentRow("ConfigMap", "argo", "b", {"data": {"k": "1"}}),
        DocumentRow("ConfigMap", "other", "a", {}),
        DocumentRow("ClusterWorkflowTemplate", "", "b", {}),
    )
    await store.commit(Change(documents=(config, other, cluster)))
    newer = replace(config, body={"data": {"k": "2"}})
    await store.commit(Change(documents=(newer,)))
    assert await store.document("ConfigMap", "argo", "b") == newer
    assert await store.documents("ConfigMap") == [other, newer]
    assert await store.documents("ConfigMap", "argo") == [newer]
    assert await store.documents("ClusterWorkflowTemplate") == [cluster]


async def test_states_are_found_by_phase_and_group(store: Store):
    rows = (
        StateRow("incident", "2", "open", {"n": 2}, "web"),
        StateRow("incident", "1", "closed", {"n": 1}, "web"),
        StateRow("incident", "3", "open", {}),
        StateRow("approval", "1", "open", {}),
    )
    await store.commit(Change(states=rows))
    assert await store.state("incident", "2") == rows[0]
    assert [row.key for row in await store.states("incident")] == ["1", "2", "3"]
    assert [row.key for row in await store.states("incident", phases=("open",))] == ["2", "3"]
    assert [row.key for row in await store.states("incident", phases=("open", "closed"), group="web")] == ["1", "2"]
    assert [row.key for row in await store.states("incident", group="")] == ["3"]


async def test_deleted_rows_are_gone_and_a_workflow_takes_its_nodes_along(store: Store):
    row, other = workflow("a"), workflow("b")
    document, state = DocumentRow("Sensor", "argo", "s", {}), StateRow("switch", "kill", "", {})
    await store.commit(
        Change(created=(row, other), nodes=(node(row, "n"), node(other, "m")), documents=(document,), states=(state,))
    )
    await store.commit(Change(deleted=(row, document, state)))
    assert await names(store) == ["b"]
    assert list(await store.nodes(row.uid)) == []
    assert len(await store.nodes(other.uid)) == 1
    assert await store.document("Sensor", "argo", "s") is None
    assert await store.state("switch", "kill") is None


async def test_a_name_is_free_again_after_its_workflow_was_deleted(store: Store):
    row = workflow("a")
    await store.commit(Change(created=(row,)))
    again = replace(row, uid="second")
    await store.commit(Change(deleted=(row,), created=(again,)))
    assert await store.workflow("argo", "a") == again


async def test_events_are_kept_in_order_and_once_by_id(store: Store):
    await store.commit(Change(events=(event("a"), event("b", subject="other"))))
    await store.commit(Change(events=(event("a", subject="again"), event("c"))))
    everything = await store.events_after(0, limit=10)
    assert [stored.event.id for stored in everything] == ["a", "b", "c"]
    assert everything[0].event == event("a")
    assert [s.event.id for s in await store.events_after(everything[0].seq, limit=1)] == ["b"]
    assert [s.event.id for s in await store.events_after(0, limit=9, source="webhook", subject="alert")] == ["a", "c"]
    assert await store.event("b") == everything[1]


async def test_a_cursor_never_goes_back(store: Store):
    await store.commit(Change(cursors=(Cursor("sensor", 7),)))
    await store.commit(Change(cursors=(Cursor("sensor", 3), Cursor("other", 1))))
    assert (await store.cursor("sensor"), await store.cursor("other")) == (7, 1)


async def test_records_form_one_chain_over_all_commits(store: Store):
    await store.commit(Change(records=(record(0), record(1, "incident-2"))))
    await asyncio.gather(*(store.commit(Change(records=(record(number),))) for number in range(2, 20)))
    chain = [r async for r in store.records()]
    assert [sealed.seq for sealed in chain] == list(range(20))
    assert [sealed.prev_hash for sealed in chain] == [GENESIS, *(sealed.hash for sealed in chain[:-1])]
    assert all(sealed.hash == entry_hash(sealed.prev_hash, sealed.entry) for sealed in chain)
    assert [sealed.seq async for sealed in store.records(after=17)] == [18, 19]
    assert [sealed.seq async for sealed in store.records(subject="incident-2")] == [1]


async def test_a_long_chain_is_read_whole(store: Store):
    await store.commit(Change(records=tuple(record(number) for number in range(1201))))
    assert [sealed.seq async for sealed in store.records()] == list(range(1201))


async def test_a_record_without_canonical_form_fails_its_change_alone(store: Store):
    bad = Record("k", "s", "a", AT, {"confidence": 0.7})  # pyright: ignore[reportArgumentType]
    with pytest.raises(Refused, match="confidence"):
        await store.commit(Change(created=(workflow("a"),), records=(record(0), bad)))
    assert await names(store) == []
    assert [r async for r in store.records()] == []


async def test_a_watcher_sees_what_is_committed_from_now_on_in_order(store: Store):
    await store.commit(Change(events=(event("before"),)))
    wanted = [Change(events=(event(str(number)),)) for number in range(5)]
    with store.changes() as changes:
        await asyncio.gather(*(store.commit(change) for change in wanted))
        assert [await anext(changes) for _ in wanted] == wanted


async def test_a_watcher_sees_neither_failures_nor_what_it_does_not_want(store: Store):
    with store.changes(lambda change: bool(change.events)) as changes:
        await store.commit(Change(created=(workflow("a"),)))
        with pytest.raises(AlreadyExists):
            await store.commit(Change(created=(workflow("a"),), events=(event("x"),)))
        await store.commit(Change(events=(event("y"),)))
        assert (await anext(changes)).events == (event("y"),)


async def test_a_watcher_that_falls_behind_is_told():
    store = MemoryStore()
    with store.changes() as changes:
        for _ in range(MAX_BEHIND + 1):
            await store.commit(Change())
        with pytest.raises(Unavailable, match="behind"):
            async for _ in changes:
                pass


async def test_after_close_every_call_is_refused(store: Store):
    await store.close()
    with pytest.raises(Unavailable):
        await store.commit(Change())
    with pytest.raises(Unavailable):
        await store.workflow("argo", "a")
    await store.close()


async def test_close_waits_for_what_was_handed_in(store: Store):
    pending = [asyncio.ensure_future(store.commit(Change(events=(event(str(n)),)))) for n in range(50)]
    await asyncio.sleep(0)
    await store.close()
    assert await asyncio.gather(*pending) == [None] * 50
