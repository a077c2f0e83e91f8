from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tiphys.lang import gotext


@pytest.mark.parametrize("text", ["", "+", "1 ", "0x1", "1_0", "\u0661", "9223372036854775808", "1" * 5000])
def test_what_is_no_int64(text: str):
    assert gotext.parse_int(text) is None


@pytest.mark.parametrize(("text", "value"), [("+07", 7), ("-9223372036854775808", -(2**63)), ("0" * 5000 + "1", 1)])
def test_ints(text: str, value: int):
    assert gotext.parse_int(text) == value


@pytest.mark.parametrize(
    ("value", "text", "json"),
    [
        (1e6, "1e+06", "1000000"),
        (123456.789, "123456.789", "123456.789"),
        (1234567.0, "1.234567e+06", "1234567"),
        (100000.0, "100000", "100000"),
        (0.0001, "0.0001", "0.0001"),
        (0.00001, "1e-05", "0.00001"),
        (1e-7, "1e-07", "1e-7"),
        (1e21, "1e+21", "1e+21"),
        (-0.0, "-0", "-0"),
        (1e100, "1e+100", "1e+100"),
        (5e-324, "5e-324", "5e-324"),
    ],
)
def test_floats(value: float, text: str, json: str):
    assert gotext.format_float(value) == text
    assert gotext.format_json_float(value) == json


def test_values_as_go_prints_them():
    value = [1, "two", True, None, {"b": [2.5], "a": 1e6}, float("nan"), float("inf"), float("-inf")]
    assert gotext.print_value(value) == "[1 two true <nil> map[a:1e+06 b:[2.5]] NaN +Inf -Inf]"


@pytest.mark.parametrize(
    ("text", "quoted"),
    [
        ('a"b\\', r'"a\"b\\"'),
        ("\a\b\f\n\r\t\v", r'"\a\b\f\n\r\t\v"'),
        ("\x00\x7f\xa0\u200b", r'"\x00\x7f\u00a0\u200b"'),
        ("é日\U0001f389\U000e0001", '"é日\U0001f389\\U000e0001"'),
    ],
)
def test_quoting(text: str, quoted: str):
    assert gotext.quote(text) == quoted


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_float_comes_back(value: float):
    assert float(gotext.format_float(value)) == value
    assert float(gotext.format_json_float(value)) == value


def test_young_emoji_pass():
    unassigned = "\U0001faff" if not "\U0001faff".isprintable() else "\U0003ffff"
    assert gotext.escape(f"a\n{unassigned}") == f"a\\n{unassigned}"
