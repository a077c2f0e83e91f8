"""Where a proposal goes: a pure function of the action and the verdicts on it. Pure.

Every step can only make the route stricter: the strictest consequence of any verdict wins, and the catalog's need for
approval always counts. A human's approval turns `approve` into `execute`, and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TypeAlias

from tiphys.remediation.catalog import Action

Inputs: TypeAlias = Mapping[str, str | int | bool]
"""What a guard looked at, flat, so that the log can hold it."""


class Route(StrEnum):
    """From the loosest to the strictest, in this order.

    `hold` waits until a time and judges again; `none` does nothing; `escalate` hands the incident to people.
    """

    EXECUTE = "execute"
    APPROVE = "approve"
    HOLD = "hold"
    NONE = "none"
    ESCALATE = "escalate"


_STRICTNESS: Mapping[Route, int] = {route: place for place, route in enumerate(Route)}


@dataclass(frozen=True, slots=True)
class Verdict:
    """One guard's judgement.

    `inputs` is what it looked at, for the log. `otherwise` is where a no leads; `until` is when a `hold` ends.
    """

    name: str
    ok: bool
    reason: str
    inputs: Inputs = field(default_factory=dict[str, str | int | bool])
    otherwise: Route = Route.ESCALATE
    until: datetime | None = None


def choose_route(action: Action | None, verdicts: Iterable[Verdict], *, approved: bool = False) -> Route:
    """The route for an action, or for the lack of one, under these verdicts; no verdict at all escalates.

    `approved` says that a valid approval of exactly this action is at hand.
    """
    judged = tuple(verdicts)
    if not judged:
        return Route.ESCALATE
    wanted = [verdict.otherwise for verdict in judged if not verdict.ok]
    if action is None:
        return strictest([Route.NONE, *wanted])
    if action.requires_approval:
        wanted.append(Route.APPROVE)
    if approved:
        wanted = [route for route in wanted if route is not Route.APPROVE]
    return strictest([Route.EXECUTE, *wanted])


def strictest(routes: Iterable[Route]) -> Route:
    """The strictest of some routes."""
    return max(routes, key=_STRICTNESS.__getitem__)
