"""Which workflows a query means: the part that is the same for every store."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tiphys.controllers.ports import WorkflowQuery, WorkflowRow
from tiphys.lang import selectors


def page(query: WorkflowQuery, candidates: Iterable[WorkflowRow]) -> Sequence[WorkflowRow]:
    """Of workflows that match in all but labels, in order: those whose labels match, from `offset`, at most `limit`.

    Raises `Refused` for labels that are no selector.
    """
    selector = selectors.parse_labels(query.labels)
    found = [row for row in candidates if selector.matches(row.labels)]
    return found[query.offset : query.offset + query.limit] if query.limit else found[query.offset :]
