"""The tables are held against upstream's own JSON schema, and the typed models against the tables."""

import json
import types
import typing

import pytest
from tests.unit.manifest.upstream import UPSTREAM, needs_shared

from tiphys.manifest import events_model, kinds, model
from tiphys.manifest.shapes import ARGO, EVENTS, KUBERNETES, Kind, Shapes

SCHEMA = UPSTREAM / "argo-workflows" / "schema.json"
ARGO_PREFIX = "io.argoproj.workflow.v1alpha1."
EVENTS_PREFIX = "github.com.argoproj.argo_events.pkg.apis.events.v1alpha1."

INLINED = {"WebhookEventSource", "HDFSEventSource", "ResourceEventSource", "EventSourceStatus", "SensorStatus"}
"""Go embeds a type in these; the schema shows the embedded type as a member, the wire form has its fields."""
NOT_IN_SCHEMA = {"ConfigMap", "Secret", "EventBus", "EventBusSpec"}
TYPE_META = {"apiVersion", "kind"}


def definitions() -> dict[str, typing.Any]:
    return json.loads(SCHEMA.read_text())["definitions"]


@needs_shared
@pytest.mark.parametrize("table", [ARGO, KUBERNETES, EVENTS], ids=["argo", "kubernetes", "events"])
def test_every_type_has_exactly_the_fields_of_the_schema(table: Shapes):
    known = definitions()
    prefixes = {id(ARGO): [ARGO_PREFIX], id(EVENTS): [EVENTS_PREFIX], id(KUBERNETES): ["io.k8s."]}[id(table)]
    for name in table.lines.keys() - INLINED - NOT_IN_SCHEMA:
        matches = [v for k, v in known.items() if k.rpartition(".")[2] == name and any(map(k.startswith, prefixes))]
        assert any(
            set(table.shape(name).fields) - TYPE_META == set(m.get("properties", {})) - TYPE_META for m in matches
        ), name


@needs_shared
def test_an_embedded_type_lends_its_fields():
    webhook = definitions()[EVENTS_PREFIX + "WebhookContext"]["properties"]
    assert set(EVENTS.shape("WebhookEventSource").fields) == {*webhook, "filter"}


@pytest.mark.parametrize("table", [ARGO, EVENTS, KUBERNETES], ids=["argo", "events", "kubernetes"])
def test_every_type_that_is_named_exists(table: Shapes):
    def visit(kind: Kind):
        if kind.name == "object":
            assert kind.shape is not None
        elif kind.item:
            visit(kind.item)

    for name in table.lines:
        for kind in table.shape(name).fields.values():
            visit(kind)


@needs_shared
def test_merge_keys_are_those_of_the_schema():
    template = definitions()[ARGO_PREFIX + "Template"]["properties"]
    for name, field in template.items():
        if field.get("type") == "array":
            assert ARGO.shape("Template").fields[name].merge_key == field.get("x-kubernetes-patch-merge-key", ""), name


NAMES: list[tuple[Shapes, types.ModuleType, list[str]]] = [
    (
        ARGO,
        model,
        [
            "ValueFrom",
            "Parameter",
            "Arguments",
            "Inputs",
            "Outputs",
            "TemplateRef",
            "WorkflowTemplateRef",
            "ContinueOn",
            "Sequence",
            "LifecycleHook",
            "WorkflowStep",
            "DAGTask",
            "DAGTemplate",
            "SuspendTemplate",
            "Backoff",
            "RetryStrategy",
            "Template",
            "WorkflowSpec",
            "Workflow",
        ],
    ),
    (ARGO, kinds, ["CronWorkflowSpec", "CronWorkflow", "WorkflowEventBinding"]),
    (KUBERNETES, kinds, ["ConfigMap", "Secret"]),
    (
        EVENTS,
        events_model,
        [
            "WebhookEventSource",
            "EventSource",
            "Backoff",
            "DataFilter",
            "ExprFilter",
            "TimeFilter",
            "EventContext",
            "EventDependencyFilter",
            "EventDependency",
            "TriggerParameterSource",
            "TriggerParameter",
            "ArgoWorkflowTrigger",
            "RateLimit",
            "Trigger",
            "SensorSpec",
            "Sensor",
            "EventBusSpec",
            "EventBus",
        ],
    ),
]
TYPED = [(table, name, getattr(module, name)) for table, module, names in NAMES for name in names]


@pytest.mark.parametrize(("table", "name", "typed"), TYPED, ids=lambda value: value if isinstance(value, str) else "")
def test_a_typed_model_has_exactly_the_fields_of_its_table(table: Shapes, name: str, typed: type):
    aliases = {field.alias or key for key, field in typed.model_fields.items()}
    assert aliases == set(table.shape(name).fields)


def test_what_is_open_in_a_typed_model_is_in_its_table():
    for name, open_model in (
        ("EventSourceSpec", events_model.EventSourceSpec),
        ("TriggerTemplate", events_model.TriggerTemplate),
    ):
        aliases = {field.alias or key for key, field in open_model.model_fields.items()}
        assert aliases < set(EVENTS.shape(name).fields)
