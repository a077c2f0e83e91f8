from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from tests.unit.controllers.fakes import NOW, DyingStore, KeepingBackend, until

from tiphys.controllers.ports import Event, StateRow, WorkflowQuery, WorkflowRow
from tiphys.controllers.sensor import PAUSE_S, SensorController
from tiphys.errors import InvalidManifest, NotFound, Unavailable
from tiphys.events.compiling import compile_sensor
from tiphys.events.plan import SensorPlan
from tiphys.manifest.events_model import Sensor
from tiphys.store.bus import StoreBus
from tiphys.testing.clock import FakeClock
from tiphys.testing.store import MemoryStore


def plan_of(*names: str, retry: dict[str, object] | None = None, name: str = "healer", **dest: str) -> SensorPlan:
    """A sensor that waits for the events `hook/<name>` and submits; `dest` maps dest to dataKey of the first."""
    parameters = [
        {"src": {"dependencyName": names[0], "dataKey": key}, "dest": place.replace("_", ".")}
        for place, key in dest.items()
    ]
    workflow = {"kind": "Workflow", "metadata": {"generateName": "heal-"}, "spec": {}}
    verb = {"operation": "submit", "source": {"resource": workflow}, "parameters": parameters}
    trigger = {"template": {"name": "go", "argoWorkflow": verb}}
    if retry is not None:
        trigger["retryStrategy"] = retry
    dependencies = [{"name": each, "eventSourceName": "hook", "eventName": each} for each in names]
    document = {
        "metadata": {"name": name, "namespace": "ops"},
        "spec": {"dependencies": dependencies, "triggers": [trigger]},
    }
    return compile_sensor(Sensor.model_validate(document))


def event(event_id: str, subject: str = "a", source: str = "hook", **body: object) -> Event:
    return Event(event_id, source, subject, "webhook", NOW, {"header": {}, "body": body})


class World:
    """A bus, a backend and a controller that can be killed and begun again."""

    def __init__(self) -> None:
        self.store = MemoryStore()
        self.clock = FakeClock(NOW)
        self.backend = KeepingBackend(self.store)
        self.controller = self.new_controller(self.store)

    def new_controller(self, store: MemoryStore | DyingStore) -> SensorController:
        return SensorController(store, StoreBus(store), self.backend, self.clock)

    async def restart(self) -> None:
        await self.controller.close()
        self.controller = self.new_controller(self.store)

    async def publish(self, *events: Event) -> None:
        for each in events:
            await StoreBus(self.store).publish(each)

    async def workflows(self) -> list[WorkflowRow]:
        return list(await self.store.workflows(WorkflowQuery()))

    async def rows(self, machine: str, *phases: str) -> list[StateRow]:
        return list(await self.store.states(machine, phases=phases))

    async def until_firings(self, phase: str, count: int) -> list[StateRow]:
        await until(lambda: self._count(phase) == count)
        return await self.rows("firing", phase)

    async def until_read(self, seq: int, key: str = "ops/healer/go") -> None:
        await until(lambda: self.store._cursors.get(f"sensor/{key}", 0) >= seq)

    def _count(self, phase: str) -> int:
        rows = self.store._states.values()
        return sum(row.machine == "firing" and row.phase == phase for row in rows)


@pytest.fixture
async def world() -> AsyncIterator[World]:
    world = World()
    yield world
    await world.controller.close()


def with_fixed_name(plan: SensorPlan, name: str) -> SensorPlan:
    trigger = plan.triggers[0]
    verb = trigger.template["argoWorkflow"]
    resource = {**verb["source"]["resource"], "metadata": {"name": name}}
    template = {**trigger.template, "argoWorkflow": {**verb, "source": {"resource": resource}}}
    return replace(plan, triggers=(replace(trigger, template=template),))


async def kinds(world: World) -> list[str]:
    return [record.kind for change in world.store.commits for record in change.records]


async def test_an_event_becomes_a_workflow_with_its_records(world: World):
    await world.controller.apply([plan_of("a", metadata_name="body.name")])
    await world.publish(event("e1", name="heal-7"))
    (firing,) = await world.until_firings("Succeeded", 1)
    (workflow,) = await world.workflows()
    assert (workflow.namespace, workflow.name) == ("ops", "heal-7")
    assert firing.body["workflow"] == "ops/heal-7"
    assert firing.body["events"] == {"a": "e1"}
    assert await kinds(world) == ["sensor.fired", "sensor.succeeded"]


async def test_firing_cursor_trace_and_record_are_one_commit_before_anything_is_done(world: World):
    await world.controller.apply([plan_of("a")])
    await world.publish(event("e1"))
    await world.until_firings("Succeeded", 1)
    (change,) = [change for change in world.store.commits if change.cursors and change.cursors[0].seq == 1]
    assert sorted(row.machine for row in change.states) == ["firing", "sensor", "trace"]
    assert [record.kind for record in change.records] == ["sensor.fired"]
    made = [place for place, change in enumerate(world.store.commits) if change.created]
    assert world.store.commits.index(change) < made[0]


async def test_why_an_event_did_not_fire_can_be_asked_by_its_id(world: World):
    await world.controller.apply([plan_of("a", "b")])
    await world.publish(event("e1"))
    await world.until_read(1)
    (trace,) = await world.store.states("trace", group="e1")
    assert (trace.phase, trace.body["reason"], trace.body["trigger"]) == ("waiting", "for a&&b", "ops/healer/go")
    await world.publish(event("e2", "b"))
    await world.until_firings("Succeeded", 1)
    (trace,) = await world.store.states("trace", group="e1")
    assert trace.phase == "fired"
    assert trace.body["firing"]


async def test_events_of_others_move_the_place_on_the_bus_and_nothing_else(world: World):
    await world.controller.apply([plan_of("a")])
    before = len(world.store.commits)
    await world.publish(event("x1", "other"), event("x2", source="other"))
    await world.until_read(2)
    assert not await world.rows("trace")
    assert all(not change.states for change in world.store.commits[before:])


async def test_a_sensor_that_is_new_does_not_fire_for_what_was(world: World):
    await world.publish(event("old"))
    await world.controller.apply([plan_of("a")])
    await world.publish(event("new"))
    (firing,) = await world.until_firings("Succeeded", 1)
    assert firing.body["events"] == {"a": "new"}


async def test_what_came_while_the_program_was_down_is_dealt_with(world: World):
    await world.controller.apply([plan_of("a")])
    await world.restart()
    await world.publish(event("e1"), event("e2"))
    await world.controller.apply([plan_of("a")])
    await world.until_firings("Succeeded", 2)
    assert len(await world.workflows()) == 2


async def test_half_of_a_condition_survives_a_restart(world: World):
    await world.controller.apply([plan_of("a", "b")])
    await world.publish(event("e1"))
    await world.until_read(1)
    await world.restart()
    await world.controller.apply([plan_of("a", "b")])
    await world.publish(event("e2", "b"))
    (firing,) = await world.until_firings("Succeeded", 1)
    assert firing.body["events"] == {"a": "e1", "b": "e2"}


async def test_a_failing_submit_is_seen_and_kept(world: World):
    world.backend.errors = [NotFound("there is no WorkflowTemplate restart")]
    await world.controller.apply([plan_of("a")])
    await world.publish(event("e1"))
    (firing,) = await world.until_firings("Failed", 1)
    assert firing.body["message"] == "there is no WorkflowTemplate restart"
    assert await kinds(world) == ["sensor.fired", "sensor.failed"]


async def test_a_failing_submit_is_tried_again_after_its_pause(world: World):
    world.backend.errors = [InvalidManifest("no"), InvalidManifest("still no")]
    await world.controller.apply([plan_of("a", retry={"steps": 3, "duration": "10s", "factor": "2"})])
    await world.publish(event("e1"))
    for calls, pause in ((1, 10), (2, 20)):
        await until(lambda calls=calls: "sensor.attempt-failed" in str(world.store.commits[-1:]))
        assert world.backend.calls == calls
        world.clock.advance(pause - 1)
        await until(lambda: True)
        assert world.backend.calls == calls
        world.clock.advance(1)
        await until(lambda calls=calls: world.backend.calls == calls + 1)
    (firing,) = await world.until_firings("Succeeded", 1)
    assert firing.body["attempts"] == 3


async def test_a_retry_that_was_planned_happens_after_a_restart(world: World):
    world.backend.errors = [InvalidManifest("no")]
    plan = plan_of("a", retry={"steps": 2, "duration": "10s"})
    await world.controller.apply([plan])
    await world.publish(event("e1"))
    await until(lambda: "sensor.attempt-failed" in str(world.store.commits[-1:]))
    await world.restart()
    world.clock.advance(10)
    await world.controller.apply([plan])
    await world.until_firings("Succeeded", 1)


async def test_a_backend_that_is_down_is_waited_for(world: World):
    world.backend.errors = [Unavailable("no engine"), Unavailable("no engine")]
    await world.controller.apply([plan_of("a")])
    await world.publish(event("e1"))
    for calls in (1, 2):
        await until(lambda calls=calls: world.backend.calls == calls)
        await until(lambda: world.clock._sleepers)
        world.clock.advance(PAUSE_S)
    await world.until_firings("Succeeded", 1)


async def test_a_name_out_of_the_event_is_made_once_however_often_it_is_asked_for(world: World):
    await world.controller.apply([plan_of("a", metadata_name="body.name")])
    await world.publish(event("e1", name="decision-7"), event("e2", name="decision-7"))
    (first, second) = await world.until_firings("Succeeded", 2)
    assert {first.body["message"], second.body["message"]} == {"", "it had been submitted before"}
    assert len(await world.workflows()) == 1


async def test_a_name_that_somebody_else_has_is_a_failure_that_is_not_tried_again(world: World):
    plan = plan_of("a", metadata_name="body.name", retry={"steps": 5})
    await world.backend.submit({"metadata": {"namespace": "ops", "name": "taken"}}, actor="human:ada")
    await world.controller.apply([plan])
    await world.publish(event("e1", name="taken"))
    (failed,) = await world.until_firings("Failed", 1)
    assert "already exists" in failed.body["message"]


async def test_another_event_for_a_name_that_is_fixed_in_the_manifest_is_a_failure(world: World):
    await world.controller.apply([with_fixed_name(plan_of("a"), "only-one")])
    await world.publish(event("e1"), event("e2"))
    await world.until_firings("Succeeded", 1)
    (failed,) = await world.until_firings("Failed", 1)
    assert failed.body["events"] == {"a": "e2"}


async def test_a_missing_value_is_seen_and_nothing_is_submitted(world: World):
    await world.controller.apply([plan_of("a", metadata_name="body.name")])
    await world.publish(event("e1"))
    (failed,) = await world.until_firings("Failed", 1)
    assert "body.name" in failed.body["message"]
    assert world.backend.calls == 0


async def test_a_sensor_that_is_removed_stops_and_begins_anew_when_it_comes_back(world: World):
    await world.controller.apply([plan_of("a")])
    await world.controller.apply([])
    await world.publish(event("e1"))
    assert world.controller.health() == []
    await world.controller.apply([plan_of("a")])
    await world.publish(event("e2"))
    (firing,) = await world.until_firings("Succeeded", 1)
    assert firing.body["events"] == {"a": "e2"}


async def test_a_changed_sensor_takes_over_at_its_place(world: World):
    await world.controller.apply([plan_of("a")])
    await world.publish(event("e1"))
    await world.until_firings("Succeeded", 1)
    await world.controller.apply([plan_of("a", metadata_name="body.name")])
    await world.publish(event("e2", name="changed"))
    await world.until_firings("Succeeded", 2)
    assert "changed" in {workflow.name for workflow in await world.workflows()}


@pytest.mark.parametrize("written", [False, True])
@pytest.mark.parametrize("dies_at", range(7))
async def test_killed_at_any_commit_it_ends_the_same_and_nothing_happens_twice(
    world: World,
    dies_at: int,
    written: bool,  # noqa: FBT001 - a parameter of the test
):
    plan = plan_of("a", "b", retry={"steps": 2, "duration": "1s"})
    await world.controller.apply([plan])
    await world.restart()
    world.backend.errors = [InvalidManifest("the first time never works")]
    await world.publish(event("e1"), event("x", "other"), event("e2", "b"), event("e3", "a"))
    dying = DyingStore(world.store, dies_at, written=written)
    world.controller = world.new_controller(dying)
    await world.controller.apply([plan])
    await until(lambda: dying.count > dies_at or world._count("Pending") or world._count("Succeeded"))
    for _ in range(3):
        world.clock.advance(1)
        for _ in range(100):
            await until(lambda: True)
    await world.restart()
    await world.controller.apply([plan])
    for _ in range(3):
        await world.until_read(4)
        await until(lambda: world.clock._sleepers or world._count("Succeeded"))
        world.clock.advance(10)
    (firing,) = await world.until_firings("Succeeded", 1)
    assert firing.body["events"] == {"a": "e1", "b": "e2"}
    assert len(await world.workflows()) == 1
    told = [
        kind for kind in await kinds(world) if kind != "sensor.attempt-failed"
    ]  # is lost when killed before its commit
    assert told == ["sensor.fired", "sensor.succeeded"]
    (waiting,) = [row for row in await world.rows("trace") if row.phase == "waiting"]
    assert waiting.group == "e3"


async def test_killed_after_the_submit_and_before_its_result_is_known(world: World):
    dying = DyingStore(world.store, 10**9, written=False)

    def die() -> None:
        dying.dies_at = 0

    world.backend.after_submit = die
    world.controller = world.new_controller(dying)
    await world.controller.apply([plan_of("a")])
    await world.publish(event("e1"))
    await until(lambda: world.backend.calls == 1)
    await until(lambda: any(not health.is_healthy for health in world.controller.health()))
    await world.restart()
    await world.controller.apply([plan_of("a")])
    (firing,) = await world.until_firings("Succeeded", 1)
    assert firing.body["message"] == "it had been submitted before"
    assert len(await world.workflows()) == 1
