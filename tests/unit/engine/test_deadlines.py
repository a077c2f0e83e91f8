from __future__ import annotations

from tests.unit.engine.world import workflow


def test_the_deadline_of_the_workflow_ends_pods_and_gates_but_not_the_exit_handler():
    world = workflow("""
entrypoint: main
activeDeadlineSeconds: 10
onExit: p
templates:
- {name: main, steps: [[{name: a, template: p}, {name: g, template: gate}]]}
- {name: p, container: {image: i, command: [x]}}
- {name: gate, suspend: {}}
""").after(10)
    assert world.message("wf[0].a") == world.message("wf[0].g") == "Step exceeded its deadline"
    assert len(world.stopped) == 1
    assert world.command("wf.onExit").deadline is None
    world.reload().end("wf[0].a", 143).after(60)
    assert world.end("wf.onExit").end_phase[0] == "Failed"


def test_a_pod_that_would_begin_after_the_deadline_fails_at_once():
    world = workflow("""
entrypoint: main
activeDeadlineSeconds: 5
templates:
- name: main
  dag: {tasks: [{name: a, template: p}, {name: b, template: p, depends: a.Failed}]}
- {name: p, container: {image: i, command: [x]}}
""").after(5)
    assert world.message("wf.b") == "Step exceeded its deadline"
    assert world.waiting() == ["wf.a"]


def test_the_deadline_of_a_template_counts_from_the_start_of_the_program():
    world = workflow("""
entrypoint: main
templates: [{name: main, activeDeadlineSeconds: "3", container: {image: i, command: [x]}}]
""").after(100)
    assert world.stopped == []
    world.begin("wf").reload().after(3)
    assert world.stopped == [world.token("wf")]
    world.reload().end("wf", 143)
    assert world.end_phase == ("Failed", "Pod was active on the node longer than the specified deadline")
    assert world.outputs("wf") == {"exitCode": "143"}


def test_a_program_that_ends_well_at_its_deadline_has_succeeded():
    world = (
        workflow("""
entrypoint: main
templates: [{name: main, activeDeadlineSeconds: 3, container: {image: i, command: [x]}}]
""")
        .begin("wf")
        .after(3)
    )
    assert world.end("wf", 0).end_phase == ("Succeeded", "")


def test_a_timeout_counts_waiting_too():
    spec = """
entrypoint: main
templates: [{name: main, timeout: 5s, container: {image: i, command: [x]}}]
"""
    world = workflow(spec)
    deadline = world.command("wf").deadline
    assert deadline is not None
    assert (deadline - world.now).total_seconds() == 5
    world.after(5).end("wf", 143)
    assert world.message("wf") == "timeout"
    assert world.end_phase == ("Error", "error in entry template execution: timeout")
    running = workflow(spec).begin("wf").after(5).end("wf", 143)
    assert running.end_phase == ("Failed", "Pod was active on the node longer than the specified deadline")


def test_a_pending_timeout_does_not_bound_the_run():
    world = (
        workflow("""
entrypoint: main
templates: [{name: main, pendingTimeout: 5s, container: {image: i, command: [x]}}]
""")
        .begin("wf")
        .after(50)
    )
    assert world.end("wf").end_phase == ("Succeeded", "")


def test_a_retry_past_the_deadline_says_so():
    world = (
        workflow("""
entrypoint: main
activeDeadlineSeconds: 5
templates:
- name: main
  retryStrategy: {limit: 3, backoff: {duration: 10s}}
  container: {image: i, command: [x]}
""")
        .end("wf(0)", 1)
        .after(10)
    )
    assert world.end_phase == ("Failed", "retry exceeded workflow deadline 2026-01-01 12:00:05 +0000 UTC")
