"""What Tiphys answers to a vector about Argo Events, by operation; an error is an answer too."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from tests.argo.answers import Answer, NotAnswered

from tiphys.events import conditions, filters, parameters, paths
from tiphys.events.conditions import BadConditionError, Condition
from tiphys.events.envelope import Event, of
from tiphys.events.facts import EventArrived, SensorLoaded
from tiphys.events.machine import TriggerMachine
from tiphys.events.parameters import ParameterError
from tiphys.events.paths import BadPathError
from tiphys.events.plan import SensorPlan, Trigger
from tiphys.manifest.events_model import EventDependency, EventDependencyFilter, TriggerParameter

NOW = datetime(2026, 1, 15, tzinfo=UTC)
YAML_CONTENT = "application/yaml"


def _event(given: Mapping[str, Any]) -> Event:
    context = given["context"]
    return Event(
        id=context.get("ID", ""),
        source=context.get("Source", ""),
        subject=context.get("Subject", ""),
        type=context.get("Type", ""),
        time=datetime.fromisoformat(context["Time"]),
        data=given.get("data"),
        content_type=context.get("DataContentType", ""),
        spec_version=context.get("SpecVersion", ""),
    )


def _events(question: Mapping[str, Any]) -> dict[str, Event]:
    events = {name: _event(given) for name, given in question["events"].items()}
    if any(event.content_type == YAML_CONTENT for event in events.values()):
        raise NotAnswered
    return events


def _here(parse: Callable[[str], object], path: str) -> None:
    """Raises `NotAnswered` for a path that waits for the whole of gjson."""
    try:
        parse(path)
    except BadPathError as error:
        raise NotAnswered from error


def _parameter(given: Mapping[str, Any]) -> TriggerParameter:
    parameter = TriggerParameter.model_validate(given)
    source = parameter.src
    if source is None or source.data_template or source.context_template:
        raise NotAnswered
    _here(paths.parse_source, source.data_key)
    _here(paths.parse_source, source.context_key)
    if parameter.dest:
        _here(paths.parse_destination, parameter.dest)
    return parameter


def _filter(question: Mapping[str, Any]) -> Answer:
    wanted = EventDependencyFilter.model_validate(question["filters"])
    if "exprs" in wanted.model_fields_set or wanted.script or any(each.template for each in wanted.data):
        raise NotAnswered
    for each in wanted.data:
        _here(paths.parse_source, each.path)
    verdict = filters.judge(_event(question["event"]), wanted, question.get("filtersLogicalOperator", ""))
    answer: Answer = {"pass": verdict.passed}
    return {**answer, "error": verdict.error} if verdict.error else answer


def _resolve(question: Mapping[str, Any]) -> Answer:
    parameter = _parameter({"src": question["src"]})
    found = parameter.src and parameters.resolve(parameter.src, _events(question))
    return {"value": found.text, "type": found.kind} if found else {"value": None, "type": "String"}


def _apply(question: Mapping[str, Any]) -> Answer:
    wanted = [_parameter(each) for each in question["parameters"]]
    events = _events(question)
    if not isinstance(question["object"], str):
        return {"object": parameters.apply(question["object"], wanted, events)[0]}
    return {"out": _text(parameters.apply(json.loads(question["object"]), wanted, events)[0])}


def _text(document: object) -> str:
    """Compact, as the vectors compare where both are."""
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"))


def _conditions(question: Mapping[str, Any]) -> Answer:
    condition = conditions.parse(question["conditions"], question["dependencies"])
    return {
        "expression": condition.text,
        "subscribed": list(condition.names),
        "stateful": condition.keeps_events,
        "truth": [{"received": received, "result": condition.is_met(set(received))} for received in question["states"]],
        "firings": _firings(condition, question["dependencies"], question["arrivals"]),
    }


def _firings(condition: Condition, dependencies: list[str], arrivals: list[str]) -> list[Answer]:
    """When a trigger of that condition fires, each event named by its place."""
    known = {name: EventDependency(name=name, event_source_name="s", event_name=name) for name in dependencies}
    machine = TriggerMachine(SensorPlan("ns", "sensor", known), Trigger("t", "log", {}, condition))
    machine.receive(SensorLoaded(NOW, 0))
    events = [
        of(event_id=str(place), source="s", subject=name, kind="webhook", time=NOW, data=None)
        for place, name in enumerate(arrivals)
    ]
    return [
        {"at": place, "events": {each: int(event_id) for each, event_id in firing.events.items()}}
        for place, event in enumerate(events)
        for firing in machine.receive(EventArrived(NOW, place + 1, event)).firings
    ]


BY_OP: dict[str, Callable[[Mapping[str, Any]], Answer]] = {
    "apply": _apply,
    "applyresource": _apply,
    "conditions": _conditions,
    "filter": _filter,
    "resolve": _resolve,
}


def answer(op: str, question: Mapping[str, Any]) -> Answer:
    """The answer to one question.

    Raises:
        NotAnswered: this floor cannot tell, or the question is not about events.
    """
    if op not in BY_OP or (op == "resolve" and "src" not in question):
        raise NotAnswered
    try:
        return BY_OP[op](question)
    except (BadConditionError, ParameterError) as error:
        return {"error": str(error)}
