"""The one text form of a JSON value: RFC 8785, without the floats that it would let in.

Strings, booleans, null, lists, objects and integers within ±(2**53 - 1); members in the order of their names' UTF-16
code units, no white space, UTF-8. Everything that another implementation could write differently is refused. It must
not know what the value means.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence

from tiphys.errors import Refused

MAX_INTEGER = 2**53 - 1
"""The largest integer that every JSON reader keeps exactly (RFC 8785, section 3.2.2.3 and appendix D)."""

_quoted = json.encoder.encode_basestring  # escapes exactly what RFC 8785 section 3.2.2.2 escapes, as it does


def canonical_bytes(value: object) -> bytes:
    """The canonical UTF-8 text of `value`; raises `Refused` naming the place of what has none."""
    return "".join(_pieces(value, "$")).encode()


def _pieces(value: object, place: str) -> Iterator[str]:
    match value:
        case None:
            yield "null"
        case True:
            yield "true"
        case False:
            yield "false"
        case str():
            yield _string(value, place)
        case int():
            yield _integer(value, place)
        case Mapping():
            yield from _object(value, place)  # pyright: ignore[reportUnknownArgumentType] - its keys are checked there
        case list() | tuple():
            yield from _list(value, place)  # pyright: ignore[reportUnknownArgumentType] - its items are checked there
        case _:
            raise Refused(f"{place}: a {type(value).__name__} has no canonical form; give it as text or as an integer")


def _string(value: str, place: str) -> str:
    if any("\ud800" <= character <= "\udfff" for character in value):
        raise Refused(f"{place}: the text holds a lone surrogate, which has no UTF-8 form")
    return _quoted(value)


def _integer(value: int, place: str) -> str:
    if abs(value) > MAX_INTEGER:
        raise Refused(f"{place}: {value} is outside ±(2**53 - 1); give it as text")
    return int.__repr__(value)


def _object(value: Mapping[object, object], place: str) -> Iterator[str]:
    names: list[str] = []
    for name in value:
        if not isinstance(name, str):
            raise Refused(f"{place}: a member's name is a {type(name).__name__}, not text")
        names.append(name)
    separator = "{"
    for name in sorted(names, key=lambda name: name.encode("utf-16-be", "surrogatepass")):
        yield f"{separator}{_string(name, place)}:"
        yield from _pieces(value[name], f"{place}.{name}")
        separator = ","
    yield "}" if names else "{}"


def _list(value: Sequence[object], place: str) -> Iterator[str]:
    separator = "["
    for index, item in enumerate(value):
        yield separator
        yield from _pieces(item, f"{place}[{index}]")
        separator = ","
    yield "]" if value else "[]"
