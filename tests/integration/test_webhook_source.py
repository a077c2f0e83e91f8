from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Callable

import httpx
import pytest

from tiphys.controllers.clock import SystemClock
from tiphys.errors import InvalidManifest
from tiphys.manifest.events_model import EventSource
from tiphys.sources.secrets import Secrets
from tiphys.sources.webhook import WebhookSources
from tiphys.store.bus import StoreBus
from tiphys.testing.store import MemoryStore

ENVIRON = {"TIPHYS_SECRET__HOOK__TOKEN": "s3cret"}


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


def source(name: str, port: int, endpoint: str = "/alerts", **more: object) -> EventSource:
    webhook = {"port": str(port), "endpoint": endpoint, "method": "POST", **more}
    return EventSource.model_validate({"metadata": {"name": name}, "spec": {"webhook": {"alerts": webhook}}})


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore()


@pytest.fixture
async def sources(store: MemoryStore) -> AsyncIterator[WebhookSources]:
    sources = WebhookSources(StoreBus(store), SystemClock(), Secrets(store, ENVIRON))
    yield sources
    await sources.close()


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not condition():
            await asyncio.sleep(0.01)


def all_listen(sources: WebhookSources) -> bool:
    return all(health.is_healthy for health in sources.health())


async def post(port: int, path: str = "/alerts", **headers: str) -> httpx.Response:
    async with httpx.AsyncClient() as client:
        return await client.post(f"http://127.0.0.1:{port}{path}", json={"n": 1}, headers=headers)


async def test_a_webhook_over_a_real_socket_is_on_the_bus_when_it_is_answered(
    sources: WebhookSources, store: MemoryStore
):
    port = free_port()
    await sources.apply([source("alertmanager", port), source("other", port, "other")])
    await until(lambda: all_listen(sources))
    assert (await post(port)).status_code == 200
    assert (await post(port, "/other")).status_code == 200
    assert [stored.event.source for stored in await store.events_after(0, limit=9)] == ["alertmanager", "other"]


async def test_the_server_listens_at_one_address_only(sources: WebhookSources):
    port = free_port()
    await sources.apply([source("alertmanager", port)])
    await until(lambda: all_listen(sources))
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.2", port), timeout=1)


async def test_a_taken_port_is_said_and_got_when_it_is_free(sources: WebhookSources):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        await sources.apply([source("alertmanager", port)])
        await until(lambda: "cannot listen" in sources.health()[0].problem)
    await until(lambda: all_listen(sources))
    assert (await post(port)).status_code == 200


async def test_a_changed_manifest_takes_the_place_of_the_old_one(sources: WebhookSources):
    first, second = free_port(), free_port()
    await sources.apply([source("alertmanager", first)])
    await until(lambda: all_listen(sources))
    secret = {"name": "hook", "key": "token"}
    await sources.apply([source("alertmanager", second, authSecret=secret)])
    await until(lambda: all_listen(sources))
    with pytest.raises(httpx.ConnectError):
        await post(first)
    assert (await post(second)).status_code == 401
    assert (await post(second, authorization="Bearer s3cret")).status_code == 200


async def test_a_bad_manifest_changes_nothing(sources: WebhookSources):
    port = free_port()
    await sources.apply([source("alertmanager", port)])
    await until(lambda: all_listen(sources))
    with pytest.raises(InvalidManifest, match="both listen"):
        await sources.apply([source("a", port), source("b", port)])
    with pytest.raises(InvalidManifest, match="no Secret default/such"):
        await sources.apply([source("a", port, authSecret={"name": "such", "key": "token"})])
    assert (await post(port)).status_code == 200
