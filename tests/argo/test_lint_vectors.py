"""The lint vectors agree in what is valid and what is not; where our words are others is named here."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.argo import lint
from tests.unit.manifest.upstream import VECTORS, needs_shared

OTHER_WORDS = {"container args = {{inputs.parameters.nope"}
"""Refused as in Argo, whose text quotes the JSON of its own structs behind a tag that is not closed."""


def vectors() -> list[dict[str, Any]]:
    return [json.loads(line) for line in (VECTORS / "lint.jsonl").read_text().splitlines()]


@needs_shared
@pytest.mark.parametrize("mode", lint.MODES)
def test_we_say_what_argo_says(mode: str):
    wrong: dict[str, str] = {}
    words: dict[str, str] = {}
    for vector in vectors():
        expected, given = vector["expect"][mode], lint.answer_in(mode, vector["input"])
        if not lint.agrees(expected, given):
            wrong[vector["note"]] = f"{vector['id']}: {given} instead of {expected}"
        elif not lint.agrees(expected, given, texts=True):
            words[vector["note"]] = f"{vector['id']}: {given} instead of {expected}"
    assert wrong == {}
    assert words.keys() == OTHER_WORDS, words
