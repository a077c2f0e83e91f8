"""A planner's reply as a Decision, or why it is none. Pure.

The reply is the text of a program that may have been talked into anything: it is read strictly, whole, and once. It
never carries a template, and the incident it speaks of must be the one that it was asked about.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

from tiphys import jsons
from tiphys.remediation import cleaning
from tiphys.remediation.kinds import Value

MAX_REPLY = 65_536
"""Characters of a reply; one action with its rationale needs a few hundred."""
MAX_TEXT = 1_000
"""Characters of a rationale that are kept, and of a parameter that are looked at."""

MAX_NUMBER = 2**53 - 1
"""The largest whole number that JSON readers agree on."""


class NotADecision(Exception):  # noqa: N818 - a verdict on input, caught by the same room's caller
    """The reply cannot be used; the message says why."""


@dataclass(frozen=True, slots=True)
class ProposedAction:
    """An action by its name in the catalog; `rationale` is the planner's own word, cleaned, and never shown as fact."""

    name: str
    params: Mapping[str, Value]
    rationale: str


@dataclass(frozen=True, slots=True)
class Decision:
    """What a planner proposes: no action or one; `confidence` is from 0 to 1 and no measured probability."""

    incident_id: str
    actions: tuple[ProposedAction, ...]
    confidence: float
    needs_human: bool


def parse_decision(reply: str, incident_id: str) -> Decision:
    """The decision in a planner's reply about that incident; raises `NotADecision`."""
    if len(reply) > MAX_REPLY:
        raise NotADecision(f"the reply is longer than {MAX_REPLY} characters")
    try:
        body = json.loads(reply, object_pairs_hook=_unique, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise NotADecision(f"the reply is not JSON: {cleaning.clean_text(str(error), 200)}") from error
    entry = _fields(body, "the decision", ("incident_id", "actions", "confidence", "needs_human"))
    if entry["incident_id"] != incident_id:
        raise NotADecision("the reply speaks of another incident")
    if not jsons.is_list(entry["actions"]) or not isinstance(entry["needs_human"], bool):
        raise NotADecision("actions must be a list, needs_human true or false")
    if len(entry["actions"]) > 1:
        raise NotADecision(f"the reply has {len(entry['actions'])} actions; a decision has at most one")
    actions = tuple(_action(item) for item in entry["actions"])
    return Decision(incident_id, actions, _confidence(entry["confidence"]), entry["needs_human"])


def _action(item: object) -> ProposedAction:
    entry = _fields(item, "an action", ("name", "params", "rationale"))
    name, params, rationale = entry["name"], entry["params"], entry["rationale"]
    if not isinstance(name, str) or not isinstance(rationale, str) or not jsons.is_object(params):
        raise NotADecision("an action has a name, params by name, and a rationale")
    if not all(_is_value(value) and cleaning.is_storable(key) for key, value in params.items()):
        raise NotADecision("a parameter is a text or a whole number")
    return ProposedAction(cleaning.clean_text(name, MAX_TEXT), params, cleaning.clean_text(rationale, MAX_TEXT))


def _is_value(value: object) -> bool:
    if isinstance(value, str):
        return len(value) <= MAX_TEXT and cleaning.is_storable(value)
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) <= MAX_NUMBER


def _confidence(value: object) -> float:
    if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 1:
        return float(value)
    raise NotADecision("confidence must be a number from 0 to 1")


def _fields(value: object, what: str, keys: tuple[str, ...]) -> jsons.JsonObject:
    """An object with exactly these keys."""
    if not jsons.is_object(value):
        raise NotADecision(f"{what} must be an object")
    if value.keys() != set(keys):
        raise NotADecision(f"{what} must have exactly the fields {', '.join(keys)}")
    return value


def _unique(pairs: list[tuple[str, Any]]) -> jsons.JsonObject:
    entry = dict(pairs)
    if len(entry) != len(pairs):
        raise ValueError("a key is there twice")
    return entry


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON number")
