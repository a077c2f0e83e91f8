from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tiphys.lang import gofmt


@pytest.mark.parametrize(
    ("template", "value", "text"),
    [
        ("%", 1, "%!(NOVERB)%!(EXTRA int=1)"),
        ("%d %d", 1, "1 %!d(MISSING)"),
        ("%[2]d", 1, "%!d(BADINDEX)"),
        ("%[1]d-%[1]x", 10, "10-a"),
        ("%s", 1, "%!s(int=1)"),
        ("%*d", 3, "%!d(MISSING)"),
        ("%1000001d", 3, "%!(BADWIDTH)3"),
        ("100%% %d", 7, "100% 7"),
        ("%5d|", 7, "    7|"),
        ("%-5d|", 7, "7    |"),
        ("%05d", -7, "-0007"),
        ("%+d", 7, "+7"),
        ("% d", 7, " 7"),
        ("%.3d", 7, "007"),
        ("%6.3d", 7, "   007"),
        ("%#x", 255, "0xff"),
        ("%#o", 8, "010"),
        ("%O", 8, "0o10"),
        ("%b", 5, "101"),
        ("%c", 65, "A"),
        ("%q", 39, r"'\''"),
        ("%U", 65, "U+0041"),
        ("%#U", 65, "U+0041 'A'"),
        ("%T", 1, "int"),
        ("x", 1, "x%!(EXTRA int=1)"),
    ],
)
def test_formats(template: str, value: int, text: str):
    assert gofmt.sprintf(template, value) == text


@given(st.one_of(st.text(), st.text(alphabet="%dxXobqcUvsTft+-# 0123456789.*[]")), st.integers(-(2**63), 2**63 - 1))
def test_any_format_gives_a_text(template: str, value: int):
    assert isinstance(gofmt.sprintf(template, value), str)
