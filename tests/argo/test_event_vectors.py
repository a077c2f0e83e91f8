"""The vectors about Argo Events: all agree but those that wait for a later issue, and of those none is guessed."""

from __future__ import annotations

import json

import pytest
from tests.argo import vectors
from tests.argo.test_vectors import VECTORS, needs_vectors


@needs_vectors
@pytest.mark.parametrize(
    ("file", "answered"),
    [("events-filter", 237), ("events-params", 123), ("events-conditions", 43)],
)
def test_what_is_on_this_floor_agrees_and_the_rest_is_not_answered(file: str, answered: int):
    text = (VECTORS / f"{file}.jsonl").read_text("utf-8")
    verdicts = [vectors.judge(json.loads(line)) for line in text.splitlines()]
    different = [
        str(verdict) for verdict in verdicts if not verdict.agrees and verdict.answered != vectors.NOT_ANSWERED
    ]
    assert different == []
    assert sum(verdict.agrees for verdict in verdicts) >= answered
