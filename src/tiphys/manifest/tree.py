"""Builds one JSON tree with its places from a YAML parser's events, by Argo's rules and within bounds.

A stack instead of recursion, so that no nesting meets the interpreter's limit. Merge keys and double keys behave as in
goyaml v2 (decode.go): members count in the order in which they stand, and in a strict reading no key may be set twice,
not even over one that a merge key has brought.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import yaml

from tiphys.jsons import as_list, as_object, is_list, is_object
from tiphys.manifest.positions import Place
from tiphys.manifest.scalars import NotAScalar, key_text, resolve_plain, resolve_tagged

MAX_DEPTH = 100
"""Levels of nesting; ours. Argo's deepest types need about thirty, an inline template five more each."""
MAX_NODES = 500_000
"""Values of one text with its aliases written out; ours. A billion laughs would pass any limit on the text."""


class Unreadable(ValueError):  # noqa: N818 - it says what the text is
    """The rest of the text cannot be read; `line` and `column` from 1."""

    def __init__(self, message: str, line: int, column: int) -> None:
        super().__init__(message)
        self.line = line
        self.column = column


@dataclass(frozen=True, slots=True)
class Fault:
    """Something wrong with a document that does not stop the reading of it."""

    message: str
    line: int
    column: int
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Tree:
    """One document: its JSON value, its places, what is wrong with it."""

    value: Any
    place: Place
    problems: tuple[Fault, ...] = ()


@dataclass(slots=True)
class _Node:
    """A finished value; `size` counts it with all below it; `merge` marks a plain `<<`."""

    value: Any
    place: Place
    size: int = 1
    merge: bool = False


@dataclass(slots=True)
class _Open:
    """A container that is being filled; in a mapping `key` waits for its value."""

    value: dict[str, Any] | list[Any]
    place: Place
    anchor: str | None
    size: int = 1
    key: _Node | None = None


@dataclass(slots=True)
class TreeBuilder:
    """Turns events into trees; `receive` gives one back at the end of each document."""

    first_line: int
    strict: bool
    _stack: list[_Open] = field(default_factory=list[_Open])
    _anchors: dict[str, _Node] = field(default_factory=dict[str, _Node])
    _faults: list[Fault] = field(default_factory=list[Fault])
    _root: _Node | None = None

    def receive(self, event: Any) -> Tree | None:  # noqa: ANN401 - an event of an untyped library
        """Takes the next event; raises `Unreadable` where a bound is broken."""
        match event:
            case yaml.ScalarEvent():
                self._add(self._scalar(event), event.anchor)
            case yaml.MappingStartEvent():
                self._open({}, event)
            case yaml.SequenceStartEvent():
                self._open([], event)
            case yaml.MappingEndEvent() | yaml.SequenceEndEvent():
                done = self._stack.pop()
                self._add(_Node(done.value, done.place, done.size), done.anchor)
            case yaml.AliasEvent():
                self._add(self._alias(event), None)
            case yaml.DocumentEndEvent():
                return self._finish()
            case _:
                pass
        return None

    def _place(self, event: Any) -> Place:  # noqa: ANN401 - an event of an untyped library
        return Place(self.first_line + event.start_mark.line + 1, event.start_mark.column + 1)

    def _open(self, value: dict[str, Any] | list[Any], event: Any) -> None:  # noqa: ANN401 - an event
        place = self._place(event)
        if len(self._stack) >= MAX_DEPTH:
            raise Unreadable(f"nested deeper than {MAX_DEPTH} levels", place.line, place.column)
        self._stack.append(_Open(value, place, event.anchor))

    def _scalar(self, event: Any) -> _Node:  # noqa: ANN401 - an event of an untyped library
        text: str = event.value
        place = self._place(event)
        if event.tag is not None and not event.implicit[0]:
            try:
                return _Node(text if event.tag == "!" else resolve_tagged(event.tag, text), place)
            except NotAScalar as error:
                self._fault(str(error), place)
                return _Node(None, place)
        if not event.implicit[0]:
            return _Node(text, place)
        value = resolve_plain(text)
        if isinstance(value, float) and not math.isfinite(value):
            self._fault(f"{text} has no JSON form", place, "put it in quotes if it is text")
            value = None
        return _Node(value, place, merge=text == "<<")

    def _alias(self, event: Any) -> _Node:  # noqa: ANN401 - an event of an untyped library
        place = self._place(event)
        node = self._anchors.get(event.anchor)
        if node is None:
            raise Unreadable(f"unknown anchor '{event.anchor}'", place.line, place.column)
        return _Node(node.value, Place(place.line, place.column, node.place.members), node.size)

    def _add(self, node: _Node, anchor: str | None) -> None:
        if anchor is not None:
            self._anchors[anchor] = node
        if not self._stack:
            self._root = node
            return
        top = self._stack[-1]
        top.size += node.size
        if top.size > MAX_NODES:
            raise Unreadable(
                f"more than {MAX_NODES} values with aliases written out", node.place.line, node.place.column
            )
        if isinstance(top.value, list):
            top.place.members[len(top.value)] = node.place
            top.value.append(node.value)
        elif top.key is None:
            top.key = node
        else:
            self._set(top, top.value, top.key, node)
            top.key = None

    def _set(self, top: _Open, mapping: dict[str, Any], key: _Node, node: _Node) -> None:
        if key.merge:
            self._merge(top, mapping, node)
            return
        name = None if is_object(key.value) or is_list(key.value) else key_text(key.value)
        if name is None:
            hint = "a value that begins with {{ must stand in quotes" if is_object(key.value) else ""
            self._fault("a key must be text", key.place, hint)
        elif self.strict and name in mapping:
            self._fault(f'key "{name}" already set in map', key.place, "a key may stand only once")
        else:
            mapping[name] = node.value
            top.place.members[name] = Place(key.place.line, key.place.column, node.place.members)

    def _merge(self, top: _Open, mapping: dict[str, Any], node: _Node) -> None:
        """`<<`: a mapping, or a list of them in which earlier ones win."""
        sources = as_list(node.value) if is_list(node.value) else [node.value]
        if not all(is_object(source) for source in sources):
            self._fault("map merge requires map or sequence of maps as the value", node.place)
            return
        merged: dict[str, Any] = {}
        for source in reversed(sources):
            merged.update(as_object(source))
        for name, value in merged.items():
            if self.strict and name in mapping:
                self._fault(
                    f'key "{name}" already set in map', node.place, "a merge key may not bring a key that is set"
                )
                continue
            mapping[name] = value
            place = node.place.members.get(name)
            top.place.members[name] = place or Place(node.place.line, node.place.column)

    def _fault(self, message: str, place: Place, hint: str = "") -> None:
        self._faults.append(Fault(message, place.line, place.column, hint))

    def _finish(self) -> Tree:
        root = self._root or _Node(None, Place(self.first_line + 1, 1))
        tree = Tree(root.value, root.place, tuple(self._faults))
        self._root = None
        self._faults.clear()
        self._anchors.clear()
        return tree
