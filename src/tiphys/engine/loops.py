"""Loops: the expansion of a step or task into one use for each item, and the gathering of their outputs. Pure.

Argo: workflow/controller/operator.go (processItem, processAggregateNodeOutputs) and steps.go (expandStep), v4.1.2.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from tiphys.engine import phases
from tiphys.engine.conditions import holds
from tiphys.engine.failures import CallFailed
from tiphys.engine.node import Node
from tiphys.engine.texts import MISSING, Layer, Names, fill
from tiphys.engine.uses import Use, fill_hook, fill_use
from tiphys.jsons import JsonObject, as_list, is_list, is_object
from tiphys.lang import gojson, gosyntax, items, tags

EMPTY = "Skipped, empty params"
"""What the one node of a loop without items says."""


@dataclass(frozen=True, slots=True)
class Instance:
    """One step or task to be started; `index` is None outside loops."""

    name: str
    use: Use
    index: int | None = None

    @property
    def base(self) -> str:
        """The name without the index."""
        return self.name if self.index is None else self.name.partition("(")[0]


def expand(use: Use, names: Names) -> list[Instance]:
    """The instances of a use whose tags, but for those of the item, are filled; none for an empty loop.

    Raises `CallFailed` in Argo's words when the items cannot be told or a tag cannot be resolved.
    """
    if not use.is_loop:
        return [Instance(use.name, use)]
    found = _items(use)
    never = _never(use)
    body = replace(use, items=(), param="", sequence=None)
    return [_instance(body, index, item, names, never=never) for index, item in enumerate(found)]


def _items(use: Use) -> Iterable[items.Item]:
    try:
        if use.items:
            return items.from_values(use.items)
        if use.param:
            return items.from_param(use.param)
        sequence = use.sequence
        assert sequence is not None  # noqa: S101 - a loop is one of the three
        return items.from_sequence(sequence.start, sequence.end, sequence.count, sequence.format or "")
    except items.InvalidItems as error:
        if _never(use):
            return ()
        raise CallFailed(str(error)) from error


def _never(use: Use) -> bool:
    """Whether the condition is false whatever the item; one that cannot be judged without it is not."""
    try:
        return not holds(use.when)
    except CallFailed:
        return False


def _instance(body: Use, index: int, item: items.Item, names: Names, *, never: bool) -> Instance:
    scope = Layer(item.variables, names)

    def one_pass(text: str) -> str:
        if not never:
            return fill(text, scope, strict=True)
        return fill(text, _WithoutAbsent(scope))

    name = item.name(body.name, index)
    try:
        use = fill_use(body, one_pass)
        if use.hook:
            use = replace(use, hook=fill_hook(use.hook, one_pass))
    except tags.MissingVariable as error:
        raise CallFailed(str(error)) from error
    return Instance(name, replace(use, name=name, template=body.template), index)


class _WithoutAbsent(Names):
    """Names in which an absent optional is unknown."""

    def __init__(self, below: Names) -> None:
        self._below = below

    def find(self, name: str) -> object:
        value = self._below.find(name)
        return MISSING if value is None else value


class Gathered:
    """The outputs of a loop's nodes, given in the order of the items.

    Only what has Succeeded counts. Raises `CallFailed` when a result is no JSON (case 103).
    """

    def __init__(self, loop_nodes: Iterable[Node]) -> None:
        succeeded = [node.outputs for node in loop_nodes if node.phase == phases.SUCCEEDED and node.outputs]
        self._results = [_as_json(outputs["result"]) for outputs in succeeded if "result" in outputs]
        self._parameters = [parameters for outputs in succeeded if (parameters := _values(outputs))]

    def find(self, rest: str) -> object:
        """What `steps.<loop>.<rest>` is, or `MISSING`."""
        if rest == "outputs.result":
            return "[" + ",".join(self._results) + "]"
        if rest == "outputs.parameters":
            return gojson.encode(self._parameters)
        if rest.startswith("outputs.parameters."):
            name = rest.removeprefix("outputs.parameters.")
            values = [parameters[name] for parameters in self._parameters if name in parameters]
            return _value_list(values) if values else MISSING
        return MISSING


def _values(outputs: JsonObject) -> dict[str, str]:
    return {parameter["name"]: parameter.get("value", "") for parameter in as_list(outputs.get("parameters"))}


def _as_json(result: str) -> str:
    try:
        gojson.check(result)
    except gosyntax.InvalidJson as error:
        raise CallFailed(str(error)) from error
    return gojson.compact(result.strip())


def _value_list(values: list[str]) -> str:
    decoded: list[Any] = []
    for value in values:
        try:
            gojson.check(value)
        except gosyntax.InvalidJson:
            return gojson.encode(values)
        parsed = json.loads(value, parse_int=float)
        if not (is_object(parsed) or is_list(parsed)):
            return gojson.encode(values)
        decoded.append(parsed)
    return gojson.encode(decoded)
