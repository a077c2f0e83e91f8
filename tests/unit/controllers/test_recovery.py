"""A crash at each commit of a workflow, and what the next engine makes of it."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from tests.unit.controllers.engine import POD, Bench, FailingStore, engine, settle

from tiphys.errors import TiphysError
from tiphys.testing.executor import FakeExecutor, Plan

RETRIED: dict[str, Any] = {
    "entrypoint": "main",
    "onExit": "last",
    "templates": [
        {
            "name": "main",
            "dag": {
                "tasks": [
                    {"name": "a", "template": "pod"},
                    {"name": "b", "template": "pod", "withItems": [1, 2], "depends": "a"},
                    {"name": "c", "template": "pod", "depends": "b"},
                ]
            },
        },
        {"name": "pod", "container": POD, "retryStrategy": {"limit": "5", "retryPolicy": "Always"}},
        {"name": "last", "container": POD, "retryStrategy": {"limit": "5", "retryPolicy": "Always"}},
    ],
}
PLAIN: dict[str, Any] = {
    "entrypoint": "main",
    "templates": [{"name": "main", "container": POD}],
}


async def crash_after(commits: int, spec: dict[str, Any]) -> tuple[FailingStore, FakeExecutor]:
    """An engine that could write only so often: its store and what it had started."""
    bench = await engine()
    bench.store.commits_left = commits
    try:
        row = await bench.submit(spec)
        async with asyncio.timeout(5):
            await bench.controller.wait_ended(row.uid)
    except TiphysError:
        pass
    await settle()
    await bench.controller.close()
    bench.store.commits_left = None
    return bench.store, bench.executor


async def successor(store: FailingStore, executor: FakeExecutor) -> Bench:
    return await engine(store=store, executor=executor)


@pytest.mark.parametrize("commits", range(1, 20))
async def test_after_a_crash_at_any_commit_the_end_is_the_same_and_nothing_is_started_twice(commits: int):
    store, executor = await crash_after(commits, RETRIED)
    bench = await successor(store, executor)
    row = await store.workflow("argo", "wf")
    assert row
    status = await bench.ended(row)
    assert status["phase"] == "Succeeded"
    phases = {node["name"]: node["phase"] for node in status["nodes"].values()}
    for name in ("wf", "wf.a", "wf.b", "wf.c", "wf.onExit"):
        assert phases[name] == "Succeeded"
    tokens = [attempt.token for attempt in executor.started]
    assert len(tokens) == len(set(tokens))
    assert await store.event(f"workflow-ended/{row.uid}")


async def test_what_was_not_yet_durable_never_was():
    store, executor = await crash_after(0, PLAIN)
    assert await store.workflow("argo", "wf") is None
    assert executor.started == []


async def test_an_attempt_that_may_have_run_is_lost():
    store, executor = await crash_after(1, PLAIN)
    assert len(executor.started) == 1
    bench = await successor(store, executor)
    row = await store.workflow("argo", "wf")
    assert row
    status = await bench.ended(row)
    assert status["phase"] == "Error"
    assert len(executor.started) == 1


async def test_one_that_had_not_been_started_is_started_by_the_next_engine():
    first = await engine(parallelism=0)
    row = await first.submit(PLAIN)
    await settle()
    await first.controller.close()
    assert first.executor.started == []
    second = await engine(store=first.store, executor=FakeExecutor(first.clock, {"main": Plan()}))
    assert (await second.ended(row))["phase"] == "Succeeded"
