"""A JSON tree to a typed document, by its `kind`.

The tree is held against its shape first (`check.py`), so that every problem is found with its place; the typed value is
then made from what fits, also of a document with problems, so that a linter can go on.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

from tiphys.errors import Problem
from tiphys.jsons import as_object
from tiphys.manifest.check import Checker
from tiphys.manifest.events_model import EventBus, EventSource, Sensor
from tiphys.manifest.kinds import ConfigMap, CronWorkflow, Other, Secret, WorkflowEventBinding
from tiphys.manifest.model import Json, ObjectMeta, Workflow, WorkflowTemplate
from tiphys.manifest.nearest import did_you_mean
from tiphys.manifest.positions import Places
from tiphys.manifest.shapes import ARGO, EVENTS, KUBERNETES, Kind, Shapes

Resource: TypeAlias = (
    Workflow
    | WorkflowTemplate
    | CronWorkflow
    | WorkflowEventBinding
    | ConfigMap
    | Secret
    | EventSource
    | Sensor
    | EventBus
    | Other
)
"""Any typed document."""

ARGO_VERSION = "argoproj.io/v1alpha1"
"""`apiVersion` of all of Argo's kinds."""

_SAME_KIND = 0.85
"""Likeness from which an unknown kind is taken for a misspelt one: `workflow` is, `RoleBinding` is not."""


@dataclass(frozen=True, slots=True)
class _Kind:
    model: type[Resource]
    shapes: Shapes
    api_version: str = ARGO_VERSION
    unknown: str = "error"


_KINDS: dict[str, _Kind] = {
    "Workflow": _Kind(Workflow, ARGO),
    "WorkflowTemplate": _Kind(WorkflowTemplate, ARGO),
    "ClusterWorkflowTemplate": _Kind(WorkflowTemplate, ARGO),
    "CronWorkflow": _Kind(CronWorkflow, ARGO),
    "WorkflowEventBinding": _Kind(WorkflowEventBinding, ARGO),
    "EventSource": _Kind(EventSource, EVENTS, unknown="warning"),
    "Sensor": _Kind(Sensor, EVENTS, unknown="warning"),
    "EventBus": _Kind(EventBus, EVENTS, unknown="warning"),
    "ConfigMap": _Kind(ConfigMap, KUBERNETES, "v1"),
    "Secret": _Kind(Secret, KUBERNETES, "v1"),
}


@dataclass(frozen=True, slots=True)
class Decoded:
    """A typed document, its JSON as Argo would store it, and what is wrong with it."""

    resource: Resource
    json: Json
    problems: tuple[Problem, ...]


def decode_document(tree: Json, places: Places | None = None, *, strict: bool = True) -> Decoded:
    """The document that `tree` describes; `strict` as in `argo lint --strict` (its default).

    A kind that nobody here knows becomes `Other`. Without `places` (a request body) problems carry a path only.
    """
    places = places or Places("")
    kind = tree.get("kind")
    known = _KINDS.get(kind) if isinstance(kind, str) else None
    if known is None:
        return _other(tree, places)
    checker = Checker(places, strict=strict, unknown=known.unknown)
    json = as_object(checker.check(Kind("object", type_name=str(kind), table=known.shapes), tree, ()))
    version = _check_version(tree, known.api_version, places)
    return Decoded(known.model.model_validate(json), json, (*version, *checker.problems))


def decode_part(tree: Json, type_name: str, *, strict: bool = True) -> tuple[Json, list[Problem]]:
    """A part of an Argo Workflows document (`Arguments`, `Template`, `WorkflowSpec` …) as Argo stores it."""
    checker = Checker(Places(""), strict=strict)
    return as_object(checker.check(Kind("object", type_name=type_name, table=ARGO), tree, ())), checker.problems


def _check_version(tree: Json, expected: str, places: Places) -> list[Problem]:
    """Only a warning: `argo lint` goes by the kind alone; the API server would not find the kind."""
    version = tree.get("apiVersion")
    if version == expected:
        return []
    said = f'apiVersion "{version}"' if version else "no apiVersion"
    hint = f"write apiVersion: {expected}"
    return [
        Problem(
            f"{tree.get('kind')} with {said}",
            "apiVersion",
            places.position(("apiVersion",)),
            hint,
            "api-version",
            "warning",
        )
    ]


def _other(tree: Json, places: Places) -> Decoded:
    kind, version = tree.get("kind"), tree.get("apiVersion")
    metadata = as_object(tree.get("metadata"))
    problems: list[Problem] = []
    if not isinstance(kind, str) or not kind:
        hint = "every document needs apiVersion and kind"
        problems.append(Problem("kind is missing", "kind", places.position(("kind",)), hint, "kind"))
    else:
        hint = did_you_mean(kind, _KINDS, likeness=_SAME_KIND)
        if hint or version == ARGO_VERSION:
            hint = hint or f"known kinds: {', '.join(_KINDS)}"
            severity = "error" if version == ARGO_VERSION else "warning"
            problems.append(
                Problem(f'unknown kind "{kind}"', "kind", places.position(("kind",)), hint, "kind", severity)
            )
    name = {key: value for key in ("name", "namespace") if isinstance(value := metadata.get(key), str)}
    other = Other(api_version=_text(version), kind=_text(kind), metadata=ObjectMeta.model_validate(name), body=tree)
    return Decoded(other, tree, tuple(problems))


def _text(value: Any) -> str:  # noqa: ANN401 - any JSON value
    return value if isinstance(value, str) else ""
