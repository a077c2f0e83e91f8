"""The phases of nodes and workflows and the moves between them, as tables: a move that is absent is illegal. Pure.

Argo: pkg/apis/workflow/v1alpha1/workflow_types.go (NodePhase, WorkflowPhase), v4.1.2. The diagram in the documents is
printed from these tables.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from tiphys.errors import Bug

PENDING: Final = "Pending"
RUNNING: Final = "Running"
SUCCEEDED: Final = "Succeeded"
FAILED: Final = "Failed"
ERROR: Final = "Error"
SKIPPED: Final = "Skipped"
OMITTED: Final = "Omitted"

UNHAPPY: Final = frozenset((FAILED, ERROR))
COMPLETED: Final = frozenset((SUCCEEDED, FAILED, ERROR))
FULFILLED: Final = COMPLETED | {SKIPPED, OMITTED}

NODE_MOVES: Final[Mapping[str, frozenset[str]]] = {
    PENDING: frozenset((RUNNING, SUCCEEDED, FAILED, ERROR)),
    RUNNING: frozenset((SUCCEEDED, FAILED, ERROR)),
    SUCCEEDED: frozenset(),
    FAILED: frozenset(),
    ERROR: frozenset(),
    SKIPPED: frozenset(),
    OMITTED: frozenset(),
}
"""From a node's phase to the phases that it may move to; a node may be made in any phase."""

WORKFLOW_MOVES: Final[Mapping[str, frozenset[str]]] = {
    "": frozenset((RUNNING, FAILED, ERROR)),
    RUNNING: frozenset((SUCCEEDED, FAILED, ERROR)),
    SUCCEEDED: frozenset(),
    FAILED: frozenset(),
    ERROR: frozenset(),
}
"""From a workflow's phase, empty before its first fact, to the phases that it may move to."""


def check_move(moves: Mapping[str, frozenset[str]], what: str, before: str, after: str) -> None:
    """Raises `Bug` when `what` may not move from `before` to `after`."""
    if after not in moves[before]:
        raise Bug(
            f"{what} cannot move from phase {before!r} to {after!r}: tell the authors of Tiphys how it came about"
        )
