"""Quoted texts that govaluate takes for a moment: it compares them as seconds since 1970, in UTC.

Govaluate: parsing.go, tryParseTime; Go: time/format.go, whose leniency (one digit for an hour, a fraction of a second
anywhere, several blanks for one) is kept.
"""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from typing import Final

_MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAY: Final = r"(?P<year>\d{4})-(?P<month>\d\d)-(?P<day>\d\d)"
_CLOCK: Final = r"(?P<hour>\d\d?):(?P<minute>\d\d)"
_SECONDS: Final = r":(?P<second>\d\d)(?:[.,]\d+)?"
_WEEKDAY: Final = r"(?:Sun|Mon|Tue|Wed|Thu|Fri|Sat) +(?P<name>Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
_ZONE_NAME: Final = r"(?:UTC|ChST|MeST|GMT(?:[+-]\d{1,2})?|[+-]\d\d?|[A-Z]{4}T|[A-Z]{3}T|WITA|[A-Z]{3}(?![A-Z]))"
_NUMBER: Final = r"(?P<sign>[+-])(?P<off_hour>\d\d)(?P<off_minute>\d\d)"
_COLON: Final = r"(?P<sign>[+-])(?P<off_hour>\d\d):(?P<off_minute>\d\d)"
_FORMATS: Final = tuple(
    re.compile(pattern, re.ASCII)
    for pattern in (
        rf"(?i:{_WEEKDAY}) +(?P<day>\d\d?) +{_CLOCK}{_SECONDS} +(?P<year>\d{{4}})",
        rf"(?i:{_WEEKDAY}) +(?P<day>\d\d?) +{_CLOCK}{_SECONDS} +{_ZONE_NAME} +(?P<year>\d{{4}})",
        rf"(?i:{_WEEKDAY}) +(?P<day>\d\d) +{_CLOCK}{_SECONDS} +{_NUMBER} +(?P<year>\d{{4}})",
        rf"{_CLOCK}(?P<half>AM|PM)",
        rf"{_DAY}T{_CLOCK}{_SECONDS}(?:Z|{_COLON})",
        _DAY,
        rf"{_DAY} +{_CLOCK}",
        rf"{_DAY} +{_CLOCK}{_SECONDS}",
        rf"{_DAY} +{_CLOCK}{_SECONDS}{_COLON}",
        rf"{_DAY}T(?P<hour>\d\d?)(?:Z|{_NUMBER})",
        rf"{_DAY}T{_CLOCK}(?:Z|{_NUMBER})",
        rf"{_DAY}T{_CLOCK}{_SECONDS}(?:Z|{_NUMBER})",
    )
)
_LONGEST: Final = 64
"""Characters; longer texts are no moment (a fraction of a second may be long, but nobody writes that)."""


@dataclass(frozen=True, slots=True)
class Moment:
    """Seconds since 1970 and how Go prints the moment."""

    unix: int
    text: str

    def __str__(self) -> str:
        return self.text


def parse(text: str) -> Moment | None:
    """The moment that a text names, in the first format that fits; None if none does."""
    if len(text) > _LONGEST:
        return None
    for pattern in _FORMATS:
        match = pattern.fullmatch(text)
        if match and (moment := _moment(match.groupdict())) is not None:
            return moment
    return None


def _moment(part: dict[str, str | None]) -> Moment | None:
    name = part.get("name")
    month = _MONTHS.index(name.lower()) + 1 if name else int(part.get("month") or 1)
    year = int(part["year"] or 0) if "year" in part else 0
    day = int(part.get("day") or 1)
    hour, minute, second = (int(part.get(unit) or 0) for unit in ("hour", "minute", "second"))
    hours = 12 if "half" in part else 23
    if not 1 <= month <= 12 or not 1 <= day <= _days_in(year, month) or hour > hours or minute > 59 or second > 59:
        return None
    if part.get("half"):
        hour = hour % 12 + (12 if part["half"] == "PM" else 0)
    offset = _offset(part)
    if offset is None:
        return None
    local = (_days(year, month, day) * 24 + hour) * 3600 + minute * 60 + second
    zone = _zone(offset)
    return Moment(local - offset, f"{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02} {zone}")


def _offset(part: dict[str, str | None]) -> int | None:
    if not part.get("sign"):
        return 0
    hour, minute = int(part["off_hour"] or 0), int(part["off_minute"] or 0)
    if hour > 24 or minute > 60:
        return None
    seconds = hour * 3600 + minute * 60
    return -seconds if part["sign"] == "-" else seconds


def _zone(offset: int) -> str:
    if not offset:
        return "+0000 UTC"
    hours, minutes = divmod(abs(offset) // 60, 60)
    number = f"{'-' if offset < 0 else '+'}{hours:02}{minutes:02}"
    return f"{number} {number}"


def _days_in(year: int, month: int) -> int:
    return monthrange(year or 4, month)[1]


def _days(year: int, month: int, day: int) -> int:
    """Days since 1970-01-01 in the Gregorian calendar, from the year 0 on."""
    shifted = year - (month <= 2)
    era_day = (153 * ((month + 9) % 12) + 2) // 5 + day - 1
    return shifted * 365 + shifted // 4 - shifted // 100 + shifted // 400 + era_day - 719468
