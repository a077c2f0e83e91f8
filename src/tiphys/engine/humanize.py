"""A length of time in Argo's words: `1 minute 5 seconds`. Pure.

Argo: util/humanize/humanize.go (Duration), v4.1.2.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final

_UNITS: Final = (
    ("year", 31104000), ("month", 2592000), ("week", 604800), ("day", 86400), ("hour", 3600), ("minute", 60),
    ("second", 1),
)  # fmt: skip
"""Name and seconds, as go-humanize counts: a month has 30 days, a year 12 months."""
_YEAR: Final = 31104000
_ALMOST_TWO_YEARS: Final = 18 * 2592000
_LONG: Final = 37 * _YEAR
"""Seconds from which go-humanize gives up counting."""


def duration_text(lasts: timedelta) -> str:
    """The length with its largest unit and, from a minute on, the rest in the unit that Argo shows beside it."""
    seconds = lasts / timedelta(seconds=1)
    if seconds < 60:
        return _largest(seconds)
    if seconds < 3600:
        return f"{_largest(seconds)} {int(seconds % 60)} seconds"
    if seconds < 86400:
        return f"{_largest(seconds)} {int(seconds / 60 % 60)} minutes"
    return f"{_largest(seconds)} {int(seconds / 3600 % 24)} hours"


def _largest(seconds: float) -> str:
    if seconds >= _LONG:
        return "a long while"
    if _ALMOST_TWO_YEARS <= seconds < 2 * _YEAR:
        return "2 years"
    for name, size in _UNITS:
        if seconds >= size:
            number = int(seconds // size)
            return f"{number} {name}" if number == 1 else f"{number} {name}s"
    return "0 seconds"
