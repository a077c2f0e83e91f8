"""Looks up and freezes: what a workflow refers to is found, merged and fixed before anything runs.

A Workflow that names a WorkflowTemplate is merged over its spec; `templateDefaults` are laid under every template it
can reach; every reference that can be followed now is followed, and what is missing is named with the nearest name
that is there. References that hold tags are found when they are asked for, in the same frozen catalogue.
Argo: workflow/templateresolution/context.go, workflow/controller/operator.go (setExecWorkflow), v4.1.2.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from tiphys.errors import InvalidManifest, NotFound, Problem
from tiphys.jsons import as_object
from tiphys.manifest.decode import Resource
from tiphys.manifest.merge import merge_specs, merge_template
from tiphys.manifest.model import (
    Call,
    Json,
    LifecycleHook,
    Template,
    TemplateRef,
    Workflow,
    WorkflowSpec,
    WorkflowTemplate,
    WorkflowTemplateRef,
)
from tiphys.manifest.nearest import did_you_mean

Callee: TypeAlias = Call | LifecycleHook
"""Whatever names a template: a step, a task, a hook."""

CLUSTER_KIND = "ClusterWorkflowTemplate"


class MissingTemplate(NotFound):
    """A template or the resource around it is not there: the message is Argo's, `hint` names the nearest that is."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


@dataclass(frozen=True, slots=True)
class Catalogue:
    """What can be referred to: WorkflowTemplates by namespace and name, ClusterWorkflowTemplates by name."""

    templates: Mapping[tuple[str, str], WorkflowTemplate] = field(
        default_factory=dict[tuple[str, str], WorkflowTemplate]
    )
    cluster_templates: Mapping[str, WorkflowTemplate] = field(default_factory=dict[str, WorkflowTemplate])

    def find(self, ref: WorkflowTemplateRef | TemplateRef, namespace: str) -> WorkflowTemplate:
        """The resource that `ref` names; raises `MissingTemplate`."""
        if ref.cluster_scope:
            found = self.cluster_templates.get(ref.name)
            message = f'clusterworkflowtemplates.argoproj.io "{ref.name}" not found'
            names = list(self.cluster_templates)
        else:
            found = self.templates.get((namespace, ref.name))
            message = f'workflowtemplates.argoproj.io "{ref.name}" not found'
            names = [name for space, name in self.templates if space == namespace]
        if found is None:
            raise MissingTemplate(message, did_you_mean(ref.name, names))
        return found


def catalogue_of(resources: Iterable[Resource], *, namespace: str = "default") -> Catalogue:
    """The templates among `resources`; those without a namespace are taken to be in `namespace`."""
    templates: dict[tuple[str, str], WorkflowTemplate] = {}
    cluster: dict[str, WorkflowTemplate] = {}
    for resource in resources:
        if isinstance(resource, WorkflowTemplate):
            meta = resource.metadata
            if resource.kind == CLUSTER_KIND:
                cluster[meta.name] = resource
            else:
                templates[(meta.namespace or namespace, meta.name)] = resource
    return Catalogue(templates, cluster)


@dataclass(frozen=True, slots=True)
class Resolved:
    """A workflow ready to be compiled: `workflow` holds the merged spec, defaults are in every template.

    `scope` is Argo's `templateScope` of the root node: `local/<name>`, or `local/` after a `workflowTemplateRef`.
    """

    workflow: Workflow
    namespace: str
    scope: str
    catalogue: Catalogue
    _templates: Mapping[tuple[str, str], Template]

    @property
    def templates(self) -> Mapping[tuple[str, str], Template]:
        """Every template that could be reached from the spec, by scope and name."""
        return self._templates

    def named(self, name: str, scope: str) -> Template:
        """The template `name` of a scope; raises `MissingTemplate`."""
        known = self._templates.get((scope, name))
        return known or self._prepared(_named(self._owner(scope), name))

    def called(self, callee: Callee, scope: str) -> tuple[str, Template]:
        """The scope and the template that `callee` of a template in `scope` calls; raises `MissingTemplate`.

        An inline template has no name and lives where it is called from.
        """
        inline = getattr(callee, "inline", None)
        if isinstance(inline, Template):
            return scope, self._prepared(inline)
        ref = callee.template_ref
        if ref is None:
            return scope, self.named(callee.template, scope)
        target = scope_of(ref)
        known = self._templates.get((target, ref.template))
        return target, known or self._prepared(_referred(self.catalogue, ref, self.namespace))

    def _owner(self, scope: str) -> WorkflowSpec:
        level, _, name = scope.partition("/")
        if level == "local":
            return self.workflow.spec
        return self.catalogue.find(TemplateRef(name=name, cluster_scope=level == "cluster"), self.namespace).spec

    def _prepared(self, template: Template) -> Template:
        return with_defaults(template, self.workflow.spec.template_defaults)


def resolve_workflow(workflow: Workflow, catalogue: Catalogue, *, namespace: str = "default") -> Resolved:
    """The workflow with all that it refers to.

    Raises `MissingTemplate` for the `workflowTemplateRef` (a run of it ends in Error), and `InvalidManifest` naming
    every template that is called and is not there (Argo: `invalid spec`, a run of it is Failed).
    """
    namespace = workflow.metadata.namespace or namespace
    merged = merge_referred(workflow, catalogue, namespace)
    scope = "local/" if workflow.spec.workflow_template_ref else f"local/{workflow.metadata.name}"
    search = _Search(merged, catalogue, namespace, scope)
    search.run()
    if search.problems:
        raise InvalidManifest(search.problems)
    return Resolved(merged, namespace, scope, catalogue, search.found)


def merge_referred(workflow: Workflow, catalogue: Catalogue, namespace: str) -> Workflow:
    """The workflow with the spec it is executed with: its own, or its own over that of its WorkflowTemplate."""
    ref = workflow.spec.workflow_template_ref
    if ref is None:
        return workflow
    base = catalogue.find(ref, namespace)
    merged = merge_specs(as_wire(workflow.spec), as_wire(base.spec))
    return workflow.model_copy(update={"spec": WorkflowSpec.model_validate(merged)})


def with_defaults(template: Template, defaults: Json | None) -> Template:
    """The template over a workflow's `templateDefaults`."""
    if not defaults:
        return template
    return Template.model_validate(merge_template(as_wire(template), as_object(defaults)))


def as_wire(model: WorkflowSpec | Template | Workflow) -> Json:
    """The manifest form of a typed part: only what was set, in Argo's field names."""
    return model.model_dump(mode="json", by_alias=True, exclude_unset=True)


def scope_of(ref: TemplateRef) -> str:
    """Argo's scope of a referred template: `namespaced/<name>` or `cluster/<name>`."""
    return f"{'cluster' if ref.cluster_scope else 'namespaced'}/{ref.name}"


def callees_of(template: Template) -> Iterator[tuple[Callee, str]]:
    """Every step, task and hook of a template, with its path in the template; inline bodies are not entered."""
    calls = [
        (step, f"steps[{group}][{index}]")
        for group, steps in enumerate(template.steps or ())
        for index, step in enumerate(steps)
    ]
    calls += [(task, f"dag.tasks[{index}]") for index, task in enumerate(template.dag.tasks if template.dag else ())]
    for call, path in calls:
        yield call, path
        for name, hook in (call.hooks or {}).items():
            yield hook, f"{path}.hooks.{name}"


def _named(spec: WorkflowSpec, name: str) -> Template:
    for template in spec.templates:
        if template.name == name:
            return template
    hint = did_you_mean(name, (template.name for template in spec.templates))
    raise MissingTemplate(f"template {name} not found", hint)


def _referred(catalogue: Catalogue, ref: TemplateRef, namespace: str) -> Template:
    try:
        owner = catalogue.find(ref, namespace)
    except MissingTemplate as error:
        raise MissingTemplate(f"workflow template {ref.name} not found", error.hint) from error
    for template in owner.spec.templates:
        if template.name == ref.template:
            return template
    hint = did_you_mean(ref.template, (template.name for template in owner.spec.templates))
    raise MissingTemplate(f"template {ref.template} not found in workflow template {ref.name}", hint)


@dataclass(slots=True)
class _Search:
    """Walks from the workflow's own templates to everything they call; a queue, since templates may call themselves."""

    workflow: Workflow
    catalogue: Catalogue
    namespace: str
    scope: str
    found: dict[tuple[str, str], Template] = field(default_factory=dict[tuple[str, str], Template])
    problems: list[Problem] = field(default_factory=list[Problem])
    _queue: list[tuple[str, Template, str]] = field(default_factory=list[tuple[str, Template, str]])

    def run(self) -> None:
        spec = self.workflow.spec
        for index, template in enumerate(spec.templates):
            self._add(self.scope, template, f"spec.templates[{index}]")
        for name, path in ((spec.entrypoint, "spec.entrypoint"), (spec.on_exit, "spec.onExit")):
            if name:
                self._follow(LifecycleHook(template=name), self.scope, path)
        for name, hook in (spec.hooks or {}).items():
            self._follow(hook, self.scope, f"spec.hooks.{name}")
        while self._queue:
            scope, template, path = self._queue.pop(0)
            for callee, inner in callees_of(template):
                self._follow(callee, scope, f"{path}.{inner}")

    def _follow(self, callee: Callee, scope: str, path: str) -> None:
        inline = getattr(callee, "inline", None)
        if isinstance(inline, Template):
            self._queue.append((scope, inline, f"{path}.inline"))
            return
        ref = callee.template_ref
        try:
            if ref is None:
                self._check_named(callee.template, scope)
            elif "{{" not in ref.name + ref.template and (scope_of(ref), ref.template) not in self.found:
                self._add(scope_of(ref), _referred(self.catalogue, ref, self.namespace), f"{path}.templateRef")
        except MissingTemplate as error:
            self.problems.append(Problem(str(error), path, hint=error.hint, rule="reference"))

    def _check_named(self, name: str, scope: str) -> None:
        """Templates of a referred resource are taken up one by one, as they are called."""
        if not name or "{{" in name or (scope, name) in self.found:
            return
        level, _, owner = scope.partition("/")
        if level == "local":
            _named(self.workflow.spec, name)
            return
        ref = TemplateRef(name=owner, template=name, cluster_scope=level == "cluster")
        self._add(scope, _referred(self.catalogue, ref, self.namespace), "")

    def _add(self, scope: str, template: Template, path: str) -> None:
        prepared = with_defaults(template, self.workflow.spec.template_defaults)
        self.found.setdefault((scope, template.name), prepared)
        self._queue.append((scope, prepared, path))
