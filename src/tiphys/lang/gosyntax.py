"""What Go's encoding/json says about a text that is no JSON. Pure.

These words reach users: a `withParam` or an aggregated result that cannot be read ends a workflow with them. The walk
follows Go's scanner state by state and keeps a stack of its own, so no nesting is too deep for it.
"""

from __future__ import annotations

import re
from typing import Final, NoReturn

from tiphys import errors
from tiphys.lang import gotext


class InvalidJson(errors.InvalidManifest):
    """A text is not JSON; the message is Go's."""


_SPACE: Final = re.compile(r"[ \t\r\n]*")
_LITERAL: Final = {"t": "true", "f": "false", "n": "null"}
_STRING: Final = re.compile(r'(?:[^"\\\x00-\x1f]+|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*')
_NUMBER: Final = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
_ESCAPE: Final = re.compile(r"\\(?:u[0-9a-fA-F]{0,3})?")


def first_problem(text: str) -> str:
    """What Go's decoder says about a text that is no JSON; empty if it is JSON."""
    try:
        _Walk(text).value_and_end()
    except InvalidJson as error:
        return str(error)
    return ""


class _Walk:
    """Go's scanner with its words; a stack of open brackets instead of recursion."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._open: list[str] = []

    def value_and_end(self) -> None:
        self._value()
        while self._open:
            self._after_value()
        self._expect("", "after top-level value")

    def _char(self) -> str:
        self._advance(_SPACE, 0)
        return self._text[self._at : self._at + 1]

    def _expect(self, chars: str, context: str) -> str:
        char = self._char()
        if not char and chars:
            raise InvalidJson("unexpected end of JSON input")
        if char and char not in chars:
            self._refuse(context)
        self._at += 1
        return char

    def _refuse(self, context: str) -> NoReturn:
        char = self._text[self._at : self._at + 1]
        if not char:
            raise InvalidJson("unexpected end of JSON input")
        byte = chr(char.encode(errors="replace")[0])
        shown = {"'": r"'\''", '"': "'\"'"}.get(byte, f"'{gotext.escape(byte)}'")
        raise InvalidJson(f"invalid character {shown} {context}")

    def _value(self) -> None:
        """One scalar, or the opening of a list or object up to its first scalar."""
        while self._bracket():
            pass

    def _bracket(self) -> bool:
        char = self._char()
        if char in ("[", "{"):
            self._push(char)
            return self._enter(char)
        if char == '"':
            self._string()
        elif char in _LITERAL:
            self._literal(_LITERAL[char])
        elif char and char in "-0123456789":
            self._number()
        else:
            self._refuse("looking for beginning of value")
        return False

    def _push(self, char: str) -> None:
        self._open.append(char)
        self._at += 1

    def _enter(self, char: str) -> bool:
        if self._char() == {"[": "]", "{": "}"}[char]:
            self._at += 1
            self._open.pop()
            return False
        if char == "{":
            self._key()
        return True

    def _key(self) -> None:
        if self._char() != '"':
            self._refuse("looking for beginning of object key string")
        self._string()
        self._expect(":", "after object key")

    def _after_value(self) -> None:
        if self._open[-1] == "[":
            closed = self._expect(",]", "after array element") == "]"
        else:
            closed = self._expect(",}", "after object key:value pair") == "}"
        if closed:
            self._open.pop()
            return
        if self._open[-1] == "{":
            self._key()
        self._value()

    def _literal(self, literal: str) -> None:
        for wanted in literal:
            if self._text[self._at : self._at + 1] != wanted:
                self._refuse(f"in literal {literal} (expecting '{wanted}')")
            self._at += 1

    def _string(self) -> None:
        self._advance(_STRING, 1)
        char = self._text[self._at : self._at + 1]
        if char == "\\":
            self._advance(_ESCAPE, 0)
            escape = self._text[self._at - 1] == "\\"
            self._refuse("in string escape code" if escape else "in \\u hexadecimal character escape")
        if char != '"':
            self._refuse("in string literal")
        self._at += 1

    def _number(self) -> None:
        match = _NUMBER.match(self._text, self._at)
        if match is None:
            self._at += 1
            self._refuse("in numeric literal")
        self._at = match.end()
        following = self._text[self._at : self._at + 1]
        if following == "." and not re.search("[.eE]", match[0]):
            self._at += 1
            self._refuse("after decimal point in numeric literal")
        if following in ("e", "E") and not re.search("[eE]", match[0]):
            self._at += 1 + (self._text[self._at + 1 : self._at + 2] in ("+", "-"))
            self._refuse("in exponent of numeric literal")

    def _advance(self, pattern: re.Pattern[str], skip: int) -> None:
        match = pattern.match(self._text, self._at + skip)
        self._at = match.end() if match else self._at + skip
