"""Kubernetes' strategic merge on JSON trees, and Argo's rules for a Workflow over a WorkflowTemplate.

A list whose field names a merge key is joined item by item, any other list is replaced, objects are merged deep.
Sources: k8s.io/apimachinery/pkg/util/strategicpatch (mergeSlice, normalizeElementOrder); Argo:
workflow/util/merge.go, v4.1.2.
"""

from __future__ import annotations

from typing import Any

from tiphys.jsons import as_list, as_object, is_list, is_object
from tiphys.manifest.model import Json
from tiphys.manifest.shapes import ARGO, Kind, Shape


def merge_specs(over: Json, base: Json) -> Json:
    """A Workflow's spec over the spec of the WorkflowTemplate it refers to (Argo: JoinWorkflowSpec)."""
    merged = merge_shape(ARGO.shape("WorkflowSpec"), base, over)
    merged["hooks"] = {**as_object(base.get("hooks")), **as_object(over.get("hooks"))}
    merged.pop("suspend", None)
    if "suspend" in over:
        merged["suspend"] = over["suspend"]
    arguments = as_object(merged.get("arguments"))
    if arguments:
        merged["arguments"] = {**arguments, **_merge_arguments(arguments, as_object(over.get("arguments")), base)}
    _keep_labels_from(merged, over, base)
    return {name: value for name, value in merged.items() if not (name == "hooks" and not value)}


def merge_template(template: Json, defaults: Json) -> Json:
    """A template over the workflow's `templateDefaults`; of the defaults' types only the template's own one counts.

    Argo: workflow/controller/operator.go, mergedTemplateDefaultsInto, v4.1.2.
    """
    own = template_type(template)
    applicable = {name: value for name, value in defaults.items() if name not in TEMPLATE_TYPES or name == own}
    return merge_shape(ARGO.shape("Template"), applicable, template)


TEMPLATE_TYPES = (
    "container",
    "containerSet",
    "steps",
    "dag",
    "script",
    "resource",
    "data",
    "suspend",
    "http",
    "plugin",
)
"""Field names of the template types, in the order in which Argo looks for them (Template.GetType)."""


def template_type(template: Json) -> str:
    """The field that makes the template what it is, or an empty text."""
    return next((name for name in TEMPLATE_TYPES if template.get(name) is not None), "")


def merge_shape(shape: Shape, base: Json, over: Json) -> Json:
    """`over` laid on `base`; neither is changed."""
    merged = dict(base)
    for name, value in over.items():
        kind = shape.fields.get(name)
        merged[name] = _merge(kind, merged[name], value) if kind and name in merged else value
    return merged


def _merge(kind: Kind, base: Any, over: Any) -> Any:  # noqa: ANN401 - any JSON value
    match kind.name:
        case "object" if is_object(base) and is_object(over):
            return merge_shape(kind.shape, base, over)
        case "map" if is_object(base) and is_object(over) and kind.item:
            joined = {
                name: _merge(kind.item, base[name], value) if name in base else value for name, value in over.items()
            }
            return {**base, **joined}
        case "list" if kind.merge_key and kind.item and is_list(base) and is_list(over):
            return _merge_lists(kind.item, kind.merge_key, base, over)
        case _:
            return over


def _merge_lists(item: Kind, key: str, base: list[Any], over: list[Any]) -> list[Any]:
    """Items of one key are merged; `over` keeps its order, the others stand where `base` had them."""
    at = {as_object(value).get(key): index for index, value in enumerate(base)}
    ours = {as_object(value).get(key) for value in over}
    patched = [
        _merge(item, base[at[name]], value) if (name := as_object(value).get(key)) in at else value for value in over
    ]
    kept = [value for value in base if as_object(value).get(key) not in ours]
    result: list[Any] = []
    for value in patched:
        place = at.get(as_object(value).get(key))
        while kept and place is not None and at[as_object(kept[0]).get(key)] < place:
            result.append(kept.pop(0))
        result.append(value)
    return result + kept


def _merge_arguments(merged: Json, over: Json, base: Json) -> Json:
    """Each parameter and artifact of the Workflow counts whole: no value of its own beside a valueFrom of the other."""
    ours = {_name(p): p for p in as_list(over.get("parameters")) if _has_value(p)}
    theirs = {_name(p): p for p in as_list(as_object(base.get("arguments")).get("parameters")) if _has_value(p)}
    parameters = [
        ours.get(_name(p)) or theirs.get(_name(p)) or p if _has_value(p) else p
        for p in as_list(merged.get("parameters"))
    ]
    own_artifacts = {_name(a): a for a in as_list(over.get("artifacts"))}
    artifacts = [_artifact(a, own_artifacts.get(_name(a))) for a in as_list(merged.get("artifacts"))]
    result: Json = {"parameters": parameters, "artifacts": artifacts}
    return {name: value for name, value in result.items() if value}


def _artifact(merged: Json, own: Json | None) -> Json:
    """The Workflow's artifact replaces the other, but for a location of the same kind, which is completed by it."""
    if own is None:
        return merged
    stores = ARGO.shape("ArtifactLocation").fields.keys() - {"archiveLogs"}
    return {**own, **{name: merged[name] for name in stores & own.keys()}}


def _keep_labels_from(merged: Json, over: Json, base: Json) -> None:
    """`labelsFrom` is joined name by name, never deep."""
    theirs = as_object(as_object(base.get("workflowMetadata")).get("labelsFrom"))
    if theirs:
        ours = as_object(as_object(over.get("workflowMetadata")).get("labelsFrom"))
        merged["workflowMetadata"] = {**as_object(merged.get("workflowMetadata")), "labelsFrom": {**theirs, **ours}}


def _name(value: Any) -> Any:  # noqa: ANN401 - any JSON value
    return as_object(value).get("name")


def _has_value(parameter: Any) -> bool:  # noqa: ANN401 - any JSON value
    return any(as_object(parameter).get(name) is not None for name in ("value", "default", "valueFrom"))
