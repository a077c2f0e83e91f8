"""Scalars as Argo reads and writes them: YAML 1.1 by Go's rules, numbers as text by Go's rules.

Argo reads manifests through sigs.k8s.io/yaml, that is goyaml v2 (resolve.go): `yes` is a boolean, `017` is 15, `1e3` is
1000, and a date or `1:30` stays text. A YAML library's own resolver differs in each of these, so none is asked.
"""

from __future__ import annotations

import base64
import binascii
import math
import re
from decimal import Decimal
from typing import Any

_TRUE = ("y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON")
_FALSE = ("n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF")
_NULL = ("", "~", "null", "Null", "NULL")
_INFINITE = {
    **dict.fromkeys((".nan", ".NaN", ".NAN"), math.nan),
    **dict.fromkeys((".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"), math.inf),
    **dict.fromkeys(("-.inf", "-.Inf", "-.INF"), -math.inf),
}
_WORDS: dict[str, Any] = {
    **dict.fromkeys(_TRUE, True),
    **dict.fromkeys(_FALSE, False),
    **dict.fromkeys(_NULL),
    **_INFINITE,
}
_INTEGER = re.compile(r"[-+]?(0[xX][0-9a-fA-F]+|0[bB][01]+|0[oO]?[0-7]+|0|[1-9][0-9]*)")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_TAG = "tag:yaml.org,2002:"
_MIN_INT, _MAX_INT = -(2**63), 2**64 - 1
"""Go's int64 and uint64; what is beyond becomes a float."""
_PLAIN_BELOW = 1e21
"""From here up Go's JSON writes a float with an exponent; below it a whole float is written like an integer."""
MAX_EXACT = 2**53
"""Whole numbers up to here are the same as int and as float64."""


class NotAScalar(ValueError):  # noqa: N818 - it says what the text is not
    """The tag promises what the text does not hold; the message says which."""


def resolve_plain(text: str) -> Any:  # noqa: ANN401 - any JSON scalar
    """The JSON value of an unquoted YAML scalar."""
    if text in _WORDS:
        return _WORDS[text]
    if text[0] not in "+-.0123456789":
        return text
    plain = text if text[0] == "." else text.replace("_", "")
    if _INTEGER.fullmatch(plain):
        number = _integer(plain)
        if _MIN_INT <= number <= _MAX_INT:
            return number
    if _FLOAT.fullmatch(plain):
        number = float(plain)
        return text if math.isinf(number) else json_number(number)
    return text


def resolve_tagged(tag: str, text: str) -> Any:  # noqa: ANN401 - any JSON scalar
    """The JSON value of a scalar with an explicit tag (one that YAML does not know means text); raises `NotAScalar`."""
    kind = tag.removeprefix(_TAG)
    if kind == "binary":
        try:
            return base64.b64decode("".join(text.split()), validate=True).decode()
        except (binascii.Error, UnicodeDecodeError) as error:
            raise NotAScalar("!!binary value contains invalid base64 data") from error
    if kind not in ("bool", "int", "float", "null"):
        return text
    value = resolve_plain(text)
    fits = {"bool": bool, "int": int, "float": (int, float), "null": type(None)}[kind]
    if not isinstance(value, fits) or (isinstance(value, bool) and kind != "bool"):
        raise NotAScalar(f"cannot decode {text!r} as a !!{kind}")
    return value


def json_number(number: float) -> int | float:
    """A float as it comes out of Go's JSON: whole ones below 1e21 have no fraction."""
    if number.is_integer() and abs(number) < _PLAIN_BELOW:
        return int(Decimal(repr(number)))
    return number


def key_text(value: Any) -> str | None:  # noqa: ANN401 - any JSON scalar
    """A mapping key as text, as sigs.k8s.io/yaml makes it; None for what cannot be a key (null)."""
    if isinstance(value, str):
        return value
    return None if value is None else number_text(value)


def number_text(value: float | bool) -> str:  # noqa: FBT001 - a scalar of any kind
    """A boolean or a number as the text of Argo's `AnyString`: no exponent, the digits of a float64.

    Argo: pkg/apis/workflow/v1alpha1/anystring.go, v4.1.2.
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int) and abs(value) <= MAX_EXACT:
        return str(value)
    text = format(Decimal(repr(float(value))), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _integer(text: str) -> int:
    sign = -1 if text[0] == "-" else 1
    digits = text.lstrip("+-").lower()
    if digits[:2] in ("0x", "0b", "0o"):
        return sign * int(digits, 0)
    return sign * int(digits, 8 if len(digits) > 1 and digits[0] == "0" else 10)
