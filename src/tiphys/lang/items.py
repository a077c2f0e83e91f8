"""Loops: the items of `withItems`, `withParam` and `withSequence`, their names and what a body becomes with one. Pure.

An item is kept as the JSON text it was spelled with and looked at only when it is asked for, so that a fan-out of
100,000 costs nothing before its items start.

Argo: workflow/controller/operator.go (processItem, generateNodeName, expandSequence) and
pkg/apis/workflow/v1alpha1/item.go, v4.1.2.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, overload

from tiphys import errors
from tiphys.lang import gofmt, gojson, gosyntax, gotext, tags

LOOP_FIELDS: Final = ("withItems", "withParam", "withSequence")
"""The fields of a step or task that make it a loop."""
_ITEM_LIST: Final = "[]v1alpha1.Item"
_NO_PARENTHESES: Final = str.maketrans("", "", "()")


class InvalidItems(errors.InvalidManifest):
    """A loop whose items cannot be told; the message is Argo's."""


@dataclass(frozen=True, slots=True)
class Item:
    """One item: `label` as it stands in a node's name, `variables` are `item` and, for an object, `item.<key>`."""

    label: str
    variables: Mapping[str, str]

    def name(self, call: str, index: int) -> str:
        """The name of the step or task `call` for this item at `index`: `call(0:a)`."""
        return f"{call}({index}:{self.label})"


class Items(Sequence[Item]):
    """All items of a loop; the count is known at once, an item is made when it is asked for."""

    def __init__(self, spelled: Sequence[str]) -> None:
        """Take the items as JSON texts."""
        self._spelled = spelled

    def __len__(self) -> int:
        return len(self._spelled)

    @overload
    def __getitem__(self, index: int) -> Item: ...
    @overload
    def __getitem__(self, index: slice) -> Items: ...
    def __getitem__(self, index: int | slice) -> Item | Items:
        if isinstance(index, slice):
            return Items(self._spelled[index])
        return parse_item(self._spelled[index])


def from_values(values: Sequence[object]) -> Items:
    """The items of `withItems`, decoded."""
    return Items([gojson.encode(value) for value in values])


def from_param(text: str) -> Items:
    """The items of `withParam`: a JSON list.

    Raises:
        InvalidItems: it is none.
    """
    try:
        return Items(gojson.split_list(text, _ITEM_LIST))
    except gosyntax.InvalidJson as error:
        raise InvalidItems(f"withParam value could not be parsed as a JSON list: {text.strip()}: {error}") from error


def from_sequence(start: str | None, end: str | None, count: str | None, template: str = "") -> Items:
    """The items of `withSequence`: texts of numbers; `end` wins over `count`, a `count` below 0 counts down.

    Differs: a format is tried on the first and the last number only; one that gives bad JSON between them is an error
    when that item is asked for.

    Raises:
        InvalidItems: a number or the format is bad.
    """
    first = _atoi(start) if start is not None else 0
    if end is not None:
        last = _atoi(end)
    elif count is not None:
        number = _atoi(count)
        if number == 0:
            return Items(())
        last = first + number - 1
    else:
        raise InvalidItems("neither end nor count was specified in withSequence")
    numbers = range(first, last + 1) if first <= last else range(first, last - 1, -1)
    spelled = _Sequence(numbers, template)
    for tried in {0, len(numbers) - 1}:
        parse_item(spelled[tried])
    return Items(spelled)


class _Sequence(Sequence[str]):
    """The JSON texts of a sequence of numbers."""

    def __init__(self, numbers: range, template: str) -> None:
        self._numbers = numbers
        self._template = template

    def __len__(self) -> int:
        return len(self._numbers)

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> _Sequence: ...
    def __getitem__(self, index: int | slice) -> str | _Sequence:
        if isinstance(index, slice):
            return _Sequence(self._numbers[index], self._template)
        number = self._numbers[index]
        text = gofmt.sprintf(self._template, number) if self._template else str(number)
        spelled = f'"{text}"'
        if self._template:
            problem = gosyntax.first_problem(spelled)
            if problem:
                raise InvalidItems(problem)
        return spelled


def parse_item(spelled: str) -> Item:
    """An item from its JSON text, which is known to be JSON."""
    spelled = spelled.strip(" \t\r\n")
    match spelled[0]:
        case '"':
            return Item(_label(_shown(spelled)), {"item": gojson.decode_string(spelled)})
        case "{":
            return _object_item(spelled)
        case "[":
            shown = " ".join(_shown(element) for element in gojson.elements(spelled))
            return Item(_label(f"[{shown}]"), {"item": gojson.compact(spelled)})
        case "n":
            return Item("[]", {"item": "null"})
        case "t" | "f":
            return Item(spelled, {"item": spelled})
        case _:
            return Item(spelled, {"item": spelled if math.isfinite(float(spelled)) else ""})


def _object_item(spelled: str) -> Item:
    members = dict(gojson.members(spelled))
    variables = {f"item.{key}": _shown(value) for key, value in members.items()}
    label = ",".join(sorted(f"{key}:{_shown(value)}" for key, value in members.items()))
    parts = (f"{gojson.encode_string(key)}:{gojson.compact(members[key])}" for key in sorted(members))
    variables["item"] = "{" + ",".join(parts) + "}"
    return Item(_label(label), variables)


def _shown(spelled: str) -> str:
    """How Argo prints an item: JSON, a string without its quotes but with its escapes."""
    text = gojson.unescape_html(gojson.compact(spelled))
    return text[1:-1] if text[0] == '"' else text


def _label(text: str) -> str:
    return text.translate(_NO_PARENTHESES)


def _atoi(text: str) -> int:
    value = gotext.parse_int(text)
    if value is None:
        raise InvalidItems(gotext.atoi_error(text))
    return value


def loop_body(call: Mapping[str, object], *, task: bool) -> tags.TaggedText:
    """The compiled JSON text of a looping step or task, to be expanded for each item.

    Argo takes the loop's own fields out of a step before, out of a task only after they were compiled. They can matter
    in a task only by a tag in them that cannot be resolved, so they stay there only if they hold one.
    """
    own = {key: value for key, value in call.items() if key not in LOOP_FIELDS}
    loop = gojson.encode({key: value for key, value in call.items() if key in LOOP_FIELDS}) if task else ""
    return tags.compile_json(call if "{{" in loop else own)


def expand(
    body: tags.TaggedText,
    item: Item,
    scope: Mapping[str, object],
    *,
    never: bool = False,
    evaluate: tags.Evaluate | None = None,
) -> str:
    """The JSON text of a body for one item; its `name` and `template` are the caller's to set, they are not tagged.

    `scope` are all other variables (None: an absent optional). `never`: the `when` without the item is already false;
    then what cannot be resolved stays, else it is an error.

    Raises:
        tags.InvalidTag: a tag cannot be resolved.
    """
    variables = {**scope, **item.variables}
    if never:
        variables = {name: value for name, value in variables.items() if value is not None}
    return body.render(variables, strict=not never, evaluate=evaluate)
