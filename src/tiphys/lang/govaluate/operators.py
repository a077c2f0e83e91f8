"""What the operators do with values, and what they say about values of the wrong type.

Govaluate: evaluationStage.go. Numbers are float64; bits are those of a 64-bit integer, converted as on amd64.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from typing import Final

from tiphys.jsons import is_list
from tiphys.lang import gotext, regexps
from tiphys.lang.govaluate.grammar import InvalidCondition, Value

_NUMBER: Final = "Value '{}' cannot be used with the modifier '{}', it is not a number"
_COMPARED: Final = "Value '{}' cannot be used with the comparator '{}', it is not a number"
_LOGICAL: Final = "Value '{}' cannot be used with the logical operator '{}', it is not a bool"
_TERNARY: Final = "Value '{}' cannot be used with the ternary operator '{}', it is not a bool"
_PREFIX: Final = "Value '{}' cannot be used with the prefix '{}'"
_TWO_64: Final = 2**64
_INT64_MIN: Final = -(2**63)


def apply_prefix(symbol: str, value: Value) -> Value:
    """The result of `-`, `!` or `~`.

    Raises:
        InvalidCondition: the value has the wrong type.
    """
    if symbol == "!":
        if isinstance(value, bool):
            return not value
    elif isinstance(value, float):
        return -value if symbol == "-" else float(~_int64(value))
    raise _wrong(_PREFIX, value, symbol)


def apply(symbol: str, left: Value, right: Value) -> Value:
    """The result of a binary operator.

    Raises:
        InvalidCondition: a value has the wrong type; the left one is complained about first.
    """
    return _BINARY[symbol](symbol, left, right)


def same(left: Value, right: Value) -> bool:
    """Go's deep equality: types count, so true is not 1; lists are compared without recursion."""
    waiting = [(left, right)]
    while waiting:
        one, other = waiting.pop()
        if type(one) is not type(other):
            return False
        if is_list(one) and is_list(other):
            if len(one) != len(other):
                return False
            waiting += zip(one, other, strict=True)
        elif one != other:
            return False
    return True


def show(value: Value) -> str:
    """How Go prints a value with `%v`, without recursion."""
    output: list[str] = []
    waiting: list[tuple[bool, Value]] = [(False, value)]
    while waiting:
        literal, part = waiting.pop()
        if literal or not is_list(part):
            output.append(str(part) if literal else gotext.print_value(part))
            continue
        inner: list[tuple[bool, Value]] = [(True, "[")]
        for index, element in enumerate(part):
            inner += [(True, " "), (False, element)] if index else [(False, element)]
        waiting += reversed([*inner, (True, "]")])
    return "".join(output)


def _listed(_: str, left: Value, right: Value) -> Value:
    return [*left, right] if is_list(left) else [left, right]


def _wrong(message: str, value: Value, symbol: str) -> InvalidCondition:
    return InvalidCondition(message.format(show(value), symbol))


def _add(symbol: str, left: Value, right: Value) -> Value:
    if isinstance(left, str) or isinstance(right, str):
        return show(left) + show(right)
    if isinstance(left, float) and isinstance(right, float):
        return left + right
    raise _wrong(_NUMBER, left, symbol)


def _calculate(symbol: str, left: Value, right: Value) -> Value:
    if not isinstance(left, float):
        raise _wrong(_NUMBER, left, symbol)
    if not isinstance(right, float):
        raise _wrong(_NUMBER, right, symbol)
    return _ARITHMETIC[symbol](left, right)


def _logical(symbol: str, left: Value, right: Value) -> bool:
    for value in (left, right):
        if not isinstance(value, bool):
            raise _wrong(_LOGICAL, value, symbol)
    return bool(left and right) if symbol == "&&" else bool(left or right)


def _ternary(symbol: str, left: Value, right: Value) -> Value:
    if symbol != "?":
        return right if left is None else left
    if not isinstance(left, bool):
        raise _wrong(_TERNARY, left, symbol)
    return right if left else None


def _contains(_: str, left: Value, right: Value) -> bool:
    if not is_list(right):
        raise _wrong(_COMPARED, right, "in")
    for element in right:
        if is_list(left) and is_list(element):
            raise InvalidCondition("a list cannot be looked for in a list")
        if same(left, element):
            return True
    return False


def _matches(symbol: str, left: Value, right: Value) -> bool:
    if not isinstance(left, str):
        raise _wrong(_COMPARED, left, symbol)
    if isinstance(right, str):
        try:
            right = regexps.compile_regexp(right)
        except regexps.InvalidRegexp as error:
            raise InvalidCondition(f"Unable to compile regexp pattern '{right}': {error}") from error
    if not isinstance(right, regexps.Regexp):
        raise _wrong(_COMPARED, right, symbol)
    return right.found_in(left) is (symbol == "=~")


def _ordered(symbol: str, left: Value, right: Value) -> bool:
    if isinstance(left, str) and isinstance(right, str):
        below, above = left < right, left > right
    elif isinstance(left, float) and isinstance(right, float):
        below, above = left < right, left > right
        if math.isnan(left) or math.isnan(right):
            return False
    else:
        raise _wrong(_COMPARED, left, symbol)
    return {"<": below, ">": above, "<=": not above, ">=": not below}[symbol]


def _int64(value: float) -> int:
    """Go's conversion on amd64: what does not fit is the smallest number."""
    if not math.isfinite(value) or not _INT64_MIN <= value < -_INT64_MIN:
        return _INT64_MIN
    return int(value)


def _uint64(value: float) -> int:
    if math.isfinite(value) and -_INT64_MIN <= value < _TWO_64:
        return int(value)
    return _int64(value) % _TWO_64


def _shift_left(left: float, right: float) -> float:
    by = _uint64(right)
    return float((_uint64(left) << by) % _TWO_64) if by < 64 else 0.0


def _shift_right(left: float, right: float) -> float:
    return float(_uint64(left) >> min(_uint64(right), 64))


def _divide(left: float, right: float) -> float:
    if right:
        return left / right
    return math.nan if left == 0 or math.isnan(left) else math.copysign(math.inf, left) * math.copysign(1, right)


def _power(left: float, right: float) -> float:
    odd = math.isfinite(right) and right % 2 == 1
    sign = math.copysign(1, left) if odd else 1.0
    try:
        return math.pow(left, right)
    except OverflowError:
        return math.inf * sign
    except ValueError:
        return math.inf * sign if left == 0 else math.nan


def _modulus(left: float, right: float) -> float:
    return math.nan if right == 0 or math.isinf(left) else math.fmod(left, right)


_ARITHMETIC: Final[dict[str, Callable[[float, float], float]]] = {
    "-": operator.sub,
    "*": operator.mul,
    "/": _divide,
    "**": _power,
    "%": _modulus,
    "&": lambda left, right: float(_int64(left) & _int64(right)),
    "|": lambda left, right: float(_int64(left) | _int64(right)),
    "^": lambda left, right: float(_int64(left) ^ _int64(right)),
    "<<": _shift_left,
    ">>": _shift_right,
}
_BINARY: Final[dict[str, Callable[[str, Value, Value], Value]]] = {
    ",": _listed,
    "==": lambda _, left, right: same(left, right),
    "!=": lambda _, left, right: not same(left, right),
    "in": _contains,
    "+": _add,
    **dict.fromkeys(("&&", "||"), _logical),
    **dict.fromkeys(("?", ":", "??"), _ternary),
    **dict.fromkeys(("=~", "!~"), _matches),
    **dict.fromkeys((">", ">=", "<", "<="), _ordered),
    **dict.fromkeys(_ARITHMETIC, _calculate),
}
