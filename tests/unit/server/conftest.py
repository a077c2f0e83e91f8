from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass

import httpx
import pytest

from tiphys.server.app import build_app
from tiphys.server.gate import Admission
from tiphys.server.history import History
from tiphys.server.parts import Parts
from tiphys.server.serve import serving
from tiphys.store.bus import StoreBus
from tiphys.testing.backend import FakeBackend
from tiphys.testing.clock import FakeClock
from tiphys.testing.executor import FakeExecutor
from tiphys.testing.store import MemoryStore

TOKEN = "secret-of-the-test"


@dataclass
class Floor:
    """A server on fakes, and a client that may call it."""

    parts: Parts
    store: MemoryStore
    backend: FakeBackend
    clock: FakeClock
    url: str
    http: httpx.AsyncClient


@pytest.fixture
async def floor() -> AsyncIterator[Floor]:
    clock, store = FakeClock(), MemoryStore()
    backend = FakeBackend(store, clock)
    parts = Parts(
        clock=clock,
        store=store,
        bus=StoreBus(store),
        backend=backend,
        executor=FakeExecutor(clock),
        history=History(clock.now()),
        heartbeat_s=0.05,
    )
    async with (
        serving(build_app(parts, Admission(TOKEN)), "127.0.0.1", 0) as url,
        httpx.AsyncClient(base_url=url, headers={"Authorization": f"Bearer {TOKEN}"}, timeout=10) as http,
    ):
        yield Floor(parts, store, backend, clock, url, http)


@pytest.fixture
def workflow() -> dict:
    """A Workflow whose parts are all there."""
    return {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Workflow",
        "metadata": {"name": "noop", "labels": {"app": "demo"}},
        "spec": {"entrypoint": "main", "templates": [{"name": "main", "suspend": {}}]},
    }
