from __future__ import annotations

import pytest
from tests.unit.engine.world import World, workflow


def pod(outputs: str = "[]", more: str = "") -> World:
    return workflow(f"""
entrypoint: main
templates:
- name: main
  container: {{image: i, command: [x], env: [{{name: A, value: "{{{{pod.name}}}}"}}]}}
  outputs: {{parameters: {outputs}}}
  {more}
""")


def test_what_is_asked_for_is_whole_and_has_no_tag_left():
    spec = """
entrypoint: main
templates:
- {name: main, steps: [[{name: a, template: s}], [{name: b, template: s, when: "{{steps.a.outputs.result}} == x"}]]}
- name: s
  script:
    image: i
    command: [sh]
    env: [{name: A, value: "{{pod.name}} {{node.name}} {{steps.name}}"}]
    source: "echo {{workflow.name}}"
  outputs: {parameters: [{name: v, valueFrom: {path: "/tmp/{{workflow.name}}"}}]}
"""
    command = workflow(spec).command("wf[0].a")
    assert command.token == f"11111111-2222-3333-4444-555555555555/{command.node_id}/1"
    assert command.container["env"] == [{"name": "A", "value": f"{command.pod_name} wf[0].a a"}]
    assert (command.source, dict(command.outputs), command.result) == ("echo wf", {"v": "/tmp/wf"}, True)
    assert "source" not in command.container


@pytest.mark.parametrize(
    ("code", "error", "lost", "phase", "message"),
    [
        (0, "", False, "Succeeded", ""),
        (3, "", False, "Failed", "main: Error (exit code 3)"),
        (64, "no such command", False, "Failed", "main: Error (exit code 64): no such command"),
        (None, "no image", False, "Error", "no image"),
        (None, "", True, "Error", "pod deleted"),
    ],
)
def test_how_a_program_ended(code: int | None, error: str, lost: bool, phase: str, message: str):  # noqa: FBT001 - a table
    assert pod().end("wf", code, error=error, lost=lost).end_phase == (phase, message)


def test_one_trailing_newline_of_an_output_file_is_cut_off():
    world = pod("[{name: a, valueFrom: {path: /a}}, {name: b, valueFrom: {path: /b, default: d}}]")
    assert world.end("wf", a="\r\n\n").outputs("wf") == {"a": "\r\n", "b": "d", "exitCode": "0"}


def test_a_missing_output_file_is_an_error_although_the_program_succeeded():
    world = pod("[{name: a, valueFrom: {path: /a}}, {name: b, valueFrom: {path: /b}}]").end("wf", b="two")
    message = "wait: Error (exit code 64): open /var/run/argo/outputs/parameters/a: no such file or directory"
    assert world.end_phase == ("Error", message)
    assert world.outputs("wf") == {"a": None, "b": None, "exitCode": "0"}


def test_outputs_of_a_failed_program_are_kept():
    world = pod("[{name: a, valueFrom: {path: /a}}]").end("wf", 1, a="kept")
    assert world.outputs("wf") == {"a": "kept", "exitCode": "1"}
    assert world.end_phase == ("Failed", "main: Error (exit code 1)")


def test_a_program_is_running_once_it_is_seen():
    world = pod()
    assert world.phase("wf") == "Pending"
    world.begin("wf")
    assert world.phase("wf") == "Running"
    assert {"type": "PodRunning", "status": "True"} in world.status["conditions"]


def test_a_value_that_go_cannot_quote_into_json_is_an_error():
    spec = """
entrypoint: main
templates:
- {name: main, steps: [[{name: a, template: p, arguments: {parameters: [{name: v, value: "\\u001b[0m"}]}}]]}
- {name: p, inputs: {parameters: [{name: v}]}, container: {image: i, command: ["{{inputs.parameters.v}}"]}}
"""
    assert "the result was invalid JSON" in workflow(spec).end_phase[1]
