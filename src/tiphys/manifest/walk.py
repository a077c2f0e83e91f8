"""Finds the parts of a document by where they stand: the walk under every table of fields.

A pattern is a path with `*` for any key or index (`containers.*.env`). Templates are found wherever a document can hold
them: in a spec, as its defaults, and written inside steps and tasks to any depth.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tiphys.jsons import is_list, is_object
from tiphys.manifest.model import Json
from tiphys.manifest.positions import Path

_TEMPLATES = ("templates.*", "templateDefaults")
_INLINE = ("steps.*.*.inline", "dag.tasks.*.inline")
_CONTAINERS = ("container", "script", "containerSet.containers.*", "initContainers.*", "sidecars.*")


def find_parts(value: Any, pattern: str, at: Path = ()) -> Iterator[tuple[Path, Any]]:  # noqa: ANN401 - any JSON value
    """Every part of a JSON value that the pattern fits, with its path; `at` is the path of the value itself."""
    name, _, rest = pattern.partition(".")
    for key, member in _members(value, name):
        if rest:
            yield from find_parts(member, rest, (*at, key))
        else:
            yield (*at, key), member


def find_specs(document: Json) -> Iterator[tuple[Path, Json]]:
    """The workflow spec of a document: that of a Workflow or of a template, or the one that a CronWorkflow holds."""
    for pattern in ("spec.workflowSpec",) if document.get("kind") == "CronWorkflow" else ("spec",):
        for path, spec in find_parts(document, pattern):
            if is_object(spec):
                yield path, spec


def find_templates(spec: Json, at: Path) -> Iterator[tuple[Path, Json]]:
    """Every template of a workflow spec, the inline ones included."""
    queue = [found for pattern in _TEMPLATES for found in find_parts(spec, pattern, at)]
    while queue:
        path, template = queue.pop(0)
        if is_object(template):
            yield path, template
            queue += [found for pattern in _INLINE for found in find_parts(template, pattern, path)]


def find_containers(template: Json, at: Path) -> Iterator[tuple[Path, Json]]:
    """Every container of a template."""
    for pattern in _CONTAINERS:
        for path, container in find_parts(template, pattern, at):
            if is_object(container):
                yield path, container


def _members(value: Any, name: str) -> Iterator[tuple[str | int, Any]]:  # noqa: ANN401 - any JSON value
    if is_list(value):
        yield from ((index, member) for index, member in enumerate(value) if name in ("*", str(index)))
    elif is_object(value):
        yield from value.items() if name == "*" else [(name, value[name])] if name in value else []
