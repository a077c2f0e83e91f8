"""Argo's documents as frozen values, with the field names of the manifests in snake case.

Structure that the engine decides on is typed; what goes to an executor untouched (containers, volumes, pod settings)
stays JSON in Kubernetes' own shape. Argo: pkg/apis/workflow/v1alpha1/workflow_types.go, v4.1.2.
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from pydantic.alias_generators import to_camel

Json = dict[str, Any]
"""A JSON object in the manifest's own (camel case) names."""


def _int_or_string(value: object) -> object:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


IntOrString = Annotated[str, BeforeValidator(_int_or_string)]
"""A number or text in the manifest (it may hold tags), text here."""


class ArgoModel(BaseModel):
    """Base of all: frozen, camel case outside, snake case inside, unknown fields refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", alias_generator=to_camel, populate_by_name=True)


class ConfigMapKeyRef(ArgoModel):
    """A key of a ConfigMap."""

    name: str = ""
    key: str = ""
    optional: bool | None = None


class ValueFrom(ArgoModel):
    """Where a parameter's value comes from; at most one source, `default` beside it."""

    path: str | None = None
    parameter: str | None = None
    expression: str | None = None
    json_path: str | None = None
    jq_filter: str | None = None
    event: str | None = None
    supplied: Json | None = None
    config_map_key_ref: ConfigMapKeyRef | None = None
    default: str | None = None


class Parameter(ArgoModel):
    """An input, output or argument parameter; values are text (`AnyString` in Argo)."""

    name: str = ""
    value: str | None = None
    default: str | None = None
    value_from: ValueFrom | None = None
    global_name: str | None = None
    enum: tuple[str, ...] | None = None
    description: str | None = None


class Arguments(ArgoModel):
    """What is passed to a workflow or template; artifacts stay JSON on this floor."""

    parameters: tuple[Parameter, ...] = ()
    artifacts: tuple[Json, ...] = ()


class Inputs(Arguments):
    """What a template declares to take."""


class Outputs(ArgoModel):
    """What a template declares to give."""

    parameters: tuple[Parameter, ...] = ()
    artifacts: tuple[Json, ...] = ()
    result: str | None = None
    exit_code: str | None = None


class TemplateRef(ArgoModel):
    """A template in a WorkflowTemplate (`name`) or, with `cluster_scope`, a ClusterWorkflowTemplate."""

    name: str = ""
    template: str = ""
    cluster_scope: bool = False


class WorkflowTemplateRef(ArgoModel):
    """The resource whose whole spec is run."""

    name: str = ""
    cluster_scope: bool = False


class ContinueOn(ArgoModel):
    """Which unhappy ends of a step or task do not matter."""

    error: bool = False
    failed: bool = False


class Sequence(ArgoModel):
    """`withSequence`: each is an int-or-string as text."""

    count: IntOrString | None = None
    start: IntOrString | None = None
    end: IntOrString | None = None
    format: str | None = None


class LifecycleHook(ArgoModel):
    """A hook of a workflow, step or task."""

    template: str = ""
    template_ref: TemplateRef | None = None
    arguments: Arguments = Arguments()
    expression: str = ""


class Call(ArgoModel):
    """What a workflow step and a DAG task have in common: a template called with arguments."""

    name: str = ""
    template: str = ""
    template_ref: TemplateRef | None = None
    inline: Template | None = None
    arguments: Arguments = Arguments()
    when: str = ""
    with_items: tuple[Any, ...] | None = None
    with_param: str = ""
    with_sequence: Sequence | None = None
    continue_on: ContinueOn | None = None
    on_exit: str = ""
    hooks: dict[str, LifecycleHook] | None = None


class WorkflowStep(Call):
    """A member of `steps`."""


class DAGTask(Call):
    """A member of `dag.tasks`."""

    dependencies: tuple[str, ...] = ()
    depends: str = ""


class DAGTemplate(ArgoModel):
    """`dag`: `target` is space separated; `fail_fast` None means true."""

    target: str = ""
    tasks: tuple[DAGTask, ...] = ()
    fail_fast: bool | None = None


class SuspendTemplate(ArgoModel):
    """`suspend`: `duration` is seconds or a Go duration, empty means until resumed."""

    duration: str = ""


class Backoff(ArgoModel):
    """`retryStrategy.backoff`; all are int-or-string as text."""

    duration: str = ""
    factor: IntOrString | None = None
    cap: str = ""
    max_duration: str = ""


class RetryStrategy(ArgoModel):
    """`retryStrategy`; `limit` is int-or-string as text, None is unlimited."""

    limit: IntOrString | None = None
    retry_policy: str = ""
    backoff: Backoff | None = None
    affinity: Json | None = None
    expression: str = ""


class Template(ArgoModel):
    """A unit a Workflow can run, of exactly one type; `container` and `script` are Kubernetes containers."""

    name: str = ""
    inputs: Inputs = Inputs()
    outputs: Outputs = Outputs()
    container: Json | None = None
    script: Json | None = None
    steps: tuple[tuple[WorkflowStep, ...], ...] | None = None
    dag: DAGTemplate | None = None
    suspend: SuspendTemplate | None = None
    container_set: Json | None = None
    resource: Json | None = None
    data: Json | None = None
    http: Json | None = None
    plugin: Json | None = None
    active_deadline_seconds: IntOrString | None = None
    timeout: str = ""
    pending_timeout: str = ""
    retry_strategy: RetryStrategy | None = None
    parallelism: int | None = None
    fail_fast: bool | None = None
    daemon: bool | None = None
    memoize: Json | None = None
    synchronization: Json | None = None
    metrics: Json | None = None
    metadata: Json | None = None
    annotations: dict[str, str] | None = None
    init_containers: tuple[Json, ...] = ()
    sidecars: tuple[Json, ...] = ()
    volumes: tuple[Json, ...] = ()
    archive_location: Json | None = None
    node_selector: dict[str, str] | None = None
    affinity: Json | None = None
    tolerations: tuple[Json, ...] = ()
    scheduler_name: str = ""
    priority_class_name: str = ""
    service_account_name: str = ""
    automount_service_account_token: bool | None = None
    executor: Json | None = None
    host_aliases: tuple[Json, ...] = ()
    security_context: Json | None = None
    pod_spec_patch: str = ""
    pod_resources: Json | None = None
    resource_claims: tuple[Json, ...] = ()


class WorkflowSpec(ArgoModel):
    """The spec of a Workflow, WorkflowTemplate or ClusterWorkflowTemplate."""

    entrypoint: str = ""
    templates: tuple[Template, ...] = ()
    arguments: Arguments = Arguments()
    workflow_template_ref: WorkflowTemplateRef | None = None
    on_exit: str = ""
    hooks: dict[str, LifecycleHook] | None = None
    parallelism: int | None = None
    active_deadline_seconds: int | None = None
    suspend: bool | None = None
    shutdown: str = ""
    priority: int | None = None
    retry_strategy: RetryStrategy | None = None
    template_defaults: Json | None = None
    synchronization: Json | None = None
    metrics: Json | None = None
    workflow_metadata: Json | None = None
    pod_metadata: Json | None = None
    ttl_strategy: Json | None = None
    pod_gc: Json | None = Field(default=None, alias="podGC")
    volume_claim_gc: Json | None = Field(default=None, alias="volumeClaimGC")
    volumes: tuple[Json, ...] = ()
    volume_claim_templates: tuple[Json, ...] = ()
    artifact_repository_ref: Json | None = None
    artifact_gc: Json | None = Field(default=None, alias="artifactGC")
    archive_logs: bool | None = None
    executor_plugins: tuple[Json, ...] = ()
    service_account_name: str = ""
    automount_service_account_token: bool | None = None
    executor: Json | None = None
    node_selector: dict[str, str] | None = None
    affinity: Json | None = None
    tolerations: tuple[Json, ...] = ()
    scheduler_name: str = ""
    pod_priority_class_name: str = ""
    image_pull_secrets: tuple[Json, ...] = ()
    host_network: bool | None = None
    dns_policy: str | None = None
    dns_config: Json | None = None
    host_aliases: tuple[Json, ...] = ()
    security_context: Json | None = None
    pod_spec_patch: str = ""
    pod_disruption_budget: Json | None = None
    pod_resources: Json | None = None
    resource_claims: tuple[Json, ...] = ()


class ObjectMeta(ArgoModel):
    """Kubernetes' object metadata, the part that we use; the rest is kept."""

    model_config = ConfigDict(extra="allow")

    name: str = ""
    generate_name: str = ""
    namespace: str = ""
    labels: dict[str, str] = Field(default_factory=dict)
    annotations: dict[str, str] = Field(default_factory=dict)
    uid: str = ""
    creation_timestamp: str | None = None


class Workflow(ArgoModel):
    """A Workflow document; a status that came with it is not looked at."""

    api_version: str = ""
    kind: str = ""
    metadata: ObjectMeta = Field(default_factory=ObjectMeta)
    spec: WorkflowSpec = WorkflowSpec()
    status: Json | None = None


class WorkflowTemplate(Workflow):
    """A WorkflowTemplate or, by `kind`, a ClusterWorkflowTemplate."""


Call.model_rebuild()
WorkflowStep.model_rebuild()
DAGTask.model_rebuild()
