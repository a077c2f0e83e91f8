from __future__ import annotations

import pytest
from tests.unit.engine.world import POD, World, workflow


def dag(tasks: str, more: str = "") -> World:
    lines = "\n".join("    " + line for line in tasks.strip("\n").splitlines())
    return workflow(f"entrypoint: main\ntemplates:\n- name: main\n  dag:\n    tasks:\n{lines}\n{more}\n{POD}")


def test_a_task_begins_when_all_that_it_names_has_ended_even_with_or():
    world = dag("""
- {name: a, template: pod}
- {name: b, template: pod}
- {name: c, template: pod, depends: "a || b"}
""")
    world.end("wf.a")
    assert "wf.c" not in world.nodes
    world.end("wf.b", 1)
    assert world.waiting() == ["wf.c"]
    assert world.children("wf") == ["wf.a", "wf.b"]
    assert world.children("wf.a") == ["wf.c"]


@pytest.mark.parametrize(
    ("logic", "code", "phase"),
    [
        ("a", 1, "Omitted"),
        ("a.Failed", 1, "Pending"),
        ("a.Succeeded && !a.Failed", 0, "Pending"),
        ("a.Errored", 1, "Omitted"),
        ("a.Skipped", 0, "Omitted"),
    ],
)
def test_logic_decides_between_running_and_omitting(logic: str, code: int, phase: str):
    world = dag(f'- {{name: a, template: pod}}\n- {{name: b, template: pod, depends: "{logic}"}}').end("wf.a", code)
    assert world.phase("wf.b") == phase
    if phase == "Omitted":
        assert world.message("wf.b") == "omitted: depends condition not met"


def test_an_omitted_leaf_takes_the_failure_of_its_ancestor():
    tasks = """
- {name: a, template: pod}
- {name: b, template: pod, depends: a.Succeeded}
- {name: c, template: pod, depends: a.Failed}
"""
    world = dag(tasks).end("wf.a", 1).end("wf.c")
    assert world.end_phase == ("Failed", "")


def test_a_handled_failure_that_is_no_leaf_does_not_fail_the_dag():
    world = dag("- {name: a, template: pod}\n- {name: c, template: pod, depends: a.Failed}").end("wf.a", 1).end("wf.c")
    assert world.end_phase == ("Succeeded", "")


def test_default_fail_fast_lets_everything_that_is_connected_run():
    tasks = """
- {name: a, template: pod}
- {name: s, template: pod}
- {name: t, template: pod, dependencies: [s]}
"""
    world = dag(tasks).end("wf.a", 1).end("wf.s")
    assert world.waiting() == ["wf.t"]
    assert world.end("wf.t").end_phase == ("Failed", "")


@pytest.mark.parametrize(("fail_fast", "phase"), [("true", "Failed"), ("false", "Error")])
def test_failed_and_error_leaves_are_weighed_in_the_order_of_names(fail_fast: str, phase: str):
    spec = f"""
entrypoint: main
templates:
- name: main
  dag:
    failFast: {fail_fast}
    tasks: [{{name: a, template: pod}}, {{name: b, template: pod}}]
{POD}
"""
    world = workflow(spec).end("wf.b", None, error="gone").end("wf.a", 1)
    assert world.end_phase == (phase, "")


def test_continue_on_of_a_leaf_and_of_a_dependency():
    tasks = """
- {name: a, template: pod, continueOn: {failed: true}}
- {name: b, template: pod, dependencies: [a], continueOn: {failed: true}}
"""
    world = dag(tasks).end("wf.a", 1).end("wf.b", 1)
    assert world.end_phase == ("Succeeded", "")


def test_only_ancestors_of_the_target_run():
    spec = f"""
entrypoint: main
templates:
- name: main
  dag:
    target: b
    tasks:
    - {{name: a, template: pod}}
    - {{name: b, template: pod, dependencies: [a]}}
    - {{name: c, template: pod}}
{POD}
"""
    world = workflow(spec).end("wf.a").end("wf.b")
    assert set(world.nodes) == {"wf", "wf.a", "wf.b"}
    assert world.end_phase == ("Succeeded", "")


def test_only_ancestors_are_seen_and_a_stranger_is_waited_for_in_vain():
    tasks = """
- {name: a, template: pod}
- {name: b, template: pod, arguments: {parameters: [{name: p, value: "{{tasks.a.exitCode}}"}]}}
"""
    world = dag(tasks)
    assert world.nodes["wf.b"]["type"] == "Skipped"
    world.end("wf.a")
    phase, message = world.end_phase
    assert phase == "Error"
    assert "task b would wait for ever" in message


def test_an_argument_error_is_an_error_of_the_task_alone():
    spec = """
entrypoint: main
templates:
- {name: main, dag: {tasks: [{name: a, template: needy}, {name: b, template: p, depends: a.Errored}]}}
- {name: needy, inputs: {parameters: [{name: p}]}, container: {image: i, command: [x]}}
- {name: p, container: {image: i, command: [x]}}
"""
    world = workflow(spec)
    assert world.message("wf.a") == "task 'wf.a' errored: inputs.parameters.p was not supplied"
    assert world.end("wf.b").end_phase == ("Succeeded", "")


def test_an_absent_output_falls_back_to_the_default_of_the_consumer_or_errs():
    spec = """
entrypoint: main
templates:
- name: main
  dag:
    tasks:
    - {name: a, template: out, when: "1 == 2"}
    - name: b
      template: pod
      dependencies: [a]
      arguments: {parameters: [{name: p, value: "{{tasks.a.outputs.parameters.v}}"}]}
    - name: c
      template: pod
      dependencies: [a]
      arguments: {parameters: [{name: p, value: "x{{tasks.a.outputs.parameters.v}}"}]}
- {name: out, container: {image: i, command: [x]}, outputs: {parameters: [{name: v, valueFrom: {path: /v}}]}}
- {name: pod, inputs: {parameters: [{name: p, default: none}]}, container: {image: i, command: [x]}}
"""
    world = workflow(spec)
    assert world.inputs("wf.b") == {"p": "none"}
    assert world.phase("wf.c") == "Error"
    assert "absent optional" in world.message("wf.c")


def test_nested_dags_hang_on_the_ends_of_what_was_before():
    spec = f"""
entrypoint: main
templates:
- {{name: main, dag: {{tasks: [{{name: a, template: sub}}, {{name: b, template: pod, depends: a}}]}}}}
- {{name: sub, dag: {{tasks: [{{name: x, template: pod}}, {{name: z, template: pod, depends: x}}]}}}}
{POD}
"""
    world = workflow(spec).end("wf.a.x").end("wf.a.z")
    assert world.children("wf.a.z") == ["wf.b"]
    assert world.nodes["wf.a.z"]["boundaryID"] == world.nodes["wf.a"]["id"]
    assert world.nodes["wf.a.z"]["displayName"] == "z"


def test_a_chain_of_ten_thousand_tasks_costs_no_python_stack():
    tasks = "\n".join(
        f"    - {{name: t{n}, template: nap{f', depends: t{n - 1}' if n else ''}}}" for n in range(10_000)
    )
    text = (
        "apiVersion: argoproj.io/v1alpha1\nkind: Workflow\nmetadata: {name: wf}\nspec:\n  entrypoint: main\n"
        f"  templates:\n  - name: main\n    dag:\n     tasks:\n{tasks}\n  - {{name: nap, suspend: {{duration: '0'}}}}\n"
    ).replace("    - {name: t", "     - {name: t")
    world = World(text, walk=False).submit()
    assert world.end_phase == ("Succeeded", "")
    assert len(world.nodes) == 10_001
