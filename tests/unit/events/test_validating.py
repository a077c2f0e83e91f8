from __future__ import annotations

from typing import Any

import pytest
import yaml

from tiphys.errors import InvalidManifest, Problem
from tiphys.events.compiling import compile_sensor
from tiphys.events.plan import RetryStrategy
from tiphys.events.validating import validate_sensor
from tiphys.manifest.events_model import EventSource, Sensor
from tiphys.manifest.model import WorkflowTemplate

SENSOR = """
metadata: {name: healer, namespace: ops}
spec:
  dependencies:
    - {name: alert, eventSourceName: alertmanager, eventName: alerts}
  triggers:
    - template:
        name: heal
        argoWorkflow:
          operation: submit
          source:
            resource:
              apiVersion: argoproj.io/v1alpha1
              kind: Workflow
              metadata: {generateName: heal-}
              spec: {workflowTemplateRef: {name: restart-pods}}
          parameters:
            - {src: {dependencyName: alert, dataKey: body.pod}, dest: spec.arguments.parameters.0.value}
"""
SOURCE = EventSource.model_validate(
    {
        "metadata": {"name": "alertmanager"},
        "spec": {"webhook": {"alerts": {"port": "12000", "endpoint": "/alerts", "method": "POST"}}},
    }
)
TEMPLATE = WorkflowTemplate.model_validate(
    {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "WorkflowTemplate",
        "metadata": {"name": "restart-pods", "namespace": "ops"},
        "spec": {},
    }
)


def tree() -> Any:  # noqa: ANN401 - a document that tests change
    return yaml.safe_load(SENSOR)


def problems(document: dict[str, Any]) -> list[Problem]:
    return validate_sensor(Sensor.model_validate(document), [SOURCE], [TEMPLATE])


def test_a_good_sensor_has_no_problem_and_compiles():
    assert problems(tree()) == []
    plan = compile_sensor(Sensor.model_validate(tree()))
    assert (plan.namespace, plan.name, plan.triggers[0].condition.names) == ("ops", "healer", ("alert",))
    assert plan.triggers[0].retry == RetryStrategy(steps=1)


def dependency(**change: object) -> dict[str, Any]:
    document = tree()
    document["spec"]["dependencies"][0].update(change)
    return document


def trigger(**change: object) -> dict[str, Any]:
    document = tree()
    document["spec"]["triggers"][0].update(change)
    return document


def template(**change: object) -> dict[str, Any]:
    document = tree()
    document["spec"]["triggers"][0]["template"].update(change)
    return document


def verb(**change: object) -> dict[str, Any]:
    document = tree()
    document["spec"]["triggers"][0]["template"]["argoWorkflow"].update(change)
    return document


def source_of_parameter(**change: object) -> dict[str, Any]:
    document = tree()
    document["spec"]["triggers"][0]["template"]["argoWorkflow"]["parameters"][0]["src"].update(change)
    return document


def parameter(**change: object) -> dict[str, Any]:
    document = tree()
    document["spec"]["triggers"][0]["template"]["argoWorkflow"]["parameters"][0].update(change)
    return document


def resource(spec: dict[str, Any]) -> dict[str, Any]:
    document = tree()
    document["spec"]["triggers"][0]["template"]["argoWorkflow"]["source"]["resource"]["spec"] = spec
    return document


def data_filter(**change: object) -> dict[str, Any]:
    data = {"path": "body.status", "type": "string", "value": ["firing"], **change}
    return dependency(filters={"data": [data]})


VERB = "spec.triggers[0].template.argoWorkflow"


@pytest.mark.parametrize(
    ("document", "path", "message", "hint"),
    [
        (
            dependency(eventSourceName="alertmanger"),
            "spec.dependencies[0].eventSourceName",
            "there is no EventSource 'alertmanger'",
            "did you mean alertmanager?",
        ),
        (
            dependency(eventName="alert"),
            "spec.dependencies[0].eventName",
            "the EventSource 'alertmanager' has no event 'alert'",
            "did you mean alerts?",
        ),
        (
            dependency(eventSourceName="tiphys", eventName="workflow-end"),
            "spec.dependencies[0].eventName",
            "the EventSource 'tiphys' has no event 'workflow-end'",
            "did you mean workflow-ended?",
        ),
        (
            source_of_parameter(dependencyName="alrt"),
            f"{VERB}.parameters[0].src.dependencyName",
            "no dependency: 'alrt'",
            "did you mean alert?",
        ),
        (
            template(conditions="alert && alerd"),
            "spec.triggers[0].template.conditions",
            "names no dependency 'alerd'",
            "did you mean alert?",
        ),
        (
            resource({"workflowTemplateRef": {"name": "restart-pod"}}),
            f"{VERB}.source.resource.spec.workflowTemplateRef.name",
            "there is no WorkflowTemplate in namespace ops 'restart-pod'",
            "did you mean restart-pods?",
        ),
        (
            resource({"workflowTemplateRef": {"name": "restart-pods", "clusterScope": True}}),
            f"{VERB}.source.resource.spec.workflowTemplateRef.name",
            "there is no ClusterWorkflowTemplate 'restart-pods'",
            "there is none",
        ),
    ],
)
def test_a_name_that_does_not_exist_is_refused_with_the_nearest(
    document: dict[str, Any], path: str, message: str, hint: str
):
    (problem,) = problems(document)
    assert (problem.path, problem.hint, problem.severity) == (path, hint, "error")
    assert message in problem.message


def test_a_template_that_a_parameter_names_is_not_looked_for():
    document = resource({"workflowTemplateRef": {"name": "from-the-event"}})
    named = {"src": {"dependencyName": "alert", "dataKey": "body.t"}, "dest": "spec.workflowTemplateRef.name"}
    document["spec"]["triggers"][0]["template"]["argoWorkflow"]["parameters"] = [named]
    assert problems(document) == []


@pytest.mark.parametrize(
    ("document", "path"),
    [
        (dependency(transform={"jq": ".body"}), "spec.dependencies[0].transform"),
        (dependency(filters={"exprs": [{"expr": "a == 1", "fields": []}]}), "spec.dependencies[0].filters.exprs"),
        (dependency(filters={"script": "return true"}), "spec.dependencies[0].filters.script"),
        (data_filter(template="{{ .Input }}"), "spec.dependencies[0].filters.data[0].template"),
        (source_of_parameter(dataTemplate="{{ .Input }}"), f"{VERB}.parameters[0].src.dataTemplate"),
        (source_of_parameter(contextTemplate="{{ .Input }}"), f"{VERB}.parameters[0].src.contextTemplate"),
        (trigger(policy={"k8s": {}}), "spec.triggers[0].policy"),
        (trigger(rateLimit={"requestsPerUnit": 1}), "spec.triggers[0].rateLimit"),
        (trigger(dlqTrigger={"template": {"name": "x"}}), "spec.triggers[0].dlqTrigger"),
        (template(conditionsReset=[{"byTime": {}}]), "spec.triggers[0].template.conditionsReset"),
        (verb(operation="resubmit"), f"{VERB}.operation"),
        (verb(args=["--wait"]), f"{VERB}.args"),
        (verb(source={"git": {}}), f"{VERB}.source.git"),
        (
            {**tree(), "spec": {**tree()["spec"], "eventBusName": "fast"}},
            "spec.eventBusName",
        ),
    ],
)
def test_what_is_not_on_this_floor_is_refused_by_name(document: dict[str, Any], path: str):
    (problem,) = problems(document)
    assert (problem.path, problem.rule) == (path, "not-supported")
    with pytest.raises(InvalidManifest, match="not supported yet"):
        compile_sensor(Sensor.model_validate(document))


def test_another_trigger_type_is_refused_by_name():
    document = tree()
    document["spec"]["triggers"] = [{"template": {"name": "call", "http": {"url": "http://x"}}}]
    (problem,) = problems(document)
    assert problem.message == "a trigger of type http is not supported yet"
    assert problem.hint == "use argoWorkflow, log"


@pytest.mark.parametrize(
    ("document", "says"),
    [
        (dependency(eventName="remediation.execute"), "cannot be carried"),
        (dependency(name=""), "must define a name"),
        (dependency(filtersLogicalOperator="OR"), "logical operator OR not supported"),
        (data_filter(path="body.#(a==1)"), "queries"),
        (data_filter(path=""), "path must be not empty"),
        (data_filter(value=["["]), "error parsing regexp"),
        (data_filter(type="number"), "strconv.ParseFloat"),
        (data_filter(type="bool"), "strconv.ParseBool"),
        (data_filter(type="integer"), "unsupported JSON type 'integer'"),
        (data_filter(comparator="=="), "comparator == not supported"),
        (dependency(filters={"context": {}}), "no fields specified"),
        (dependency(filters={"time": {"start": "9", "stop": "10:00:00"}}), "HH:MM:SS"),
        (dependency(filters={"time": {"start": "09:00:00", "stop": "10:00:00", "timezone": "X/Y"}}), "X/Y"),
        (dependency(filters={"time": {"start": "09:00:00", "stop": "09:00:00"}}), "equal"),
        (template(conditions="alert &&"), "ends where"),
        (template(name=""), "must define a name"),
        (template(log={}), "several types"),
        (verb(operation=""), "unknown operation type"),
        (verb(source=None), "no source"),
        (verb(source={}), "source is empty"),
        (parameter(dest=""), "path cannot be empty"),
        (parameter(dest="spec.a|b"), "pipes"),
        (parameter(operation="add"), "operation add is invalid"),
        (parameter(src=None), "source can't be empty"),
        (source_of_parameter(dataKey="@this"), "modifiers"),
        (trigger(retryStrategy={"steps": -1}), "between 1 and"),
        (trigger(retryStrategy={"duration": "soon"}), "invalid duration"),
        (trigger(retryStrategy={"factor": "x"}), "strconv.ParseFloat"),
        (trigger(template=None), "can't be nil"),
    ],
)
def test_what_cannot_work_is_found_at_load(document: dict[str, Any], says: str):
    assert any(says in problem.message for problem in problems(document) if problem.severity == "error")


def test_names_that_stand_twice_are_refused():
    document = tree()
    document["spec"]["dependencies"] *= 2
    document["spec"]["triggers"] *= 2
    assert [problem.message for problem in problems(document)] == [
        "duplicate dependency name: alert",
        "duplicate trigger name: heal",
    ]


def test_an_empty_sensor_says_what_is_missing():
    found = [problem.message for problem in validate_sensor(Sensor(), [], [])]
    assert found == ["no event dependencies found", "no triggers found"]


def test_not_equal_with_several_values_is_a_warning():
    (problem,) = problems(data_filter(value=["a", "b"], comparator="!="))
    assert problem.severity == "warning"
    compile_sensor(Sensor.model_validate(data_filter(value=["a", "b"], comparator="!=")))


@pytest.mark.parametrize(
    ("given", "strategy"),
    [
        ({}, RetryStrategy(5, 1.0, 1.0)),
        ({"steps": 3, "duration": "2s", "factor": "2"}, RetryStrategy(3, 2.0, 2.0)),
        ({"steps": 2, "duration": 1_500_000_000}, RetryStrategy(2, 1.5, 1.0)),
        ({"steps": 2, "duration": "1m30s"}, RetryStrategy(2, 90.0, 1.0)),
    ],
)
def test_a_retry_strategy_is_read_as_argo_events_does(given: dict[str, Any], strategy: RetryStrategy):
    assert compile_sensor(Sensor.model_validate(trigger(retryStrategy=given))).triggers[0].retry == strategy


def test_a_parameter_may_name_its_dependency_at_run_time():
    document = source_of_parameter(dependencyName="THIS_WILL_BE_REPLACED")
    document["spec"]["triggers"][0]["parameters"] = [
        {
            "src": {"dependencyName": "alert", "dataKey": "body.which"},
            "dest": "argoWorkflow.parameters.0.src.dependencyName",
        }
    ]
    assert problems(document) == []
