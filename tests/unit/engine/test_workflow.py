from __future__ import annotations

from tests.unit.engine.world import workflow

from tiphys import ids
from tiphys.engine.facts import ShutdownRequested, Submitted, Woken
from tiphys.engine.status import render_annotations, render_status

TINY = "entrypoint: m\ntemplates: [{name: m, container: {image: i, command: [x]}}]"


def test_begin_and_end_are_on_record_with_what_was_run():
    world = workflow(TINY).end("wf")
    started, ended = world.records
    assert (started.kind, ended.kind) == ("workflow.started", "workflow.ended")
    assert started.subject == "default/wf"
    assert ended.data["phase"] == "Succeeded"
    assert ended.data["manifest"] == started.data["manifest"]
    assert len(str(ended.data["manifest"])) == 64


def test_labels_follow_the_phase():
    world = workflow(TINY + "\nworkflowMetadata: {labels: {team: '{{workflow.name}}'}, annotations: {note: text}}")
    assert world.last is not None
    assert world.last.labels == {
        "team": "wf",
        "workflows.argoproj.io/phase": "Running",
        "workflows.argoproj.io/completed": "false",
    }
    world.end("wf")
    assert world.last.labels["workflows.argoproj.io/completed"] == "true"
    assert render_annotations(world.state)["note"] == "text"


def test_nothing_changes_after_the_end():
    world = workflow(TINY).end("wf")
    transition = world.take(ShutdownRequested(world.now, "Terminate"))
    assert (transition.state, list(transition.nodes), list(transition.commands)) == (None, [], [])
    assert transition.wake_at is None


def test_before_it_is_submitted_the_status_is_empty():
    assert render_status({}, []) == {}


def test_times_of_the_status_have_whole_seconds():
    world = workflow(TINY).after(1.75).end("wf")
    assert world.nodes["wf"]["finishedAt"] == "2026-01-01T12:00:01.750000Z"
    node = world.status["nodes"]["wf"]
    assert (node["startedAt"], node["finishedAt"]) == ("2026-01-01T12:00:00Z", "2026-01-01T12:00:01Z")
    assert world.status["finishedAt"] == "2026-01-01T12:00:01Z"
    assert world.status["progress"] == "1/1"
    assert "tiphys" not in node


def test_an_unknown_target_or_template_is_named():
    world = workflow("entrypoint: m\ntemplates:\n- {name: m, dag: {target: none, tasks: [{name: a, template: m}]}}")
    assert "target 'none' is no task of the DAG" in world.end_phase[1]


def test_a_template_of_another_resource_is_called_in_its_own_scope():
    more = """---
apiVersion: argoproj.io/v1alpha1
kind: WorkflowTemplate
metadata: {name: shelf}
spec:
  templates:
  - {name: outer, steps: [[{name: b, template: inner}]]}
  - {name: inner, container: {image: i, command: [from, shelf]}}
"""
    spec = """
entrypoint: m
templates:
- {name: m, steps: [[{name: a, templateRef: {name: shelf, template: outer}}]]}
- {name: inner, container: {image: i, command: [wrong]}}
"""
    world = workflow(spec, more=more)
    assert world.command("wf[0].a[0].b").container["command"] == ["from", "shelf"]
    assert world.nodes["wf[0].a"]["templateScope"] == "local/wf"
    assert world.nodes["wf[0].a[0].b"]["templateScope"] == "namespaced/shelf"
    assert world.nodes["wf[0].a"]["templateRef"] == {"name": "shelf", "template": "outer"}


def test_a_reference_chosen_by_an_item_is_found_when_it_is_called_or_named_as_missing():
    more = """---
apiVersion: argoproj.io/v1alpha1
kind: WorkflowTemplate
metadata: {name: shelf}
spec: {templates: [{name: one, container: {image: i, command: [x]}}]}
"""
    spec = """
entrypoint: m
templates:
- {name: m, dag: {tasks: [{name: a, templateRef: {name: shelf, template: "{{item}}"}, withItems: [one, two]}]}}
"""
    world = workflow(spec, more=more)
    assert world.waiting() == ["wf.a(0:one)"]
    assert world.message("wf.a(1:two)").endswith("template two not found in workflow template shelf")


def test_two_names_with_one_hash_are_two_nodes():
    world = workflow(TINY)
    assert world.nodes["wf"]["id"] == ids.node_id("wf", "wf")
    assert world.machine._run._free_id("wf") == "wf-2"


def test_being_woken_early_or_for_nothing_does_no_harm():
    world = workflow(TINY)
    assert not world.take(Woken(world.now)).nodes
    assert not world.take(Submitted(world.now)).nodes


def test_a_machine_is_loaded_from_what_a_store_keeps():
    world = workflow(TINY)
    world.reload()
    assert [command.token for command in world.machine.open_commands()] == [world.token("wf")]
    assert world.end("wf").reload().machine.finished


def test_the_exit_handler_is_not_begun_twice_after_a_crash():
    world = workflow(TINY.replace("entrypoint: m", "entrypoint: m\nonExit: m")).reload().end("wf").reload()
    assert world.waiting() == ["wf.onExit"]
    assert world.reload().end("wf.onExit").end_phase == ("Succeeded", "")


def test_a_label_that_kubernetes_would_refuse_is_an_error():
    world = workflow(TINY + "\nworkflowMetadata: {labels: {team: 'a b'}}")
    phase, message = world.end_phase
    assert phase == "Error"
    assert message.startswith('invalid label value "a b" for label "team": a valid label must')
