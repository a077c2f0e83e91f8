from __future__ import annotations

import json
from collections.abc import AsyncIterator

import httpx
import pytest

from tiphys.controllers.ports import Event
from tiphys.events.rawjson import MAX_DEPTH
from tiphys.sources.webhook_app import MASKED, Endpoint, application
from tiphys.store.bus import StoreBus
from tiphys.testing.clock import FakeClock
from tiphys.testing.store import MemoryStore

ALERTS = Endpoint("alertmanager", "alerts", "/alerts", "POST", max_bytes=9000, metadata={"team": "sre"})
SECURE = Endpoint("alertmanager", "secure", "/secure", "POST", token="s3cret")
PING = Endpoint("alertmanager", "ping", "/ping", "GET")


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore()


@pytest.fixture
async def client(store: MemoryStore) -> AsyncIterator[httpx.AsyncClient]:
    app = application([ALERTS, SECURE, PING], StoreBus(store), FakeClock())
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://hook") as client:
        yield client


async def events(store: MemoryStore) -> list[Event]:
    return [stored.event for stored in await store.events_after(0, limit=100)]


async def test_a_post_is_an_event_before_it_is_answered(client: httpx.AsyncClient, store: MemoryStore):
    answer = await client.post("/alerts", json={"status": "firing"}, headers={"x-github-event": "push"})
    (event,) = await events(store)
    assert (answer.status_code, answer.text, answer.headers["x-event-id"]) == (200, "success", event.id)
    assert (event.source, event.subject, event.type) == ("alertmanager", "alerts", "webhook")
    assert event.data["body"] == {"status": "firing"}
    assert event.data["metadata"] == {"team": "sre"}
    assert event.data["header"]["X-Github-Event"] == ["push"]
    assert event.data["header"]["Content-Type"] == ["application/json"]
    assert "Host" not in event.data["header"]
    assert len(event.id) == 32


async def test_the_same_body_twice_is_two_events(client: httpx.AsyncClient, store: MemoryStore):
    for _ in range(2):
        await client.post("/alerts", json={"n": 1})
    assert len({event.id for event in await events(store)}) == 2


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"", "empty"),
        (b"  \n", "empty"),
        (b"hello", "not JSON"),
        (b'{"a":', "not JSON"),
        (b'{"a": NaN}', "not JSON"),
        (b'{"a": 1e999}', "too large"),
        (b'{"a": ' + b"1" * 5000 + b"}", "not JSON"),
        (b"\xff\xfe", "not UTF-8"),
        (b"[" * (MAX_DEPTH + 1) + b"]" * (MAX_DEPTH + 1), "nested"),
        (b"[" * 900, "nested"),
    ],
)
async def test_a_body_that_is_no_event_is_refused_and_says_why(
    client: httpx.AsyncClient, store: MemoryStore, body: bytes, says: str
):
    answer = await client.post("/alerts", content=body)
    assert answer.status_code == 400
    assert says in answer.text
    assert not await events(store)


async def test_a_large_body_is_refused(client: httpx.AsyncClient, store: MemoryStore):
    answer = await client.post("/alerts", json={"text": "x" * 9000})
    assert answer.status_code == 413
    assert "9000 bytes" in answer.text
    assert not await events(store)


async def test_reading_ends_when_there_is_too_much(client: httpx.AsyncClient):
    given = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal given
        while given < 1_000_000:
            given += 100
            yield b"x" * 100

    answer = await client.post("/alerts", content=endless())
    assert answer.status_code == 413


@pytest.mark.parametrize(
    "authorization", ["", "s3cret", "Bearer wrong", "Basic s3cret", "Bearer s3cret ", "bearer s3cret"]
)
async def test_without_the_token_nothing_is_recorded(client: httpx.AsyncClient, store: MemoryStore, authorization: str):
    answer = await client.post("/secure", json={}, headers={"authorization": authorization})
    assert answer.status_code == 401
    assert not await events(store)


async def test_the_token_lets_in_and_is_not_in_the_event(client: httpx.AsyncClient, store: MemoryStore):
    answer = await client.post("/secure", json={}, headers={"authorization": "Bearer s3cret"})
    (event,) = await events(store)
    assert answer.status_code == 200
    assert event.data["header"]["Authorization"] == [MASKED]
    assert "s3cret" not in json.dumps(event.data)


async def test_a_web_page_needs_the_token(client: httpx.AsyncClient, store: MemoryStore):
    page = {"origin": "http://evil.example", "authorization": "Bearer s3cret"}
    assert (await client.post("/alerts", content=b"{}", headers=page)).status_code == 403
    assert not await events(store)
    assert (await client.post("/secure", content=b"{}", headers=page)).status_code == 200


async def test_another_method_is_refused_in_argo_events_words(client: httpx.AsyncClient):
    answer = await client.put("/alerts", json={})
    assert (answer.status_code, answer.text) == (400, "http method does not match")


async def test_an_unknown_path_is_not_found(client: httpx.AsyncClient):
    assert (await client.post("/nowhere", json={})).status_code == 404


async def test_a_get_gives_its_query(client: httpx.AsyncClient, store: MemoryStore):
    await client.get("/ping?a=1&a=2&b=")
    assert (await events(store))[0].data["body"] == {"a": ["1", "2"], "b": [""]}


async def test_a_form_gives_its_fields(client: httpx.AsyncClient, store: MemoryStore):
    await client.post("/alerts", data={"a": "1"})
    assert (await events(store))[0].data["body"] == {"a": ["1"]}


async def test_half_a_surrogate_pair_becomes_the_replacement_character(client: httpx.AsyncClient, store: MemoryStore):
    await client.post("/alerts", content=b'{"a": "\\ud800", "b": "\\ud83d\\ude00"}')
    assert (await events(store))[0].data["body"] == {"a": "\ufffd", "b": "\U0001f600"}


async def test_health_needs_no_token(client: httpx.AsyncClient):
    answer = await client.get("/health")
    assert (answer.status_code, answer.text) == (200, "OK")


async def test_when_the_bus_is_down_the_caller_is_told_to_come_again(client: httpx.AsyncClient, store: MemoryStore):
    await store.close()
    answer = await client.post("/alerts", json={})
    assert (answer.status_code, answer.text) == (500, "failed to record event")


def test_a_token_does_not_show_in_a_representation():
    assert "s3cret" not in repr(SECURE)
