from pathlib import Path

import pytest
from tests.unit.manifest.upstream import SHARED, UPSTREAM, needs_shared

from tiphys.errors import InvalidManifest
from tiphys.manifest.decode import decode_document, decode_part
from tiphys.manifest.documents import find_duplicates, parse_documents, read_documents
from tiphys.manifest.events_model import EventBus, EventSource, Sensor
from tiphys.manifest.kinds import ConfigMap, CronWorkflow, Other, Secret, WorkflowEventBinding
from tiphys.manifest.model import Workflow, WorkflowTemplate

WORKFLOW = """\
apiVersion: argoproj.io/v1alpha1
kind: Workflow
metadata:
  generateName: hello-
spec:
  entrypoint: main
  arguments:
    parameters:
      - {name: a, value: 1.0}
      - {name: b, value: yes}
      - {name: c, value: 12345678901234567890}
      - {name: d, value: null, enum: [1, off]}
  templates:
    - name: main
      retryStrategy: {limit: 3, backoff: {duration: "1", factor: 2}}
      activeDeadlineSeconds: 10
      steps:
        - - name: a
            template: echo
            withItems: [1.0, yes, x, {k: 1.5}, [1], null]
          - name: b
            template: echo
            withSequence: {count: 3}
    - name: echo
      container: {image: busybox, args: ["{{item}}"], resources: {limits: {cpu: 1, memory: 64Mi}}}
"""


def found(text: str, **options: bool):
    documents = parse_documents(text, file="f.yaml", **options)
    return [str(problem) for problem in documents.problems]


def workflow_with(spec: str, name: str = "x"):
    return f"apiVersion: argoproj.io/v1alpha1\nkind: Workflow\nmetadata: {{name: {name}}}\nspec:\n{spec}"


def test_a_workflow_is_typed():
    [document] = read_documents(WORKFLOW, file="f.yaml")
    spec = document.resource.spec
    assert [parameter.value for parameter in spec.arguments.parameters] == ["1", "true", "12345678901234567000", None]
    assert spec.arguments.parameters[3].enum == ("1", "false")
    main, echo = spec.templates
    assert (main.retry_strategy.limit, main.retry_strategy.backoff.factor) == ("3", "2")
    assert main.active_deadline_seconds == "10"
    assert main.steps[0][0].with_items == (1, True, "x", {"k": 1.5}, [1], None)
    assert main.steps[0][1].with_sequence.count == "3"
    assert echo.container["resources"] == {"limits": {"cpu": 1, "memory": "64Mi"}}
    assert (document.kind, document.name, str(document.position_of("spec.templates[1].container.image"))) == (
        "Workflow",
        "hello-",
        "f.yaml:25:19",
    )


def test_what_is_read_is_frozen():
    [document] = read_documents(WORKFLOW, file="f")
    with pytest.raises(ValueError, match="frozen"):
        document.resource.spec.entrypoint = "other"


def test_the_json_is_what_argo_stores():
    [document] = read_documents(WORKFLOW, file="f")
    parameters = document.json["spec"]["arguments"]["parameters"]
    assert parameters[3] == {"name": "d", "enum": ["1", "false"]}
    assert document.json["spec"]["templates"][0]["retryStrategy"]["limit"] == 3


def test_all_problems_of_a_file_are_named_at_once_in_its_order():
    text = (
        workflow_with("  entrypiont: a\n  parallelism: x\n  templates: {}\n")
        + "---\n"
        + workflow_with("  suspend: 1\n", "z")
    )
    with pytest.raises(InvalidManifest) as caught:
        read_documents(text, file="f.yaml")
    assert str(caught.value).splitlines() == [
        'f.yaml:5:3: strict decoding error: unknown field "spec.entrypiont" (did you mean entrypoint?)',
        'f.yaml:6:3: spec.parallelism: a whole number is wanted here, not text "x"',
        "f.yaml:7:3: spec.templates: a list is wanted here, not a mapping",
        "f.yaml:13:3: spec.suspend: true or false is wanted here, not the number 1",
    ]


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ("  entrypoint: [a]\n", "spec.entrypoint: text is wanted here, not a list"),
        ("  serviceAccountName: 5\n", "text is wanted here, not the number 5 (put it in quotes)"),
        ("  templates: [{name: n}]\n", "text is wanted here, not false (put it in quotes)"),
        ("  parallelism: 1.5\n", "a whole number is wanted here, not the number 1.5"),
        ("  arguments: {parameters: {a: b}}\n", 'a list is wanted here, not a mapping with the key "a"'),
        ("  templates: [{name: a, daemon: 'yes'}]\n", 'true or false is wanted here, not text "yes"'),
        ("  templates: [{name: a, retryStrategy: {limit: 2.5}}]\n", "a whole number or text is wanted here"),
        ("  templates: [{name: a, steps: [{name: b}]}]\n", "a list is wanted here, not a mapping"),
        ("  templates: [{name: a, plugin: {a: 1, b: 2}}]\n", "a mapping with exactly one key is wanted here"),
        ("  templates: [{name: a, plugin: {}}]\n", "a mapping with exactly one key is wanted here"),
        ("  templates: [{name: a, container: {args: [1]}}]\n", "spec.templates[0].container.args[0]: text is wanted"),
        ("  templates: [{name: a, container: {resources: {limits: {memory: x}}}}]\n", "a quantity such as"),
        ("  templates: [{name: a, container: {enviroment: []}}]\n", 'spec.templates[0].container.enviroment"'),
        ("  templates: [{name: a, container: {env: [{name: A, vlaue: b}]}}]\n", "did you mean value?"),
        ("  volumes: [{name: a, emptydir: {}}]\n", "did you mean emptyDir?"),
        ("  templates: [{name: a, suspend: {for: 1}}]\n", "known here: duration"),
    ],
)
def test_wrong_types_and_unknown_fields_are_errors(spec: str, message: str):
    [problem] = found(workflow_with(spec))
    assert message in problem
    assert problem.startswith("f.yaml:5:")


def test_an_unknown_field_of_a_step_has_argos_own_text_even_in_a_lenient_reading():
    text = workflow_with("  templates: [{name: a, steps: [[{name: b, argument: {}}]]}]\n")
    expected = (
        'f.yaml:5:44: spec.templates[0].steps[0][0].argument: json: unknown field "argument" (did you mean arguments?)'
    )
    assert found(text) == [expected]
    assert found(text, strict=False) == [expected]


def test_what_is_inside_a_step_is_not_checked_strictly_but_warned_about():
    text = workflow_with("  templates: [{name: a, steps: [[{name: b, continueOn: {fail: true}}]]}]\n")
    [document] = read_documents(text, file="f")
    [warning] = document.problems
    assert (warning.severity, warning.hint) == ("warning", "did you mean failed?")


def test_a_lenient_reading_takes_names_in_any_case_and_warns_of_unknown_ones():
    text = workflow_with("  entryPoint: a\n  foo: 1\n")
    [document] = read_documents(text, file="f", strict=False)
    assert document.resource.spec.entrypoint == "a"
    assert [problem.severity for problem in document.problems] == ["warning"]


def test_a_value_that_is_no_scalar_is_empty_text_as_in_argo_with_a_warning():
    [document] = read_documents(workflow_with("  arguments: {parameters: [{name: a, value: [1]}]}\n"), file="f")
    assert document.resource.spec.arguments.parameters[0].value == ""
    assert "Argo takes it as empty text" in document.problems[0].message


def test_nulls_are_what_go_makes_of_them():
    spec = (
        "  entrypoint: null\n  templates: [null, {name: a, container: null, suspend: {}}]\n  nodeSelector: {a: null}\n"
    )
    [document] = read_documents(workflow_with(spec), file="f")
    empty, template = document.resource.spec.templates
    assert (document.resource.spec.entrypoint, empty.name, template.container) == ("", "", None)
    assert template.suspend is not None
    assert document.resource.spec.node_selector == {"a": ""}


def test_empty_lists_are_there():
    [document] = read_documents(workflow_with("  templates: [{name: a, steps: []}]\n"), file="f")
    assert document.resource.spec.templates[0].steps == ()


@pytest.mark.parametrize(
    ("kind", "version", "model"),
    [
        ("Workflow", "argoproj.io/v1alpha1", Workflow),
        ("WorkflowTemplate", "argoproj.io/v1alpha1", WorkflowTemplate),
        ("ClusterWorkflowTemplate", "argoproj.io/v1alpha1", WorkflowTemplate),
        ("CronWorkflow", "argoproj.io/v1alpha1", CronWorkflow),
        ("WorkflowEventBinding", "argoproj.io/v1alpha1", WorkflowEventBinding),
        ("EventSource", "argoproj.io/v1alpha1", EventSource),
        ("Sensor", "argoproj.io/v1alpha1", Sensor),
        ("EventBus", "argoproj.io/v1alpha1", EventBus),
        ("ConfigMap", "v1", ConfigMap),
        ("Secret", "v1", Secret),
        ("Deployment", "apps/v1", Other),
    ],
)
def test_each_kind_has_its_type(kind: str, version: str, model: type):
    [document] = read_documents(f"apiVersion: {version}\nkind: {kind}\nmetadata: {{name: a, namespace: b}}\n", file="f")
    assert type(document.resource) is model
    assert (document.kind, document.name, document.resource.metadata.namespace) == (kind, "a", "b")
    assert document.problems == ()


@pytest.mark.parametrize("text", ["kind: Workflow\n", "apiVersion: argoproj.io/v1beta1\nkind: Workflow\n"])
def test_another_api_version_is_warned_about(text: str):
    [document] = read_documents(text, file="f")
    assert [(p.severity, p.hint) for p in document.problems] == [("warning", "write apiVersion: argoproj.io/v1alpha1")]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("apiVersion: v1\n", "kind is missing"),
        ("apiVersion: argoproj.io/v1alpha1\nkind: Workfow\n", 'unknown kind "Workfow" (did you mean Workflow?)'),
        ("apiVersion: argoproj.io/v1alpha1\nkind: AppProject\n", 'unknown kind "AppProject" (known kinds: '),
        ("apiVersion: v1\nkind: 5\n", "kind is missing"),
    ],
)
def test_a_document_without_a_known_kind_is_refused(text: str, message: str):
    with pytest.raises(InvalidManifest) as caught:
        read_documents(text, file="f")
    assert message in str(caught.value)


def test_a_misspelt_kind_elsewhere_is_warned_about():
    [document] = read_documents("apiVersion: v1\nkind: configmap\n", file="f")
    assert document.problems[0].hint == "did you mean ConfigMap?"


def test_a_list_holds_documents_with_their_own_places():
    text = (
        "apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: ConfigMap}\n- {kind: Secret,\n   foo: 1}\n- 5\n"
    )
    documents = parse_documents(text, file="f")
    assert [document.kind for document in documents] == ["ConfigMap", "Secret", ""]
    assert all(document.listed for document in documents)
    assert 'f:6:4: strict decoding error: unknown field "foo"' in str(documents.errors[0])


def test_documents_of_one_name_are_refused():
    text = "\n---\n".join(workflow_with("  entrypoint: a\n") for _ in range(2))
    with pytest.raises(
        InvalidManifest, match=r'f:10:12: metadata.name: duplicate Workflow found: "x" \(first at f:1:1\)'
    ):
        read_documents(text, file="f")
    assert find_duplicates(parse_documents(text.replace("name:", "generateName:"), file="f")) == []


def test_unknown_fields_of_events_are_warned_about_since_argo_events_takes_them():
    text = "apiVersion: argoproj.io/v1alpha1\nkind: Sensor\nmetadata: {name: s}\nspec:\n  trigger: []\n"
    [document] = read_documents(text, file="f")
    assert [str(p) for p in document.problems] == ['f:5:3: unknown field "spec.trigger" (did you mean triggers?)']


def test_a_sensor_is_typed_and_other_trigger_types_are_kept_by_name():
    text = """
apiVersion: argoproj.io/v1alpha1
kind: Sensor
metadata: {name: s}
spec:
  dependencies:
    - {name: d, eventSourceName: web, eventName: e, filters: {data: [{path: body.x, type: string, value: [a]}]}}
  triggers:
    - template:
        name: run
        conditions: d
        argoWorkflow:
          operation: submit
          source: {resource: {apiVersion: argoproj.io/v1alpha1, kind: Workflow, spec: {anything: [1.0]}}}
          parameters: [{src: {dependencyName: d, dataKey: body.x}, dest: spec.arguments.parameters.0.value}]
      retryStrategy: {steps: 3, duration: 1s, factor: 1.5}
      atLeastOnce: true
    - template: {name: call, http: {url: http://x}}
"""
    [document] = read_documents(text, file="f")
    spec = document.resource.spec
    assert spec.event_bus_name == "default"
    assert spec.dependencies[0].filters.data[0].value == ("a",)
    run, call = spec.triggers
    assert run.template.argo_workflow.source.resource["spec"] == {"anything": [1]}
    assert (run.retry_strategy.duration, run.retry_strategy.factor, run.at_least_once) == ("1s", "1.5", True)
    assert call.template.others == {"http": {"url": "http://x"}}
    assert run.template.others == {}


def test_an_event_source_is_typed_and_other_source_types_are_kept_by_name():
    text = """
apiVersion: argoproj.io/v1alpha1
kind: EventSource
metadata: {name: s}
spec:
  webhook: {alerts: {port: "12000", endpoint: /alerts, method: POST, authSecret: {name: a, key: b}}}
  calendar: {tick: {interval: 1s}}
"""
    [document] = read_documents(text, file="f")
    webhook = document.resource.spec.webhook["alerts"]
    assert (webhook.port, webhook.auth_secret.key, webhook.max_payload_size) == ("12000", "b", None)
    assert document.resource.spec.others == {"calendar": {"tick": {"interval": "1s"}}}


def test_a_request_body_has_paths_without_positions():
    decoded = decode_document({"apiVersion": "argoproj.io/v1alpha1", "kind": "Workflow", "spec": {"foo": 1}})
    assert [str(problem.path) for problem in decoded.problems] == ["spec.foo"]


def test_a_part_is_checked_alone():
    json, problems = decode_part({"parameters": [{"name": "a", "value": 5}], "x": 1}, "Arguments")
    assert json == {"parameters": [{"name": "a", "value": "5"}]}
    assert problems[0].path == "x"


def test_secrets_do_not_show():
    [document] = read_documents("apiVersion: v1\nkind: Secret\nstringData: {a: hidden}\n", file="f")
    assert document.resource.string_data == {"a": "hidden"}
    assert "hidden" not in repr(document.resource)


EXAMPLES = sorted((UPSTREAM / "argo-events" / "examples").rglob("*.y*ml"))


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.name)
def test_every_example_of_argo_events_is_read(path: Path):
    assert len(read_documents(path.read_text(), file=str(path))) > 0


@needs_shared
def test_every_example_of_argo_workflows_is_read_but_the_one_that_kubernetes_refuses():
    refused = []
    paths = sorted((UPSTREAM / "argo-workflows" / "examples").rglob("*.y*ml"))
    for path in paths:
        try:
            read_documents(path.read_text(), file=path.name)
        except InvalidManifest as error:
            refused.append(str(error))
    assert len(paths) > 200
    assert refused == [
        'k8s-patch-json-workflow.yaml:13:3: key "annotations" already set in map (a key may stand only once)'
    ]


@needs_shared
def test_the_triage_catalog_is_a_document():
    text = (SHARED / "conformance" / "triage" / "catalog.yaml").read_text()
    assert parse_documents(text, file="catalog.yaml").unreadable == ()
