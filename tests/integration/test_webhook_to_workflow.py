"""The shipped manifests, from a decision to the workflow that is submitted, over a real database and a real socket."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.unit.controllers.fakes import KeepingBackend

from tiphys.controllers.clock import SystemClock
from tiphys.controllers.ports import Event, WorkflowQuery, WorkflowRow
from tiphys.controllers.sensor import SensorController
from tiphys.events.compiling import compile_sensor
from tiphys.events.event_sources import validate_event_source, validate_together
from tiphys.events.validating import validate_sensor
from tiphys.manifest.documents import read_documents
from tiphys.manifest.events_model import EventSource, Sensor
from tiphys.sources.secrets import Secrets
from tiphys.sources.webhook import WebhookSources
from tiphys.store.bus import StoreBus
from tiphys.store.sqlite import SqliteStore, open_sqlite

DEPLOY = Path(__file__).parents[2] / "deploy" / "remediation"
ENVIRON = {
    "TIPHYS_SECRET__ALERTMANAGER_WEBHOOK__TOKEN": "alerts-token",
    "TIPHYS_SECRET__REMEDIATION_WEBHOOK__TOKEN": "decisions-token",
}
DECISION = {
    "incident_id": "inc-1",
    "decision_id": "dec-1",
    "workflow_name": "restart-pods-0123456789ab",
    "action": "restart_pods",
    "template": "restart-pods-tpl",
    "params": {"namespace": "shop", "replicas": 3},
    "parameters": [{"name": "incident_id", "value": "inc-1"}, {"name": "namespace", "value": "shop"}],
}


def sources() -> list[EventSource]:
    path = DEPLOY / "event-source.yaml"
    return list(read_documents(path.read_text(), file=path.name).resources(EventSource))


def sensor() -> Sensor:
    path = DEPLOY / "sensor-execute.yaml"
    (found,) = read_documents(path.read_text(), file=path.name).resources(Sensor)
    return found


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqliteStore]:
    store = await open_sqlite(tmp_path / "state.db")
    yield store
    await store.close()


async def workflows(store: SqliteStore, count: int) -> list[WorkflowRow]:
    async with asyncio.timeout(10):
        while len(found := await store.workflows(WorkflowQuery())) < count:
            await asyncio.sleep(0.01)
    return list(found)


async def settled(store: SqliteStore, count: int) -> None:
    async with asyncio.timeout(10):
        while len(await store.states("firing", phases=("Succeeded", "Failed"))) < count:
            await asyncio.sleep(0.01)


def test_the_shipped_manifests_are_whole():
    both = sources()
    assert [problem for source in both for problem in validate_event_source(source)] == []
    assert validate_together(both) == []
    assert validate_sensor(sensor(), both, []) == []


async def test_a_decision_on_the_bus_is_submitted_under_its_own_name_and_only_once(store: SqliteStore):
    bus, clock = StoreBus(store), SystemClock()
    controller = SensorController(store, bus, KeepingBackend(store), clock)
    await controller.apply([compile_sensor(sensor())])
    for event_id in ("dec-1-execute", "dec-1-execute", "said-again"):
        event = Event(event_id, "remediation", "execute", "tiphys", clock.now(), {"header": {}, "body": DECISION})
        await bus.publish(event)
    await settled(store, 2)
    await controller.close()
    (workflow,) = await workflows(store, 1)
    manifest: dict[str, Any] = dict(workflow.manifest)
    assert workflow.name == "restart-pods-0123456789ab"
    assert manifest["spec"] == {
        "arguments": {"parameters": DECISION["parameters"]},
        "workflowTemplateRef": {"name": "restart-pods-tpl"},
    }
    assert manifest["metadata"]["labels"]["tiphys.dev/incident"] == "inc-1"
    assert manifest["metadata"]["labels"]["tiphys.dev/action"] == "restart_pods"
    firings = await store.states("firing", phases=("Succeeded",))
    assert sorted(each.body["events"]["decision"] for each in firings) == ["dec-1-execute", "said-again"]


async def test_a_decision_from_elsewhere_comes_in_by_its_webhook(store: SqliteStore):
    bus, clock = StoreBus(store), SystemClock()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = str(listener.getsockname()[1])
    (remediation,) = [source for source in sources() if source.metadata.name == "remediation"]
    webhooks = {name: each.model_copy(update={"port": port}) for name, each in remediation.spec.webhook.items()}
    moved = remediation.model_copy(update={"spec": remediation.spec.model_copy(update={"webhook": webhooks})})
    hooks = WebhookSources(bus, clock, Secrets(store, ENVIRON))
    controller = SensorController(store, bus, KeepingBackend(store), clock)
    await controller.apply([compile_sensor(sensor())])
    await hooks.apply([moved])
    async with asyncio.timeout(10):
        while not all(health.is_healthy for health in hooks.health()):
            await asyncio.sleep(0.01)
    async with httpx.AsyncClient(headers={"authorization": "Bearer decisions-token"}) as client:
        answer = await client.post(f"http://127.0.0.1:{port}/execute", json=DECISION)
    assert answer.status_code == 200
    (workflow,) = await workflows(store, 1)
    await settled(store, 1)
    await hooks.close()
    await controller.close()
    assert workflow.name == "restart-pods-0123456789ab"
