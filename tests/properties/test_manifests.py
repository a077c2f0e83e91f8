"""Whatever is written, reading and judging it gives an answer: documents and problems, never a crash."""

from __future__ import annotations

import json

import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from tiphys.manifest.documents import document_of, parse_documents
from tiphys.manifest.library import library_of
from tiphys.manifest.model import Workflow
from tiphys.manifest.parse import parse_text
from tiphys.manifest.resolve import as_wire
from tiphys.manifest.shapes import ARGO, EVENTS, KUBERNETES, Kind, Shapes
from tiphys.manifest.validate import validate_document

KINDS: list[tuple[str, Shapes]] = [
    *((kind, ARGO) for kind in ("Workflow", "WorkflowTemplate", "ClusterWorkflowTemplate", "CronWorkflow")),
    ("WorkflowEventBinding", ARGO),
    *((kind, EVENTS) for kind in ("Sensor", "EventSource", "EventBus")),
    *((kind, KUBERNETES) for kind in ("ConfigMap", "Secret")),
]
TEXTS = [
    "",
    "a",
    "main",
    "{{item}}",
    "{{inputs.parameters.a}}",
    "{{",
    "{{steps.a.id}}",
    "{{=1}}",
    "a.Succeeded",
    "../x",
]
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**70), 2**70),
    st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from(
        [
            "",
            "a",
            "main",
            "{{item}}",
            "{{inputs.parameters.a}}",
            "{{",
            "{{steps.a.id}}",
            "{{=1}}",
            "a.Succeeded",
            "../x",
        ]
    ),
    st.text(max_size=5),
)
ODD = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2)
)
KEYS = st.text(st.characters(codec="utf-8", categories=["L", "N", "P"]), min_size=1, max_size=5)
LEVELS = 7
"""How deep a generated document goes along its shape."""


def values(kind: Kind, level: int) -> st.SearchStrategy[object]:
    """Values that mostly fit a kind, and sometimes do not at all."""
    if level == 0 or kind.name not in ("object", "list", "map"):
        return SCALARS
    if kind.name == "object":
        return st.deferred(lambda: fitting(kind, level)) | ODD
    item = kind.item or Kind("json")
    inner = st.deferred(lambda: values(item, level - 1))
    if kind.name == "list":
        return st.lists(inner, max_size=3) | ODD
    return st.dictionaries(st.text(max_size=3), inner, max_size=2) | ODD


def fitting(kind: Kind, level: int) -> st.SearchStrategy[dict[str, object]]:
    fields = kind.shape.fields
    names = st.lists(st.sampled_from(sorted(fields) or ["x"]), max_size=4, unique=True)

    def members(chosen: list[str]) -> st.SearchStrategy[dict[str, object]]:
        return st.fixed_dictionaries({name: values(fields.get(name, Kind("json")), level - 1) for name in chosen})

    return names.flatmap(members)


@st.composite
def trees(draw: st.DrawFn) -> dict[str, object]:
    name, table = draw(st.sampled_from(KINDS))
    tree = draw(fitting(Kind("object", type_name=name, table=table), LEVELS))
    return {**tree, "kind": name, "apiVersion": "argoproj.io/v1alpha1"}


@settings(max_examples=300, deadline=None)
@given(trees(), st.booleans(), st.booleans())
def test_any_document_is_read_and_judged(tree: dict[str, object], strict: bool, lint: bool):  # noqa: FBT001
    document = document_of(tree, strict=strict)
    problems = validate_document(document, library_of([document]), lint=lint)
    assert all(problem.message for problem in (*document.problems, *problems))


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=60) | st.text(alphabet=" \n\t-:#&*!|>'\"%@`{}[],abc<?~0.=", max_size=60))
def test_any_text_is_read(text: str):
    for strict in (True, False):
        for parsed in parse_text(text, file="f", strict=strict):
            assert isinstance(parsed.tree, dict)
            json.dumps(parsed.tree)


@settings(max_examples=100, deadline=None)
@given(st.dictionaries(KEYS, ODD, min_size=1))
def test_what_is_printed_as_json_is_read_back(tree: dict[str, object]):
    [parsed] = parse_text(json.dumps(tree), file="f")
    assert parsed.tree == tree


def texts_only(value: object) -> object:
    if isinstance(value, dict):
        return {key: texts_only(member) for key, member in value.items()}
    return [texts_only(member) for member in value] if isinstance(value, list) else str(value)


@settings(max_examples=100, deadline=None)
@given(st.dictionaries(KEYS, ODD.map(texts_only), min_size=1))
def test_quoted_yaml_is_read_back(tree: dict[str, object]):
    text = yaml.safe_dump(tree, default_style='"', allow_unicode=False)
    [parsed] = parse_text(text, file="f")
    assert (parsed.problems, parsed.tree) == ((), tree)


@settings(max_examples=100, deadline=None)
@given(fitting(Kind("object", type_name="WorkflowSpec", table=ARGO), LEVELS))
def test_a_typed_workflow_keeps_everything_that_was_said(spec: dict[str, object]):
    document = document_of({"apiVersion": "argoproj.io/v1alpha1", "kind": "Workflow", "spec": spec})
    assert isinstance(document.resource, Workflow)
    again = document_of({**document.json, **as_wire(document.resource)})
    assert again.resource == document.resource


def test_a_text_of_many_documents_is_read_as_its_parts():
    parts = [f"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: n{index}}}\n" for index in range(50)]
    documents = parse_documents("---\n".join(parts), file="f")
    assert [document.name for document in documents] == [f"n{index}" for index in range(50)]
