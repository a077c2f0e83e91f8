"""Every incident can be explained, whatever became of it."""

from __future__ import annotations

import json

from tests.unit.remediation.builders import NOW, RESTART, after, awaiting, decided, granted, group, group_of, opened

from tiphys.remediation import facts, guards
from tiphys.remediation.explain import explain
from tiphys.remediation.incident import Incident


def gates(before: Incident) -> dict[str, object]:
    return {gate["gate"]: gate["passed"] for gate in explain(before)["gates"]}


def test_what_was_done_is_explained_gate_by_gate():
    told = explain(decided(RESTART))
    assert [gate["gate"] for gate in told["gates"]] == [
        "intake",
        "evidence",
        "planner",
        *(guard.__name__ for guard in guards.GUARDS),
        "approval",
    ]
    assert told["execution"]["action"] == "restart_pods"
    assert [move["phase"] for move in told["moves"]] == ["gathering", "deciding", "dispatched"]


def test_what_was_refused_names_the_gate_and_its_inputs():
    told = explain(decided(("restart_pods", {"namespace": "pay", "selector": "app=web"})))
    (refused,) = [gate for gate in told["gates"] if gate["passed"] is False]
    assert refused["gate"] == "provenance"
    assert "'pay' comes from none of the declared sources" in refused["reason"]
    assert told["execution"]["workflow"] == ""


def test_gates_that_were_never_reached_are_listed_as_such():
    first = after(None, facts.GroupArrived(NOW, "inc-1", group_of(severity="info"), "event-1"))
    assert gates(first) == {"intake": True, "evidence": None, "planner": None, "approval": None}
    assert gates(opened()[0])["evidence"] is True


def test_an_approval_is_explained_with_who_and_until_when():
    waiting = awaiting()
    assert gates(waiting)["approval"] is None
    done = granted(waiting).incident
    assert done
    gate = explain(done)["gates"][-1]
    assert gate["passed"] is True
    assert gate["inputs"]["decided_by"] == "human:ada"


def test_an_explanation_is_json():
    before = decided(RESTART)
    assert json.loads(json.dumps(explain(before)))["id"] == before.id
    assert explain(before)["gates"][0]["inputs"]["alerts"][0]["labels"] == dict(group().labels)
