"""The vectors of the shared conformance set: all agree but those that wait for a later issue, named here by a rule."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from tests.argo import answers, vectors

from tiphys.jsons import JsonObject

ROOT = Path(__file__).resolve().parents[2]
VECTORS = Path(os.environ.get("TIPHYS_SHARED", ROOT / ".." / "shared")) / "conformance" / "vectors"
FILES = ("depends", "expand", "nodeid", "template", "timestamps", "when")
"""The files that this floor answers."""
needs_vectors = pytest.mark.skipif(
    not VECTORS.is_dir() and os.environ.get("CI") != "true",
    reason=f"the shared conformance set is not at {VECTORS}; TIPHYS_SHARED names its place",
)
BROKEN_BEFORE = frozenset(("tmpl-db775ce7",))
"""Vectors with an expression tag that never come to evaluate it."""


def waits(vector: JsonObject) -> bool:
    """Whether a vector waits: `assess` for the engine, an expression tag for the expression language."""
    if vector["op"] == "assess":
        return True
    asked = vector["input"].get("s", "") + json.dumps(vector["input"].get("object", {}).get("arguments", {}))
    return "{{=" in asked and vector["id"] not in BROKEN_BEFORE


@needs_vectors
@pytest.mark.parametrize("file", FILES)
def test_all_vectors_agree_but_those_that_wait(file: str):
    text = (VECTORS / f"{file}.jsonl").read_text("utf-8")
    verdicts = {vector["id"]: (vector, vectors.judge(vector)) for vector in map(json.loads, text.splitlines())}
    assert verdicts
    different = [str(verdict) for vector, verdict in verdicts.values() if not verdict.agrees and not waits(vector)]
    assert different == []
    answered = [id_ for id_, (vector, verdict) in verdicts.items() if waits(vector) and verdict.agrees]
    assert answered == [], "these wait no longer: take them out of the rule"
    assert all(verdict.answered == vectors.NOT_ANSWERED for vector, verdict in verdicts.values() if waits(vector)), (
        "what waits is named as such, not answered wrongly"
    )


def vector(op: str, question: object, expect: object) -> JsonObject:
    return {"id": f"{op}-0", "op": op, "input": question, "expect": expect}


@pytest.mark.parametrize(
    ("judged", "agrees"),
    [
        (vector("when", {"when": "1 == 1"}, {"value": True}), True),
        (vector("when", {"when": "1 == 1"}, {"value": 1}), False),
        (vector("when", {"when": "1 == 1"}, {"error": "no"}), False),
        (vector("when", {"when": "1"}, {"error": "other words"}), False),
        (vector("when", {"when": "1"}, {"panic": "boom"}), True),
        (vector("when", {"when": "1"}, {"value": True}), False),
        (vector("when", {"when": "true"}, {"anyOf": [{"value": False}, {"value": True}]}), True),
        (vector("strftime", {"Format": "%Y", "Time": "2026-01-02T03:04:05Z"}, {"out": "2026", "more": 1}), False),
        (vector("template", {"s": "{", "vars": {}}, {"strict": {"error": "other words"}}), True),
        (vector("no such thing", {}, {}), False),
        (vector("when", {"wrong": "form"}, {"error": "'when'"}), False),
    ],
)
def test_what_counts_as_agreement(judged: JsonObject, agrees: bool):  # noqa: FBT001 - a table
    assert vectors.judge(judged).agrees is agrees


def test_the_command_prints_totals_and_both_answers(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    good = vector("when", {"when": "true"}, {"value": True})
    bad = vector("when", {"when": "false"}, {"value": True}) | {"id": "when-1"}
    file = tmp_path / "some.jsonl"
    file.write_text(json.dumps(good) + "\n")
    assert vectors.main([str(file)]) == 0
    file.write_text(json.dumps(good) + "\n" + json.dumps(bad) + "\n")
    assert vectors.main([str(file)]) == 1
    printed = capsys.readouterr().out
    assert f"{file}: 1/2" in printed
    assert 'when-1 (when)\n  expected: {"value": true}\n  answered: {"value": false}' in printed


@needs_vectors
def test_every_operation_answered_is_asked():
    texts = [(VECTORS / f"{file}.jsonl").read_text("utf-8") for file in (*FILES, "lint")]
    asked = {json.loads(line)["op"] for text in texts for line in text.splitlines()}
    assert set(answers.BY_OP) <= asked
