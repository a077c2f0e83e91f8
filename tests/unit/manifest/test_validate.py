from __future__ import annotations

import time

import pytest

from tiphys.errors import Problem
from tiphys.manifest.documents import parse_documents, read_documents
from tiphys.manifest.library import Library, library_of
from tiphys.manifest.validate import validate_document

HEAD = "apiVersion: argoproj.io/v1alpha1\nkind: Workflow\nmetadata: {name: wf}\nspec:\n"
LEAF = (
    "    - {name: echo, inputs: {parameters: [{name: m}]}, container: {image: i, args: ['{{inputs.parameters.m}}']}}\n"
)

ONLY = "templates.broken.parallelism is only valid for steps and dag templates"


def problems(text: str, *, lint: bool = True, offline: bool = True) -> list[Problem]:
    documents = read_documents(text, file="f.yaml")
    library = library_of(documents, offline=offline)
    return validate_document(documents.documents[0], library, lint=lint)


def messages(spec: str, *, lint: bool = True) -> list[str]:
    return [problem.message for problem in problems(HEAD + spec, lint=lint)]


def test_all_faults_are_given_each_once_with_place_and_hint():
    spec = """\
  entrypoint: main
  templates:
    - name: main
      steps:
        - - {name: a, template: ehco}
          - {name: b, template: echo, arguments: {parameters: [{name: m, value: "{{workflow.nam}}"}]}}
        - - {name: c, template: echo}
    - name: other
      steps: [[{name: d, template: broken}], [{name: e, template: broken}]]
    - {name: broken, script: {source: x}, parallelism: 1}
"""
    found = problems(HEAD + spec + LEAF)
    assert [(str(p.position), p.message, p.hint) for p in found] == [
        ("f.yaml:9:23", "templates.main.steps[0].a template name 'ehco' undefined", "did you mean echo?"),
        (
            "f.yaml:11:13",
            "templates.main.steps[1].c templates.echo inputs.parameters.m was not supplied",
            "",
        ),
        (
            "f.yaml:14:22",
            "templates.other templates.other.steps[0].d templates.broken.script.image may not be empty",
            "name the image, or give a default one",
        ),
        (
            "f.yaml:14:43",
            f"templates.other templates.other.steps[0].d {ONLY}",
            "",
        ),
    ]


def test_an_unresolved_tag_is_named_where_it_stands_with_the_nearest_variable():
    spec = "  entrypoint: main\n  templates:\n    - name: main\n      container:\n        image: i\n        args:\n"
    [problem] = problems(
        HEAD + spec + "          - a\n          - x {{workflow.nam}} {{workflow.name}} {{retries}} {{=zz}}\n"
    )
    assert problem.message == "templates.main: failed to resolve {{workflow.nam}}"
    assert (problem.path, str(problem.position)) == ("spec.templates[0].container.args[1]", "f.yaml:12:13")
    assert problem.hint == "did you mean workflow.name?"


def test_a_cycle_is_shown():
    spec = """\
  entrypoint: main
  templates:
    - name: main
      dag:
        tasks:
          - {name: a, template: x, dependencies: [c]}
          - {name: b, template: x, dependencies: [a]}
          - {name: c, template: x, depends: b.Succeeded}
    - {name: x, suspend: {}}
"""
    [problem] = problems(HEAD + spec)
    assert (problem.message, problem.hint) == ("templates.main sorting failed: graph with cycle", "c->b->a->c")


def test_an_unknown_dependency_has_a_hint():
    tasks = "[{name: first, template: x}, {name: b, template: x, depends: frist}]"
    spec = f"  entrypoint: m\n  templates:\n    - {{name: m, dag: {{tasks: {tasks}}}}}\n"
    [problem] = problems(HEAD + spec + "    - {name: x, suspend: {}}\n")
    assert (problem.message, problem.hint) == (
        "templates.m sorting failed: invalid dependency frist",
        "did you mean first?",
    )


def test_a_fault_of_a_referred_template_is_placed_in_its_own_document():
    text = (
        HEAD
        + "  entrypoint: main\n  templates: [{name: main, steps: [[{name: a, templateRef: {name: t, template: x}}]]}]\n"
    )
    text += "---\napiVersion: argoproj.io/v1alpha1\nkind: WorkflowTemplate\nmetadata: {name: t}\nspec:\n"
    text += "  templates:\n    - name: x\n      container: {args: [a]}\n"
    [problem] = problems(text)
    assert problem.message == "templates.main.steps[0].a templates.x.container.image may not be empty"
    assert str(problem.position) == "f.yaml:14:7"


@pytest.mark.parametrize(
    ("offline", "message"),
    [
        (True, 'couldn\'t find workflow template "t" in namespace ""'),
        (False, "template reference t.x not found"),
    ],
)
def test_what_is_missing_is_said_in_the_words_of_the_one_who_looks(offline: bool, message: str):  # noqa: FBT001
    spec = (
        "  entrypoint: main\n  templates: [{name: main, steps: [[{name: a, templateRef: {name: t, template: x}}]]}]\n"
    )
    [problem] = problems(HEAD + spec, offline=offline)
    assert problem.message == f"templates.main.steps[0].a {message}"


def test_a_missing_workflow_template_is_named_as_the_api_server_names_it():
    [problem] = problems(HEAD + "  workflowTemplateRef: {name: t}\n", offline=False)
    assert problem.message == 'workflowtemplates.argoproj.io "t" not found'


def test_a_creation_asks_for_values_that_a_lint_does_not():
    spec = "  entrypoint: x\n  arguments: {parameters: [{name: a}]}\n  templates: [{name: x, suspend: {}}]\n"
    assert messages(spec) == []
    assert messages(spec, lint=False) == ["spec.arguments.a.value or spec.arguments.a.valueFrom is required"]


def test_the_only_missing_part_is_said_once_for_an_empty_spec():
    assert messages("  templates: []\n") == ["spec.entrypoint is required"]


def test_a_template_of_unknown_type_is_explained():
    [problem] = problems(HEAD + "  entrypoint: x\n  templates: [{name: x}]\n")
    assert problem.message == "template 'x' type is unknown"
    assert problem.hint.startswith("give it one of: container")


def test_templates_that_call_themselves_are_valid():
    spec = "  entrypoint: x\n  templates: [{name: x, steps: [[{name: a, template: x, when: 'false'}]]}]\n"
    assert messages(spec) == []


def test_two_hundred_templates_are_read_and_judged_quickly():
    tag = "{{inputs.parameters.m}}"
    leaf = f"inputs: {{parameters: [{{name: m}}]}}, container: {{image: i, args: ['{tag}']}}"
    call = "arguments: {parameters: [{name: m, value: a}]}"
    body = "".join(f"    - {{name: t{n}, {leaf}}}\n" for n in range(199))
    steps = "".join(f"        - - {{name: s{n}, template: t{n}, {call}}}\n" for n in range(199))
    text = HEAD + "  entrypoint: main\n  templates:\n" + body + "    - name: main\n      steps:\n" + steps
    start = time.process_time()
    [document] = parse_documents(text, file="f")
    read = time.process_time() - start
    assert validate_document(document, Library()) == []
    assert read < 0.5, "a guard against quadratic reading, not a benchmark"
