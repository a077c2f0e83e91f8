"""Cron schedules and time zones: what can be read, in the words of Argo's parser. Pure.

Five fields (minute, hour, day of month, month, day of week from 0 to 6), `@every` and the descriptors, with a time zone
before them if wanted. When a schedule fires is not answered here.
Source: github.com/robfig/cron v3.0.1, parser.go (ParseStandard); Go's time.LoadLocation.
"""

from __future__ import annotations

import re
import zoneinfo
from typing import Final

from tiphys import errors
from tiphys.lang import durations

_MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAYS: Final = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_FIELDS: Final[tuple[tuple[int, int, dict[str, int]], ...]] = (
    (0, 59, {}),
    (0, 23, {}),
    (1, 31, {}),
    (1, 12, {name: number for number, name in enumerate(_MONTHS, 1)}),
    (0, 6, {name: number for number, name in enumerate(_DAYS)}),
)
"""Least and greatest number of each field, and the names that numbers have."""
_DESCRIPTORS: Final = frozenset(("@yearly", "@annually", "@monthly", "@weekly", "@daily", "@midnight", "@hourly"))
_EVERY: Final = "@every "
_NUMBER: Final = re.compile(r"[-+]?[0-9]+")


class InvalidSchedule(errors.InvalidManifest):
    """A schedule or a time zone that cannot be read; the message is Argo's."""


def check_schedule(text: str) -> None:
    """Whether a schedule can be read.

    Raises:
        InvalidSchedule: it cannot. `TZ=UTC` without a schedule, at which Argo crashes, is one of these.
    """
    if not text:
        raise InvalidSchedule("empty spec string")
    if text.startswith(("TZ=", "CRON_TZ=")):
        zone, _, text = text.partition(" ")
        _check_bad_location(zone.partition("=")[2])
        text = text.strip()
    if text.startswith("@"):
        _check_descriptor(text)
        return
    fields = text.split()
    if len(fields) != len(_FIELDS):
        found = f"found {len(fields)}: [{' '.join(fields)}]"
        raise InvalidSchedule(f"expected exactly {len(_FIELDS)} fields, {found}")
    for field, (least, greatest, names) in zip(fields, _FIELDS, strict=True):
        for part in filter(None, field.split(",")):
            _check_range(part, least, greatest, names)


def check_timezone(name: str) -> None:
    """Whether a time zone is known; the empty name is UTC.

    Raises:
        InvalidSchedule: it is not.
    """
    if name in ("", "UTC", "Local"):
        return
    try:
        zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise InvalidSchedule(f"unknown time zone {name}") from error


def _check_bad_location(name: str) -> None:
    try:
        check_timezone(name)
    except InvalidSchedule as error:
        raise InvalidSchedule(f"provided bad location {name}: {error}") from error


def _check_descriptor(text: str) -> None:
    if text in _DESCRIPTORS:
        return
    if not text.startswith(_EVERY):
        raise InvalidSchedule(f"unrecognized descriptor: {text}")
    try:
        durations.parse_nanoseconds(text.removeprefix(_EVERY))
    except durations.InvalidDuration as error:
        raise InvalidSchedule(f"failed to parse duration {text}: {error}") from error


def _check_range(text: str, least: int, greatest: int, names: dict[str, int]) -> None:
    bounds, *steps = text.split("/")
    low, *highs = bounds.split("-")
    start, end = least, greatest
    if low not in ("*", "?"):
        start = end = _number(low, names)
        if len(highs) == 1:
            end = _number(highs[0], names)
        elif highs:
            raise InvalidSchedule(f"too many hyphens: {text}")
    if len(steps) > 1:
        raise InvalidSchedule(f"too many slashes: {text}")
    step = _number(steps[0], {}) if steps else 1
    if steps and not highs:
        end = greatest
    _check_bounds(text, start, end, (least, greatest))
    if not step:
        raise InvalidSchedule(f"step of range should be a positive number: {text}")


def _check_bounds(text: str, start: int, end: int, bounds: tuple[int, int]) -> None:
    if start < bounds[0]:
        raise InvalidSchedule(f"beginning of range ({start}) below minimum ({bounds[0]}): {text}")
    if end > bounds[1]:
        raise InvalidSchedule(f"end of range ({end}) above maximum ({bounds[1]}): {text}")
    if start > end:
        raise InvalidSchedule(f"beginning of range ({start}) beyond end of range ({end}): {text}")


def _number(text: str, names: dict[str, int]) -> int:
    named = names.get(text.lower())
    if named is not None:
        return named
    if not _NUMBER.fullmatch(text):
        raise InvalidSchedule(f'failed to parse int from {text}: strconv.Atoi: parsing "{text}": invalid syntax')
    if int(text) < 0:
        raise InvalidSchedule(f"negative number ({int(text)}) not allowed: {text}")
    return int(text)
