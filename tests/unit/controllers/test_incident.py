"""The incident controller over a store in memory: from events on the bus to events on the bus."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import json
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from typing import Any

import pytest
from tests.unit.remediation.builders import (
    DEPLOY,
    LABELS,
    NO_DEPLOY,
    NOW,
    OWNER,
    RESTART,
    ROLLBACK_LABELS,
    Json,
    alert,
    catalog,
    notification,
    reply,
)

from tiphys import errors
from tiphys.access.actor import Actor, ActorKind, Role
from tiphys.agents.rules import RulesPlanner
from tiphys.controllers import incident_rows as rows
from tiphys.controllers.incident import IncidentController, Outside
from tiphys.controllers.operations import Operations
from tiphys.controllers.ports import Change, Event, Question, StateRow
from tiphys.remediation.incident import Incident
from tiphys.settings import RemediationSettings
from tiphys.store.bus import StoreBus
from tiphys.testing.clock import FakeClock
from tiphys.testing.incidents import KeptNotifications, KnownEvidence, ToldPlanner
from tiphys.testing.store import MemoryStore

ADA = Actor(ActorKind.HUMAN, "ada", frozenset((Role.OPERATOR,)))


class Floor:
    """A running controller with everything around it."""

    def __init__(self, planner: Json = None, *facts: dict[str, Any], store: MemoryStore | None = None) -> None:
        self.store = store or MemoryStore()
        self.clock = FakeClock(NOW)
        self.told = KeptNotifications()
        self.planner = planner or RulesPlanner()
        self.outside = Outside(
            self.store,
            StoreBus(self.store),
            self.clock,
            self.planner,
            KnownEvidence(*(facts or (OWNER, NO_DEPLOY))),
            self.told,
        )
        self.controller = IncidentController(self.outside, catalog(), RemediationSettings())
        self.operations = Operations(self.controller)

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[Floor]:
        task = asyncio.ensure_future(self.controller.run())
        try:
            yield self
            await self.settle()
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    async def settle(self) -> None:
        for _ in range(300):
            await asyncio.sleep(0)

    async def send(self, body: Json, name: str = "event-1") -> None:
        data = {"header": {}, "body": body}
        await self.outside.bus.publish(Event(name, "alertmanager", "alerts", "webhook", NOW, data))
        await self.settle()

    async def end(self, phase: str, name: str = "") -> None:
        name = name or (await self.incident()).workflow_name
        told = {"namespace": "argo", "name": name, "phase": phase, "message": "why"}
        await self.outside.bus.publish(Event(f"ended/{name}", "tiphys", "workflow-ended", "tiphys", NOW, told))
        await self.settle()

    async def incident(self) -> Incident:
        (row,) = await self.operations.incidents()
        return await self.operations.incident(row.key)

    async def executions(self) -> list[Event]:
        found = await self.store.events_after(0, limit=1000, source="remediation", subject="execute")
        return [stored.event for stored in found]

    async def kinds(self) -> list[str]:
        return [json.loads(record.entry)["kind"] async for record in self.store.records()]

    async def rows(self, machine: str) -> list[StateRow]:
        return list(await self.store.states(machine))


def says(*actions: tuple[str, dict[str, Any]], **fields: Json) -> ToldPlanner:
    return ToldPlanner(lambda question: reply(question.incident_id, *actions, **fields))


async def test_an_alert_becomes_one_execution_that_names_the_workflow():
    async with Floor().running() as floor:
        await floor.send(notification())
        (event,) = await floor.executions()
        incident = await floor.incident()
    assert incident.phase == "dispatched"
    assert event.data["body"]["workflow_name"] == incident.workflow_name
    assert event.data["body"]["template"] == "restart-pods-tpl"
    assert [row.key for row in await floor.rows(rows.LOCK)] == ["shop/web"]


async def test_state_execution_lock_and_log_are_one_transaction():
    async with Floor().running() as floor:
        await floor.send(notification())
    (commit,) = [change for change in floor.store.commits if any(event.subject == "execute" for event in change.events)]
    assert {row.machine for row in commit.states} == {rows.INCIDENT, rows.LOCK, rows.RUN}
    assert [record.kind for record in commit.records] == [
        "incident.planner-answered",
        "incident.routed",
        "incident.dispatched",
    ]


async def test_the_cursor_moves_in_the_transaction_of_what_the_event_changed():
    async with Floor().running() as floor:
        await floor.send(notification())
    opening = next(change for change in floor.store.commits if any(row.machine == rows.ALERT for row in change.states))
    assert [cursor.consumer for cursor in opening.cursors] == ["incidents"]


@pytest.mark.parametrize("name", ["event-1", "event-2"])
async def test_the_same_notification_twice_acts_once(name: str):
    async with Floor().running() as floor:
        await floor.send(notification())
        await floor.send(notification(), name)
        await floor.end("Succeeded")
        await floor.send(notification(), "event-3")
        assert len(await floor.executions()) == 1
        assert (await floor.incident()).phase == "healed"
    assert "alert.duplicate" in await floor.kinds()


async def test_a_resolved_notification_acts_on_nothing():
    async with Floor().running() as floor:
        await floor.send(notification(alert(status="resolved")))
    assert await floor.rows(rows.INCIDENT) == []
    assert await floor.executions() == []


@pytest.mark.parametrize(
    "body",
    [
        None,
        [],
        "x",
        {},
        {"version": "4"},
        notification(version="3"),
        notification(alerts=[alert()] * 501),
        7,
        {"a": "\ud800"},
    ],
)
async def test_what_is_no_notification_stands_in_the_log_and_the_next_one_is_heard(body: Json):
    async with Floor().running() as floor:
        await floor.send(body)
        await floor.send(notification(), "event-2")
        assert len(await floor.executions()) == 1
    assert (await floor.kinds())[0] == "alerts.refused"


async def test_one_bad_alert_is_named_and_the_good_one_is_worked_on():
    async with Floor().running() as floor:
        await floor.send(notification(alert(startsAt="never"), alert(fingerprint="bb22")))
        assert len(await floor.executions()) == 1
    assert "alerts.refused" in await floor.kinds()


async def test_success_heals_and_frees_the_target():
    async with Floor().running() as floor:
        await floor.send(notification())
        await floor.end("Succeeded")
        assert (await floor.incident()).phase == "healed"
    assert await floor.rows(rows.LOCK) == []
    assert [row.phase for row in await floor.rows(rows.RUN)] == ["ended"]
    assert [kind for kind, _, _ in floor.told.told] == ["incident.closed"]


async def test_failure_escalates_and_frees_the_target():
    async with Floor().running() as floor:
        await floor.send(notification())
        await floor.end("Failed")
        assert (await floor.incident()).phase == "escalated"
    assert await floor.rows(rows.LOCK) == []
    assert [kind for kind, _, _ in floor.told.told] == ["incident.escalated"]


async def test_the_ending_of_a_workflow_that_no_incident_started_is_ignored():
    async with Floor().running() as floor:
        await floor.send(notification())
        await floor.end("Succeeded", "somebody-else-s")
        assert (await floor.incident()).phase == "dispatched"


@pytest.mark.parametrize("error", [errors.Unavailable("429"), ValueError("empty reply"), TimeoutError()])
async def test_a_planner_that_fails_is_asked_once_and_people_get_the_incident(error: Exception):
    planner = ToldPlanner(lambda _: error)
    async with Floor(planner).running() as floor:
        await floor.send(notification())
        await floor.send(notification(alert(fingerprint="bb22")), "event-2")
    assert len(planner.asked) == 2
    assert {row.phase for row in await floor.rows(rows.INCIDENT)} == {"escalated"}


@pytest.mark.parametrize("text", ["", "not json", "\ud800", '{"incident_id": "inc-1"}', "null"])
async def test_a_useless_reply_starts_nothing(text: str):
    async with Floor(ToldPlanner(lambda _: text)).running() as floor:
        await floor.send(notification())
        assert (await floor.incident()).phase == "escalated"
    assert await floor.executions() == []


async def test_an_enricher_that_breaks_leaves_an_incident_for_people():
    floor = Floor()

    async def broken(_: Json) -> list[Any]:
        raise RuntimeError("enricher died")

    floor.outside.evidence.gather = broken
    async with floor.running():
        await floor.send(notification())
        assert (await floor.incident()).phase == "escalated"
    assert "incident.trouble" in await floor.kinds()


async def test_a_notifier_that_breaks_loses_no_incident():
    floor = Floor(says())
    outside = dataclasses.replace(floor.outside, notifier=KeptNotifications(RuntimeError("slack is down")))
    floor.controller = IncidentController(outside, catalog(), RemediationSettings())
    floor.operations = Operations(floor.controller)
    async with floor.running():
        await floor.send(notification(alert(ROLLBACK_LABELS)))
        assert len(await floor.operations.incidents()) == 1


async def test_an_approval_that_ada_grants_starts_the_rollback():
    async with Floor(None, OWNER, DEPLOY).running() as floor:
        await floor.send(notification(alert(ROLLBACK_LABELS)))
        assert await floor.executions() == []
        (asked,) = await floor.operations.approvals(("pending",))
        granted = await floor.operations.grant(asked.key, ADA, "the release is broken", str(asked.body["seal"]))
        assert granted.phase == "granted"
        (event,) = await floor.executions()
        assert event.data["body"]["params"] == {"namespace": "shop", "release": "web"}
        with pytest.raises(errors.Refused):
            await floor.operations.grant(asked.key, ADA)
        assert len(await floor.executions()) == 1


async def test_an_approval_that_nobody_answers_runs_out():
    async with Floor(None, OWNER, DEPLOY).running() as floor:
        await floor.send(notification(alert(ROLLBACK_LABELS)))
        (asked,) = await floor.operations.approvals()
        floor.clock.advance(timedelta(minutes=30))
        await floor.settle()
        assert (await floor.operations.approval(asked.key)).phase == "expired"
        with pytest.raises(errors.Refused):
            await floor.operations.grant(asked.key, ADA)
        assert (await floor.incident()).phase == "escalated"
    assert await floor.executions() == []


async def test_an_approval_that_ada_denies_starts_nothing():
    async with Floor(None, OWNER, DEPLOY).running() as floor:
        await floor.send(notification(alert(ROLLBACK_LABELS)))
        (asked,) = await floor.operations.approvals()
        assert (await floor.operations.deny(asked.key, ADA, "not now")).phase == "denied"
        assert (await floor.incident()).phase == "escalated"
    assert await floor.executions() == []


@pytest.mark.parametrize(
    "actor",
    [
        Actor(ActorKind.PLANNER, "model", frozenset((Role.OPERATOR,))),
        Actor(ActorKind.CONTROLLER, "incident", frozenset((Role.OPERATOR,))),
        Actor(ActorKind.HUMAN, "eve"),
        Actor(ActorKind.HUMAN, "ci", frozenset((Role.DEPLOYER,))),
    ],
)
async def test_whoever_may_not_answer_is_refused(actor: Actor):
    async with Floor(None, OWNER, DEPLOY).running() as floor:
        await floor.send(notification(alert(ROLLBACK_LABELS)))
        (asked,) = await floor.operations.approvals()
        for answer in (floor.operations.grant, floor.operations.deny):
            with pytest.raises(errors.Forbidden):
                await answer(asked.key, actor)
        assert (await floor.operations.approval(asked.key)).phase == "pending"


async def test_a_switch_that_is_turned_on_while_ada_thinks_counts():
    async with Floor(None, OWNER, DEPLOY).running() as floor:
        await floor.send(notification(alert(ROLLBACK_LABELS)))
        (asked,) = await floor.operations.approvals()
        await floor.operations.set_switch("all", on=True, actor=ADA, reason="storm")
        with pytest.raises(errors.Refused, match="nothing was started: approved, but kill_switch"):
            await floor.operations.grant(asked.key, ADA)
        assert (await floor.incident()).phase == "escalated"
    assert await floor.executions() == []


@pytest.mark.parametrize("scope", ["", "everything", "action:", "pod:x", "x" * 300])
async def test_a_switch_that_covers_nothing_we_know_is_refused(scope: str):
    with pytest.raises(errors.Refused):
        await Floor().operations.set_switch(scope, on=True, actor=ADA)


async def test_a_switch_can_be_turned_off_again():
    async with Floor().running() as floor:
        await floor.operations.set_switch("service:web", on=True, actor=ADA)
        await floor.operations.set_switch("service:web", on=False, actor=ADA)
        await floor.send(notification())
        assert len(await floor.executions()) == 1


async def test_a_deploy_holds_the_alert_and_lets_it_go_ten_minutes_after_its_end():
    async with Floor().running() as floor:
        await floor.operations.deploy_start("web", "web-2", ADA)
        await floor.operations.deploy_end("web", ADA)
        await floor.send(notification())
        assert (await floor.incident()).phase == "held"
        assert await floor.executions() == []
        floor.clock.advance(timedelta(minutes=10))
        await floor.settle()
        assert len(await floor.executions()) == 1


async def test_an_alert_that_ends_while_it_is_held_is_closed():
    async with Floor().running() as floor:
        await floor.operations.deploy_start("web", "web-2", ADA)
        await floor.send(notification())
        await floor.send(notification(alert(status="resolved")), "event-2")
        assert (await floor.incident()).phase == "resolved"
        floor.clock.advance(timedelta(hours=3))
        await floor.settle()
    assert await floor.executions() == []


async def test_the_end_of_a_deploy_that_nobody_announced_is_refused():
    with pytest.raises(errors.NotFound):
        await Floor().operations.deploy_end("web", ADA)


async def test_two_incidents_on_one_target_never_run_at_once():
    async with Floor().running() as floor:
        await floor.send(notification())
        await floor.send(notification(alert({**LABELS, "pod": "web-2"}, fingerprint="bb22")), "event-2")
        assert len(await floor.executions()) == 1
        assert sorted(row.phase for row in await floor.rows(rows.INCIDENT)) == ["dispatched", "held"]


async def test_a_storm_starts_no_more_than_the_limit():
    def plan(question: Question) -> str:
        return reply(question.incident_id, RESTART)

    async with Floor(ToldPlanner(plan)).running() as floor:
        for number in range(200):
            await floor.outside.bus.publish(
                Event(f"e{number}", "alertmanager", "alerts", "webhook", NOW, {"body": _of(number)})
            )
        for _ in range(40):
            await floor.settle()
        assert len(await floor.rows(rows.INCIDENT)) == 200
        assert len(await floor.executions()) == 1


def _of(number: int) -> dict[str, Any]:
    labels = {**LABELS, "pod": f"web-{number}"}
    return notification(alert(labels, fingerprint=f"f{number}"), groupKey=f"g{number}")


async def test_after_a_crash_the_open_question_is_asked_again_under_the_same_id():
    never: Callable[[Question], str] = lambda _: "unused"  # noqa: E731 - a reply that is never given
    first = Floor(ToldPlanner(never))
    hung: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    questions: list[Question] = []

    async def hang(question: Question) -> str:
        questions.append(question)
        return await hung

    first.planner.decide = hang
    async with first.running():
        await first.send(notification())
        assert (await first.incident()).phase == "deciding"
    second = Floor(says(RESTART), store=first.store)
    async with second.running():
        await second.settle()
        assert len(await second.executions()) == 1
    assert second.planner.asked == questions


async def test_after_a_crash_the_timer_of_an_approval_still_runs():
    async with Floor(None, OWNER, DEPLOY).running() as first:
        await first.send(notification(alert(ROLLBACK_LABELS)))
    second = Floor(None, OWNER, DEPLOY, store=first.store)
    async with second.running():
        await second.settle()
        second.clock.advance(timedelta(minutes=31))
        await second.settle()
        assert (await second.incident()).phase == "escalated"


async def test_after_a_crash_an_event_is_not_dealt_with_twice():
    async with Floor().running() as first:
        await first.send(notification())
    async with Floor(store=first.store).running() as second:
        await second.settle()
        assert len(await second.executions()) == 1
        assert len(await second.rows(rows.INCIDENT)) == 1
    assert "alert.duplicate" not in await second.kinds()


async def test_everything_that_happened_can_be_explained_and_the_log_is_whole():
    async with Floor(says(("restart_pods", {"namespace": "pay", "selector": "app=web"}))).running() as floor:
        await floor.send(notification())
        told = await floor.operations.explain((await floor.incident()).id)
    assert [gate["gate"] for gate in told["gates"] if gate["passed"] is False] == ["provenance"]
    assert json.loads(told["log"][-1]["entry"])["kind"] == "incident.escalated"
    assert json.loads(json.dumps(told)) == told


async def test_an_unknown_incident_or_approval_is_not_found():
    floor = Floor()
    for asked in (floor.operations.explain("x"), floor.operations.grant("x", ADA), floor.operations.incident("x")):
        with pytest.raises(errors.NotFound):
            await asked


async def test_other_events_on_the_bus_are_passed_over():
    async with Floor().running() as floor:
        await floor.store.commit(Change(events=(Event("x", "other", "alerts", "webhook", NOW, {"body": 1}),)))
        await floor.settle()
        assert await floor.store.cursor("incidents") > 0
    assert await floor.rows(rows.INCIDENT) == []
