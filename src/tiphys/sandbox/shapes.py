"""The types of the fields that the practice cluster reads; a document with another type is refused as unreadable. Pure.

Kubernetes decodes JSON into Go structs and refuses what does not fit; here a table says the same for the fields in use.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeAlias

from tiphys import jsons
from tiphys.jsons import JsonObject
from tiphys.sandbox import statuses
from tiphys.sandbox.kinds import Kind

Shape: TypeAlias = Any
"""A type, a tuple of types, `[shape]` for a list, `{field: shape}` for an object (`*`: every field)."""

_STRINGS: Shape = {"*": str}
_INT_OR_STRING: Shape = (int, str)
_META: Shape = {
    **dict.fromkeys(("name", "generateName", "namespace", "uid", "resourceVersion"), str),
    "labels": _STRINGS,
    "annotations": _STRINGS,
    "ownerReferences": [{"uid": str, "controller": bool}],
}
_PROBE: Shape = {
    "httpGet": {"path": str, "port": _INT_OR_STRING},
    **dict.fromkeys(("initialDelaySeconds", "periodSeconds", "timeoutSeconds", "failureThreshold"), int),
    "successThreshold": int,
}
_CONTAINER: Shape = {
    "name": str,
    "image": str,
    "command": [str],
    "args": [str],
    "ports": [{"name": str, "containerPort": int}],
    "env": [{"name": str, "value": str}],
    "readinessProbe": _PROBE,
    "livenessProbe": _PROBE,
}
_POD_SPEC: Shape = {"containers": [_CONTAINER], "restartPolicy": str, "terminationGracePeriodSeconds": int}
_SELECTOR: Shape = {
    "matchLabels": _STRINGS,
    "matchExpressions": [{"key": str, "operator": str, "values": [str]}],
}
_DEPLOYMENT_SPEC: Shape = {
    "replicas": int,
    "revisionHistoryLimit": int,
    "progressDeadlineSeconds": int,
    "selector": _SELECTOR,
    "strategy": {"type": str, "rollingUpdate": {"maxSurge": _INT_OR_STRING, "maxUnavailable": _INT_OR_STRING}},
    "template": {"metadata": _META, "spec": _POD_SPEC},
}
_SERVICE_SPEC: Shape = {"selector": _STRINGS, "ports": [{"port": int, "targetPort": _INT_OR_STRING}]}
_SHAPES: dict[str, Shape] = {
    "Pod": {"metadata": _META, "spec": _POD_SPEC},
    "Service": {"metadata": _META, "spec": _SERVICE_SPEC},
    "ConfigMap": {"metadata": _META, "data": _STRINGS},
    "Deployment": {"metadata": _META, "spec": _DEPLOYMENT_SPEC},
    "Scale": {"metadata": _META, "spec": {"replicas": int}},
}


def read(kind: Kind | str, document: JsonObject) -> JsonObject:
    """A document without its nulls, which stand for absent fields; raises `ApiError` 400 for a wrong type."""
    name = kind if isinstance(kind, str) else kind.kind
    cleaned = without_nulls(document)
    for problem in _check(cleaned, _SHAPES.get(name, {"metadata": _META}), ""):
        raise statuses.bad_request(f'{name} in version "v1" cannot be handled as a {name}: json: {problem}')
    return cleaned


def without_nulls(value: Any) -> Any:  # noqa: ANN401 - any JSON value
    """A copy in which no object has a field that is null."""
    if jsons.is_object(value):
        return {key: without_nulls(member) for key, member in value.items() if member is not None}
    return [without_nulls(member) for member in value] if jsons.is_list(value) else value


def _check(value: object, shape: Shape, path: str) -> Iterator[str]:
    if jsons.is_object(shape):
        if not jsons.is_object(value):
            yield _mismatch(value, path, "object")
            return
        for key, member in value.items():
            expected = shape.get(key, shape.get("*"))
            if expected is not None:
                yield from _check(member, expected, f"{path}.{key}".lstrip("."))
    elif jsons.is_list(shape):
        if not jsons.is_list(value):
            yield _mismatch(value, path, "list")
            return
        for member in value:
            yield from _check(member, shape[0], path)
    elif not isinstance(value, shape) or (isinstance(value, bool) and shape is not bool):
        yield _mismatch(value, path, "string" if shape is str else "bool" if shape is bool else "int32")


def _mismatch(value: object, path: str, wanted: str) -> str:
    names = {"bool": "bool", "str": "string", "int": "number", "float": "number", "dict": "object", "list": "array"}
    return f"cannot unmarshal {names[type(value).__name__]} into Go struct field {path} of type {wanted}"
