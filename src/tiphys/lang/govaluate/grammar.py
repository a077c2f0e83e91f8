"""What a condition is made of, and which token may follow which.

Govaluate: lexerState.go, TokenKind.go; the patterns are compiled as in parsing.go, optimizeTokens.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Final, TypeAlias

from tiphys import errors
from tiphys.lang import regexps

Value: TypeAlias = "bool | float | str | list[Value] | regexps.Regexp | None"
"""What a condition can evaluate to; nil is None."""


class InvalidCondition(errors.InvalidManifest):
    """A text that govaluate refuses; the message is govaluate's."""


class Kind(Enum):
    """The kinds of tokens, by the names that govaluate prints."""

    UNKNOWN = "UNKNOWN"
    PREFIX = "PREFIX"
    NUMERIC = "NUMERIC"
    BOOLEAN = "BOOLEAN"
    STRING = "STRING"
    PATTERN = "PATTERN"
    TIME = "TIME"
    VARIABLE = "VARIABLE"
    ACCESSOR = "ACCESSOR"
    SEPARATOR = "SEPARATOR"
    COMPARATOR = "COMPARATOR"
    LOGICALOP = "LOGICALOP"
    MODIFIER = "MODIFIER"
    CLAUSE = "CLAUSE"
    CLAUSE_CLOSE = "CLAUSE_CLOSE"
    TERNARY = "TERNARY"


@dataclass(frozen=True, slots=True)
class Token:
    """A token: `text` is its operator or word, `value` what a literal stands for, `shown` how Go prints it."""

    kind: Kind
    text: str
    value: Value = None
    shown: str = ""

    def __str__(self) -> str:
        return f"{self.kind.value} [{self.shown or self.text}]"


_OPERANDS: Final = frozenset((Kind.PREFIX, Kind.NUMERIC, Kind.BOOLEAN, Kind.VARIABLE, Kind.ACCESSOR, Kind.CLAUSE))
_TEXTS: Final = frozenset((Kind.STRING, Kind.TIME))
_AFTER_VALUE: Final = frozenset((Kind.MODIFIER, Kind.COMPARATOR, Kind.LOGICALOP, Kind.CLAUSE_CLOSE, Kind.SEPARATOR))
_WITH_TERNARY: Final = _AFTER_VALUE | {Kind.TERNARY}
_CLOSE: Final = frozenset((Kind.CLAUSE_CLOSE,))
_PATTERN: Final = frozenset((Kind.PATTERN,))
NEXT: Final = {
    Kind.UNKNOWN: _OPERANDS | _TEXTS | _PATTERN,
    Kind.CLAUSE: _OPERANDS | _TEXTS | _PATTERN | _CLOSE,
    Kind.CLAUSE_CLOSE: (_OPERANDS - {Kind.PREFIX, Kind.ACCESSOR}) | _TEXTS | _PATTERN | _WITH_TERNARY,
    Kind.NUMERIC: _WITH_TERNARY,
    Kind.BOOLEAN: _WITH_TERNARY,
    Kind.STRING: _WITH_TERNARY,
    Kind.VARIABLE: _WITH_TERNARY,
    Kind.ACCESSOR: _WITH_TERNARY | {Kind.CLAUSE},
    Kind.TIME: _AFTER_VALUE,
    Kind.PATTERN: _AFTER_VALUE,
    Kind.MODIFIER: _OPERANDS | {Kind.STRING} | _CLOSE,
    Kind.COMPARATOR: _OPERANDS | _TEXTS | _PATTERN | _CLOSE,
    Kind.LOGICALOP: _OPERANDS | _TEXTS | _CLOSE,
    Kind.PREFIX: (_OPERANDS - {Kind.PREFIX}) | _CLOSE,
    Kind.TERNARY: _OPERANDS | _TEXTS | {Kind.SEPARATOR},
    Kind.SEPARATOR: _OPERANDS | _TEXTS,
}
"""Which kinds may follow a kind; nothing read yet is UNKNOWN."""
_LAST: Final = frozenset(
    (Kind.CLAUSE_CLOSE, Kind.NUMERIC, Kind.BOOLEAN, Kind.STRING, Kind.TIME, Kind.PATTERN, Kind.VARIABLE, Kind.ACCESSOR)
)


def check(found: Sequence[Token]) -> list[Token]:
    """The tokens, patterns compiled, if each may follow the one before it.

    Raises:
        InvalidCondition: one may not.
    """
    opened = sum((token.kind is Kind.CLAUSE) - (token.kind is Kind.CLAUSE_CLOSE) for token in found)
    if opened:
        raise InvalidCondition("Unbalanced parenthesis")
    last = Token(Kind.UNKNOWN, "<nil>")
    for token in found:
        if token.kind not in NEXT[last.kind]:
            if last.kind is Kind.VARIABLE and token.kind is Kind.CLAUSE:
                raise InvalidCondition(f"Undefined function {last.text}")
            raise InvalidCondition(f"Cannot transition token types from {last} to {token}")
        last = token
    if last.kind not in _LAST:
        raise InvalidCondition("Unexpected end of expression")
    return [_compiled(found[index - 1], token) if index else token for index, token in enumerate(found)]


def _compiled(before: Token, token: Token) -> Token:
    if before.text not in ("=~", "!~") or before.kind is not Kind.COMPARATOR or token.kind is not Kind.STRING:
        return token
    try:
        return Token(Kind.PATTERN, token.text, regexps.compile_regexp(token.text))
    except regexps.InvalidRegexp as error:
        raise InvalidCondition(str(error)) from error
