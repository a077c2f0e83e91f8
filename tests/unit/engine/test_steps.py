from __future__ import annotations

from tests.unit.engine.world import POD, World, workflow

TWO_GROUPS = f"""
entrypoint: main
templates:
- name: main
  steps:
  - - {{name: a, template: pod}}
    - {{name: b, template: pod}}
  - - {{name: c, template: pod, arguments: {{parameters: [{{name: p, value: "{{{{steps.a.exitCode}}}}"}}]}}}}
{POD}
"""


def test_a_group_waits_for_all_its_steps_and_the_next_sees_their_outcome():
    world = workflow(TWO_GROUPS)
    assert world.waiting() == ["wf[0].a", "wf[0].b"]
    world.end("wf[0].b")
    assert "wf[1]" not in world.nodes
    world.end("wf[0].a")
    assert world.inputs("wf[1].c") == {"p": "0"}
    assert world.children("wf[0].a") == world.children("wf[0].b") == ["wf[1]"]
    world.end("wf[1].c")
    assert world.end_phase == ("Succeeded", "")
    assert world.nodes["wf"]["outboundNodes"] == [world.nodes["wf[1].c"]["id"]]


def test_the_first_failed_step_in_order_fails_group_and_node_and_nothing_follows():
    world = workflow(TWO_GROUPS)
    world.end("wf[0].b", 3).end("wf[0].a", 2)
    message = f"child '{world.nodes['wf[0].a']['id']}' failed"
    assert world.message("wf[0]") == world.message("wf") == message
    assert world.end_phase == ("Failed", message)
    assert "wf[1]" not in world.nodes


def test_continue_on_covers_only_the_phase_it_names():
    spec = f"""
entrypoint: main
templates:
- name: main
  steps:
  - - {{name: a, template: pod, continueOn: {{failed: true}}}}
  - - {{name: b, template: pod, continueOn: {{failed: true}}}}
{POD}
"""
    world = workflow(spec).end("wf[0].a", 1).end("wf[1].b", None, error="no room")
    assert world.phase("wf[0]") == "Succeeded"
    assert world.phase("wf[1].b") == "Error"
    assert world.end_phase[0] == "Failed"


def test_a_false_condition_skips_the_step_and_does_not_look_at_its_arguments():
    spec = f"""
entrypoint: main
templates:
- name: main
  steps:
  - - {{name: a, template: pod}}
  - - name: b
      template: pod
      when: "{{{{steps.a.status}}}} == Failed"
      arguments: {{parameters: [{{name: p, value: "{{{{steps.a.outputs.result}}}}"}}]}}
{POD}
"""
    world = workflow(spec).end("wf[0].a")
    assert world.phase("wf[1].b") == "Skipped"
    assert world.message("wf[1].b") == "when 'Succeeded == Failed' evaluated false"
    assert world.end_phase == ("Succeeded", "")


def test_a_condition_that_cannot_be_judged_errs_before_any_step():
    spec = f"""
entrypoint: main
templates:
- {{name: main, steps: [[{{name: a, template: pod, when: "a b"}}]]}}
{POD}
"""
    world = workflow(spec)
    assert world.phase("wf[0]") == "Error"
    assert world.message("wf[0]").startswith("failed to resolve references: Invalid 'when' expression")
    assert "wf[0].a" not in world.nodes
    assert world.end_phase == ("Failed", world.message("wf[0]"))


def test_a_missing_input_errs_the_group_and_steps_after_it_do_not_begin():
    spec = """
entrypoint: main
templates:
- name: main
  steps:
  - - {name: a, template: needy}
    - {name: b, template: needy, arguments: {parameters: [{name: p, value: x}]}}
- {name: needy, inputs: {parameters: [{name: p}]}, container: {image: i, command: [x]}}
"""
    world = workflow(spec)
    wanted = "step group deemed errored due to child wf[0].a error: inputs.parameters.p was not supplied"
    assert world.message("wf[0]") == wanted
    assert world.nodes["wf[0].a"]["type"] == "Skipped"
    assert world.end_phase == ("Failed", wanted)
    assert world.waiting() == []


def test_a_reference_that_would_wait_for_ever_is_an_error_with_its_reason():
    spec = f"""
entrypoint: main
templates:
- name: main
  steps:
  - - {{name: a, template: pod, continueOn: {{failed: true}}}}
  - - name: b
      template: pod
      arguments: {{parameters: [{{name: p, value: "{{{{steps.a.outputs.parameters.x}}}}"}}]}}
{POD}
"""
    world = workflow(spec).end("wf[0].a", 1)
    phase, message = world.end_phase
    assert phase == "Failed"
    assert "step b would wait for ever: failed to resolve {{steps.a.outputs.parameters.x}}" in message


def test_outputs_of_a_steps_template_come_from_its_steps():
    spec = """
entrypoint: main
templates:
- name: main
  steps: [[{name: a, template: out}]]
  outputs:
    parameters:
    - {name: o, valueFrom: {parameter: "{{steps.a.outputs.parameters.v}}"}, globalName: g}
    - {name: d, valueFrom: {parameter: "{{steps.a.outputs.parameters.none}}", default: fallback}}
- {name: out, container: {image: i, command: [x]}, outputs: {parameters: [{name: v, valueFrom: {path: /v}}]}}
"""
    world = workflow(spec).end("wf[0].a", v="one\n\n")
    assert world.outputs("wf") == {"o": "one\n", "d": "fallback"}
    assert world.status["outputs"] == {"parameters": [{"name": "g", "value": "one\n"}]}


def test_recursion_ends_at_the_depth_limit():
    spec = """
entrypoint: main
templates: [{name: main, steps: [[{name: again, template: main}]]}]
"""
    world = workflow(spec)
    deepest = max(world.nodes.values(), key=lambda body: len(body["name"]))
    assert deepest["type"] == "Skipped"
    assert deepest["message"].startswith("Maximum recursion depth exceeded. See https://")
    assert world.end_phase[0] == "Failed"


def test_an_inline_template_takes_the_inputs_of_its_parent():
    spec = """
entrypoint: main
arguments: {parameters: [{name: who, value: ada}]}
templates:
- name: main
  inputs: {parameters: [{name: who}]}
  steps: [[{name: a, inline: {container: {image: i, command: [echo, "{{inputs.parameters.who}}"]}}}]]
"""
    world = workflow(spec)
    assert world.command("wf[0].a").container["command"] == ["echo", "ada"]


def test_a_step_that_fails_while_another_runs_does_not_end_the_group_or_the_workflow():
    world = workflow(TWO_GROUPS).end("wf[0].a", 1)
    assert world.phase("wf[0]") == "Running"
    assert not world.machine.finished


def test_the_workflow_waits_for_what_still_runs_when_a_group_has_erred():
    spec = """
entrypoint: main
templates:
- {name: main, steps: [[{name: a, template: p}, {name: b, template: needy}]]}
- {name: p, container: {image: i, command: [x]}}
- {name: needy, inputs: {parameters: [{name: p}]}, container: {image: i, command: [x]}}
"""
    world = workflow(spec)
    assert world.phase("wf") == "Failed"
    assert not world.machine.finished
    world.end("wf[0].a")
    assert world.phase("wf[0].a") == "Succeeded"
    assert world.end_phase[0] == "Failed"


def test_two_thousand_groups_cost_no_python_stack():
    groups = "\n".join(f"  - - {{name: s{n}, template: nap}}" for n in range(2000))
    spec = (
        f"entrypoint: main\ntemplates:\n- name: main\n  steps:\n{groups}\n- {{name: nap, suspend: {{duration: '0'}}}}"
    )
    body = "\n".join("  " + line for line in spec.splitlines())
    text = f"apiVersion: argoproj.io/v1alpha1\nkind: Workflow\nmetadata: {{name: wf}}\nspec:\n{body}\n"
    world = World(text, walk=False).submit()
    assert world.end_phase == ("Succeeded", "")
