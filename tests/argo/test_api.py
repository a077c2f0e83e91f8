"""What was recorded of a real Argo Server and is answered alike here: an exact list that may only grow."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.argo.api import main, replay
from tests.argo.exchanges import Bindings, differences, stream_differences
from tests.argo.shared import SHARED

API = SHARED / "conformance" / "api"
PASSING = Path(__file__).with_name("passing_exchanges.txt").read_text().split()

pytestmark = pytest.mark.skipif(not API.is_dir(), reason="the recorded exchanges are not here (TIPHYS_SHARED)")


@pytest.mark.parametrize("name", PASSING)
async def test_a_recorded_scenario_is_answered_alike(name: str):
    result = await replay(API / name)
    assert result.problems == {}


def test_the_list_is_sorted_and_names_each_once():
    assert sorted(set(PASSING)) == PASSING


def test_the_program_counts_and_names_what_differs(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    scenario = json.loads((API / "cli" / "list-namespace-missing.json").read_text())
    file = tmp_path / "changed.json"
    file.write_text(json.dumps(scenario))
    assert main([str(file)]) == 0
    assert f"{file}: 1/1" in capsys.readouterr().out
    scenario["exchanges"][0]["response"]["body"]["items"] = []
    file.write_text(json.dumps(scenario))
    assert main([str(tmp_path)]) == 1
    assert "exchange 1: items: [] recorded, null here" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("recorded", "here"),
    [
        ({"a": 1}, {}),
        ({}, {"a": 1}),
        ({"a": None}, {}),
        ({"a": 1}, {"a": True}),
        ({"a": 1}, {"a": "1"}),
        ([1, 2], [2, 1]),
        ([1], []),
        ("{{uid:1}}", "no uid"),
        (["{{rv:1}}", "{{rv:1}}"], ["1", "2"]),
        ("{{id:w.a}}", "w-1"),
    ],
)
def test_what_differs_is_seen(recorded: object, here: object):
    assert list(differences(recorded, here, Bindings()))


def test_what_stands_for_itself_or_something_else_agrees():
    recorded = {"a": "{{time}}", "b": ["{{rv:1}}", "{{rv:1}}"], "c": "{{item}}", "{{id:{{wf}}.a}}": {}, "generation": 1}
    bindings = Bindings()
    assert bindings.matches("{{wf}}", "w-abcde")
    here = {"a": "now", "b": ["5", "5"], "c": "{{item}}", bindings.fill("{{id:{{wf}}.a}}"): {}}
    assert list(differences(recorded, here, bindings)) == []


def test_streams_are_compared_by_their_distinct_states():
    def event(kind: str, phase: str) -> dict[str, object]:
        return {"result": {"type": kind, "object": {"metadata": {"name": "w"}, "status": {"phase": phase}}}}

    recorded = [event("ADDED", "Running"), event("MODIFIED", "Running"), event("MODIFIED", "Failed")]
    assert list(stream_differences(recorded, [recorded[0], recorded[2]], Bindings())) == []
    assert list(stream_differences(recorded, recorded[:1], Bindings()))
