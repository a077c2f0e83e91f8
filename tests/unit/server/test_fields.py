from __future__ import annotations

import pytest

from tiphys.server.fields import Fields

WORKFLOW = {
    "metadata": {"name": "w", "labels": {"a": "b"}},
    "spec": {"entrypoint": "main"},
    "status": {"phase": "Running", "nodes": {"w": {"id": "w", "phase": "Running"}}},
}


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("", WORKFLOW),
        ("metadata.name", {"metadata": {"name": "w"}}),
        (" metadata.name , status.phase ", {"metadata": {"name": "w"}, "status": {"phase": "Running"}}),
        ("spec", {"spec": {"entrypoint": "main"}}),
        ("status.nodes.w.phase", {"status": {"nodes": {"w": {"phase": "Running"}}}}),
        ("nonsense.path", {}),
        ("metadata.name.deeper", {"metadata": {}}),
        ("-status,spec", {"metadata": WORKFLOW["metadata"]}),
        ("-status,-spec", {key: WORKFLOW[key] for key in ("metadata", "spec")}),
        ("-status.nodes", {**WORKFLOW, "status": {"phase": "Running"}}),
        ("metadata.name,-spec", {"metadata": {"name": "w"}}),
    ],
)
def test_what_is_asked_for_is_kept(text, kept):
    assert Fields.parse(text).clean(WORKFLOW) == kept


def test_lists_are_walked_through():
    cleaned = Fields.parse("items.metadata.name").clean({"items": [WORKFLOW, WORKFLOW], "metadata": {}})
    assert cleaned == {"items": [{"metadata": {"name": "w"}}, {"metadata": {"name": "w"}}]}


@pytest.mark.parametrize(
    ("text", "path", "keeps"),
    [
        ("", "items.status.nodes", True),
        ("items.status.phase", "items.status.nodes", False),
        ("items.status", "items.status.nodes", True),
        ("items.status.nodes.w", "items.status.nodes", True),
        ("-status.nodes", "status.nodes", False),
        ("-status.phase", "status.nodes", True),
        ("-status", "status.nodes", False),
    ],
)
def test_nodes_are_read_only_when_they_are_kept(text, path, keeps):
    assert Fields.parse(text).keeps(path) is keeps
