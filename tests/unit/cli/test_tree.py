from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tiphys.cli import output
from tiphys.cli.tree import Look, tree_rows
from tiphys.ids import fnv1a_32
from tiphys.server.nodes import pod_name

NOW = datetime(2026, 1, 1, 0, 1, tzinfo=UTC)


def node(name, kind, phase="Succeeded", *, second=0, boundary="w", children=(), **more):
    return {
        "id": name if name == "w" else f"w-{fnv1a_32(name)}",
        "name": name,
        "displayName": name.rpartition(".")[2] if "." in name else name,
        "type": kind,
        "phase": phase,
        "templateName": "t",
        "boundaryID": "" if name == "w" else boundary,
        "startedAt": f"2026-01-01T00:00:{second:02}Z",
        "finishedAt": f"2026-01-01T00:00:{second + 5:02}Z",
        "children": [f"w-{fnv1a_32(child)}" for child in children],
        **more,
    }


def drawn(*nodes, **look):
    workflow = {"metadata": {"name": "w"}, "status": {"nodes": {item["id"]: item for item in nodes}}}
    return [row[0] for row in tree_rows(workflow, Look(NOW, **look))]


def steps(phase="Succeeded"):
    return [
        node("w", "Steps", children=["w[0]"]),
        node("w[0]", "StepGroup", children=["w[0].a"], second=1),
        node("w[0].a", "Pod", second=1, children=["w[1]"]),
        node("w[1]", "StepGroup", children=["w[1].b", "w[1].c", "w[1].d"], second=2),
        node("w[1].b", "Pod", second=2),
        node("w[1].c", "Pod", phase, second=2),
        node("w[1].d", "Skipped", "Skipped", second=2),
    ]


def test_steps_are_drawn_as_argo_draws_them():
    assert drawn(*steps("Failed")) == [
        " ✔ w",
        " ├───✔ a",
        " └─┬─✔ b",
        "   ├─✖ c",
        "   └─○ d",
    ]


def test_a_dag_has_its_tasks_below_it_and_no_group_nodes():
    nodes = [
        node("w", "DAG", children=["w.a", "w.b"]),
        node("w.a", "Pod"),
        node("w.b", "TaskGroup", second=1, children=["w.b(0:x)", "w.b(1:y)"]),
        node("w.b(0:x)", "Pod", second=2),
        node("w.b(1:y)", "Pod", "Running", second=2),
    ]
    assert drawn(*nodes) == [" ✔ w", " ├─✔ a", " ├─✔ b(0:x)", " └─● b(1:y)"]


def test_a_retry_is_seen_only_when_it_retried():
    once = [
        node("w", "DAG", children=["w.a"]),
        node("w.a", "Retry", children=["w.a(0)"]),
        node("w.a(0)", "Pod", second=1),
    ]
    assert drawn(*once) == [" ✔ w", " └─✔ a(0)"]
    twice = [
        node("w", "DAG", children=["w.a"]),
        node("w.a", "Retry", children=["w.a(0)", "w.a(1)"]),
        node("w.a(0)", "Pod", "Failed", second=1),
        node("w.a(1)", "Pod", second=2),
    ]
    assert drawn(*twice) == [" ✔ w", " └─✔ a", "   ├─✖ a(0)", "   └─✔ a(1)"]


def test_an_exit_handler_is_a_tree_of_its_own():
    nodes = [node("w", "Pod"), node("w.onExit", "Pod", boundary="", second=3)]
    assert drawn(*nodes) == [" ✔ w", "", " ✔ onExit"]


def test_what_waits_has_its_own_sign():
    assert drawn(node("w", "Suspend", "Running")) == [" ǁ w"]


def test_without_utf8_phases_are_words():
    assert drawn(*steps()[:3], utf8=False) == [" Succeeded w", " `---Succeeded a"]


def test_a_filter_leaves_nodes_out():
    assert drawn(*steps("Failed"), shows=lambda item: item["phase"] == "Failed") == ["   ├─✖ c"]


def test_pods_show_their_name_duration_and_message():
    item = node("w.a", "Pod", "Running", finishedAt=None, message="waits")
    workflow = {"metadata": {"name": "w"}, "status": {"nodes": {"w": node("w", "DAG"), item["id"]: item}}}
    root, pod = tree_rows(workflow, Look(NOW))
    assert root[1:] == ("t", "", "", "")
    assert pod[1:] == ("t", pod_name("w", item), "1m", "waits")


def test_a_chain_deeper_than_pythons_stack_is_drawn():
    names = [f"w{'.a' * depth}" for depth in range(1, 2000)]
    nodes = [node("w", "Steps")]
    above = "w"
    for name in names:
        nodes.append(node(name, "Steps", boundary=above))
        above = nodes[-1]["id"]
    assert len(drawn(*nodes)) == 2000


@pytest.mark.parametrize(
    ("seconds", "short", "long"),
    [
        (0, "0s", "0 seconds"),
        (1, "1s", "1 second"),
        (90, "1m", "1 minute 30 seconds"),
        (3600, "1h", "1 hour"),
        (200_000, "2d", "2 days 7 hours"),
        (-5, "0s", "0 seconds"),
    ],
)
def test_durations_are_told_as_people_read_them(seconds, short, long):
    assert output.short_duration(seconds) == short
    assert output.long_duration(seconds) == long
