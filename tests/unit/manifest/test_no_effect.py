from __future__ import annotations

import pytest
from tests.unit.manifest.upstream import UPSTREAM, needs_shared

from tiphys.manifest import no_effect, walk
from tiphys.manifest.documents import parse_documents
from tiphys.manifest.shapes import ARGO, EVENTS, KUBERNETES

HEAD = "apiVersion: argoproj.io/v1alpha1\nkind: {}\nmetadata: {{name: a}}\nspec:\n"


def found(text: str) -> list[tuple[str, str]]:
    [document] = parse_documents(text, file="f")
    problems = no_effect.find_no_effect(document)
    assert all((problem.severity, problem.rule) == ("warning", no_effect.RULE) for problem in problems)
    return [(problem.path, problem.message.partition(" ")[0]) for problem in problems]


def test_each_field_is_told_once_at_its_first_place():
    spec = """\
  nodeSelector: {a: b}
  hostNetwork: false
  tolerations: []
  templates:
    - name: x
      nodeSelector: {a: b}
      container: {image: i, resources: {limits: {cpu: 1}}}
    - name: y
      steps: [[{name: a, inline: {script: {image: i, ports: [{containerPort: 1}], resources: {limits: {cpu: 1}}}}}]]
"""
    assert found(HEAD.format("Workflow") + spec) == [
        ("spec.nodeSelector", "nodeSelector"),
        ("spec.templates[0].container.resources", "resources"),
        ("spec.templates[1].steps[0][0].inline.script.ports", "ports"),
    ]


def test_several_documents_are_told_together():
    one, two = HEAD.format("Workflow"), HEAD.format("WorkflowTemplate")
    retry = "  retryStrategy: {affinity: {nodeAntiAffinity: {}}}\n"
    text = f"{one}  schedulerName: b\n---\n{two}  schedulerName: c\n{retry}"
    parsed = parse_documents(text, file="f")
    problems = no_effect.find_no_effect(*parsed)
    assert [str(problem).partition(": ")[0] for problem in problems] == ["f:5:3", "f:12:19"]
    assert [problem.path for problem in problems] == ["spec.schedulerName", "spec.retryStrategy.affinity"]


def test_the_place_has_a_line():
    [document] = parse_documents(HEAD.format("Workflow") + "  entrypoint: a\n  schedulerName: b\n", file="f")
    [problem] = no_effect.find_no_effect(document)
    assert str(problem) == "f:6:3: spec.schedulerName: schedulerName has no effect here: only a cluster can honour it"


def test_other_kinds_have_their_own_fields():
    cron = HEAD.format("CronWorkflow") + "  workflowSpec: {dnsPolicy: x}\n"
    assert found(cron) == [("spec.workflowSpec.dnsPolicy", "dnsPolicy")]
    assert found(HEAD.format("Sensor") + "  template: {serviceAccountName: x}\n  replicas: 2\n") == [
        ("spec.template", "template"),
        ("spec.replicas", "replicas"),
    ]
    assert found(HEAD.format("EventSource") + "  service: {ports: []}\n") == [("spec.service", "service")]
    assert found("apiVersion: v1\nkind: ConfigMap\ndata: {nodeSelector: x}\n") == []


def test_an_annotation_for_the_cluster_is_told():
    name = "events.argoproj.io/leader-election"
    text = HEAD.format("Sensor").replace("{name: a}", f"{{name: a, annotations: {{{name}: k8s}}}}")
    assert found(text) == [(f"metadata.annotations.{name}", name)]


def test_every_row_is_a_field():
    assert set(ARGO.shape("WorkflowSpec").fields) >= no_effect.SPEC_FIELDS
    assert set(ARGO.shape("Template").fields) >= no_effect.TEMPLATE_FIELDS
    assert set(KUBERNETES.shape("Container").fields) >= no_effect.CONTAINER_FIELDS
    for kind, names in no_effect.EVENTS_FIELDS.items():
        assert set(EVENTS.shape(f"{kind}Spec").fields) >= set(names)


@pytest.mark.parametrize(
    ("pattern", "paths"),
    [
        ("a", [("a",)]),
        ("a.*", [("a", 0), ("a", 1)]),
        ("a.1.b", [("a", 1, "b")]),
        ("*.*.b", [("a", 0, "b"), ("a", 1, "b")]),
        ("x", []),
        ("a.b", []),
        ("a.0.b.c.d", []),
    ],
)
def test_a_pattern_finds_what_fits(pattern: str, paths: list[tuple[str | int, ...]]):
    value = {"a": [{"b": 1}, {"b": None}], "c": 5}
    assert [path for path, _ in walk.find_parts(value, pattern)] == paths


@needs_shared
def test_no_example_of_upstream_upsets_it():
    paths = sorted(UPSTREAM.rglob("examples/**/*.y*ml"))
    count = sum(
        len(no_effect.find_no_effect(document))
        for path in paths
        for document in parse_documents(path.read_text(), file=path.name)
    )
    assert count > 50
