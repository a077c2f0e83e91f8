"""Durations as text: Go's (`1h30m`, `1.5s`), and Argo's, where a bare number is seconds. Pure.

Go counts in whole nanoseconds, Python's timedelta in microseconds; what is between is cut off.

Go: time/format.go (ParseDuration) and time/time.go (Duration.String), 1.26. Argo: pkg/apis/workflow/v1alpha1/utils.go
(ParseStringToDuration), v4.1.2.
"""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Final

from tiphys import errors
from tiphys.lang import gotext

_UNITS: Final = {
    "ns": 1,
    "us": 1_000,
    "\u00b5s": 1_000,
    "\u03bcs": 1_000,
    "ms": 1_000_000,
    "s": 1_000_000_000,
    "m": 60_000_000_000,
    "h": 3_600_000_000_000,
}
"""Nanoseconds of each unit; micro is written with either of its two letters."""
_PART: Final = re.compile(r"(?P<whole>[0-9]*)(?P<point>\.(?P<fraction>[0-9]*))?(?P<unit>[^0-9.]*)")
_LIMIT: Final = 2**63
"""Nanoseconds; a duration is a signed 64-bit number (some 292 years)."""
_SECOND: Final = 1_000_000_000
_MAX_DIGITS: Final = 20
"""Digits; more than a 64-bit number has."""


class InvalidDuration(errors.InvalidManifest):
    """A text that is no duration; the message is Go's or Argo's."""


def parse(text: str) -> timedelta:
    """Argo's reading: a whole number is seconds, all else is Go's.

    Differs: more seconds than a duration can hold are refused, in Go they wrap around.

    Raises:
        InvalidDuration: it is neither.
    """
    seconds = gotext.parse_int(text)
    if seconds is not None and abs(seconds) * _SECOND < _LIMIT:
        return timedelta(seconds=seconds)
    try:
        return timedelta(microseconds=_toward_zero(parse_nanoseconds(text), 1_000))
    except InvalidDuration as error:
        raise InvalidDuration(f"unable to parse {text} as a duration: {error}") from error


def parse_nanoseconds(text: str) -> int:
    """Go's `time.ParseDuration`.

    Raises:
        InvalidDuration: in Go's words.
    """
    negative, rest = text.startswith("-"), text[1:] if text[:1] in ("-", "+") else text
    if rest == "0":
        return 0
    total, at = 0, 0
    while at < len(rest) or not rest:
        match = _PART.match(rest, at)
        if match is None or not (match["whole"] or match["fraction"]):
            raise _invalid(text)
        total += _nanoseconds(match, text)
        if total > _LIMIT:
            raise _invalid(text)
        at = match.end()
    if total == _LIMIT and not negative:
        raise _invalid(text)
    return -total if negative else total


def format_duration(lasts: timedelta) -> str:
    """Go's text of a duration: `1h0m0.5s`, `2ms`, `0s`."""
    return format_nanoseconds((lasts // timedelta(microseconds=1)) * 1_000)


def format_nanoseconds(count: int) -> str:
    """Go's `Duration.String`."""
    sign, rest = ("-", -count) if count < 0 else ("", count)
    if rest < _SECOND:
        return sign + _below_a_second(rest)
    minutes, nanoseconds = divmod(rest, 60 * _SECOND)
    hours, minutes = divmod(minutes, 60)
    shown = f"{_decimal(nanoseconds, _SECOND)}s"
    if hours:
        shown = f"{hours}h{minutes}m{shown}"
    elif minutes:
        shown = f"{minutes}m{shown}"
    return sign + shown


def _below_a_second(count: int) -> str:
    if count == 0:
        return "0s"
    unit = next(unit for unit in ("ms", "\u00b5s", "ns") if count >= _UNITS[unit])
    return f"{_decimal(count, _UNITS[unit])}{unit}"


def _decimal(count: int, unit: int) -> str:
    whole, part = divmod(count, unit)
    digits = str(part).zfill(len(str(unit)) - 1).rstrip("0")
    return f"{whole}.{digits}" if digits else str(whole)


def _nanoseconds(match: re.Match[str], text: str) -> int:
    if not match["unit"]:
        raise InvalidDuration(f"time: missing unit in duration {_quote(text)}")
    unit = _UNITS.get(match["unit"])
    if unit is None:
        raise InvalidDuration(f"time: unknown unit {_quote(match['unit'])} in duration {_quote(text)}")
    digits = match["whole"].lstrip("0")
    if len(digits) > _MAX_DIGITS:
        raise _invalid(text)
    return int(digits or "0") * unit + _part(match["fraction"] or "", unit)


def _part(fraction: str, unit: int) -> int:
    """The nanoseconds of a fraction of a unit, of as many digits as Go looks at, with its rounding."""
    significant = fraction.lstrip("0")
    digits = significant[: _MAX_DIGITS - 1]
    if int(digits or "0") > _LIMIT:
        digits = digits[:-1]
    scale = 10.0 ** min(len(fraction) - len(significant) + len(digits), 300)
    return int(float(int(digits or "0")) * (unit / scale))


def _toward_zero(count: int, unit: int) -> int:
    return -(-count // unit) if count < 0 else count // unit


def _invalid(text: str) -> InvalidDuration:
    return InvalidDuration(f"time: invalid duration {_quote(text)}")


def _quote(text: str) -> str:
    r"""How Go's time package quotes: every byte that is not plain ASCII as `\xNN`."""
    shown = (
        f"\\{char}"
        if char in '"\\'
        else char
        if " " <= char < "\x80"
        else "".join(f"\\x{byte:02x}" for byte in char.encode(errors="replace"))
        for char in text
    )
    return f'"{"".join(shown)}"'
