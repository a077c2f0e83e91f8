"""Argo Events' documents as frozen values; what this floor does not run stays JSON, so that it can be refused by name.

Argo Events: pkg/apis/events/v1alpha1/sensor_types.go, eventsource_types.go, eventbus_types.go, v1.9.11.
"""

from __future__ import annotations

from typing import Any

from pydantic import ConfigDict, Field

from tiphys.manifest.kinds import Resource
from tiphys.manifest.model import ArgoModel, IntOrString, Json

DEFAULT_BUS = "default"
"""The EventBus that is meant where none is named."""


class KeySelector(ArgoModel):
    """A key of a Secret or ConfigMap."""

    name: str = ""
    key: str = ""
    optional: bool | None = None


class EventSourceFilter(ArgoModel):
    """`filter` of an event: an expression over its data."""

    expression: str = ""


class WebhookEventSource(ArgoModel):
    """An HTTP endpoint; `port` is text, `max_payload_size` in bytes (None: 1 MiB)."""

    endpoint: str = ""
    method: str = ""
    port: str = ""
    url: str = ""
    auth_secret: KeySelector | None = None
    server_cert_secret: KeySelector | None = None
    server_key_secret: KeySelector | None = None
    max_payload_size: int | None = None
    metadata: dict[str, str] = Field(default_factory=dict)
    filter: EventSourceFilter | None = None


class EventSourceSpec(ArgoModel):
    """`webhook` by event name; every other source type is in `others`."""

    model_config = ConfigDict(extra="allow")

    event_bus_name: str = DEFAULT_BUS
    webhook: dict[str, WebhookEventSource] = Field(default_factory=dict)
    service: Json | None = None
    template: Json | None = None
    replicas: int | None = None

    @property
    def others(self) -> dict[str, dict[str, Json]]:
        """Source type (`kafka`) to event name to its JSON."""
        return self.model_extra or {}


class EventSource(Resource):
    """What listens outside and publishes on the bus."""

    spec: EventSourceSpec = EventSourceSpec()
    status: Json | None = None


class Backoff(ArgoModel):
    """`retryStrategy`: `duration` is nanoseconds or a Go duration, all but `steps` are text."""

    duration: IntOrString | None = None
    factor: str | None = None
    jitter: str | None = None
    steps: int | None = None


class DataFilter(ArgoModel):
    """One comparison with a value of the event's data."""

    path: str = ""
    type: str = ""
    value: tuple[str, ...] = ()
    comparator: str = ""
    template: str = ""


class ExprField(ArgoModel):
    """A name in an expression and the path its value comes from."""

    name: str = ""
    path: str = ""


class ExprFilter(ArgoModel):
    """A condition over named values of the event's data."""

    expr: str = ""
    fields: tuple[ExprField, ...] = ()


class TimeFilter(ArgoModel):
    """`start` and `stop` as HH:MM:SS."""

    start: str = ""
    stop: str = ""
    timezone: str = ""


class EventContext(ArgoModel):
    """The envelope that a context filter compares with; empty fields do not count."""

    id: str = ""
    source: str = ""
    specversion: str = ""
    type: str = ""
    datacontenttype: str = ""
    subject: str = ""
    time: str = ""


class EventDependencyFilter(ArgoModel):
    """What an event must be like; the operators are `and`, `or` or empty."""

    time: TimeFilter | None = None
    context: EventContext | None = None
    data: tuple[DataFilter, ...] = ()
    exprs: tuple[ExprFilter, ...] = ()
    data_logical_operator: str = ""
    expr_logical_operator: str = ""
    script: str = ""


class EventDependencyTransformer(ArgoModel):
    """Changes the data of an event before it is filtered."""

    jq: str = ""
    script: str = ""


class EventDependency(ArgoModel):
    """An event that a Sensor waits for."""

    name: str = ""
    event_source_name: str = ""
    event_name: str = ""
    filters: EventDependencyFilter | None = None
    filters_logical_operator: str = ""
    transform: EventDependencyTransformer | None = None


class TriggerParameterSource(ArgoModel):
    """Where a parameter's value comes from; `value` None is not set."""

    dependency_name: str = ""
    context_key: str = ""
    context_template: str = ""
    data_key: str = ""
    data_template: str = ""
    value: str | None = None
    use_raw_data: bool = False


class TriggerParameter(ArgoModel):
    """A value from an event put to a place: `operation` is `append`, `prepend`, `overwrite` or empty."""

    src: TriggerParameterSource | None = None
    dest: str = ""
    operation: str = ""


class TriggerSource(ArgoModel):
    """Where the resource that is acted on comes from; here it is `resource`, the other ways are JSON."""

    resource: Json | None = None
    inline: str | None = None
    file: Json | None = None
    url: Json | None = None
    git: Json | None = None
    s3: Json | None = None
    configmap: KeySelector | None = None


class ArgoWorkflowTrigger(ArgoModel):
    """A verb of `argo` on the source's workflow."""

    source: TriggerSource | None = None
    operation: str = ""
    parameters: tuple[TriggerParameter, ...] = ()
    args: tuple[str, ...] = ()


class ConditionsReset(ArgoModel):
    """When waiting events are forgotten: `by_time` is `{cron, timezone}`."""

    by_time: Json | None = None


class TriggerTemplate(ArgoModel):
    """What is done; every trigger type but `argoWorkflow` is in `others`."""

    model_config = ConfigDict(extra="allow")

    name: str = ""
    conditions: str = ""
    conditions_reset: tuple[ConditionsReset, ...] = ()
    argo_workflow: ArgoWorkflowTrigger | None = None

    @property
    def others(self) -> dict[str, Json]:
        """Trigger type (`http`) to its JSON."""
        return self.model_extra or {}


class RateLimit(ArgoModel):
    """`unit` is Second, Minute, Hour or empty (Second)."""

    unit: str = ""
    requests_per_unit: int = 0


class Trigger(ArgoModel):
    """A template with what holds around it: `parameters` rewrite the template itself."""

    template: TriggerTemplate | None = None
    parameters: tuple[TriggerParameter, ...] = ()
    policy: Json | None = None
    retry_strategy: Backoff | None = None
    rate_limit: RateLimit | None = None
    at_least_once: bool = False
    dlq_trigger: Trigger | None = None


class SensorSpec(ArgoModel):
    """Dependencies and triggers."""

    dependencies: tuple[EventDependency, ...] = ()
    triggers: tuple[Trigger, ...] = ()
    event_bus_name: str = DEFAULT_BUS
    template: Json | None = None
    error_on_failed_round: bool = False
    replicas: int | None = None
    revision_history_limit: int | None = None
    logging_fields: dict[str, str] = Field(default_factory=dict)


class Sensor(Resource):
    """Waits for events and fires triggers."""

    spec: SensorSpec = SensorSpec()
    status: Json | None = None


class EventBusSpec(ArgoModel):
    """Which bus it is; the kinds stay JSON."""

    nats: Json | None = None
    jetstream: Json | None = None
    jetstream_exotic: Json | None = None
    kafka: Json | None = None


class EventBus(Resource):
    """The bus between sources and sensors."""

    spec: EventBusSpec = EventBusSpec()
    status: Any = None
