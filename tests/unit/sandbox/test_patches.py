import json

import pytest

from tiphys.sandbox import patches
from tiphys.sandbox.patches import JSON_PATCH, MERGE_PATCH, STRATEGIC_PATCH
from tiphys.sandbox.statuses import ApiError

POD = {"spec": {"containers": [{"name": "a", "image": "x", "env": [{"name": "K", "value": "1"}], "args": ["1", "2"]}]}}


def patched(document, media_type, patch):
    return patches.apply_patch(document, media_type, json.dumps(patch).encode())


@pytest.mark.parametrize(
    ("media_type", "body", "code"),
    [
        ("application/yaml", b"{}", 415),
        (MERGE_PATCH, b"{", 400),
        (MERGE_PATCH, b"3", 400),
        (JSON_PATCH, b'[{"op": "move", "from": "/a", "path": "/b"}]', 400),
        (JSON_PATCH, b'[{"op": "remove", "path": "/no/such"}]', 422),
        (JSON_PATCH, b'[{"op": "replace", "path": "/no", "value": 1}]', 422),
        (JSON_PATCH, b'[{"op": "test", "path": "/spec/containers/0/name", "value": "b"}]', 422),
        (JSON_PATCH, b'[{"op": "add", "path": "/spec/containers/x", "value": 1}]', 422),
        (JSON_PATCH, b'[{"op": "add", "path": "/a"}]', 422),
    ],
)
def test_what_cannot_be_applied_is_refused(media_type: str, body: bytes, code: int):
    with pytest.raises(ApiError) as raised:
        patches.apply_patch(POD, media_type, body)
    assert raised.value.code == code


def test_a_merge_patch_replaces_lists_and_removes_nulls():
    after = patched({"a": {"b": 1, "c": [1, 2]}, "d": 1}, MERGE_PATCH, {"a": {"b": None, "c": [3]}, "e": {"f": None}})
    assert after == {"a": {"c": [3]}, "d": 1, "e": {}}


def test_a_strategic_patch_merges_containers_by_name_and_replaces_plain_lists():
    container = {"name": "a", "image": "y", "env": [{"name": "L", "value": "2"}], "args": ["3"]}
    after = patched(POD, STRATEGIC_PATCH, {"spec": {"containers": [container, {"name": "b", "image": "z"}]}})
    assert after["spec"]["containers"] == [
        {"name": "a", "image": "y", "env": [{"name": "K", "value": "1"}, {"name": "L", "value": "2"}], "args": ["3"]},
        {"name": "b", "image": "z"},
    ]


def test_a_strategic_patch_deletes_and_replaces_when_told_to():
    gone = patched(POD, STRATEGIC_PATCH, {"spec": {"containers": [{"name": "a", "$patch": "delete"}]}})
    assert gone["spec"]["containers"] == []
    replaced = patched({"m": {"a": 1}}, STRATEGIC_PATCH, {"m": {"$patch": "replace", "b": 2}})
    assert replaced == {"m": {"b": 2}}


def test_a_json_patch_is_applied_in_order_and_escapes_are_undone():
    after = patched(
        {"metadata": {"annotations": {"x/y~z": "1"}}, "list": [1, 3]},
        JSON_PATCH,
        [
            {"op": "test", "path": "/metadata/annotations/x~1y~0z", "value": "1"},
            {"op": "remove", "path": "/metadata/annotations/x~1y~0z"},
            {"op": "add", "path": "/list/1", "value": 2},
            {"op": "add", "path": "/list/-", "value": 4},
            {"op": "replace", "path": "/list/0", "value": 0},
        ],
    )
    assert after == {"metadata": {"annotations": {}}, "list": [0, 2, 3, 4]}


def test_what_is_patched_is_not_changed_itself():
    before = json.dumps(POD)
    patched(POD, STRATEGIC_PATCH, {"spec": {"containers": [{"name": "a", "image": "y"}]}})
    patched(POD, JSON_PATCH, [{"op": "remove", "path": "/spec/containers/0"}])
    assert json.dumps(POD) == before
