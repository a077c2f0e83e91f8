from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import httpx
import pytest
from tests.unit.remediation.builders import DEPLOY, NO_DEPLOY, NOW, OWNER, ROLLBACK_LABELS, alert, catalog, notification
from tests.unit.server.conftest import TOKEN

from tiphys.agents.rules import RulesPlanner
from tiphys.audit.record import Record
from tiphys.controllers.incident import IncidentController, Outside
from tiphys.controllers.operations import Operations
from tiphys.controllers.ports import Change, Event
from tiphys.server.app import build_app
from tiphys.server.gate import Admission
from tiphys.server.serve import serving
from tiphys.settings import RemediationSettings
from tiphys.testing.clock import FakeClock
from tiphys.testing.incidents import KeptNotifications, KnownEvidence

AT = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass
class Desk:
    """A server with remediation, somebody who may call it, and the alerts that arrive."""

    floor: object
    clock: FakeClock
    http: httpx.AsyncClient

    async def alarm(self, labels=None, name="event-1"):
        body = notification(alert(labels)) if labels else notification()
        data = {"header": {}, "body": body}
        await self.floor.parts.bus.publish(Event(name, "alertmanager", "alerts", "webhook", NOW, data))
        for _ in range(300):
            await asyncio.sleep(0)

    async def get(self, path, **query):
        response = await self.http.get(f"/tiphys/v1/{path}", params=query)
        assert response.status_code == 200, response.text
        return response.json()


@contextlib.asynccontextmanager
async def open_desk(floor, *facts) -> AsyncIterator[Desk]:
    clock, store = FakeClock(NOW), floor.store
    outside = Outside(store, floor.parts.bus, clock, RulesPlanner(), KnownEvidence(*facts), KeptNotifications())
    controller = IncidentController(outside, catalog(), RemediationSettings())
    running = asyncio.create_task(controller.run())
    app = build_app(replace(floor.parts, operations=Operations(controller)), Admission(TOKEN))
    headers = {"Authorization": f"Bearer {TOKEN}", "Tiphys-Actor": "ada"}
    async with serving(app, "127.0.0.1", 0) as url, httpx.AsyncClient(base_url=url, headers=headers) as http:
        yield Desk(floor, clock, http)
    running.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await running


@pytest.fixture
async def desk(floor) -> AsyncIterator[Desk]:
    async with open_desk(floor, OWNER, NO_DEPLOY) as opened:
        yield opened


@pytest.fixture
async def asking(floor) -> AsyncIterator[Desk]:
    """A desk where a rollback waits for a human."""
    async with open_desk(floor, OWNER, DEPLOY) as opened:
        await opened.alarm(ROLLBACK_LABELS)
        yield opened


@pytest.mark.parametrize("path", ["incidents/nope", "incidents/nope/explain", "approvals/nope", "events/nope/trace"])
async def test_what_is_not_there_is_not_found(floor, path):
    response = await floor.http.get(f"/tiphys/v1/{path}")
    assert response.status_code == 404
    assert response.json()["code"] == 5


async def test_an_incident_is_listed_shown_and_explained(desk):
    await desk.alarm()
    (line,) = (await desk.get("incidents"))["items"]
    assert line["phase"] == "dispatched"
    assert line["alert"]
    assert line["reason"]
    assert (await desk.get("incidents", phase="healed"))["items"] == []
    whole = await desk.get(f"incidents/{line['id']}")
    assert whole["id"] == line["id"]
    told = await desk.get(f"incidents/{line['id']}/explain")
    assert [gate["gate"] for gate in told["gates"]][:3] == ["intake", "evidence", "planner"]
    assert told["log"]


async def test_an_approval_is_shown_and_granted_once(asking):
    (waiting,) = (await asking.get("approvals", phase="pending"))["items"]
    path = f"/tiphys/v1/approvals/{waiting['id']}"
    assert (await asking.get(f"approvals/{waiting['id']}"))["terms"]["action"] == waiting["terms"]["action"]
    granted = await asking.http.post(f"{path}/grant", json={"reason": "seen", "seal": waiting["seal"]})
    assert granted.status_code == 200, granted.text
    assert granted.json()["phase"] == "granted"
    assert granted.json()["decided_by"] == "human:ada"
    again = await asking.http.post(f"{path}/grant")
    assert again.status_code == 400
    assert again.json()["code"] == 3


async def test_an_approval_is_denied(asking):
    (waiting,) = (await asking.get("approvals"))["items"]
    denied = await asking.http.post(f"/tiphys/v1/approvals/{waiting['id']}/deny", json={"reason": "wrong service"})
    assert denied.json()["phase"] == "denied"
    (line,) = (await asking.get("incidents"))["items"]
    assert line["phase"] == "escalated"


async def test_an_approval_of_other_terms_than_were_shown_is_refused(asking):
    (waiting,) = (await asking.get("approvals"))["items"]
    response = await asking.http.post(f"/tiphys/v1/approvals/{waiting['id']}/grant", json={"seal": "0" * 64})
    assert response.status_code == 400
    assert (await asking.get(f"approvals/{waiting['id']}"))["phase"] != "granted"


async def test_an_expired_approval_means_no(asking):
    (waiting,) = (await asking.get("approvals"))["items"]
    asking.clock.advance(1801)
    response = await asking.http.post(f"/tiphys/v1/approvals/{waiting['id']}/grant")
    assert response.status_code == 400


async def test_deployments_are_marked(desk):
    assert (await desk.http.post("/tiphys/v1/deployments/end", json={"service": "shop"})).status_code == 404
    for what in ("start", "end"):
        response = await desk.http.post(f"/tiphys/v1/deployments/{what}", json={"service": "shop", "release": "r1"})
        assert response.status_code == 200, response.text
    kinds = [record["entry"]["kind"] for record in (await desk.get("audit/records"))["items"]]
    assert kinds == ["deploy.started", "deploy.ended"]
    assert (await desk.http.post("/tiphys/v1/deployments/start", json={})).status_code == 400


async def test_a_kill_switch_stops_what_would_have_been_done(desk):
    response = await desk.http.put("/tiphys/v1/switches/all", json={"on": True, "reason": "drill"})
    assert response.json() == {"scope": "all", "on": True, "reason": "drill"}
    (item,) = (await desk.get("switches"))["items"]
    assert (item["scope"], item["by"], item["reason"]) == ("all", "human:ada", "drill")
    await desk.alarm()
    (line,) = (await desk.get("incidents"))["items"]
    assert line["phase"] == "escalated"
    await desk.http.put("/tiphys/v1/switches/all", json={"on": False})
    assert (await desk.get("switches"))["items"] == []


@pytest.mark.parametrize(("scope", "body"), [("all", {}), ("all", {"on": "yes"}), ("nonsense", {"on": True})])
async def test_a_switch_that_is_none_is_refused(desk, scope, body):
    response = await desk.http.put(f"/tiphys/v1/switches/{scope}", json=body)
    assert response.status_code == 400


async def test_a_server_without_remediation_says_so(floor):
    response = await floor.http.post("/tiphys/v1/deployments/start", json={"service": "shop"})
    assert response.status_code == 501
    assert "without remediation" in response.json()["message"]


# --- audit and events ---


async def test_records_are_handed_out_as_they_were_sealed(floor):
    for number in range(3):
        record = Record("test.happened", f"s{number}", "human:ada", AT, {"number": number})
        await floor.store.commit(Change(records=(record,)))
    items = (await floor.http.get("/tiphys/v1/audit/records")).json()["items"]
    assert [item["seq"] for item in items] == [0, 1, 2]
    assert items[0]["prev_hash"] == "00" * 32
    assert items[1]["prev_hash"] == items[0]["hash"]
    assert items[2]["entry"]["data"] == {"number": 2}

    async def seqs(**query):
        body = (await floor.http.get("/tiphys/v1/audit/records", params=query)).json()
        return [item["seq"] for item in body["items"]]

    assert await seqs(limit=2) == [1, 2]
    assert await seqs(after=1) == [2]
    assert await seqs(subject="s1") == [1]
    assert (await floor.http.get("/tiphys/v1/audit/verify")).json() == {"records": 3, "findings": []}


async def test_an_event_is_durable_when_it_is_answered(floor):
    body = {"source": "hook", "subject": "push", "data": {"a": 1}, "id": "e1"}
    for _ in range(2):
        response = await floor.http.post("/tiphys/v1/events", json=body)
        assert response.json() == {"id": "e1", "source": "hook", "subject": "push"}
    (item,) = (await floor.http.get("/tiphys/v1/events")).json()["items"]
    assert item["data"] == {"a": 1}
    assert (await floor.http.post("/tiphys/v1/events", json={"source": "hook"})).status_code == 400


async def test_events_are_listed_by_name_and_place(floor):
    for number, subject in enumerate("aba"):
        event = Event(f"e{number}", "hook", subject, "webhook", AT, None)
        await floor.store.commit(Change(events=(event,)))

    async def ids(**query):
        body = (await floor.http.get("/tiphys/v1/events", params=query)).json()
        return [item["id"] for item in body["items"]]

    assert await ids(subject="a") == ["e0", "e2"]
    assert await ids(after=1, limit=1) == ["e1"]


async def test_what_came_of_an_event_is_followed_through_the_log(floor):
    event = Event("e1", "hook", "push", "webhook", AT, None)
    records = (
        Record("other.happened", "inc-9", "human:x", AT, {"event": "e0"}),
        Record("incident.opened", "inc-1", "controller:incident", AT, {"from": {"events": ["e1"]}}),
        Record("incident.routed", "inc-1", "controller:incident", AT),
        Record("workflow.submitted", "ns/w", "sensor:s", AT, {"incident": "inc-1"}),
        Record("workflow.ended", "ns/w", "controller:workflow", AT),
    )
    await floor.store.commit(Change(events=(event,), records=records))
    traced = (await floor.http.get("/tiphys/v1/events/e1/trace")).json()
    assert traced["event"]["id"] == "e1"
    assert [record["entry"]["kind"] for record in traced["records"]] == [
        "incident.opened",
        "incident.routed",
        "workflow.submitted",
        "workflow.ended",
    ]


async def test_numbers_are_offered_to_prometheus(desk):
    await desk.alarm()
    text = (await desk.http.get("/metrics")).text
    assert 'tiphys_incidents{phase="dispatched"} 1' in text
    assert 'tiphys_workflows{phase="Succeeded"} 0' in text
    assert "# TYPE tiphys_workflows gauge" in text
