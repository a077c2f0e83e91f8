"""What this engine does not do yet, by the name of the field: it is refused aloud before anything runs. Pure.

A row of a table here is the only place that says no: the one who adds a feature removes its row. What only a cluster
can honour is not named here: it is accepted (`manifest.no_effect`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final

from tiphys.errors import Position, Problem
from tiphys.jsons import JsonObject, as_list, as_object, is_list, is_object

Locate = Callable[[str], "Position | None"]

RULE: Final = "not-yet-supported"

_SPEC: Final = (
    "archiveLogs", "artifactGC", "artifactRepositoryRef", "executorPlugins", "metrics", "podSpecPatch",
    "synchronization", "ttlStrategy", "volumeClaimTemplates", "volumes",
)  # fmt: skip
_TEMPLATE: Final = (
    "archiveLocation", "containerSet", "daemon", "data", "http", "initContainers", "memoize", "metrics", "plugin",
    "podSpecPatch", "resource", "sidecars", "synchronization", "volumes",
)  # fmt: skip
_CONTAINER: Final = (
    "envFrom", "lifecycle", "livenessProbe", "readinessProbe", "restartPolicy", "startupProbe", "stdin", "tty",
    "volumeDevices", "volumeMounts",
)  # fmt: skip
_VALUE_FROM: Final = ("event", "expression", "jqFilter", "jsonPath", "supplied")
_ANNOTATIONS: Final = ("workflows.argoproj.io/display-name",)

REFUSED: Final = {
    "`spec`": _SPEC,
    "a template": _TEMPLATE,
    "a container": _CONTAINER,
    "`valueFrom`": _VALUE_FROM,
    "annotations": _ANNOTATIONS,
    "anywhere": ("{{=…}} expression tags", "artifacts", "hooks other than exit", "retryStrategy.expression"),
}
"""The tables by where their fields stand, for the reference page; the last row is found by the functions below."""


def find_unsupported(document: JsonObject, locate: Locate) -> list[Problem]:
    """Every use of something that is not done yet in a Workflow, WorkflowTemplate or ClusterWorkflowTemplate document.

    `locate` gives the position of a path such as `spec.templates[0].daemon`.
    """
    found = (*_in_spec(as_object(document.get("spec"))), *_expression_tags(document.get("spec"), "spec"))
    return [Problem(f"{name} is not supported yet", path, locate(path), rule=RULE) for path, name in found]


_Found = tuple[str, str]
"""Path, and the name of what is used."""


def _fields(value: JsonObject, path: str, names: tuple[str, ...]) -> Iterator[_Found]:
    for name in names:
        if value.get(name) not in (None, False, "", [], {}) or (name == "supplied" and name in value):
            yield f"{path}.{name}", name


def _in_spec(spec: JsonObject) -> Iterator[_Found]:
    yield from _fields(spec, "spec", _SPEC)
    yield from _in_hooks(spec, "spec", exit_expression=True)
    yield from _in_retry(spec, "spec")
    yield from _in_arguments(as_object(spec.get("arguments")), "spec.arguments")
    if as_object(as_object(spec.get("workflowMetadata")).get("labelsFrom")):
        yield "spec.workflowMetadata.labelsFrom", "labelsFrom"
    yield from _in_template(as_object(spec.get("templateDefaults")), "spec.templateDefaults")
    for index, template in enumerate(as_list(spec.get("templates"))):
        yield from _in_template(as_object(template), f"spec.templates[{index}]")


def _in_template(template: JsonObject, path: str) -> Iterator[_Found]:
    yield from _fields(template, path, _TEMPLATE)
    yield from _fields(as_object(template.get("annotations")), f"{path}.annotations", _ANNOTATIONS)
    yield from _in_retry(template, path)
    for part in ("inputs", "outputs"):
        yield from _in_arguments(as_object(template.get(part)), f"{path}.{part}")
    for kind in ("container", "script"):
        yield from _in_container(as_object(template.get(kind)), f"{path}.{kind}")
    for group, steps in enumerate(as_list(template.get("steps"))):
        for index, step in enumerate(as_list(steps)):
            yield from _in_call(as_object(step), f"{path}.steps[{group}][{index}]")
    for index, task in enumerate(as_list(as_object(template.get("dag")).get("tasks"))):
        yield from _in_call(as_object(task), f"{path}.dag.tasks[{index}]")


def _in_call(call: JsonObject, path: str) -> Iterator[_Found]:
    yield from _in_arguments(as_object(call.get("arguments")), f"{path}.arguments")
    yield from _in_hooks(call, path, exit_expression=False)
    yield from _in_template(as_object(call.get("inline")), f"{path}.inline")


def _in_hooks(holder: JsonObject, path: str, *, exit_expression: bool) -> Iterator[_Found]:
    """Hooks other than `exit`; at workflow level Argo ignores the expression of `exit`, so it may stand there."""
    for name, value in as_object(holder.get("hooks")).items():
        hook = as_object(value)
        if name != "exit":
            yield f"{path}.hooks.{name}", f"hook {name}"
        elif hook.get("expression") and not exit_expression:
            yield f"{path}.hooks.exit.expression", "expression of an exit hook"
        yield from _in_arguments(as_object(hook.get("arguments")), f"{path}.hooks.{name}.arguments")


def _in_retry(holder: JsonObject, path: str) -> Iterator[_Found]:
    if as_object(holder.get("retryStrategy")).get("expression"):
        yield f"{path}.retryStrategy.expression", "retryStrategy.expression"


def _in_arguments(arguments: JsonObject, path: str) -> Iterator[_Found]:
    for index, _ in enumerate(as_list(arguments.get("artifacts"))):
        yield f"{path}.artifacts[{index}]", "artifacts"
    for index, parameter in enumerate(as_list(arguments.get("parameters"))):
        source = as_object(as_object(parameter).get("valueFrom"))
        for where, name in _fields(source, f"{path}.parameters[{index}].valueFrom", _VALUE_FROM):
            yield where, f"valueFrom.{name}"


def _in_container(container: JsonObject, path: str) -> Iterator[_Found]:
    yield from _fields(container, path, _CONTAINER)
    for index, variable in enumerate(as_list(container.get("env"))):
        if as_object(as_object(variable).get("valueFrom")):
            yield f"{path}.env[{index}].valueFrom", "env.valueFrom"


def _expression_tags(value: Any, path: str) -> Iterator[_Found]:  # noqa: ANN401 - any JSON value
    """Texts with a tag of the expression language, `{{=…}}`."""
    if isinstance(value, str) and "{{=" in value:
        yield path, "expression tag {{=…}}"
    elif is_object(value):
        for key, part in value.items():
            yield from _expression_tags(part, f"{path}.{key}")
    elif is_list(value):
        for index, part in enumerate(value):
            yield from _expression_tags(part, f"{path}[{index}]")
