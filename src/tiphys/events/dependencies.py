"""What can be wrong with the dependencies of a sensor and their filters, seen from the manifest alone.

Argo: pkg/reconciler/sensor/validate.go, v1.9.11; what Argo Events only finds at run time (regular expressions, numbers,
paths, names that its bus cannot carry) is found here too.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from tiphys.events import filters, paths, rawjson
from tiphys.events.filters import FilterError
from tiphys.events.findings import Findings
from tiphys.events.paths import BadPathError
from tiphys.manifest.events_model import DataFilter, EventContext, EventDependency, EventDependencyFilter, TimeFilter

OPERATORS = frozenset({"", "and", "or"})
COMPARATORS = frozenset({"", ">=", ">", "=", "!=", "<", "<="})
_UNCARRIED = re.compile(r"[.*>\s]")
"""Characters that would change the subject `<bus>.<eventSource>.<event>` on Argo Events' JetStream bus."""


def check_dependencies(dependencies: Sequence[EventDependency], found: Findings) -> None:
    """Finds what is wrong with each dependency and with their names."""
    if not dependencies:
        found.error("spec.dependencies", "no event dependencies found")
    seen: set[str] = set()
    for place, dependency in enumerate(dependencies):
        path = f"spec.dependencies[{place}]"
        _check_names(dependency, path, found)
        if dependency.name in seen:
            found.error(f"{path}.name", f"duplicate dependency name: {dependency.name}", rule="duplicate-name")
        seen.add(dependency.name)
        if dependency.transform is not None:
            found.not_yet(f"{path}.transform", "a transform (jq, script)")
        _check_operator(dependency.filters_logical_operator, f"{path}.filtersLogicalOperator", found)
        if dependency.filters is not None:
            _check_filters(dependency.filters, f"{path}.filters", found)


def check_carried(name: str, path: str, what: str, found: Findings) -> None:
    """An event's or EventSource's name must fit the subject of a real bus, so that the file works there too."""
    if _UNCARRIED.search(name):
        found.error(
            path,
            f"the name {name!r} of {what} cannot be carried by Argo Events' JetStream bus",
            hint="use letters, digits and '-': no '.', '*', '>' or blank",
            rule="bad-name",
        )


def _check_names(dependency: EventDependency, path: str, found: Findings) -> None:
    if not dependency.name:
        found.error(f"{path}.name", "event dependency must define a name")
    if not dependency.event_source_name:
        found.error(f"{path}.eventSourceName", "event dependency must define the EventSourceName")
    if not dependency.event_name:
        found.error(f"{path}.eventName", "event dependency must define the EventName")
    check_carried(dependency.event_source_name, f"{path}.eventSourceName", "an EventSource", found)
    check_carried(dependency.event_name, f"{path}.eventName", "an event", found)


def _check_operator(operator: str, path: str, found: Findings) -> None:
    if operator not in OPERATORS:
        found.error(path, f"logical operator {operator} not supported", hint="use and, or")


def _check_filters(given: EventDependencyFilter, path: str, found: Findings) -> None:
    if given.exprs:
        found.not_yet(f"{path}.exprs", "a filter by expression (exprs)", hint="use data filters")
    if given.script:
        found.not_yet(f"{path}.script", "a filter by Lua script", hint="use data filters")
    _check_operator(given.data_logical_operator, f"{path}.dataLogicalOperator", found)
    for place, each in enumerate(given.data):
        _check_data(each, f"{path}.data[{place}]", found)
    if given.context is not None:
        _check_context(given.context, f"{path}.context", found)
    if given.time is not None:
        _check_time(given.time, f"{path}.time", found)


def _check_data(given: DataFilter, path: str, found: Findings) -> None:
    for name, value in (("path", given.path), ("type", given.type), ("value", given.value)):
        if not value:
            found.error(f"{path}.{name}", f"one of data filters is not valid ({name} must be not empty)")
    if given.comparator not in COMPARATORS:
        found.error(f"{path}.comparator", f"comparator {given.comparator} not supported")
    if given.template:
        found.not_yet(f"{path}.template", "a template in a data filter")
    try:
        paths.parse_source(given.path)
    except BadPathError as error:
        found.error(f"{path}.path", str(error), rule="bad-path")
    _check_values(given, path, found)


def _check_values(given: DataFilter, path: str, found: Findings) -> None:
    read = _READERS.get(given.type)
    if read is None:
        if given.type:
            found.error(f"{path}.type", f"unsupported JSON type '{given.type}'", hint="use bool, number, string")
        return
    for place, value in enumerate(given.value):
        try:
            read(value)
        except ValueError as error:
            found.error(f"{path}.value[{place}]", str(error), rule="bad-value")
    if given.comparator == "!=" and len(given.value) > 1 and given.type != "bool":
        found.warning(
            f"{path}.comparator", "'!=' with several values passes when the event differs from any one of them"
        )


_READERS: dict[str, Callable[[str], object]] = {
    "bool": rawjson.parse_go_bool,
    "number": rawjson.parse_go_float,
    "string": filters.regular_expression,
}


def _check_context(given: EventContext, path: str, found: Findings) -> None:
    if not (given.type or given.subject or given.source or given.datacontenttype):
        found.error(path, "no fields specified in ctx filter (aka all events will be discarded)")


def _check_time(given: TimeFilter, path: str, found: Findings) -> None:
    checks: list[tuple[str, Callable[[], object]]] = [
        ("timezone", lambda: filters.time_zone(given.timezone)),
        ("start", lambda: filters.hour_of_day(given.start)),
        ("stop", lambda: filters.hour_of_day(given.stop)),
    ]
    for name, check in checks:
        try:
            check()
        except FilterError as error:
            found.error(f"{path}.{name}", str(error))
    if given.start == given.stop:
        found.error(path, f"stop '{given.stop}' is equal to start '{given.start}'")
