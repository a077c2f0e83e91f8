"""Kubernetes' selectors as text: label selectors (`a=b,c in (d,e),!f`) and field selectors (`name=x,phase!=y`). Pure.

Both answer bad text with Kubernetes' own words, which is what users of its tools search for.

Kubernetes: apimachinery pkg/labels/selector.go and pkg/fields/selector.go, v0.35. Argo matches nodes by field selectors
(workflow/util/util.go, SelectorMatchesNode, v4.1.2); the fields of a node are the caller's to name.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, NoReturn

from tiphys import errors
from tiphys.lang import gotext, labels

_OPERATORS: Final = {"in": "in", "notin": "notin", "=": "=", "==": "=", "!=": "!=", ">": "gt", "<": "lt"}
_TOKEN: Final = re.compile(r"[ \t\r\n]*(==|!=|[=!(),<>]|[^ \t\r\n=!(),<>]+|$)")
_SYMBOLS: Final = frozenset(("==", "!=", *"=!(),<>"))


class InvalidSelector(errors.Refused):
    """A selector that Kubernetes would not accept."""


@dataclass(frozen=True, slots=True)
class Requirement:
    """One condition on one label; `operator` is `in notin = != gt lt exists !`."""

    key: str
    operator: str
    values: frozenset[str] = frozenset()

    def matches(self, carried: Mapping[str, str]) -> bool:
        """Whether labels fulfil it; an absent label fulfils `!=`, `notin` and `!` only."""
        value = carried.get(self.key)
        match self.operator:
            case "exists":
                return value is not None
            case "!":
                return value is None
            case "in" | "=":
                return value in self.values
            case "notin" | "!=":
                return value not in self.values
            case _:
                return value is not None and self._compares(value)

    def _compares(self, value: str) -> bool:
        (wanted,) = self.values
        number, limit = gotext.parse_int(value), gotext.parse_int(wanted)
        if number is None or limit is None:
            return False
        return number > limit if self.operator == "gt" else number < limit


@dataclass(frozen=True, slots=True)
class LabelSelector:
    """All requirements must hold; none: everything matches."""

    requirements: tuple[Requirement, ...] = ()

    def matches(self, carried: Mapping[str, str]) -> bool:
        """Whether a thing with these labels is selected."""
        return all(requirement.matches(carried) for requirement in self.requirements)


@dataclass(frozen=True, slots=True)
class FieldTerm:
    """`field=value` or, not `equal`, `field!=value`."""

    field: str
    equal: bool
    value: str


@dataclass(frozen=True, slots=True)
class FieldSelector:
    """All terms must hold; none: everything matches."""

    terms: tuple[FieldTerm, ...] = ()

    def matches(self, fields: Mapping[str, str]) -> bool:
        """Whether a thing with these fields is selected; an absent field counts as empty."""
        return all((fields.get(term.field, "") == term.value) is term.equal for term in self.terms)


def parse_labels(text: str) -> LabelSelector:
    """Parse a label selector.

    Raises:
        InvalidSelector: in Kubernetes' words.
    """
    return LabelSelector(tuple(_LabelParser(text).parse()))


def parse_fields(text: str) -> FieldSelector:
    r"""Parse a field selector; `\`, `,` and `=` in a value are written after a `\`.

    Raises:
        InvalidSelector: in Kubernetes' words.
    """
    return FieldSelector(tuple(_parse_term(text, term) for term in _split_terms(text) if term))


def _split_terms(text: str) -> list[str]:
    terms, start, escaped = list[str](), 0, False
    for index, char in enumerate(text):
        if escaped:
            escaped = False
        elif char == "\\":
            escaped = True
        elif char == ",":
            terms.append(text[start:index])
            start = index + 1
    return [*terms, text[start:]]


def _parse_term(selector: str, term: str) -> FieldTerm:
    match = re.search(r"!=|==|=", term)
    if match is None:
        raise InvalidSelector(f"invalid selector: '{selector}'; can't understand '{term}'")
    return FieldTerm(term[: match.start()], match[0] != "!=", _unescape(term[match.end() :]))


def _unescape(text: str) -> str:
    chars = iter(text)
    value: list[str] = []
    for char in chars:
        if char == "\\":
            following = next(chars, "")
            if following not in ("\\", ",", "="):
                raise InvalidSelector(f"invalid field selector: invalid escape sequence: \\{following}")
            value.append(following)
        elif char in ",=":
            raise InvalidSelector(f"invalid field selector: unescaped character in value: {ord(char)}")
        else:
            value.append(char)
    return "".join(value)


class _LabelParser:
    """One token of look-ahead over the text; in value positions `in` and `notin` are plain words."""

    def __init__(self, text: str) -> None:
        self._parts = [match[1] for match in _TOKEN.finditer(text.split("\0", 1)[0])]
        self._next = 0

    def parse(self) -> Iterable[Requirement]:
        while part := self._peek():
            if part in _SYMBOLS and part != "!":
                _refuse(f"found '{part}', expected: !, identifier, or 'end of string'")
            try:
                yield self._requirement()
            except InvalidSelector as error:
                raise InvalidSelector(f"unable to parse requirement: {error}") from error
            self._separator()

    def _separator(self) -> None:
        part = self._take()
        if part == ",":
            if (following := self._peek()) == "" or (following in _SYMBOLS and following != "!"):
                _refuse(f"found '{following}', expected: identifier after ','")
        elif part:
            _refuse(f"found '{part}', expected: ',' or 'end of string'")

    def _requirement(self) -> Requirement:
        negated = self._peek() == "!"
        key = self._take_word("identifier") if not negated or self._take() else ""
        _check("<nil>", key, labels.key_problems(key))
        if self._peek() in ("", ","):
            return Requirement(key, "!" if negated else "exists")
        if negated:
            return Requirement(key, "!")
        operator = self._take()
        if operator not in _OPERATORS:
            _refuse(f"found '{operator}', expected: in, notin, =, ==, !=, gt, lt")
        values = self._values() if operator in ("in", "notin") else self._exact_value()
        return _new_requirement(key, _OPERATORS[operator], values)

    def _exact_value(self) -> set[str]:
        return {""} if self._peek() in ("", ",") else {self._take_word("identifier")}

    def _values(self) -> set[str]:
        if (part := self._take()) != "(":
            _refuse(f"found '{part}' expected: '('")
        values, word = set[str](), ""
        if self._peek() == ")":
            self._take()
            return values
        while (part := self._take()) != ")":
            if part == ",":
                values.add(word)
                word = ""
            elif part == "" or part in _SYMBOLS or word:
                _refuse(f"found '{part}', expected: ',' or ')'")
            else:
                word = part
        return values | {word}

    def _take_word(self, expected: str) -> str:
        part = self._take()
        if part == "" or part in _SYMBOLS:
            _refuse(f"found '{part}', expected: {expected}")
        return part

    def _peek(self) -> str:
        return self._parts[self._next]

    def _take(self) -> str:
        part = self._parts[self._next]
        self._next = min(self._next + 1, len(self._parts) - 1)
        return part


def _new_requirement(key: str, operator: str, values: set[str]) -> Requirement:
    if operator in ("in", "notin") and not values:
        _refuse("values: Invalid value: []: for 'in', 'notin' operators, values set can't be empty")
    for index, value in enumerate(sorted(values)):
        if operator in ("gt", "lt") and gotext.parse_int(value) is None:
            _check(f"values[{index}]", value, ["for 'Gt', 'Lt' operators, the value must be an integer"])
        _check(f"values[{index}][{key}]", value, labels.value_problems(value))
    return Requirement(key, operator, frozenset(values))


def _check(path: str, value: str, problems: list[str]) -> None:
    if problems:
        _refuse(f"{path}: Invalid value: {gotext.quote(value)}: {'; '.join(problems)}")


def _refuse(message: str) -> NoReturn:
    raise InvalidSelector(message)
