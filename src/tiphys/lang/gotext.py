r"""How Go writes and reads plain values as text: quoting, numbers, `%v`. Pure.

Argo's answers are full of it: parameter values, node names, error texts. What is here follows strconv and fmt of Go
1.26; text is Python's, so bytes that are no UTF-8 cannot occur.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Final

from tiphys.jsons import is_list, is_object

_INT: Final = re.compile(r"[+-]?[0-9]+", re.ASCII)
_MAX_DIGITS: Final = 25
"""Digits; more than any 64-bit integer has, after leading zeros are gone."""
_SHORT: Final = {"\a": r"\a", "\b": r"\b", "\f": r"\f", "\n": r"\n", "\r": r"\r", "\t": r"\t", "\v": r"\v"}
_MAX_SHORT_EXPONENT: Final = 6
"""Decimal exponent from which `%v` of a float has an exponent (Go: strconv, %g with the shortest digits)."""
_MAX_JSON_EXPONENT: Final = 21
"""The same for JSON (Go: encoding/json, floatEncoder)."""


def is_plain(text: str) -> bool:
    """Whether quoting would leave the text as it is."""
    return text.isprintable() and '"' not in text and "\\" not in text


def escape(text: str) -> str:
    r"""What stands between the quotes of `strconv.Quote`: not every escape of it (`\a \v \x7f \U0001d173`) is JSON.

    Differs: characters beyond U+FFFF that no Unicode known here has assigned pass as they are, in Go as an escape. Else
    an emoji that is younger than Python would spoil a parameter (tests/unit/lang/test_gotext.py, young emoji).
    """
    return text if is_plain(text) else "".join(map(_escape_char, text))


def quote(text: str) -> str:
    """`strconv.Quote`, also `%q` of a string."""
    return f'"{escape(text)}"'


def _escape_char(char: str) -> str:
    if char in '"\\':
        return "\\" + char
    code = ord(char)
    if char.isprintable() or (code >= 0x10000 and unicodedata.category(char) == "Cn"):
        return char
    if char in _SHORT:
        return _SHORT[char]
    if code < 0x20 or code == 0x7F:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def parse_int(text: str) -> int | None:
    """`strconv.ParseInt(text, 10, 64)`; None for what it refuses."""
    if not _INT.fullmatch(text):
        return None
    digits = text.lstrip("+-").lstrip("0")
    if len(digits) > _MAX_DIGITS:
        return None
    value = -int(digits or "0") if text.startswith("-") else int(digits or "0")
    return value if -(2**63) <= value < 2**63 else None


def atoi_error(text: str) -> str:
    """What `strconv.Atoi` says about a text that it refuses."""
    why = "value out of range" if _INT.fullmatch(text) else "invalid syntax"
    return f"strconv.Atoi: parsing {quote(text)}: {why}"


def format_float(value: float) -> str:
    """`%v` of a float64: an exponent below -4 and from 6 on (`1e+06`), the shortest digits that are exact."""
    return _special(value) or _format(value, -4, _MAX_SHORT_EXPONENT)


def format_json_float(value: float) -> str:
    """A float64 in Go's JSON: `4.0` is `4`; an exponent below -6 and from 21 on, written without a leading zero."""
    text = _format(value, -6, _MAX_JSON_EXPONENT)
    return re.sub(r"e-0(\d)$", r"e-\1", text)


def print_value(value: object) -> str:
    """`%v` of a decoded JSON value: `<nil>`, `true`, `1e+06`, `[a b]`, `map[k:v]` with sorted keys."""
    if value is None:
        return "<nil>"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return format_float(value)
    if is_list(value):
        return _print_list(value)
    if is_object(value):
        return _print_map(value)
    return str(value)


def _print_list(value: Sequence[object]) -> str:
    return "[" + " ".join(map(print_value, value)) + "]"


def _print_map(value: Mapping[str, object]) -> str:
    return "map[" + " ".join(f"{key}:{print_value(value[key])}" for key in sorted(value)) + "]"


def _special(value: float) -> str:
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "+Inf" if value > 0 else "-Inf"
    return ""


def _digits(value: float) -> tuple[str, int]:
    """The shortest exact digits and the decimal exponent of the first one."""
    mantissa, _, exponent = f"{abs(value)!r}".partition("e")
    whole, _, fraction = mantissa.partition(".")
    digits = (whole + fraction).lstrip("0")
    point = len(whole) + int(exponent or "0")
    leading = len(whole + fraction) - len(digits)
    return digits.rstrip("0") or "0", (point - leading - 1) if digits else 0


def _format(value: float, lowest: int, limit: int) -> str:
    digits, exponent = _digits(value)
    sign = "-" if math.copysign(1, value) < 0 else ""
    if exponent < lowest or exponent >= limit:
        fraction = f".{digits[1:]}" if len(digits) > 1 else ""
        return f"{sign}{digits[0]}{fraction}e{'-' if exponent < 0 else '+'}{abs(exponent):02d}"
    if exponent < 0:
        return f"{sign}0.{'0' * (-exponent - 1)}{digits}"
    whole = digits[: exponent + 1].ljust(exponent + 1, "0")
    fraction = digits[exponent + 1 :]
    return f"{sign}{whole}.{fraction}" if fraction else f"{sign}{whole}"
