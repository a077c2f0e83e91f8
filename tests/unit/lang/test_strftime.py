from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tiphys.lang import strftime

AT = datetime(2026, 1, 2, 0, 4, 5, 678900, UTC)


@pytest.mark.parametrize("letter", ["j", "U", "s", "f", "e", "D", "é"])
def test_letters_that_argo_does_not_know_stay(letter: str):
    assert letter not in strftime.LETTERS
    assert strftime.format_time(f"%{letter}", AT) == f"%{letter}"


def test_letters():
    assert strftime.format_time("%A %a %d %B %b %m %Y %y %H %I %p %M %S%L %Z %z %% %", AT) == (
        "Friday Fri 02 January Jan 01 2026 26 00 12 AM 04 05.678 UTC +0000 % %"
    )


def test_an_offset_west_of_greenwich():
    west = AT.astimezone(timezone(timedelta(hours=-3, minutes=-30)))
    assert strftime.format_time("%z", west) == "-0330"


@given(st.text(), st.datetimes(timezones=st.just(UTC)))
def test_any_template_gives_a_text(template: str, at: datetime):
    assert isinstance(strftime.format_time(template, at), str)
