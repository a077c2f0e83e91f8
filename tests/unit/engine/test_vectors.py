"""Retries and the gathering of a loop's outputs, judged by what Argo's own packages answered."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from tests.argo.shared import SHARED

from tiphys.engine.failures import CallFailed
from tiphys.engine.loops import Gathered
from tiphys.engine.node import Node
from tiphys.engine.texts import MISSING
from tiphys.engine.verdicts import judge
from tiphys.manifest.decode import decode_part
from tiphys.manifest.model import RetryStrategy

VECTORS = SHARED / "conformance" / "vectors"
NOW = datetime(2026, 1, 1, tzinfo=UTC)
needs_vectors = pytest.mark.skipif(
    not VECTORS.is_dir() and os.environ.get("CI") != "true", reason=f"the shared conformance set is not at {VECTORS}"
)


def read(file: str) -> Iterator[dict[str, Any]]:
    return map(json.loads, (VECTORS / file).read_text("utf-8").splitlines())


def attempt(body: dict[str, Any]) -> Node:
    node = Node("id", "wf(0)", "Pod", body["Phase"])
    node.message = body["Message"]
    node.started_at = NOW - timedelta(seconds=body["StartedAgo"])
    node.finished_at = NOW - timedelta(seconds=body["FinishedAgo"])
    return node


def answer(question: dict[str, Any]) -> dict[str, Any]:
    strategy = RetryStrategy.model_validate(decode_part(question["retryStrategy"], "RetryStrategy")[0])
    attempts = [attempt(body) for body in question["attempts"]]
    try:
        verdict = judge(strategy, attempts, NOW, shutdown="", deadline=None)
    except CallFailed as error:
        return {"error": str(error)}
    waits = verdict.wait_until is not None
    return {"continue": not waits, "phase": verdict.phase or "Running", "message": verdict.message or ""}


@needs_vectors
def test_retries_are_judged_as_argo_judges_them():
    asked = [v for v in read("retry.jsonl") if "expression" not in v["input"]["retryStrategy"]]
    asked = [v for v in asked if v["input"]["attempts"][-1]["Phase"] != "Running"]
    assert len(asked) > 60
    different: list[Any] = []
    for vector in asked:
        expect = vector["expect"]
        if "error" in expect:
            wanted = {"error": expect["error"]}
        else:
            wanted = {
                "continue": expect["continue"],
                "phase": expect["wrapperPhase"],
                "message": expect["wrapperMessage"],
            }
        if (have := answer(vector["input"])) != wanted:
            different.append((vector["id"], vector["note"], wanted, have))
    assert different == []


@needs_vectors
def test_the_outputs_of_a_loop_are_gathered_as_argo_gathers_them():
    different: list[Any] = []
    for vector in read("aggregate.jsonl"):
        question, expect = vector["input"], vector["expect"]
        try:
            have = gather(question, list(expect["scope"]))
        except CallFailed as error:
            have = {"error": str(error)}
        wanted = {"error": expect["error"]} if "error" in expect else expect["scope"]
        if have != wanted:
            different.append((vector["id"], vector["note"], wanted, have))
    assert different == []


def gather(question: dict[str, Any], names: list[str]) -> dict[str, Any]:
    children: list[Node] = []
    for body in question["Children"]:
        flag = body.get("nodeFlag") or {}
        if not (flag.get("hooked") or flag.get("retried")):
            node = Node(body["id"], body["name"], body["type"], body["phase"])
            node.outputs = body.get("outputs")
            children.append(node)
    children.sort(key=lambda node: int(node.name.rsplit("(", 1)[-1].split(":")[0]) if "(" in node.name else 0)
    gathered = Gathered(children)
    prefix = f"{'tasks' if question['Tasks'] else 'steps'}.{question['Name']}."
    found = {name: gathered.find(name.removeprefix(prefix)) for name in names}
    return {name: value for name, value in found.items() if value is not MISSING}
