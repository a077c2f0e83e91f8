"""The letters of `workflow.creationTimestamp.<letter>`: Argo's small subset of strftime, in English. Pure.

Argo: util/strftime/strftime.go, v4.1.2.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

_MONTHS: Final = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_DAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_ESCAPE: Final = re.compile("%(.)", re.DOTALL)


def format_time(template: str, at: datetime) -> str:
    """A moment in the form of a template; a letter that is not known stays as it is written."""
    return _ESCAPE.sub(lambda match: "%" if match[1] == "%" else _letter(match[1], at), template)


def _letter(letter: str, at: datetime) -> str:
    return LETTERS[letter](at) if letter in LETTERS else f"%{letter}"


def _offset(at: datetime) -> str:
    minutes = int((at.utcoffset() or timedelta()).total_seconds() // 60)
    hours, rest = divmod(abs(minutes), 60)
    return f"{'-' if minutes < 0 else '+'}{hours:02}{rest:02}"


LETTERS: Final[dict[str, Callable[[datetime], str]]] = {
    "B": lambda at: _MONTHS[at.month - 1],
    "b": lambda at: _MONTHS[at.month - 1][:3],
    "m": lambda at: f"{at.month:02}",
    "A": lambda at: _DAYS[at.weekday()],
    "a": lambda at: _DAYS[at.weekday()][:3],
    "d": lambda at: f"{at.day:02}",
    "H": lambda at: f"{at.hour:02}",
    "I": lambda at: f"{(at.hour - 1) % 12 + 1:02}",
    "M": lambda at: f"{at.minute:02}",
    "S": lambda at: f"{at.second:02}",
    "Y": lambda at: f"{at.year:04}",
    "y": lambda at: f"{at.year % 100:02}",
    "p": lambda at: "PM" if at.hour >= 12 else "AM",
    "Z": lambda at: at.tzname() or "UTC",
    "z": _offset,
    "L": lambda at: f".{at.microsecond // 1000:03}",
}
"""What each letter gives; there are no others."""
