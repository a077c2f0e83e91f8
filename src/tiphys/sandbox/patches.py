"""The three kinds of patch that the Kubernetes API takes: JSON patch, merge patch, strategic merge patch. Pure.

RFC 6902 and RFC 7386; Kubernetes: staging/src/k8s.io/apimachinery/pkg/util/strategicpatch/patch.go. Nothing that is
given is changed; the answer may share parts with it.
"""

from __future__ import annotations

import copy
import json
from typing import Any, TypeAlias

from tiphys import jsons
from tiphys.jsons import JsonObject
from tiphys.sandbox import statuses

JSON_PATCH = "application/json-patch+json"
MERGE_PATCH = "application/merge-patch+json"
STRATEGIC_PATCH = "application/strategic-merge-patch+json"
Json: TypeAlias = Any
"""Any JSON value."""
ACCEPTED = (JSON_PATCH, MERGE_PATCH, STRATEGIC_PATCH)

MERGE_KEYS = {
    "containers": "name",
    "env": "name",
    "ports": "containerPort",
    "conditions": "type",
    "ownerReferences": "uid",
}
"""Which lists are merged member by member, and by what (`patchMergeKey` in k8s.io/api); other lists are replaced."""


def apply_patch(document: JsonObject, media_type: str, body: bytes) -> JsonObject:
    """The patched document; raises `ApiError`: 400 unreadable, 415 another kind of patch, 422 does not fit."""
    if media_type not in ACCEPTED:
        raise statuses.unsupported_media_type(ACCEPTED)
    try:
        patch = json.loads(body)
    except ValueError as error:
        raise statuses.bad_request(f"error decoding patch: {error}") from error
    if media_type == JSON_PATCH:
        patched: object = copy.deepcopy(document)
        for operation in jsons.as_list(patch):
            patched = _apply_operation(patched, jsons.as_object(operation))
    elif media_type == MERGE_PATCH:
        patched = merge(document, patch)
    else:
        patched = merge_strategically(document, patch)
    if not jsons.is_object(patched):
        raise statuses.bad_request("the patch does not leave an object")
    return patched


def merge(target: Json, patch: Json) -> Json:
    """RFC 7386: objects are merged, null removes, everything else replaces."""
    if not jsons.is_object(patch):
        return patch
    merged = dict(jsons.as_object(target))
    for key, value in patch.items():
        if value is None:
            merged.pop(key, None)
        else:
            merged[key] = merge(merged.get(key), value)
    return merged


def merge_strategically(target: Json, patch: Json) -> Json:
    """As `merge`, but lists named in `MERGE_KEYS` are merged by their key; `$patch: delete|replace` is understood."""
    if not jsons.is_object(patch):
        return patch
    if patch.get("$patch") == "replace":
        return {key: value for key, value in patch.items() if key != "$patch"}
    merged = dict(jsons.as_object(target))
    for key, value in patch.items():
        if value is None:
            merged.pop(key, None)
        elif key in MERGE_KEYS and jsons.is_list(value):
            merged[key] = _merge_members(jsons.as_list(merged.get(key)), value, MERGE_KEYS[key])
        else:
            merged[key] = merge_strategically(merged.get(key), value)
    return merged


def _merge_members(members: list[Json], patches: list[Json], key: str) -> list[Json]:
    merged = list(members)
    for patch in patches:
        at = next((i for i, member in enumerate(merged) if member.get(key) == patch.get(key)), None)
        if patch.get("$patch") == "delete":
            merged = [member for i, member in enumerate(merged) if i != at]
        elif at is None:
            merged.append(merge_strategically({}, patch))
        else:
            merged[at] = merge_strategically(merged[at], patch)
    return merged


def _apply_operation(document: Json, operation: JsonObject) -> Json:
    path, kind = operation.get("path", ""), operation.get("op")
    keys = [part.replace("~1", "/").replace("~0", "~") for part in path.split("/")[1:]]
    try:
        match kind:
            case "test":
                if _look_up(document, keys) != operation["value"]:
                    raise _unprocessable(f"testing value {path} failed")
            case "add" | "replace":
                _set(document, keys, operation["value"], insert=kind == "add")
            case "remove":
                del _look_up(document, keys[:-1])[_index(_look_up(document, keys[:-1]), keys[-1])]
            case _:
                raise statuses.bad_request(
                    f"JSON patch operation {kind!r} is not offered: use test, add, replace, remove"
                )
    except (KeyError, IndexError, TypeError, ValueError) as error:
        raise _unprocessable(f"{kind} operation does not apply: doc is missing path: {path}") from error
    return document


def _look_up(document: Json, keys: list[str]) -> Json:
    for key in keys:
        document = document[_index(document, key)]
    return document


def _index(container: Json, key: str) -> Json:
    return int(key) if jsons.is_list(container) else key


def _set(document: Json, keys: list[str], value: Json, *, insert: bool) -> None:
    parent = _look_up(document, keys[:-1])
    if jsons.is_list(parent) and insert:
        parent.insert(len(parent) if keys[-1] == "-" else int(keys[-1]), value)
        return
    index = _index(parent, keys[-1])
    if not insert:
        _ = parent[index]
    parent[index] = value


def _unprocessable(why: str) -> statuses.ApiError:
    return statuses.ApiError(
        422, "Invalid", f"the server rejected our request due to an error in our request: {why}", {}
    )
