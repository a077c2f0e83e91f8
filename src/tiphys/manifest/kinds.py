"""The other documents that may stand beside workflows: cron, event binding, ConfigMap, Secret, and whatever else.

A CronWorkflow and a WorkflowEventBinding are read here so that nothing in them goes unchecked; they are carried out
elsewhere. Argo: pkg/apis/workflow/v1alpha1/cron_workflow_types.go, event_types.go, v4.1.2.
"""

from __future__ import annotations

from pydantic import Field

from tiphys.manifest.model import ArgoModel, Arguments, Json, ObjectMeta, WorkflowSpec, WorkflowTemplateRef


class Resource(ArgoModel):
    """What every document has."""

    api_version: str = ""
    kind: str = ""
    metadata: ObjectMeta = Field(default_factory=ObjectMeta)


class CronWorkflowSpec(ArgoModel):
    """The spec of a CronWorkflow; `workflow_spec` is what each run is made from."""

    workflow_spec: WorkflowSpec = WorkflowSpec()
    schedules: tuple[str, ...] = ()
    timezone: str = ""
    concurrency_policy: str = ""
    suspend: bool = False
    starting_deadline_seconds: int | None = None
    successful_jobs_history_limit: int | None = None
    failed_jobs_history_limit: int | None = None
    workflow_metadata: Json | None = None
    when: str = ""
    stop_strategy: Json | None = None


class CronWorkflow(Resource):
    """A workflow that is run by the clock."""

    spec: CronWorkflowSpec = CronWorkflowSpec()
    status: Json | None = None


class EventSelector(ArgoModel):
    """`event` of a binding: an expression over the payload."""

    selector: str = ""


class Submit(ArgoModel):
    """`submit` of a binding: which template is run with which arguments."""

    workflow_template_ref: WorkflowTemplateRef = WorkflowTemplateRef()
    arguments: Arguments = Arguments()
    metadata: Json | None = None


class WorkflowEventBindingSpec(ArgoModel):
    """The spec of a WorkflowEventBinding."""

    event: EventSelector = EventSelector()
    submit: Submit | None = None


class WorkflowEventBinding(Resource):
    """Binds an event of the API server to a workflow template."""

    spec: WorkflowEventBindingSpec = WorkflowEventBindingSpec()


class ConfigMap(Resource):
    """Named texts, for `configMapKeyRef` and semaphores."""

    data: dict[str, str] = Field(default_factory=dict)
    binary_data: dict[str, str] = Field(default_factory=dict)
    immutable: bool | None = None


class Secret(Resource):
    """Named secrets: `data` in base64 as in the manifest, `string_data` plain. Never print either."""

    data: dict[str, str] = Field(default_factory=dict, repr=False)
    string_data: dict[str, str] = Field(default_factory=dict, repr=False)
    type: str = ""
    immutable: bool | None = None


class Other(Resource):
    """A document of a kind that Tiphys does not know; `body` is the whole of it."""

    body: Json = Field(default_factory=dict)
