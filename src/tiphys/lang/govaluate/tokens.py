"""Text to tokens.

Govaluate: parsing.go.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Final

from tiphys.lang import gotext
from tiphys.lang.govaluate import grammar, times
from tiphys.lang.govaluate.grammar import InvalidCondition, Kind, Token

_OPERATORS: Final = {
    **dict.fromkeys(("+", "-", "*", "/", "%", "**", "&", "|", "^", ">>", "<<"), Kind.MODIFIER),
    **dict.fromkeys(("&&", "||"), Kind.LOGICALOP),
    **dict.fromkeys(("==", "!=", ">", ">=", "<", "<=", "=~", "!~"), Kind.COMPARATOR),
    **dict.fromkeys(("?", ":", "??"), Kind.TERNARY),
}
_PREFIXES: Final = ("-", "!", "~")
_SPACES: Final = frozenset(
    "\t\n\v\f\r \x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(map(chr, range(0x2000, 0x200B)))
)
_HEX: Final = frozenset("abcdefABCDEF")
_HEX_NUMBER: Final = re.compile("0*[0-9a-fA-F]{1,16}")
_FLOAT: Final = re.compile(r"(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")


def read(text: str) -> list[Token]:
    """All tokens of a text, which together may be a condition.

    Raises:
        InvalidCondition: they may not.
    """
    reader = _Reader(text)
    found: list[Token] = []
    kind = Kind.UNKNOWN
    while (token := reader.token(kind)) is not None:
        found.append(token)
        kind = token.kind
    return grammar.check(found)


class _Reader:
    """Reads one token after the other."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0

    def token(self, before: Kind) -> Token | None:
        while self._at < len(self._text) and self._text[self._at] in _SPACES:
            self._at += 1
        if self._at == len(self._text):
            return None
        char = self._text[self._at]
        if _is_numeric(char):
            return self._number()
        if char.isalpha():
            return self._word()
        if char in "'\"":
            return self._string()
        if char in ",([)":
            return self._mark(char)
        return self._operator(before)

    def _mark(self, char: str) -> Token:
        self._at += 1
        match char:
            case ",":
                return Token(Kind.SEPARATOR, ",")
            case "(":
                return Token(Kind.CLAUSE, "(", None, str(ord("(")))
            case ")":
                return Token(Kind.CLAUSE_CLOSE, ")", None, str(ord(")")))
            case _:
                return Token(Kind.VARIABLE, self._quoted("]", "Unclosed parameter bracket"))

    def _number(self) -> Token:
        if self._text.startswith("0x", self._at) and self._at + 2 < len(self._text):
            self._at += 2
            digits = self._while(lambda char: char.isdecimal() or char in _HEX)
            if not _HEX_NUMBER.fullmatch(digits):
                raise InvalidCondition(f"Unable to parse hex value '{digits}' to uint64\n")
            return _number(digits, float(int(digits, 16)))
        digits = self._while(_is_numeric)
        value = float(digits) if _FLOAT.fullmatch(digits) else math.inf
        if math.isinf(value):
            raise InvalidCondition(f"Unable to parse numeric value '{digits}' to float64\n")
        return _number(digits, value)

    def _word(self) -> Token:
        word = self._while(lambda char: char.isalpha() or char.isdecimal() or char in "_.")
        if word in ("true", "false"):
            return Token(Kind.BOOLEAN, word, word == "true")
        if word in ("in", "IN"):
            return Token(Kind.COMPARATOR, "in")
        if word.find(".") > 0:
            return _accessor(word)
        return Token(Kind.VARIABLE, word)

    def _string(self) -> Token:
        self._at += 1
        text = self._quoted("'\"", "Unclosed string literal")
        time = times.parse(text)
        if time is not None:
            return Token(Kind.TIME, text, float(time.unix), str(time))
        return Token(Kind.STRING, text, text)

    def _operator(self, before: Kind) -> Token:
        symbol = self._while(_is_symbol)
        if symbol in _PREFIXES and Kind.PREFIX in grammar.NEXT[before]:
            return Token(Kind.PREFIX, symbol)
        if symbol in _OPERATORS:
            return Token(_OPERATORS[symbol], symbol)
        raise InvalidCondition(f"Invalid token: '{symbol}'")

    def _while(self, wanted: Callable[[str], bool]) -> str:
        """Up to a blank or a character that is not wanted; a backslash takes whatever follows it."""
        taken: list[str] = []
        while self._at < len(self._text):
            char = self._text[self._at]
            if char == "\\":
                taken.append(self._escaped())
                continue
            if char in _SPACES and not taken:
                self._at += 1
                continue
            if char in _SPACES or not wanted(char):
                break
            taken.append(char)
            self._at += 1
        return "".join(taken)

    def _quoted(self, closing: str, problem: str) -> str:
        taken: list[str] = []
        while self._at < len(self._text):
            char = self._text[self._at]
            if char == "\\":
                taken.append(self._escaped())
                continue
            self._at += 1
            if char in closing:
                return "".join(taken)
            taken.append(char)
        raise InvalidCondition(problem)

    def _escaped(self) -> str:
        """The character after a backslash. Differs: at the end of the text Argo's controller crashes."""
        if self._at + 1 == len(self._text):
            raise InvalidCondition("Nothing follows the last backslash")
        self._at += 2
        return self._text[self._at - 1]


def _number(text: str, value: float) -> Token:
    return Token(Kind.NUMERIC, text, value, gotext.format_float(value))


def _accessor(word: str) -> Token:
    if word.endswith("."):
        raise InvalidCondition(f"Hanging accessor on token '{word}'")
    parts = word.split(".")
    for part in parts[1:]:
        if part[:1].upper() != part[:1]:
            raise InvalidCondition(f"Unable to access unexported field '{part}' in token '{word}'")
    return Token(Kind.ACCESSOR, parts[0], None, f"[{' '.join(parts)}]")


def _is_numeric(char: str) -> bool:
    return char.isdecimal() or char == "."


def _is_symbol(char: str) -> bool:
    return not (char.isdecimal() or char.isalpha() or char in "()[]'\"")
