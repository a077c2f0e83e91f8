"""What is true of every `Bus`."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.contracts.rows import event

from tiphys.controllers.ports import Bus
from tiphys.store.bus import StoreBus
from tiphys.store.sqlite import open_sqlite
from tiphys.testing.store import MemoryStore


@pytest.fixture(params=["memory", "sqlite"])
async def bus(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Bus]:
    store = MemoryStore() if request.param == "memory" else await open_sqlite(tmp_path / "state.db")
    yield StoreBus(store)
    await store.close()


async def ids(bus: Bus, consumer: str, *, limit: int = 100) -> list[str]:
    return [stored.event.id for stored in await bus.read(consumer, limit=limit)]


async def test_each_consumer_gets_every_event_in_order(bus: Bus):
    for name in "abc":
        await bus.publish(event(name))
    assert await ids(bus, "one") == ["a", "b", "c"]
    assert await ids(bus, "two", limit=2) == ["a", "b"]


async def test_the_same_id_twice_is_one_event(bus: Bus):
    await bus.publish(event("a"))
    await bus.publish(event("a", subject="other"))
    assert await ids(bus, "one") == ["a"]


async def test_what_is_not_acknowledged_comes_again(bus: Bus):
    await bus.publish(event("a"))
    await bus.publish(event("b"))
    first, _ = await bus.read("one")
    await bus.acknowledge("one", first.seq)
    assert await ids(bus, "one") == ["b"]
    assert await ids(bus, "one") == ["b"]
    assert await ids(bus, "two") == ["a", "b"]


async def test_an_older_acknowledgement_changes_nothing(bus: Bus):
    await bus.publish(event("a"))
    await bus.publish(event("b"))
    first, second = await bus.read("one")
    await bus.acknowledge("one", second.seq)
    await bus.acknowledge("one", first.seq)
    await bus.publish(event("c"))
    assert await ids(bus, "one") == ["c"]


async def test_readers_wait_until_there_is_something(bus: Bus):
    readers = [asyncio.ensure_future(ids(bus, name)) for name in ("one", "two")]
    for _ in range(3):
        await asyncio.sleep(0)
    assert not any(reader.done() for reader in readers)
    await bus.publish(event("a"))
    assert await asyncio.gather(*readers) == [["a"], ["a"]]


async def test_no_event_is_missed_between_reads(bus: Bus):
    async def consume() -> list[str]:
        seen: list[str] = []
        while len(seen) < 60:
            for stored in await bus.read("one", limit=7):
                seen.append(stored.event.id)
                await bus.acknowledge("one", stored.seq)
        return seen

    consumer = asyncio.ensure_future(consume())
    await asyncio.gather(*(bus.publish(event(f"{number:02}")) for number in range(60)))
    assert sorted(await consumer) == [f"{number:02}" for number in range(60)]
