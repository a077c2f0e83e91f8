from __future__ import annotations

import pytest
from tests.unit.engine.world import World, workflow

from tiphys.engine.facts import ResumeRequested, ShutdownRequested, SuspendRequested


def gates(duration: str = "") -> World:
    return workflow(f"""
entrypoint: main
templates:
- name: main
  steps:
  - - {{name: a, template: gate}}
    - {{name: b, template: gate}}
  - - {{name: c, template: p}}
- {{name: gate, suspend: {{duration: "{duration}"}}}}
- {{name: p, container: {{image: i, command: [x]}}}}
""")


def test_a_gate_without_duration_waits_until_it_is_resumed():
    world = gates()
    assert world.phase("wf[0].a") == "Running"
    assert world.machine.wake_at is None
    world.take(ResumeRequested(world.now, actor="human:ada"))
    assert world.phase("wf[0].a") == world.phase("wf[0].b") == "Succeeded"
    assert world.message("wf[0].a") == "Resumed by: human:ada"
    assert world.waiting() == ["wf[1].c"]


def test_a_selector_resumes_only_what_it_names():
    world = gates()
    world.take(ResumeRequested(world.now, "displayName=a,phase!=Failed"))
    assert (world.phase("wf[0].a"), world.phase("wf[0].b")) == ("Succeeded", "Running")


def test_stopping_with_a_selector_fails_the_gate_and_not_the_workflow():
    world = gates()
    world.take(ShutdownRequested(world.now, "Stop", "displayName=b", "not today"))
    assert world.message("wf[0].b") == "not today"
    assert world.phase("wf[0].a") == "Running"
    assert world.status["phase"] == "Running"


@pytest.mark.parametrize(("duration", "seconds"), [("2", 2), ("1m", 60), ("1500ms", 1.5)])
def test_a_duration_ends_the_wait_also_after_a_crash(duration: str, seconds: float):
    world = gates(duration).reload()
    world.after(seconds - 0.5)
    assert world.phase("wf[0].a") == "Running"
    world.after(0.5)
    assert world.waiting() == ["wf[1].c"]


def test_a_bad_duration_is_an_error_of_the_step():
    world = gates("soon")
    assert "unable to parse soon as a duration" in world.end_phase[1]


def test_a_suspended_workflow_begins_nothing_and_keeps_what_ends():
    world = workflow("""
entrypoint: main
templates:
- {name: main, steps: [[{name: a, template: p}], [{name: b, template: p}]]}
- {name: p, container: {image: i, command: [x]}}
""")
    world.take(SuspendRequested(world.now))
    world.end("wf[0].a").reload()
    assert world.phase("wf[0].a") == "Succeeded"
    assert world.waiting() == []
    world.take(ResumeRequested(world.now))
    assert world.waiting() == ["wf[1].b"]


def test_a_workflow_may_be_submitted_suspended():
    world = workflow("entrypoint: m\nsuspend: true\ntemplates: [{name: m, container: {image: i, command: [x]}}]")
    assert world.status["phase"] == "Running"
    assert world.nodes == {}
    world.take(ResumeRequested(world.now))
    assert world.waiting() == ["wf"]


def test_a_shut_down_ends_a_suspension():
    world = workflow("entrypoint: m\nsuspend: true\ntemplates: [{name: m, container: {image: i, command: [x]}}]")
    world.take(ShutdownRequested(world.now, "Stop"))
    assert world.end_phase == ("Failed", "Stopped with strategy 'Stop'")
