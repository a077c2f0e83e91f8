from __future__ import annotations

import contextlib
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tiphys.lang import durations


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", 'time: invalid duration ""'),
        ("-", 'time: invalid duration "-"'),
        (".s", 'time: invalid duration ".s"'),
        ("abc", 'time: invalid duration "abc"'),
        ("1.5", 'time: missing unit in duration "1.5"'),
        ("1h5", 'time: missing unit in duration "1h5"'),
        ("1d", 'time: unknown unit "d" in duration "1d"'),
        ("1 h", 'time: unknown unit " h" in duration "1 h"'),
        ('1"é', 'time: unknown unit "\\"\\xc3\\xa9" in duration "1\\"\\xc3\\xa9"'),
        ("9223372036854775808ns", 'time: invalid duration "9223372036854775808ns"'),
        ("2562048h", 'time: invalid duration "2562048h"'),
        ("9" * 5000 + "s", f'time: invalid duration "{"9" * 5000}s"'),
    ],
)
def test_what_is_no_duration(text: str, why: str):
    with pytest.raises(durations.InvalidDuration) as caught:
        durations.parse_nanoseconds(text)
    assert str(caught.value) == why
    with pytest.raises(durations.InvalidDuration) as caught:
        durations.parse(text)
    assert str(caught.value) == f"unable to parse {text} as a duration: {why}"


@pytest.mark.parametrize(
    ("text", "nanoseconds"),
    [
        ("0", 0),
        ("1h30m", 5_400_000_000_000),
        ("-1.5h", -5_400_000_000_000),
        ("+.5s", 500_000_000),
        ("1.s", 1_000_000_000),
        ("0.100000000000000000000h", 360_000_000_000),
        ("0." + "0" * 5000 + "1h", 0),
        ("1us2\u00b5s3\u03bcs", 6_000),
        ("0.3333333333333333333h", 1_200_000_000_000),
        ("-9223372036854775808ns", -(2**63)),
    ],
)
def test_go_durations(text: str, nanoseconds: int):
    assert durations.parse_nanoseconds(text) == nanoseconds


def test_a_bare_number_is_seconds_in_argo():
    assert durations.parse("90") == timedelta(seconds=90)
    assert durations.parse("-1") == timedelta(seconds=-1)
    assert durations.parse("1500us") == timedelta(microseconds=1500)
    with pytest.raises(durations.InvalidDuration):
        durations.parse("9223372037")


@pytest.mark.parametrize(
    ("nanoseconds", "text"),
    [
        (0, "0s"),
        (1, "1ns"),
        (1_100, "1.1\u00b5s"),
        (2_000_000, "2ms"),
        (60_000_000_000, "1m0s"),
        (-3_600_500_000_000, "-1h0m0.5s"),
        (2**63 - 1, "2562047h47m16.854775807s"),
    ],
)
def test_durations_as_text(nanoseconds: int, text: str):
    assert durations.format_nanoseconds(nanoseconds) == text


@given(st.integers(-(2**63), 2**63 - 1))
def test_a_duration_comes_back(nanoseconds: int):
    text = durations.format_nanoseconds(nanoseconds)
    if abs(nanoseconds) < 2**53:
        assert durations.parse_nanoseconds(text) == nanoseconds


def test_a_timedelta_as_text():
    assert durations.format_duration(timedelta(minutes=1, microseconds=1)) == "1m0.000001s"


@given(st.one_of(st.text(), st.text(alphabet="0123456789.-+hmsnu\u00b5 ")))
def test_any_text_gives_a_duration_or_the_one_error(text: str):
    with contextlib.suppress(durations.InvalidDuration):
        durations.parse(text)
