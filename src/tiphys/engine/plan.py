"""The resolved workflow compiled once: templates by scope and name, adjacency of DAGs, which results are asked for.

Templates are compiled when they are first called and kept. Nothing here changes while a workflow runs. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

from tiphys.engine.failures import CallFailed
from tiphys.jsons import JsonObject, as_object
from tiphys.lang import depends
from tiphys.manifest import resolve
from tiphys.manifest.model import DAGTask, Template, TemplateRef, WorkflowSpec

_RESULT: Final = re.compile(
    r"""(?:steps|tasks)(?:\.(?P<plain>[^.\s{}"']+)|\[['"]+(?P<quoted>[^'"\]]+)['"]+\])\.outputs\.result"""
)

_ALL_INPUTS: Final = re.compile(r"inputs\.parameters\s*\}\}")


class TemplatePlan:
    """A template with what is derived from it."""

    def __init__(self, template: Template, scope: str) -> None:
        self.template = template
        self.scope = scope

    @cached_property
    def kind(self) -> str:
        """The name of the field that says what it runs."""
        for kind in ("container", "steps", "dag", "script", "suspend"):
            if getattr(self.template, kind) is not None:
                return kind
        raise CallFailed(f"Template '{self.template.name}' missing specification")

    @property
    def is_pod(self) -> bool:
        """Whether it is run by an executor."""
        return self.kind in {"container", "script"}

    @cached_property
    def wanted_results(self) -> frozenset[str]:
        """The steps or tasks whose `outputs.result` the template mentions anywhere (Argo: hasOutputResultRef)."""
        text = self.template.model_dump_json(exclude_none=True)
        return frozenset((m["plain"] or m["quoted"]).rstrip("\\") for m in _RESULT.finditer(text))

    @cached_property
    def lists_inputs(self) -> bool:
        """Whether the template mentions all its inputs at once (`{{inputs.parameters}}`)."""
        return _ALL_INPUTS.search(self.template.model_dump_json(exclude_none=True)) is not None

    @cached_property
    def input_bodies(self) -> tuple[JsonObject, ...]:
        """The declared input parameters as JSON, in Argo's order of fields."""
        return tuple(
            p.model_dump(mode="json", by_alias=True, exclude_none=True) for p in self.template.inputs.parameters
        )

    @cached_property
    def dag(self) -> DagPlan:
        """The tasks of a DAG as a graph."""
        return plan_dag(self.template)


@dataclass(frozen=True, slots=True)
class TaskPlan:
    """A task, its compiled logic, and the tasks that wait for it."""

    task: DAGTask
    logic: depends.Depends
    dependants: list[str] = field(default_factory=list[str])


@dataclass(frozen=True, slots=True)
class DagPlan:
    """Tasks by name, in the order of the manifest, and the leaves, sorted by name."""

    tasks: Mapping[str, TaskPlan]
    leaves: tuple[str, ...]

    def needed(self, targets: tuple[str, ...]) -> list[str]:
        """The targets and everything that they depend on, each task after those that it waits for."""
        done: dict[str, None] = {}
        seen: set[str] = set()
        stack: list[tuple[str, bool]] = [(name, False) for name in reversed(targets)]
        while stack:
            name, below = stack.pop()
            if below:
                done[name] = None
            elif name not in seen:
                seen.add(name)
                stack.append((name, True))
                stack += ((dependency, False) for dependency in reversed(self.tasks[name].logic.mentioned))
        return list(done)

    def is_ancestor(self, name: str, of: str) -> bool:
        """Whether the task `of` waits, directly or not, for `name`."""
        todo, seen = list(self.tasks[of].logic.mentioned), set[str]()
        if name in todo:
            return True
        while todo:
            current = todo.pop()
            if current == name:
                return True
            if current not in seen:
                seen.add(current)
                todo += self.tasks[current].logic.mentioned
        return False


def plan_dag(template: Template) -> DagPlan:
    """Compiles the tasks of a DAG template; raises `CallFailed` for a dependency that does not exist."""
    tasks = template.dag.tasks if template.dag else ()
    tolerated = {
        task.name: [
            result for result, on in (("Errored", task.continue_on.error), ("Failed", task.continue_on.failed)) if on
        ]
        if task.continue_on
        else []
        for task in tasks
    }
    try:
        plans = {
            task.name: TaskPlan(task, depends.compile_depends(task.depends, task.dependencies, tolerated))
            for task in tasks
        }
    except depends.InvalidDepends as error:
        raise CallFailed(str(error)) from error
    for name, plan in plans.items():
        for dependency in plan.logic.mentioned:
            plans[dependency].dependants.append(name)
    return DagPlan(plans, tuple(sorted(name for name, plan in plans.items() if not plan.dependants)))


class Plan:
    """The whole workflow: its spec, and every template that can be called, by scope and name."""

    def __init__(self, spec: WorkflowSpec, scope: str, templates: Mapping[tuple[str, str], Template]) -> None:
        self.spec = spec
        self.scope = scope
        self._templates = templates
        self._scopes = {scope for scope, _ in templates}
        self._plans: dict[tuple[str, str], TemplatePlan] = {}

    def find(self, name: str, ref: TemplateRef | None, inline: Template | None, scope: str) -> TemplatePlan:
        """The template that is called from `scope`; raises `CallFailed` in Argo's words when there is none."""
        if inline is not None:
            return TemplatePlan(inline, scope)
        if ref is None:
            return self._find(scope, name, "")
        scope = resolve.scope_of(ref)
        if scope not in self._scopes:
            raise CallFailed(f"workflow template {ref.name} not found")
        return self._find(scope, ref.template, f" in workflow template {ref.name}")

    def _find(self, scope: str, name: str, where: str) -> TemplatePlan:
        plan = self._plans.get((scope, name))
        if plan is None:
            template = self._templates.get((scope, name))
            if template is None:
                raise CallFailed(f"template {name} not found{where}")
            plan = self._plans[scope, name] = TemplatePlan(template, scope)
        return plan


def freeze(resolved: resolve.Resolved) -> JsonObject:
    """All that a workflow runs by, as JSON, so that later changes of what it refers to do not touch it."""
    scopes: dict[str, JsonObject] = {}
    for (scope, name), template in _reachable(resolved).items():
        scopes.setdefault(scope, {})[name] = resolve.as_wire(template)
    spec = resolved.workflow.spec.model_copy(update={"templates": ()})
    return {"spec": resolve.as_wire(spec), "scope": resolved.scope, "templates": scopes}


def thaw(frozen: JsonObject) -> Plan:
    """The plan of what was frozen."""
    templates = {
        (scope, name): Template.model_validate(body)
        for scope, named in as_object(frozen["templates"]).items()
        for name, body in as_object(named).items()
    }
    return Plan(WorkflowSpec.model_validate(frozen["spec"]), frozen["scope"], templates)


def _reachable(resolved: resolve.Resolved) -> dict[tuple[str, str], Template]:
    """The templates that the spec reaches; when a reference holds tags, all that it could mean."""
    found = dict(resolved.templates)
    if any(_is_open(template) for template in found.values()):
        catalogue = resolved.catalogue
        owners = [
            (resolve.scope_of(TemplateRef(name=name)), owner)
            for (space, name), owner in catalogue.templates.items()
            if space == resolved.namespace
        ]
        owners += [
            (resolve.scope_of(TemplateRef(name=name, cluster_scope=True)), owner)
            for name, owner in catalogue.cluster_templates.items()
        ]
        for scope, owner in owners:
            for template in owner.spec.templates:
                found.setdefault((scope, template.name), resolved.named(template.name, scope))
    return found


def _is_open(template: Template) -> bool:
    refs = (callee.template_ref for callee, _ in resolve.callees_of(template))
    return any(ref is not None and "{{" in ref.name + ref.template for ref in refs)
