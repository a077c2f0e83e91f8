"""The safety of the workflow machine over generated workflows, orders of facts, and crashes at any transition.

After every fact the world of the tests checks that no fulfilled node moves, that nothing is started twice, and that the
nodes are what the oracle's full walk says.
"""

from __future__ import annotations

import json
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.unit.engine.generated import manifests
from tests.unit.engine.world import World

from tiphys.engine.commands import Transition
from tiphys.engine.facts import (
    AttemptEnded,
    AttemptStarted,
    Fact,
    ResumeRequested,
    ShutdownRequested,
    Submitted,
    SuspendRequested,
    Woken,
)

SEARCH = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
LONGEST = 400
"""Facts; far more than a generated workflow needs."""


def run_to_the_end(world: World, data: st.DataObject, *, crash: bool = False) -> None:
    """Ends programs in any order, in any way, until the workflow has ended."""
    for _ in range(LONGEST):
        check_limits(world)
        if world.machine.finished:
            return
        names = world.waiting()
        assert names or world.machine.wake_at is not None, "nothing is open and the workflow has not ended"
        if names and (world.machine.wake_at is None or data.draw(st.booleans(), label="program before timer")):
            name = data.draw(st.sampled_from(names), label="program")
            if data.draw(st.booleans(), label="seen running"):
                world.begin(name)
            how = data.draw(st.sampled_from(["ok", "ok", "ok", "fail", "error", "lost"]), label="ends")
            code = {"ok": 0, "fail": 1}.get(how)
            world.end(name, code, error="no room" if how == "error" else "", lost=how == "lost")
        else:
            assert world.machine.wake_at is not None
            world.after((world.machine.wake_at - world.now).total_seconds())
        if crash and data.draw(st.booleans(), label="crash"):
            world.reload()
    raise AssertionError("the workflow does not come to an end")


def check_limits(world: World) -> None:
    """`parallelism` of the workflow and of each template."""
    active = [n for n in world.nodes.values() if n["phase"] in {"Pending", "Running"}]
    limit = world.manifest["spec"].get("parallelism")
    assert limit is None or sum(n["type"] == "Pod" for n in active) <= limit
    templates = {t["name"]: t for t in world.manifest["spec"]["templates"]}
    names = {n["id"]: n.get("templateName", "") for n in world.nodes.values()}
    inside: dict[str, int] = {}
    for node in active:
        if node["type"] in {"Pod", "Steps", "DAG"} and node.get("boundaryID"):
            inside[node["boundaryID"]] = inside.get(node["boundaryID"], 0) + 1
    for boundary, count in inside.items():
        limit = templates[names[boundary]].get("parallelism")
        assert limit is None or count <= limit


def exit_handlers(world: World) -> int:
    return sum(name == "wf.onExit" for name in world.nodes)


@SEARCH
@given(manifests(), st.data())
def test_every_workflow_ends_and_its_exit_handler_runs_once(text: str, data: st.DataObject) -> None:
    world = World(text).submit()
    run_to_the_end(world, data)
    assert world.end_phase[0] in {"Succeeded", "Failed", "Error"}
    assert exit_handlers(world) == ("onExit" in world.manifest["spec"])
    assert all(n["phase"] not in {"Pending", "Running"} for n in world.nodes.values())


@SEARCH
@given(manifests(), st.data())
def test_a_crash_at_any_transition_changes_nothing(text: str, data: st.DataObject) -> None:
    world = World(text).submit()
    run_to_the_end(world, data, crash=True)
    assert exit_handlers(world) == ("onExit" in world.manifest["spec"])


@SEARCH
@given(manifests(), st.data())
def test_a_crashed_engine_goes_on_like_one_that_did_not_crash(text: str, data: st.DataObject) -> None:
    facts = Recorder(text)
    run_to_the_end(facts, data)
    other = World(text)
    for fact in facts.facts:
        other.take(fact)
        other.reload()
    assert other.state["phase"] == facts.state["phase"]
    assert _plain(other) == _plain(facts)


class Recorder(World):
    """A world that remembers its facts."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.facts: list[Fact] = []
        self.submit()

    def take(self, fact: Fact) -> Transition:
        self.facts.append(fact)
        return super().take(fact)


def _plain(world: World) -> dict[str, Any]:
    """The nodes, without the message of a wait that a crash may find in the middle."""
    return {name: body | {"message": ""} for name, body in world.nodes.items()}


@SEARCH
@given(manifests(), st.data())
def test_the_same_fact_twice_is_a_no_op(text: str, data: st.DataObject) -> None:
    world = Recorder(text)
    run_to_the_end(world, data)
    other = World(text)
    for fact in world.facts:
        other.take(fact)
        if not isinstance(fact, Woken):
            again = other.take(fact)
            assert not again.nodes
            assert not again.commands
            assert not again.records
            assert again.state is None


@SEARCH
@given(manifests(), st.data(), st.sampled_from(["Stop", "Terminate"]))
def test_a_workflow_that_is_shut_down_at_any_time_ends(text: str, data: st.DataObject, strategy: str) -> None:
    world = World(text).submit()
    for _ in range(data.draw(st.integers(0, 6), label="facts before")):
        names = world.waiting()
        if world.machine.finished or not names:
            break
        world.end(data.draw(st.sampled_from(names)), data.draw(st.sampled_from([0, 1])))
    was_over = world.machine.finished
    world.take(ShutdownRequested(world.now, strategy))
    if data.draw(st.booleans(), label="crash"):
        world.reload()
    run_to_the_end(world, data)
    if not was_over and strategy == "Stop":
        assert exit_handlers(world) == ("onExit" in world.manifest["spec"])


@SEARCH
@given(manifests(), st.data())
def test_a_suspension_holds_back_everything_and_loses_nothing(text: str, data: st.DataObject) -> None:
    world = World(text).submit()
    for _ in range(data.draw(st.integers(0, 4), label="facts before")):
        if world.machine.finished or not world.waiting():
            break
        world.end(data.draw(st.sampled_from(world.waiting())), data.draw(st.sampled_from([0, 1])))
    world.take(SuspendRequested(world.now))
    known = set(world.nodes)
    for name in world.waiting():
        world.end(name, 0)
    assert set(world.nodes) == known or world.machine.finished
    if data.draw(st.booleans(), label="crash"):
        world.reload()
    world.take(ResumeRequested(world.now))
    run_to_the_end(world, data)


@given(st.text(max_size=40))
def test_late_and_unknown_tokens_are_harmless(token: str) -> None:
    world = World(json.dumps(_tiny()))
    world.take(Submitted(world.now))
    for fact in (AttemptStarted(world.now, token), AttemptEnded(world.now, token, 0)):
        transition = world.take(fact)
        assert not transition.nodes
        assert not transition.commands
    world.end("wf")
    assert world.end_phase == ("Succeeded", "")
    assert not world.take(AttemptEnded(world.now, next(iter(world.started)), 1)).nodes


def _tiny() -> dict[str, Any]:
    template = {"name": "main", "container": {"image": "i", "command": ["x"]}}
    spec = {"entrypoint": "main", "templates": [template]}
    return {"apiVersion": "argoproj.io/v1alpha1", "kind": "Workflow", "metadata": {"name": "wf"}, "spec": spec}
