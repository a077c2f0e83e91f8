from __future__ import annotations

from tests.unit.engine.world import POD, workflow

from tiphys.engine.facts import ShutdownRequested


def test_the_workflow_runs_so_many_pods_at_a_time_in_the_order_of_the_walk():
    spec = f"""
entrypoint: main
parallelism: 2
templates:
- name: main
  dag:
    tasks:
    - {{name: a, template: pod, withItems: [1, 2, 3]}}
    - {{name: b, template: pod}}
{POD}
"""
    world = workflow(spec)
    assert world.waiting() == ["wf.a(0:1)", "wf.a(1:2)"]
    assert world.end("wf.a(1:2)").waiting() == ["wf.a(0:1)", "wf.a(2:3)"]
    world.reload().end("wf.a(0:1)").end("wf.a(2:3)").end("wf.b")
    assert world.end_phase == ("Succeeded", "")


def test_a_template_counts_a_nested_one_as_one():
    spec = f"""
entrypoint: main
templates:
- name: main
  parallelism: 1
  steps: [[{{name: a, template: sub}}, {{name: b, template: sub}}]]
- {{name: sub, steps: [[{{name: x, template: pod}}, {{name: z, template: pod}}]]}}
{POD}
"""
    world = workflow(spec)
    assert world.waiting() == ["wf[0].a[0].x", "wf[0].a[0].z"]
    world.end("wf[0].a[0].x").end("wf[0].a[0].z")
    assert world.waiting() == ["wf[0].b[0].x", "wf[0].b[0].z"]


def test_gates_take_no_slot():
    spec = f"""
entrypoint: main
templates:
- name: main
  parallelism: 1
  steps: [[{{name: g, template: gate}}, {{name: h, template: gate}}, {{name: a, template: pod}}]]
- {{name: gate, suspend: {{}}}}
{POD}
"""
    assert workflow(spec).waiting() == ["wf[0].a"]


def test_fail_fast_of_a_template_begins_nothing_more_and_names_itself():
    spec = f"""
entrypoint: main
templates:
- name: main
  parallelism: 2
  failFast: true
  steps: [[{{name: l, template: pod, withItems: [1, 2, 3], continueOn: {{failed: true}}}}]]
{POD}
"""
    world = workflow(spec).end("wf[0].l(0:1)", 1)
    assert world.waiting() == ["wf[0].l(1:2)"]
    assert world.phase("wf") == "Running"
    world.end("wf[0].l(1:2)")
    message = "template has failed or errored children and failFast enabled"
    assert world.message("wf[0]") == message
    assert world.end_phase == ("Failed", message)


def test_fail_fast_of_a_dag_leaves_the_trace_of_what_waited():
    spec = f"""
entrypoint: main
templates:
- name: main
  parallelism: 1
  failFast: true
  dag:
    tasks: [{{name: a, template: pod}}, {{name: b, template: pod, dependencies: [a]}}, {{name: c, template: pod}}]
{POD}
"""
    world = workflow(spec).end("wf.a", 1)
    assert world.children("wf") == ["wf.a", "?"]
    assert world.end_phase[0] == "Failed"


def test_stop_fails_what_runs_and_what_waits_for_a_slot():
    spec = f"""
entrypoint: main
parallelism: 1
templates:
- {{name: main, steps: [[{{name: l, template: pod, withItems: [1, 2]}}]]}}
{POD}
"""
    world = workflow(spec)
    world.take(ShutdownRequested(world.now, "Stop"))
    assert world.message("wf[0].l(0:1)") == "workflow shutdown with strategy:  Stop"
    assert world.message("wf[0].l(1:2)") == "workflow shutdown with strategy: Stop"
    assert not world.machine.finished
    world.end("wf[0].l(0:1)", 143)
    assert world.end_phase == ("Failed", "Stopped with strategy 'Stop'")
