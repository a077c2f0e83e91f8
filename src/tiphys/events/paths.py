r"""Paths into JSON: where a parameter's value comes from (gjson's form) and where it goes to (sjson's form).

Dotted keys and indices, `\` before a character that shall be taken as it is, `#` for a list's length or (`#.key`) for
that key of each item; in a destination `-1` appends and `:7` is the key "7". The rest of gjson's language (queries,
wildcards, pipes, modifiers, selections) is refused by name when the path is parsed, never taken for a key.

Argo: tidwall/gjson v1.19.0 and tidwall/sjson v1.2.5, as used by Argo Events v1.9.11.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from tiphys.events import rawjson
from tiphys.events.rawjson import Value
from tiphys.jsons import is_list, is_object

_ANYWHERE = {"|": "pipes", "*": "wildcards", "?": "wildcards"}
_AT_START = {"@": "modifiers", "!": "literals", "[": "selections", "{": "selections"}
MAX_GAP = 1000
"""Places; how far behind the end of a list an index may set a value (sjson fills the gap with null)."""


class BadPathError(ValueError):
    """A path that cannot be used; the message says why."""


@dataclass(frozen=True, slots=True)
class Part:
    """One step of a path; `hash` is a bare `#`, `forced` a key that must not be taken as an index."""

    key: str
    hash: bool = False
    forced: bool = False


Path = tuple[Part, ...]


@lru_cache(maxsize=4096)
def parse_source(text: str) -> Path:
    """The path of a `dataKey`, `contextKey` or data filter; raises `BadPathError`."""
    parts = _split(text)
    for part, plain in parts:
        if plain.startswith("#") and plain != "#":
            raise BadPathError(f"path {text!r}: queries ('{part.key}') are not supported yet")
    return tuple(part for part, _ in parts)


@lru_cache(maxsize=4096)
def parse_destination(text: str) -> Path:
    """The path of a `dest`; raises `BadPathError`."""
    if not text:
        raise BadPathError("path cannot be empty")
    parts = _split(text)
    if any(part.hash for part, _ in parts):
        raise BadPathError(f"path {text!r}: '#' names no place that can be set")
    return tuple(_forced(part) for part, _ in parts)


def find(value: Value, path: Path) -> Value | None:
    """What stands at `path`, or None when nothing does. Of repeated keys the first counts."""
    for place, part in enumerate(path):
        if part.hash and value.raw.startswith("["):
            return _over_list(value, path[place + 1 :])
        found = _member(value, part.key) if value.raw.startswith("{") else _item(value, part.key)
        if found is None:
            return None
        value = found
    return value


def put(document: Any, path: Path, value: Any) -> Any:  # noqa: ANN401 - any JSON value
    """`document` with `value` at `path`: parents are made, what is in the way is replaced; raises `BadPathError`.

    `document` itself is not changed. A new parent is a list when the next part is a number or -1, else an object.
    """
    if not path:
        return value
    part, rest = path[0], path[1:]
    if is_list(document):
        return _put_item(document, part, rest, value)
    if is_object(document):
        return {**document, part.key: put(document.get(part.key), rest, value)}
    if not part.forced and (part.key == "-1" or part.key.isdecimal()):
        return _put_item([], part, rest, value)
    return {part.key: put(None, rest, value)}


def _split(text: str) -> list[tuple[Part, str]]:
    """The parts with their unescaped spelling, in which an escaped character is left out."""
    parts: list[tuple[Part, str]] = []
    key = plain = ""
    escaped = False
    for character in f"{text}.":
        if escaped:
            key, escaped = key + character, False
        elif character == "\\":
            escaped = True
        elif character == ".":
            parts.append((Part(key, hash=plain == "#"), plain))
            key = plain = ""
        else:
            refused = _ANYWHERE.get(character) or (_AT_START.get(character) if not key else None)
            if refused:
                raise BadPathError(f"path {text!r}: {refused} ('{character}') are not supported yet")
            key, plain = key + character, plain + character
    return parts


def _forced(part: Part) -> Part:
    return Part(part.key[1:], forced=True) if part.key.startswith(":") else part


def _member(value: Value, key: str) -> Value | None:
    return next((found for name, found in value.members() if name == key), None)


def _item(value: Value, key: str) -> Value | None:
    if not key.isdecimal():
        return None
    return next((found for place, found in enumerate(value.items()) if place == int(key)), None)


def _over_list(value: Value, rest: Path) -> Value:
    """`#` at the end is the length; with a path behind it, the list of what each item has there."""
    if not rest:
        return Value(str(sum(1 for _ in value.items())))
    found = (find(item, rest) for item in value.items())
    return Value(f"[{','.join(each.raw for each in found if each is not None)}]")


def _put_item(items: list[Any], part: Part, rest: Path, value: Any) -> list[Any]:  # noqa: ANN401 - any JSON value
    if part.key != "-1" and not part.key.isdecimal():
        raise BadPathError(f"cannot set array element for non-numeric key '{part.key}'")
    at = len(items) if part.key == "-1" else int(part.key)
    if at > len(items) + MAX_GAP:
        raise BadPathError(f"index {at} is too far behind the end of a list of {len(items)}")
    filled = [*items, *[None] * (at + 1 - len(items))]
    filled[at] = put(filled[at], rest, value)
    return filled


def text_at(document: Any, path: Path) -> str | None:  # noqa: ANN401 - any JSON value
    """The text of what stands at `path` of a decoded document, or None when nothing does."""
    found = find(Value(rawjson.dump(document)), path)
    return None if found is None else found.text()
