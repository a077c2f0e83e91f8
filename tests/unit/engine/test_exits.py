from __future__ import annotations

import json

import pytest
from tests.unit.engine.world import World, workflow

from tiphys.engine.facts import ShutdownRequested


def handled(
    handler: str = "container: {image: i, command: [bye, '{{workflow.status}}', '{{workflow.failures}}']}",
) -> World:
    return workflow(f"""
entrypoint: main
onExit: bye
templates:
- {{name: main, container: {{image: i, command: [x, "{{{{workflow.status}}}}"]}}}}
- {{name: bye, {handler}}}
""")


def test_the_exit_handler_knows_how_it_went():
    world = handled()
    assert world.command("wf").container["command"] == ["x", ""]
    world.end("wf", 3)
    _, status, failures = world.command("wf.onExit").container["command"]
    assert status == "Failed"
    (failure,) = json.loads(json.loads(failures))
    assert failure["displayName"] == "wf"
    assert failure["message"] == "main: Error (exit code 3)"
    assert world.nodes["wf.onExit"]["nodeFlag"] == {"hooked": True}
    assert "boundaryID" not in world.nodes["wf.onExit"]
    assert world.end("wf.onExit").end_phase == ("Failed", "main: Error (exit code 3)")


@pytest.mark.parametrize(
    ("code", "error", "end"),
    [
        (1, "", ("Failed", "main: Error (exit code 1)")),
        (None, "no room", ("Error", "no room")),
        (0, "", ("Succeeded", "")),
    ],
)
def test_a_failing_handler_spoils_a_good_workflow(code: int | None, error: str, end: tuple[str, str]):
    assert handled().end("wf").end("wf.onExit", code, error=error).end_phase == end


def test_a_failing_handler_does_not_change_a_bad_workflow():
    assert handled().end("wf", 2).end("wf.onExit", 1).end_phase == ("Failed", "main: Error (exit code 2)")


def test_terminate_does_not_begin_the_handler_and_kills_a_running_one():
    world = handled()
    world.take(ShutdownRequested(world.now, "Terminate"))
    world.end("wf", 143)
    assert "wf.onExit" not in world.nodes
    assert world.end_phase == ("Failed", "Stopped with strategy 'Terminate'")
    world = handled().end("wf")
    world.take(ShutdownRequested(world.now, "Terminate"))
    assert world.message("wf.onExit") == "workflow shutdown with strategy:  Terminate"
    assert world.end("wf.onExit", 143).end_phase == ("Failed", "workflow shutdown with strategy:  Terminate")


STEP_HOOK = """
entrypoint: main
templates:
- name: main
  steps:
  - - name: a
      template: out
      continueOn: {failed: true}
      hooks:
        exit:
          template: bye
          arguments:
            parameters:
            - {name: p, value: "{{steps.a.status}} {{steps.a.outputs.parameters.v}} {{steps.a.exitCode}}"}
  - - {name: b, template: out}
- {name: out, container: {image: i, command: [x]}, outputs: {parameters: [{name: v, valueFrom: {path: /v}}]}}
- {name: bye, inputs: {parameters: [{name: p}]}, container: {image: i, command: [x]}}
"""


def test_a_hook_of_a_step_sees_its_status_and_parameters_and_is_waited_for():
    world = workflow(STEP_HOOK).end("wf[0].a", v="one")
    assert world.inputs("wf[0].a.onExit") == {"p": "Succeeded one {{steps.a.exitCode}}"}
    assert world.children("wf[0].a") == ["wf[0].a.onExit"]
    assert world.phase("wf[0]") == "Running"
    world.end("wf[0].a.onExit", 1)
    assert world.phase("wf[0]") == "Succeeded"
    assert world.waiting() == ["wf[1].b"]


def test_a_hook_runs_after_a_failure_but_not_for_a_skipped_step():
    world = workflow(STEP_HOOK).end("wf[0].a", 1, v="bad")
    assert world.inputs("wf[0].a.onExit")["p"].startswith("Failed bad")
    skipped = workflow(STEP_HOOK.replace("- - name: a\n", "- - name: a\n      when: '1 == 2'\n"))
    assert "wf[0].a.onExit" not in skipped.nodes


def test_a_hook_of_a_task_is_waited_for_by_its_dependants():
    spec = """
entrypoint: main
templates:
- {name: main, dag: {tasks: [{name: a, template: p, onExit: p}, {name: b, template: p, depends: a}]}}
- {name: p, container: {image: i, command: [x]}}
"""
    world = workflow(spec).end("wf.a")
    assert world.waiting() == ["wf.a.onExit"]
    assert world.end("wf.a.onExit").waiting() == ["wf.b"]


def test_a_hook_after_retries_comes_once():
    spec = """
entrypoint: main
templates:
- {name: main, steps: [[{name: a, template: r, onExit: p}]]}
- {name: r, retryStrategy: {limit: 1}, container: {image: i, command: [x]}}
- {name: p, container: {image: i, command: [x]}}
"""
    world = workflow(spec).end("wf[0].a(0)", 1)
    assert world.waiting() == ["wf[0].a(1)"]
    world.end("wf[0].a(1)")
    assert world.waiting() == ["wf[0].a.onExit"]
    assert world.end("wf[0].a.onExit").end_phase == ("Succeeded", "")
