"""JSON text that is looked into, not decoded: what Argo Events sees of a value is its text as it was written.

Decoding would lose what users see in a resolved parameter: `1e21`, integers past 2**53, the blanks inside a list. So a
value is a slice of its document with a kind, and conversions are made on demand. It must not know paths; they are in
`paths`.

Argo: tidwall/gjson v1.19.0 (Result.String, Float, Bool), as used by Argo Events v1.9.11.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

from tiphys.lang import gojson

Kind = Literal["JSON", "String", "Number", "True", "False", "Null"]

_BRACKET_OR_STRING = re.compile(r'"(?:[^"\\]|\\.)*"|[\[\]{}]')
_LEVELS = {"{": 1, "[": 1, "}": -1, "]": -1}
_INTEGER = re.compile(r"-?[0-9]+")
_KINDS: dict[str, Kind] = {'"': "String", "{": "JSON", "[": "JSON", "t": "True", "f": "False", "n": "Null"}

MAX_DEPTH = 200
"""Levels of nesting; far above what webhooks send, far below what any JSON reader here takes."""
GO_TRUE = frozenset({"1", "t", "T", "TRUE", "true", "True"})
GO_FALSE = frozenset({"0", "f", "F", "FALSE", "false", "False"})
"""What Go's `strconv.ParseBool` takes."""


@dataclass(frozen=True, slots=True)
class Value:
    """One JSON value as it stands in its document; `raw` has no blanks around it."""

    raw: str

    @property
    def kind(self) -> Kind:
        """What it is, in the words of gjson; objects and lists are both `JSON`."""
        return _KINDS.get(self.raw[0], "Number")

    def text(self) -> str:
        """The value as text: a string without quotes, a list or object as written, null as nothing."""
        match self.kind:
            case "String":
                return str(json.loads(self.raw))
            case "Number":
                return self.raw if _INTEGER.fullmatch(self.raw) else _plain_decimal(self.raw)
            case "Null":
                return ""
            case _:
                return self.raw

    def number(self) -> float:
        """The value as a number: text that is one counts, true is 1, everything else 0."""
        match self.kind:
            case "Number":
                return float(self.raw)
            case "String":
                try:
                    return parse_go_float(self.text())
                except ValueError:
                    return 0.0
            case kind:
                return 1.0 if kind == "True" else 0.0

    def boolean(self) -> bool:
        """The value as true or false: numbers other than 0 and texts that Go parses as true are true."""
        match self.kind:
            case "Number":
                return float(self.raw) != 0
            case "String":
                return self.text().lower() in GO_TRUE
            case kind:
                return kind == "True"

    def members(self) -> Iterator[tuple[str, Value]]:
        """The members of an object in the order of the text, repeated keys included; nothing for anything else."""
        if self.raw[0] == "{":
            yield from ((key, Value(raw)) for key, raw in gojson.members(self.raw))

    def items(self) -> Iterator[Value]:
        """The items of a list; nothing for anything else."""
        if self.raw[0] == "[":
            yield from map(Value, gojson.elements(self.raw))


def parse(text: str) -> Value | None:
    """The value that `text` is; None when it is not JSON, or nested deeper than `MAX_DEPTH`."""
    if depth(text) > MAX_DEPTH:
        return None
    try:
        json.loads(text, parse_constant=_refuse_constant)
    except ValueError:
        return None
    return Value(text.strip(" \t\r\n"))


def depth(text: str) -> int:
    """How many levels of objects and lists a JSON text has."""
    deepest = level = 0
    for token in _BRACKET_OR_STRING.finditer(text):
        level += _LEVELS.get(token.group(), 0)
        deepest = max(deepest, level)
    return deepest


def load(value: Value) -> Any:  # noqa: ANN401 - any JSON value
    """The value, decoded."""
    return json.loads(value.raw)


def dump(value: Any) -> str:  # noqa: ANN401 - any JSON value
    """A decoded JSON value as Go's encoder writes it, members in their order; `ValueError` for NaN and infinities."""
    return gojson.compact(json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False))


def parse_go_float(text: str) -> float:
    """The number that Go's `strconv.ParseFloat` reads, hexadecimal floats aside; raises `ValueError` in its words."""
    plain = text.isascii() and not re.search(r"\s", text) and text[1:].lower() != "nan"
    try:
        number = float(text) if plain else None
    except ValueError:
        number = None
    if number is None:
        raise ValueError(f"strconv.ParseFloat: parsing {json.dumps(text, ensure_ascii=False)}: invalid syntax")
    if math.isinf(number) and "inf" not in text.lower():
        raise ValueError(f"strconv.ParseFloat: parsing {json.dumps(text, ensure_ascii=False)}: value out of range")
    return number


def parse_go_bool(text: str) -> bool:
    """The truth value that Go's `strconv.ParseBool` reads; raises `ValueError` in its words."""
    if text not in GO_TRUE | GO_FALSE:
        raise ValueError(f"strconv.ParseBool: parsing {json.dumps(text, ensure_ascii=False)}: invalid syntax")
    return text in GO_TRUE


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def _plain_decimal(raw: str) -> str:
    """The shortest decimal of a float, without exponent (Go: FormatFloat(x, 'f', -1, 64))."""
    number = float(raw)
    if math.isinf(number):
        return raw
    text = format(Decimal(repr(number)), "f")
    return text.removesuffix(".0")
