"""Trigger parameters: a value out of the events, put into a template or a resource.

Argo: pkg/sensors/triggers/params.go (ResolveParamValue, ApplyParams), v1.9.11. Templates (`dataTemplate`,
`contextTemplate`) are refused. It must not know what the resource is.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tiphys.events import paths, rawjson
from tiphys.events.envelope import JSON_CONTENT, Event
from tiphys.events.paths import BadPathError
from tiphys.events.rawjson import Kind, Value
from tiphys.manifest.events_model import TriggerParameter, TriggerParameterSource

APPEND, PREPEND = "append", "prepend"
TEMPLATES_REFUSED = "dataTemplate and contextTemplate are not supported yet: use dataKey or contextKey"
OPERATIONS = frozenset({"", "overwrite", APPEND, PREPEND})


class ParameterError(ValueError):
    """A parameter that cannot be resolved or applied; its trigger fails."""


@dataclass(frozen=True, slots=True)
class Resolved:
    """What a source gave: text, and what it was in the event (`kind`), which decides about raw values."""

    text: str
    kind: Kind = "String"


@dataclass(frozen=True, slots=True)
class Applied:
    """A parameter and its value; `value` None when its dependency has no event and it has no fallback: left out."""

    parameter: TriggerParameter
    value: str | None


def resolve(source: TriggerParameterSource, events: Mapping[str, Event]) -> Resolved | None:
    """The value of a source, None when its dependency is not among the events and it has no `value`.

    A key that the event does not have falls back to `value`. Raises `ParameterError` without one.
    """
    if source.data_template or source.context_template:
        raise ParameterError(TEMPLATES_REFUSED)
    event = events.get(source.dependency_name)
    if event is None:
        return None if source.value is None else Resolved(source.value)
    if not source.data_key and not source.context_key:
        return Resolved(event.whole() if source.value is None else source.value)
    try:
        found = _by_key(source, event)
    except ParameterError:
        if source.value is None:
            raise
        found = None
    if found is not None:
        return Resolved(found.raw if found.kind in ("JSON", "Null") else found.text(), found.kind)
    if source.value is None:
        key = source.data_key or source.context_key
        raise ParameterError(f"unable to resolve '{source.dependency_name}' parameter value: the event has no '{key}'")
    return Resolved(source.value)


def apply(
    document: Any,  # noqa: ANN401 - any JSON value
    parameters: Sequence[TriggerParameter],
    events: Mapping[str, Event],
) -> tuple[Any, list[Applied]]:
    """`document` with all parameters put in, one after the other, and what each was; raises `ParameterError`."""
    applied: list[Applied] = []
    for parameter in parameters:
        resolved = resolve(parameter.src or TriggerParameterSource(), events)
        applied.append(Applied(parameter, None if resolved is None else resolved.text))
        if resolved is not None:
            document = _put(document, parameter, resolved)
    return document, applied


def _by_key(source: TriggerParameterSource, event: Event) -> Value | None:
    """Data goes before context when both are asked for, as in Argo Events."""
    if not source.data_key:
        return paths.find(Value(rawjson.dump(event.context())), _path(source.context_key))
    if event.content_type != JSON_CONTENT:
        raise ParameterError(f"unsupported event content type: {event.content_type}")
    value = rawjson.parse(event.data or "")
    if value is None:
        raise ParameterError("event data is not valid JSON")
    return paths.find(value, _path(source.data_key))


def _path(text: str) -> paths.Path:
    try:
        return paths.parse_source(text)
    except BadPathError as error:
        raise ParameterError(str(error)) from error


def _put(document: Any, parameter: TriggerParameter, resolved: Resolved) -> Any:  # noqa: ANN401 - any JSON value
    if parameter.operation not in OPERATIONS:
        raise ParameterError(f"unsupported trigger parameter operation: {parameter.operation}")
    try:
        destination = paths.parse_destination(parameter.dest)
        if parameter.operation in (APPEND, PREPEND):
            resolved = _joined(paths.text_at(document, paths.parse_source(parameter.dest)), parameter, resolved)
        return paths.put(document, destination, _value(parameter, resolved))
    except BadPathError as error:
        raise ParameterError(str(error)) from error


def _joined(current: str | None, parameter: TriggerParameter, resolved: Resolved) -> Resolved:
    """The value beside what is there already, as text; alone when nothing is."""
    if current is None:
        return resolved
    return Resolved(current + resolved.text if parameter.operation == APPEND else resolved.text + current)


def _value(parameter: TriggerParameter, resolved: Resolved) -> Any:  # noqa: ANN401 - any JSON value
    """The text itself or, for raw data that was no text in the event, the JSON that it is."""
    if parameter.src and parameter.src.use_raw_data and resolved.kind != "String":
        try:
            return json.loads(resolved.text)
        except RecursionError as error:
            raise ParameterError(f"the value for '{parameter.dest}' is nested too deep") from error
    return resolved.text
