r"""JSON text as Go's encoding/json reads and writes it: raw parts, compact form, and its words for bad text. Pure.

Python's decoder does the reading; it forgets how a value was spelled (`1.0`, `1e3`, `\u00e9`), so the parts of a list
or an object are cut out of the text. Only for a text that cannot be read, a walk over it finds what Go would say.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, Final, NoReturn

from tiphys.jsons import is_list, is_object
from tiphys.lang import gotext
from tiphys.lang.gosyntax import InvalidJson, first_problem

TOO_DEEP: Final = "exceeded max depth"
"""Go's words for a text that is nested too deeply."""

_SPACE: Final = re.compile(r"[ \t\r\n]*")
_OUTSIDE_OR_SPECIAL: Final = re.compile(r'"(?:[^"\\]|\\.)*"|[ \t\r\n]+', re.DOTALL)
_UNSAFE: Final = {
    **{chr(code): f"\\u{code:04x}" for code in (*range(0x20), 0x2028, 0x2029, *map(ord, "<>&"))},
    "\b": r"\b",
    "\f": r"\f",
    "\n": r"\n",
    "\r": r"\r",
    "\t": r"\t",
    '"': r"\"",
    "\\": r"\\",
}
_UNSAFE_CHAR: Final = re.compile('[\\x00-\\x1f\u2028\u2029<>&"\\\\]')
_HTML: Final = {char: _UNSAFE[char] for char in "<>&\u2028\u2029"}
_HTML_CHAR: Final = re.compile("[<>&\u2028\u2029]")
_SURROGATE: Final = re.compile("[\ud800-\udfff]")
_NAMES: Final = {"{": "object", '"': "string", "t": "bool", "f": "bool"}


def _no_constant(name: str) -> NoReturn:
    raise ValueError(name)


_DECODER: Final = json.JSONDecoder(parse_int=str, parse_float=str, parse_constant=_no_constant)
"""Finds where a value ends; numbers stay text, whatever their length."""


def split_list(text: str, go_type: str) -> list[str]:
    """The elements of a JSON list as they are spelled; `null` is an empty list.

    Raises:
        InvalidJson: the text is no JSON, or no list (then `go_type` is named in the message).
    """
    check(text)
    start = _skip(text, 0)
    if text[start] == "n":
        return []
    if text[start] != "[":
        raise InvalidJson(f"json: cannot unmarshal {_NAMES.get(text[start], 'number')} into Go value of type {go_type}")
    return list(elements(text))


def check(text: str) -> None:
    """Do nothing if the text is one JSON value.

    Differs: nesting that Python's decoder cannot follow (a thousand levels, Go: ten thousand) is refused.

    Raises:
        InvalidJson: it is not.
    """
    try:
        _, end = _DECODER.raw_decode(text, _skip(text, 0))
        if _skip(text, end) == len(text):
            return
    except RecursionError:
        raise InvalidJson(TOO_DEEP) from None
    except ValueError:
        pass
    problem = first_problem(text)
    if problem:
        raise InvalidJson(problem)


def elements(text: str) -> Iterator[str]:
    """The elements of a list that is known to be JSON, as they are spelled."""
    at = _skip(text, _skip(text, 0) + 1)
    while text[at] != "]":
        end = _value_end(text, at)
        yield text[at:end]
        at = _skip(text, end)
        if text[at] == ",":
            at = _skip(text, at + 1)


def members(text: str) -> Iterator[tuple[str, str]]:
    """The decoded keys and the spelled values of an object that is known to be JSON, in its order."""
    at = _skip(text, _skip(text, 0) + 1)
    while text[at] != "}":
        end = _value_end(text, at)
        key = decode_string(text[at:end])
        at = _skip(text, _skip(text, end) + 1)
        end = _value_end(text, at)
        yield key, text[at:end]
        at = _skip(text, end)
        if text[at] == ",":
            at = _skip(text, at + 1)


def decode_string(text: str) -> str:
    """The value of a JSON string; half a surrogate pair becomes U+FFFD, as in Go."""
    return _SURROGATE.sub("\ufffd", json.loads(text))


def compact(text: str) -> str:
    """JSON without blanks between its parts and with `<`, `>`, `&`, U+2028 and U+2029 in strings as escapes."""
    return _OUTSIDE_OR_SPECIAL.sub(_compact_part, text)


def unescape_html(text: str) -> str:
    r"""`\u003c`, `\u003e` and `\u0026` as the characters they mean (Argo: util/json/fix.go)."""
    return text.replace("\\u003c", "<").replace("\\u003e", ">").replace("\\u0026", "&")


def encode_string(text: str) -> str:
    """A string as Go's encoder writes it."""
    text = _UNSAFE_CHAR.sub(lambda match: _UNSAFE[match[0]], text)
    return f'"{text}"' if text.isascii() else '"' + _SURROGATE.sub("\ufffd", text) + '"'


def encode(value: object) -> str:
    """A decoded value as Go's encoder writes a map or a slice: no blanks, keys sorted, `4.0` as `4`.

    Raises:
        InvalidJson: NaN, an infinity, or a value that JSON does not have.
    """
    output: list[str] = []
    waiting: list[Any] = [value]
    while waiting:
        part = waiting.pop()
        if isinstance(part, _Raw):
            output.append(part)
        elif is_object(part) or is_list(part) or isinstance(part, tuple):
            waiting += reversed(list(_encode_parts(part)))
        else:
            output.append(_encode_scalar(part))
    return "".join(output)


class _Raw(str):
    """Text that is already JSON."""

    __slots__ = ()


def _encode_parts(value: Any) -> Iterator[Any]:  # noqa: ANN401 - an object, a list or a tuple
    opening, closing = ("{", "}") if is_object(value) else ("[", "]")
    yield _Raw(opening)
    first = True
    for key in sorted(value, key=str) if is_object(value) else value:
        if not first:
            yield _Raw(",")
        first = False
        if is_object(value):
            yield _Raw(encode_string(str(key)) + ":")
            yield value[key]
        else:
            yield key
    yield _Raw(closing)


def _encode_scalar(value: object) -> str:
    if isinstance(value, str):
        return encode_string(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None:
        return "null"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float) and value - value == 0:
        return gotext.format_json_float(value)
    raise InvalidJson(f"json: unsupported value: {value}")


def _compact_part(match: re.Match[str]) -> str:
    part = match[0]
    return _HTML_CHAR.sub(lambda char: _HTML[char[0]], part) if part[0] == '"' else ""


def _skip(text: str, at: int) -> int:
    match = _SPACE.match(text, at)
    return match.end() if match else at


def _value_end(text: str, at: int) -> int:
    try:
        _, end = _DECODER.raw_decode(text, at)
    except RecursionError:
        raise InvalidJson(TOO_DEEP) from None
    return end
