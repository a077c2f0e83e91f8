from __future__ import annotations

from tiphys.server import shape


def test_what_go_always_writes_is_there():
    workflow = shape.workflow_object(
        {"metadata": {"name": "w"}, "spec": {"templates": [{"name": "main", "suspend": {}}]}}
    )
    assert workflow == {
        "metadata": {"name": "w"},
        "spec": {
            "arguments": {},
            "templates": [{"name": "main", "suspend": {}, "inputs": {}, "outputs": {}, "metadata": {}}],
        },
        "status": {"startedAt": None, "finishedAt": None},
    }


def test_containers_steps_and_tasks_are_completed():
    templates = [
        {"name": "a", "container": {"image": "x"}},
        {"name": "b", "script": {"image": "x", "source": "s"}},
        {"name": "c", "steps": [[{"name": "one", "template": "a"}]]},
        {
            "name": "d",
            "dag": {"tasks": [{"name": "one", "inline": {"suspend": {}}, "hooks": {"exit": {"template": "a"}}}]},
        },
    ]
    a, b, c, d = shape.template_object({"spec": {"templates": templates}})["spec"]["templates"]
    assert a["container"] == {"name": "", "image": "x", "resources": {}}
    assert b["script"] == {"name": "", "image": "x", "resources": {}, "source": "s"}
    assert c["steps"] == [[{"name": "one", "template": "a", "arguments": {}}]]
    (task,) = d["dag"]["tasks"]
    assert task["inline"] == {"suspend": {}, "inputs": {}, "outputs": {}, "metadata": {}}
    assert task["hooks"] == {"exit": {"template": "a", "arguments": {}}}


def test_nulls_kind_and_version_are_not_answered():
    document = {
        "kind": "WorkflowTemplate",
        "apiVersion": "x",
        "metadata": {"name": "t", "uid": ""},
        "spec": {"onExit": None},
    }
    assert shape.template_object(document) == {"metadata": {"name": "t"}, "spec": {"arguments": {}}}


def test_a_node_cut_down_gets_its_zero_values_back():
    workflow = shape.workflow_object({"status": {"nodes": {"n": {"phase": "Running"}}}})
    assert workflow["status"]["nodes"]["n"] == {
        "id": "",
        "name": "",
        "type": "",
        "startedAt": None,
        "finishedAt": None,
        "phase": "Running",
    }


def test_what_the_author_wrote_stays_as_it_is():
    spec = {"templates": [{"name": "a", "dag": {"failFast": False, "tasks": []}, "parallelism": 0}], "arguments": {}}
    template = shape.template_object({"spec": spec})["spec"]["templates"][0]
    assert template["dag"] == {"failFast": False, "tasks": []}
    assert template["parallelism"] == 0
