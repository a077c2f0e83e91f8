from __future__ import annotations

import pytest

from tiphys.errors import InvalidManifest
from tiphys.manifest.documents import read_documents
from tiphys.manifest.merge import merge_shape, merge_specs, merge_template
from tiphys.manifest.model import Workflow
from tiphys.manifest.resolve import Catalogue, MissingTemplate, Resolved, catalogue_of, resolve_workflow
from tiphys.manifest.shapes import ARGO

TEMPLATES = """
apiVersion: argoproj.io/v1alpha1
kind: WorkflowTemplate
metadata: {name: shared}
spec:
  entrypoint: outer
  arguments: {parameters: [{name: a, value: base}, {name: b, value: base}]}
  templates:
    - name: outer
      steps: [[{name: x, template: inner}]]
    - name: inner
      container: {image: busybox}
    - name: again
      dag: {tasks: [{name: x, templateRef: {name: everywhere, template: leaf, clusterScope: true}}]}
---
apiVersion: argoproj.io/v1alpha1
kind: ClusterWorkflowTemplate
metadata: {name: everywhere}
spec:
  templates:
    - {name: leaf, suspend: {}}
"""
HEAD = "apiVersion: argoproj.io/v1alpha1\nkind: Workflow\nmetadata: {name: wf}\nspec:\n"


def resolved(spec: str) -> Resolved:
    documents = read_documents(TEMPLATES, file="templates.yaml")
    catalogue = catalogue_of(document.resource for document in documents)
    [document] = read_documents(HEAD + spec, file="wf.yaml")
    assert isinstance(document.resource, Workflow)
    return resolve_workflow(document.resource, catalogue)


def test_a_missing_workflow_template_has_argos_text_and_a_hint():
    with pytest.raises(MissingTemplate, match=r'^workflowtemplates.argoproj.io "shard" not found$') as caught:
        resolved("  workflowTemplateRef: {name: shard}\n")
    assert caught.value.hint == "did you mean shared?"
    with pytest.raises(MissingTemplate, match=r'^clusterworkflowtemplates.argoproj.io "shared" not found$'):
        resolved("  workflowTemplateRef: {name: shared, clusterScope: true}\n")


def test_every_missing_template_is_named_with_the_nearest_one():
    spec = """
  entrypoint: mian
  onExit: gone
  hooks: {running: {template: nope, expression: "true"}}
  templates:
    - name: main
      steps:
        - - {name: a, templateRef: {name: shared, template: iner}}
          - {name: b, templateRef: {name: nobody, template: x}}
          - {name: c, template: "{{inputs.parameters.x}}"}
          - {name: d, inline: {steps: [[{name: e, template: lost}]]}}
          - {name: f, template: main, hooks: {exit: {template: away}}}
"""
    with pytest.raises(InvalidManifest) as caught:
        resolved(spec)
    assert [(p.path, p.message, p.hint) for p in caught.value.problems] == [
        ("spec.entrypoint", "template mian not found", "did you mean main?"),
        ("spec.onExit", "template gone not found", ""),
        ("spec.hooks.running", "template nope not found", ""),
        ("spec.templates[0].steps[0][0]", "template iner not found in workflow template shared", "did you mean inner?"),
        ("spec.templates[0].steps[0][1]", "workflow template nobody not found", ""),
        ("spec.templates[0].steps[0][4].hooks.exit", "template away not found", ""),
        ("spec.templates[0].steps[0][3].inline.steps[0][0]", "template lost not found", ""),
    ]


def test_templates_are_found_in_the_scope_of_their_caller():
    spec = """
  entrypoint: main
  templates:
    - name: main
      steps: [[{name: a, templateRef: {name: shared, template: outer}}, {name: b, template: inner}]]
    - {name: inner, suspend: {}}
"""
    workflow = resolved(spec)
    main = workflow.named("main", workflow.scope)
    assert workflow.scope == "local/wf"
    scope, outer = workflow.called(main.steps[0][0], workflow.scope)
    assert (scope, outer.name) == ("namespaced/shared", "outer")
    assert workflow.called(outer.steps[0][0], scope)[1].container is not None
    assert workflow.called(main.steps[0][1], workflow.scope)[1].suspend is not None
    assert sorted(workflow.templates) == [
        ("local/wf", "inner"),
        ("local/wf", "main"),
        ("namespaced/shared", "inner"),
        ("namespaced/shared", "outer"),
    ]


def test_a_reference_with_a_tag_is_found_when_it_is_known():
    spec = """
  entrypoint: main
  templates:
    - {name: main, steps: [[{name: a, templateRef: {name: shared, template: "{{item}}"}, withItems: [again]}]]}
"""
    workflow = resolved(spec)
    step = workflow.named("main", workflow.scope).steps[0][0]
    known = step.model_copy(update={"template_ref": step.template_ref.model_copy(update={"template": "again"})})
    scope, template = workflow.called(known, workflow.scope)
    assert (scope, template.name) == ("namespaced/shared", "again")
    assert workflow.called(template.dag.tasks[0], scope)[0] == "cluster/everywhere"
    with pytest.raises(MissingTemplate, match=r"^template {{item}} not found in workflow template shared$"):
        workflow.called(step, workflow.scope)


def test_an_inline_template_lives_where_it_is_called():
    spec = "  entrypoint: main\n  templates: [{name: main, steps: [[{name: a, inline: {suspend: {}}}]]}]\n"
    workflow = resolved(spec)
    scope, template = workflow.called(workflow.named("main", "local/wf").steps[0][0], "local/wf")
    assert (scope, template.name) == ("local/wf", "")
    assert template.suspend is not None


def test_templates_that_call_themselves_end():
    workflow = resolved("  entrypoint: main\n  templates: [{name: main, steps: [[{name: a, template: main}]]}]\n")
    assert list(workflow.templates) == [("local/wf", "main")]


def test_a_workflow_goes_over_its_workflow_template():
    spec = """
  workflowTemplateRef: {name: shared}
  arguments: {parameters: [{name: b, value: own}, {name: c, value: new}]}
  hooks: {exit: {template: inner}}
"""
    workflow = resolved(spec)
    assert workflow.scope == "local/"
    assert workflow.workflow.spec.entrypoint == "outer"
    parameters = {p.name: p.value for p in workflow.workflow.spec.arguments.parameters}
    assert parameters == {"a": "base", "b": "own", "c": "new"}
    assert workflow.named("inner", "local/").container == {"image": "busybox"}


def test_template_defaults_are_laid_under_every_template_of_the_same_type():
    spec = """
  entrypoint: main
  templateDefaults:
    retryStrategy: {limit: 2}
    container: {image: default, env: [{name: A, value: "1"}, {name: B, value: "1"}], args: [x]}
    script: {image: other, source: ""}
    timeout: 5s
  templates:
    - {name: main, timeout: 9s, container: {env: [{name: B, value: "2"}], args: [v, w]}}
    - {name: wait, suspend: {}}
    - {name: far, steps: [[{name: a, templateRef: {name: everywhere, template: leaf, clusterScope: true}}]]}
"""
    workflow = resolved(spec)
    main = workflow.named("main", "local/wf")
    assert main.container == {
        "image": "default",
        "env": [{"name": "A", "value": "1"}, {"name": "B", "value": "2"}],
        "args": ["v", "w"],
    }
    assert (main.timeout, main.retry_strategy.limit, main.script) == ("9s", "2", None)
    assert workflow.named("wait", "local/wf").container is None
    assert workflow.called(workflow.named("far", "local/wf").steps[0][0], "local/wf")[1].retry_strategy.limit == "2"


def test_namespaces_are_kept_apart():
    [document] = read_documents(
        HEAD.replace("wf}", "wf, namespace: there}") + "  workflowTemplateRef: {name: shared}\n", file="f"
    )
    catalogue = catalogue_of(document.resource for document in read_documents(TEMPLATES, file="t"))
    with pytest.raises(MissingTemplate):
        resolve_workflow(document.resource, catalogue)
    assert list(catalogue.templates) == [("default", "shared")]
    with pytest.raises(MissingTemplate):
        Catalogue().find(document.resource.spec.workflow_template_ref, "there")


def parameters(*names: str) -> dict[str, object]:
    return {"arguments": {"parameters": [{"name": name, "value": name} for name in names]}}


@pytest.mark.parametrize(
    ("base", "over", "expected"),
    [
        ("abc", "b", "abc"),
        ("abc", "cb", "acb"),
        ("abc", "xb", "xabc"),
        ("ab", "ba", "ba"),
        ("ab", "xy", "xyab"),
        ("", "a", "a"),
    ],
)
def test_a_joined_list_keeps_both_orders_where_it_can(base: str, over: str, expected: str):
    merged = merge_shape(ARGO.shape("WorkflowSpec"), parameters(*base), parameters(*over))
    names = "".join(parameter["name"] for parameter in merged["arguments"]["parameters"])
    assert names == expected


def test_a_value_and_a_source_of_a_value_are_never_mixed():
    base = {"arguments": {"parameters": [{"name": "a", "valueFrom": {"supplied": {}}, "description": "d"}]}}
    over = {"arguments": {"parameters": [{"name": "a", "value": "1"}]}}
    assert merge_specs(over, base)["arguments"] == over["arguments"]
    bare = {"arguments": {"parameters": [{"name": "a"}]}}
    assert merge_specs(bare, base)["arguments"] == base["arguments"]


def test_hooks_and_label_expressions_are_taken_whole_and_suspend_only_from_the_workflow():
    base = {
        "hooks": {"exit": {"template": "a", "expression": "x"}, "b": {"template": "b"}},
        "suspend": True,
        "workflowMetadata": {"labels": {"l": "base"}, "labelsFrom": {"l": {"expression": "base"}}},
    }
    over = {"hooks": {"exit": {"template": "own"}}, "workflowMetadata": {"labels": {"m": "own"}}}
    merged = merge_specs(over, base)
    assert merged["hooks"] == {"exit": {"template": "own"}, "b": {"template": "b"}}
    assert "suspend" not in merged
    assert merged["workflowMetadata"] == {
        "labels": {"l": "base", "m": "own"},
        "labelsFrom": {"l": {"expression": "base"}},
    }


def test_an_artifact_completes_only_a_location_of_its_own_kind():
    base = {"arguments": {"artifacts": [{"name": "a", "s3": {"bucket": "b", "key": "k"}, "path": "/p"}]}}
    same = {"arguments": {"artifacts": [{"name": "a", "s3": {"key": "own"}}]}}
    other = {"arguments": {"artifacts": [{"name": "a", "raw": {"data": "x"}}]}}
    assert merge_specs(same, base)["arguments"]["artifacts"] == [{"name": "a", "s3": {"bucket": "b", "key": "own"}}]
    assert merge_specs(other, base)["arguments"]["artifacts"] == [{"name": "a", "raw": {"data": "x"}}]


def test_lists_without_a_key_are_replaced():
    template = {"container": {"command": ["own"]}}
    assert merge_template(template, {"container": {"command": ["a", "b"], "image": "i"}}) == {
        "container": {"command": ["own"], "image": "i"}
    }
