from __future__ import annotations

import pytest
from tests.unit.engine.world import POD, World, workflow


def loop(step: str, more: str = "") -> World:
    return workflow(f"entrypoint: main\ntemplates:\n- name: main\n  steps:\n  - - {step}\n{more}\n{POD}")


@pytest.mark.parametrize(
    ("items", "names"),
    [
        ("[1, two, 1.50, true, null]", ["l(0:1)", "l(1:two)", "l(2:1.5)", "l(3:true)", "l(4:[])"]),
        ("['a(b)c']", ["l(0:abc)"]),
        ("[{b: 2, a: x}]", ["l(0:a:x,b:2)"]),
        ("[[1, 2]]", ["l(0:[1 2])"]),
        ("[]", ["l"]),
    ],
)
def test_items_name_the_nodes(items: str, names: list[str]):
    world = loop(f"{{name: l, template: pod, withItems: {items}}}")
    assert [name.removeprefix("wf[0].") for name in world.waiting()] == names


def test_fields_of_an_item_are_filled_in():
    argument = '{name: p, value: "{{item.k}} of {{item}}"}'
    world = loop(f"{{name: l, template: pod, withItems: [{{k: v}}], arguments: {{parameters: [{argument}]}}}}")
    assert world.inputs("wf[0].l(0:k:v)") == {"p": 'v of {"k":"v"}'}


def test_an_item_without_the_field_is_an_error_before_anything_begins():
    argument = '{name: p, value: "{{item.k}}"}'
    world = loop(
        f"{{name: l, template: pod, withItems: [{{k: v}}, {{x: y}}], arguments: {{parameters: [{argument}]}}}}"
    )
    assert world.waiting() == []
    assert world.end_phase == ("Failed", "failed to resolve {{item.k}}")


@pytest.mark.parametrize(
    ("sequence", "names"),
    [
        ("{count: 2}", ["0", "1"]),
        ('{start: "3", end: "1"}', ["3", "2", "1"]),
        ('{count: "2", start: "5", format: "n%02X"}', ["n05", "n06"]),
    ],
)
def test_sequences_count_up_and_down(sequence: str, names: list[str]):
    world = loop(f"{{name: l, template: pod, withSequence: {sequence}}}")
    assert world.waiting() == [f"wf[0].l({index}:{name})" for index, name in enumerate(names)]


@pytest.mark.parametrize("empty", ["withParam: '[]'", "withSequence: {count: 0}"])
def test_an_empty_loop_is_one_skipped_node(empty: str):
    world = loop(f"{{name: l, template: pod, {empty}}}")
    assert world.message("wf[0].l") == "Skipped, empty params"
    assert world.end_phase == ("Succeeded", "")


def test_a_bad_list_is_an_error_unless_the_condition_is_false_anyway():
    world = loop("{name: l, template: pod, withParam: 'no list'}")
    assert world.message("wf[0]").startswith("withParam value could not be parsed as a JSON list: no list")
    world = loop("{name: l, template: pod, withParam: 'no list', when: '1 == 2'}")
    assert world.message("wf[0].l") == "Skipped, empty params"
    assert world.end_phase == ("Succeeded", "")


def test_a_condition_is_judged_for_each_item():
    world = loop("{name: l, template: pod, withItems: [1, 2, 3], when: '{{item}} > 1'}")
    assert world.phase("wf[0].l(0:1)") == "Skipped"
    assert world.message("wf[0].l(0:1)") == "when '1 > 1' evaluated false"
    assert world.waiting() == ["wf[0].l(1:2)", "wf[0].l(2:3)"]


GATHER = """
  - - name: r
      template: pod
      arguments: {parameters: [{name: p, value: "{{steps.l.outputs.result}} {{steps.l.status}}"}]}
"""


def test_results_are_gathered_in_the_order_of_the_items_without_failed_ones():
    world = loop("{name: l, template: pod, withItems: [a, b, c], continueOn: {failed: true}}", GATHER)
    assert world.command("wf[0].l(0:a)").result
    world.end("wf[0].l(2:c)", result="3").end("wf[0].l(0:a)", result='"one"').end("wf[0].l(1:b)", 1, result="2")
    assert world.inputs("wf[1].r") == {"p": '["one",3] Succeeded'}


def test_a_result_that_is_no_json_ends_the_whole_workflow():
    world = loop("{name: l, template: pod, withItems: [a]}", GATHER).end("wf[0].l(0:a)", result="apple")
    message = "error in entry template execution: invalid character 'a' looking for beginning of value"
    assert world.end_phase == ("Error", message)
    assert world.phase("wf[0]") == "Succeeded"
    assert world.phase("wf") == "Error"


def test_a_loop_in_a_dag_has_a_group_whose_phase_is_that_of_its_last_unhappy_item():
    spec = f"""
entrypoint: main
templates:
- name: main
  dag:
    tasks:
    - {{name: l, template: pod, withItems: [a, b]}}
    - name: r
      template: pod
      depends: l.Failed
      arguments: {{parameters: [{{name: p, value: "{{{{tasks.l.status}}}}"}}]}}
{POD}
"""
    world = workflow(spec)
    assert world.nodes["wf.l"]["type"] == "TaskGroup"
    assert world.children("wf.l") == ["wf.l(0:a)", "wf.l(1:b)"]
    world.end("wf.l(1:b)", 1).end("wf.l(0:a)")
    assert world.phase("wf.l") == "Failed"
    assert world.inputs("wf.r") == {"p": "Failed"}
    assert world.children("wf.l(0:a)") == world.children("wf.l(1:b)") == ["wf.r"]


def test_ten_thousand_items_begin_in_one_transition():
    spec = f"""
entrypoint: main
templates:
- {{name: main, steps: [[{{name: l, template: pod, withSequence: {{count: 10000}}}}]]}}
{POD}
"""
    body = "\n".join("  " + line for line in spec.strip("\n").splitlines())
    text = f"apiVersion: argoproj.io/v1alpha1\nkind: Workflow\nmetadata: {{name: wf}}\nspec:\n{body}\n"
    world = World(text, walk=False).submit()
    assert len(world.open) == 10_000
    assert len(set(world.started)) == 10_000
