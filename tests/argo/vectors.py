"""Judge the languages by vectors: `python -m tests.argo.vectors FILE.jsonl…`.

Each line of a file asks one question (`op`, `input`) and holds the answer that Argo's own code gave (`expect`); the
README beside the files describes the form and what counts as agreement. An operation that nothing here answers counts
as failed and is named as such.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.argo import answers, event_answers, lint

from tiphys.jsons import JsonObject, is_object

NOT_ANSWERED = "not answered on this floor"
EXACT_ERRORS = frozenset(("when", "cron", "rty", "exp", "par", "evv"))
"""The families of vectors, by the beginning of their ids, whose error texts users see and search for."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of one vector; `agrees` or the two answers that differ."""

    id: str
    op: str
    agrees: bool
    expected: object
    answered: object

    def __str__(self) -> str:
        return f"{self.id} ({self.op})\n  expected: {_text(self.expected)}\n  answered: {_text(self.answered)}"


def judge_file(path: Path) -> Iterator[Verdict]:
    """The verdicts of all vectors of a file, in its order."""
    for line in path.read_text("utf-8").splitlines():
        if line.strip():
            yield judge(json.loads(line))


def judge(vector: JsonObject) -> Verdict:
    """Answer one vector and compare."""
    op, expected = vector["op"], vector["expect"]
    try:
        room = event_answers if op in event_answers.BY_OP else answers
        answered = room.answer(op, vector["input"])
    except answers.NotAnswered:
        return Verdict(vector["id"], op, agrees=False, expected=expected, answered=NOT_ANSWERED)
    except Exception as error:  # noqa: BLE001 - one crash must not hide the other verdicts
        return Verdict(vector["id"], op, agrees=False, expected=expected, answered=f"raised {error!r}")
    if op == "lint":
        return Verdict(vector["id"], op, lint.agrees_in_all(expected, answered), expected, answered)
    exact = vector["id"].partition("-")[0] in EXACT_ERRORS
    agrees = any(_agree(candidate, answered, exact=exact) for candidate in expected.get("anyOf", [expected]))
    return Verdict(vector["id"], op, agrees, expected, answered)


def _agree(expected: object, answered: object, *, exact: bool) -> bool:
    """Whether an answer agrees; error texts count if they must be `exact`."""
    if not is_object(expected) or not is_object(answered):
        return _same(expected, answered)
    if "panic" in expected:
        return "error" in answered
    if "error" in expected:
        return "error" in answered and (not exact or expected["error"] == answered["error"])
    return "error" not in answered and all(
        _agree(value, answered.get(key), exact=exact) for key, value in expected.items()
    )


def _same(one: object, other: object) -> bool:
    """Equality of JSON values, in which true is not 1; a text that is a spaced JSON document counts as the document."""
    if isinstance(one, str) and isinstance(other, str):
        return one == other or _same_document(one, other)
    return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)


def _same_document(expected: str, answered: str) -> bool:
    try:
        document = json.loads(expected)
        spaced = json.dumps(document, ensure_ascii=False, separators=(",", ":")) != expected
        return spaced and is_object(document) and _same(document, json.loads(answered))
    except ValueError:
        return False


def _text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, sort_keys=True)


def main(paths: Sequence[str]) -> int:
    """Judge the files; 0 only if every vector agrees."""
    failed = False
    for path in paths:
        verdicts = list(judge_file(Path(path)))
        different = [verdict for verdict in verdicts if not verdict.agrees]
        print(f"{path}: {len(verdicts) - len(different)}/{len(verdicts)}")  # noqa: T201 - this is a command
        for verdict in different:
            print(verdict)  # noqa: T201
        failed = failed or bool(different)
    return int(failed or not paths)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
