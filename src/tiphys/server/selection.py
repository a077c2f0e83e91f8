"""Which workflows a list or a watch is about: namespace, labels, and the few field selectors that Argo knows. Pure.

Argo: server/workflow/store and server/utils/list_options.go, BuildListOptions, v4.1.2: `metadata.name`,
`metadata.namespace`, `ext.showRemainingItemCount`; anything else is refused. `nameFilter` says how the name
is compared.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from tiphys.controllers.ports import WorkflowRow
from tiphys.lang import selectors
from tiphys.server.failures import Code, Failure

_FILTERS: Final[Mapping[str, Callable[[str, str], bool]]] = {
    "": lambda name, wanted: name == wanted,
    "Exact": lambda name, wanted: name == wanted,
    "Prefix": lambda name, wanted: name.startswith(wanted),
    "Contains": lambda name, wanted: wanted in name,
    "NotEquals": lambda name, wanted: name != wanted,
}


_GO_RFC3339: Final = "2006-01-02T15:04:05Z07:00"
_ALL: Final = selectors.LabelSelector()


@dataclass(frozen=True, slots=True)
class Selection:
    """`name` None means all names; an unknown `name_filter` compares nothing, as Argo's."""

    namespace: str = ""
    not_namespace: str | None = None
    name: str | None = None
    name_filter: str = ""
    labels: selectors.LabelSelector = _ALL
    created_after: datetime | None = None
    finished_before: datetime | None = None
    counts_rest: bool = False

    @property
    def only_labels(self) -> bool:
        """Whether namespace and labels, which the store can select by, are all there is."""
        return self.name is None and not (self.not_namespace or self.created_after or self.finished_before)

    def matches(self, row: WorkflowRow) -> bool:
        """Whether that workflow is meant."""
        return (
            self.namespace in ("", row.namespace)
            and self.not_namespace != row.namespace
            and self.name_matches(row.name)
            and self.labels.matches(row.labels)
            and (self.created_after is None or row.created_at > self.created_after)
            and (
                self.finished_before is None or (row.finished_at is not None and row.finished_at < self.finished_before)
            )
        )

    def name_matches(self, name: str) -> bool:
        """Whether that name is meant."""
        compare = _FILTERS.get(self.name_filter)
        return self.name is None or compare is None or compare(name, self.name)


def parse_selection(namespace: str, label_selector: str, field_selector: str, query: Mapping[str, str]) -> Selection:
    """From the parts of a request; raises `Failure` in Argo's words."""
    labels = _parse_labels(label_selector)
    fields = _Fields(namespace=namespace, name_filter=query.get("nameFilter", ""))
    for term in _parse_fields(field_selector):
        fields.take(term)
    return Selection(
        namespace=fields.namespace,
        not_namespace=fields.not_namespace,
        name=fields.name,
        name_filter=fields.name_filter,
        labels=labels,
        created_after=_time(query, "createdAfter"),
        finished_before=_time(query, "finishedBefore"),
        counts_rest=fields.counts_rest,
    )


@dataclass(slots=True)
class _Fields:
    """What the terms of a field selector have said so far."""

    namespace: str
    name_filter: str
    not_namespace: str | None = None
    name: str | None = None
    counts_rest: bool = False

    def take(self, term: selectors.FieldTerm) -> None:
        match term.field:
            case "metadata.name":
                self.name = term.value
                self.name_filter = self.name_filter if term.equal else "NotEquals"
            case "metadata.namespace" if term.equal:
                self._take_namespace(term.value)
            case "metadata.namespace":
                self.not_namespace = term.value
            case "ext.showRemainingItemCount" if term.equal:
                self.counts_rest = term.value == "true"
            case _:
                sign = "=" if term.equal else "!="
                raise Failure(Code.INVALID_ARGUMENT, f"unsupported requirement {term.field}{sign}{term.value}")

    def _take_namespace(self, wanted: str) -> None:
        if self.namespace not in ("", wanted):
            raise Failure(
                Code.INVALID_ARGUMENT,
                f"'namespace' query param ({self.namespace}) and fieldselector 'metadata.namespace' ({wanted}) are both"
                " specified and contradict each other",
            )
        self.namespace = wanted


def _parse_labels(text: str) -> selectors.LabelSelector:
    try:
        return selectors.parse_labels(text)
    except selectors.InvalidSelector as error:
        raise Failure(Code.INVALID_ARGUMENT, str(error)) from error


def _parse_fields(text: str) -> tuple[selectors.FieldTerm, ...]:
    try:
        return selectors.parse_fields(text).terms
    except selectors.InvalidSelector as error:
        raise Failure(Code.INVALID_ARGUMENT, str(error)) from error


def _time(query: Mapping[str, str], name: str) -> datetime | None:
    text = query.get(name, "")
    if not text:
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError as error:
        raise Failure(
            Code.INTERNAL, f'parsing time "{text}" as "{_GO_RFC3339}": cannot parse "{text}" as "2006"'
        ) from error
    if at.tzinfo is None:
        raise Failure(Code.INTERNAL, f'parsing time "{text}" as "{_GO_RFC3339}": cannot parse "" as "Z07:00"')
    return at
