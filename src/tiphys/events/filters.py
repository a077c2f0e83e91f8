"""Filters: which events a dependency takes, and what each filter said.

Kinds are judged in Argo Events' order (data, context, time) and joined by the dependency's operator: `and` stops at
the first error, `or` takes any kind that says yes but rejects when any kind had an error. `exprs` and `script` never
come here: compiling refuses them.

Argo: pkg/sensors/dependencies/filter.go, v1.9.11. It must not know triggers.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from tiphys.events import paths, rawjson
from tiphys.events.envelope import Event
from tiphys.events.rawjson import Value
from tiphys.lang.regexps import InvalidRegexp, Regexp, compile_regexp
from tiphys.manifest.events_model import DataFilter, EventContext, EventDependencyFilter, TimeFilter

OR = "or"
"""The operator that is not `and`; every other text means `and`, as in Argo Events."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What one kind of filter said; with an `error` it could not tell, and did not pass."""

    kind: str
    passed: bool
    error: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether the event is taken, with each kind's finding in the order in which it was judged."""

    passed: bool
    error: str = ""
    findings: tuple[Finding, ...] = ()

    @property
    def reason(self) -> str:
        """Why the event is not taken, in one line; empty when it is."""
        if self.passed:
            return ""
        rejected = [finding.kind for finding in self.findings if not finding.passed]
        return self.error or (f"{' and '.join(rejected)} filter did not match" if rejected else "no filter matched")


class FilterError(ValueError):
    """A filter that cannot judge this event."""


def judge(event: Event, filters: EventDependencyFilter | None, joined_by: str) -> Verdict:
    """The verdict of a dependency's filters; without filters every event is taken."""
    if filters is None:
        return Verdict(passed=True)
    findings: list[Finding] = []
    for kind, judged in _kinds(event, filters):
        finding = _finding(kind, judged)
        findings.append(finding)
        if finding.error and joined_by != OR:
            break
    error = " / ".join(finding.error for finding in findings if finding.error)
    join = any if joined_by == OR else all
    return Verdict(not error and join(finding.passed for finding in findings), error, tuple(findings))


def matches_data(event: Event, data: tuple[DataFilter, ...], joined_by: str) -> bool:
    """Whether the event's data passes; raises `FilterError`. An event without data passes, so does an empty list."""
    if not data or event.data is None:
        return True
    value = rawjson.parse(event.data)
    if value is None:
        raise FilterError("event data not valid JSON")
    return _any_matches(value, data) if joined_by == OR else all(_matches_one(value, each) for each in data)


def matches_context(event: Event, expected: EventContext) -> bool:
    """Whether every attribute that is given is the event's."""
    pairs = (
        (expected.type, event.type),
        (expected.subject, event.subject),
        (expected.source, event.source),
        (expected.datacontenttype, event.content_type),
    )
    return all(wanted in ("", actual) for wanted, actual in pairs)


def matches_time(event: Event, hours: TimeFilter) -> bool:
    """Whether the event's time of day lies in [start, stop), over midnight when stop is not later.

    Raises `FilterError` for a zone or an hour that is none.
    """
    zone = time_zone(hours.timezone)
    day = event.time.astimezone(zone).date()
    start, stop = (_instant(datetime.combine(day, hour_of_day(text)), zone) for text in (hours.start, hours.stop))
    if start < stop:
        return start <= event.time < stop
    return event.time >= start or event.time < stop


def time_zone(name: str) -> tzinfo:
    """The zone of a time filter, empty is UTC; raises `FilterError`."""
    try:
        return ZoneInfo(name or "UTC")
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise FilterError(f"invalid timezone '{name}': unknown time zone {name}") from error


def hour_of_day(text: str) -> time:
    """An `HH:MM:SS` of a time filter (a fraction of a second may follow); raises `FilterError`."""
    hour, _, rest = text.partition(":")
    try:
        return (
            time.fromisoformat(f"{hour.zfill(2) if hour else hour}:{rest}") if rest.count(":") == 1 else _no_hour(text)
        )
    except ValueError:
        return _no_hour(text)


@lru_cache(maxsize=1024)
def regular_expression(pattern: str) -> Regexp:
    """A pattern of a string filter, compiled; raises `FilterError`."""
    try:
        return compile_regexp(pattern)
    except InvalidRegexp as error:
        raise FilterError(str(error)) from error


def _kinds(event: Event, filters: EventDependencyFilter) -> Iterator[tuple[str, Callable[[], bool]]]:
    """The kinds that are there, in Argo Events' order; an empty list of data filters is there, and passes."""
    context, hours = filters.context, filters.time
    if "data" in filters.model_fields_set:
        yield "data", lambda: matches_data(event, filters.data, filters.data_logical_operator)
    if context is not None:
        yield "context", lambda: matches_context(event, context)
    if hours is not None:
        yield "time", lambda: matches_time(event, hours)


def _finding(kind: str, judged: Callable[[], bool]) -> Finding:
    try:
        return Finding(kind, judged())
    except SeveralFilterError as error:
        return Finding(kind, passed=False, error=f"{kind} filter errors [{error}]")
    except FilterError as error:
        return Finding(kind, passed=False, error=f"{kind} filter error ({error})")


class SeveralFilterError(FilterError):
    """Several of a list of filters could not judge the event."""


def _any_matches(value: Value, data: tuple[DataFilter, ...]) -> bool:
    errors: list[str] = []
    for each in data:
        try:
            if _matches_one(value, each):
                return True
        except FilterError as error:
            errors.append(str(error))
    if errors:
        raise SeveralFilterError(" / ".join(errors))
    return False


def _matches_one(value: Value, wanted: DataFilter) -> bool:
    found = paths.find(value, paths.parse_source(wanted.path))
    if found is None:
        raise FilterError(f"path '{wanted.path}' does not exist")
    if not wanted.value:
        raise FilterError("no values specified")
    matcher = _MATCHERS.get(wanted.type)
    if matcher is None:
        raise FilterError(f"unsupported JSON type '{wanted.type}'")
    return any(matcher(found, alternative, wanted.comparator) for alternative in wanted.value)


def _matches_bool(found: Value, alternative: str, _comparator: str) -> bool:
    """The comparator does not count, as in Argo Events."""
    try:
        return rawjson.parse_go_bool(alternative) == found.boolean()
    except ValueError as error:
        raise FilterError(str(error)) from error


def _matches_number(found: Value, alternative: str, comparator: str) -> bool:
    try:
        number = rawjson.parse_go_float(alternative)
    except ValueError as error:
        raise FilterError(str(error)) from error
    compare = _NUMBER_COMPARATORS.get(comparator)
    return compare is not None and bool(compare(found.number(), number))


def _matches_string(found: Value, alternative: str, comparator: str) -> bool:
    """Each alternative is an unanchored regular expression."""
    matched = regular_expression(alternative).found_in(found.text())
    return {"": matched, "=": matched, "!=": not matched}.get(comparator, False)


_NUMBER_COMPARATORS: dict[str, Callable[[float, float], object]] = {
    "": operator.eq,
    "=": operator.eq,
    "!=": operator.ne,
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
}
_MATCHERS = {"bool": _matches_bool, "number": _matches_number, "string": _matches_string}


def _instant(wall: datetime, zone: tzinfo) -> datetime:
    """The instant of a wall time; where clocks are changed and there are two or none, the one that Go chooses."""
    as_utc = wall.replace(tzinfo=UTC)
    guess = as_utc - _offset(as_utc, zone)
    return as_utc - _offset(guess, zone)


def _offset(at: datetime, zone: tzinfo) -> timedelta:
    return at.astimezone(zone).utcoffset() or timedelta()


def _no_hour(text: str) -> time:
    raise FilterError(f"cannot parse {text!r} as a time of day, HH:MM:SS")
