"""The phases of an incident and the legal moves between them; what is not in the table is illegal. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from tiphys import errors


class Phase(StrEnum):
    """Where an incident stands.

    `gathering` evidence, `deciding` (the planner is asked), `held` until a time, `awaiting-approval`, `dispatched` (a
    workflow is to run or runs), `compensating` (it failed, and its compensation runs); and how it ends: `healed`,
    `escalated` (people have it), `ignored` (nothing to do), `resolved` (the alert ended by itself).
    """

    GATHERING = "gathering"
    DECIDING = "deciding"
    HELD = "held"
    AWAITING_APPROVAL = "awaiting-approval"
    DISPATCHED = "dispatched"
    COMPENSATING = "compensating"
    HEALED = "healed"
    ESCALATED = "escalated"
    IGNORED = "ignored"
    RESOLVED = "resolved"


_DECIDED = frozenset((Phase.HELD, Phase.AWAITING_APPROVAL, Phase.DISPATCHED, Phase.ESCALATED, Phase.IGNORED))

MOVES: Mapping[Phase, frozenset[Phase]] = {
    Phase.GATHERING: frozenset((Phase.DECIDING, Phase.IGNORED, Phase.RESOLVED)),
    Phase.DECIDING: _DECIDED | {Phase.RESOLVED},
    Phase.HELD: (_DECIDED - {Phase.HELD}) | {Phase.RESOLVED},
    Phase.AWAITING_APPROVAL: frozenset((Phase.DISPATCHED, Phase.ESCALATED, Phase.RESOLVED)),
    Phase.DISPATCHED: frozenset((Phase.HEALED, Phase.COMPENSATING, Phase.ESCALATED)),
    Phase.COMPENSATING: frozenset((Phase.ESCALATED,)),
    Phase.HEALED: frozenset((Phase.ESCALATED,)),
    Phase.ESCALATED: frozenset(),
    Phase.IGNORED: frozenset(),
    Phase.RESOLVED: frozenset(),
}
"""From each phase to those that may follow. `healed` can still turn out not to have helped."""

OPEN = (
    Phase.GATHERING,
    Phase.DECIDING,
    Phase.HELD,
    Phase.AWAITING_APPROVAL,
    Phase.DISPATCHED,
    Phase.COMPENSATING,
)
"""Phases in which the machine still has something to do."""
HOLDS_LOCK = (Phase.DISPATCHED, Phase.COMPENSATING)
"""Phases in which the incident holds its target."""


def check_move(old: Phase, new: Phase) -> None:
    """Raises `Bug` unless an incident may go from `old` to `new`; staying is always legal."""
    if new is not old and new not in MOVES[old]:
        raise errors.Bug(f"an incident cannot go from {old} to {new}")
