from __future__ import annotations

import pytest
from tests.unit.engine.world import World, workflow


def main_of(inputs: str, arguments: str = "[]", command: str = "[x]") -> World:
    return workflow(f"""
entrypoint: main
arguments: {{parameters: {arguments}}}
templates:
- name: main
  inputs: {{parameters: {inputs}}}
  container: {{image: i, command: {command}}}
""")


@pytest.mark.parametrize(
    ("inputs", "arguments", "value"),
    [
        ("[{name: p, default: d}]", "[]", "d"),
        ("[{name: p, value: v}]", "[]", "v"),
        ("[{name: p, value: v, default: d}]", "[]", "v"),
        ("[{name: p, value: v}]", "[{name: p, value: a}]", "a"),
        ("[{name: p, value: ''}]", "[]", ""),
        ("[{name: p, enum: [x, y]}]", "[{name: p, value: z}]", "z"),
        ("[{name: p, value: '{{workflow.name}}'}]", "[]", "wf"),
        ("[{name: p, value: '{{unknown.name}}'}]", "[]", "{{unknown.name}}"),
    ],
)
def test_where_the_value_of_an_input_comes_from(inputs: str, arguments: str, value: str):
    assert main_of(inputs, arguments).inputs("wf") == {"p": value}


def test_an_input_without_a_value_is_an_error():
    world = main_of("[{name: p}]")
    assert world.end_phase == ("Error", "error in entry template execution: inputs.parameters.p was not supplied")
    assert world.nodes["wf"]["type"] == "Skipped"


def test_a_tag_inside_a_value_is_filled_in_the_node_but_not_where_the_value_is_used():
    world = main_of(
        "[{name: a, value: '{{inputs.parameters.b}}'}, {name: b, value: two}]", command="['{{inputs.parameters.a}}']"
    )
    assert world.inputs("wf") == {"a": "two", "b": "two"}
    assert world.command("wf").container["command"] == ["{{inputs.parameters.b}}"]


def test_nested_tags_choose_a_name():
    inputs = "[{name: which, value: b}, {name: b, value: two}]"
    world = main_of(inputs, command="['{{inputs.parameters.{{inputs.parameters.which}}}}']")
    assert world.command("wf").container["command"] == ["{{inputs.parameters.b}}"]


def test_all_inputs_at_once_are_json_in_argos_order_of_fields():
    inputs = "[{name: p, default: d, enum: [d, e], description: <why>}]"
    world = main_of(inputs, command="['{{inputs.parameters}}']")
    wanted = '[{"name":"p","default":"d","value":"d","enum":["d","e"],"description":"\\u003cwhy\\u003e"}]'
    assert world.command("wf").container["command"] == [wanted]


def test_names_of_the_workflow():
    tags = (
        "name namespace uid mainEntrypoint parameters.x creationTimestamp creationTimestamp.s status labels.l duration"
    )
    command = ", ".join(f"'{{{{workflow.{tag}}}}}'" for tag in tags.split())
    world = main_of("[]", "[{name: x, value: '1'}]", f"[{command}]")
    assert world.command("wf").container["command"] == [
        "wf", "default", "11111111-2222-3333-4444-555555555555", "main", "1", "2026-01-01T12:00:00Z", "1767268800", "",
        "{{workflow.labels.l}}", "0.000000",
    ]  # fmt: skip


CONFIG = """
apiVersion: argoproj.io/v1alpha1
kind: Workflow
metadata: {name: wf}
spec:
  entrypoint: main
  arguments: {parameters: [{name: which, value: cm}]}
  templates:
  - name: main
    inputs:
      parameters:
      - {name: p, valueFrom: {configMapKeyRef: {name: "{{workflow.parameters.which}}", key: k}}}
      - {name: q, valueFrom: {configMapKeyRef: {name: none, key: k}, default: d}}
    container: {image: i, command: [x]}
"""


def test_values_from_config_maps():
    world = World(CONFIG, config_maps={"cm": {"k": "v"}}).submit()
    assert world.inputs("wf") == {"p": "v", "q": "d"}


def test_a_missing_config_map_is_named():
    world = World(CONFIG, config_maps={}).submit()
    assert "unable to retrieve inputs.parameters.p from ConfigMap: ConfigMap 'cm' does not exist." in world.end_phase[1]


def test_a_global_parameter_without_value_fails_the_workflow():
    world = main_of("[]", "[{name: x}]")
    wanted = "either value or valueFrom must be specified in order to set global parameter x"
    assert world.end_phase == ("Failed", f"failed to set global parameters: {wanted}")


def test_a_global_output_is_seen_by_what_comes_later_and_the_last_writer_wins():
    spec = """
entrypoint: main
templates:
- name: main
  steps: [[{name: a, template: out}], [{name: b, template: out}], [{name: c, template: show}]]
- name: out
  container: {image: i, command: [x]}
  outputs: {parameters: [{name: v, globalName: g, valueFrom: {path: /v}}]}
- {name: show, container: {image: i, command: ["{{workflow.outputs.parameters.g}}"]}}
"""
    world = workflow(spec).end("wf[0].a", v="one").reload().end("wf[1].b", v="two")
    assert world.command("wf[2].c").container["command"] == ["two"]
    assert world.end("wf[2].c").status["outputs"] == {"parameters": [{"name": "g", "value": "two"}]}
