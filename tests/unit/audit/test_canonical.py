from __future__ import annotations

import pytest

from tiphys.audit.canonical import MAX_INTEGER, canonical_bytes
from tiphys.errors import Refused


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "null"),
        (True, "true"),
        (False, "false"),
        (0, "0"),
        (-MAX_INTEGER, "-9007199254740991"),
        ("", '""'),
        ([], "[]"),
        ({}, "{}"),
        ([1, [2, {"a": []}]], '[1,[2,{"a":[]}]]'),
        ({"b": 1, "a": 2, "": 3}, '{"":3,"a":2,"b":1}'),
        ('\u20ac$\u000f\nA\'B"\\\\"/', '"\u20ac$\\u000f\\nA\'B\\"\\\\\\\\\\"/"'),  # RFC 8785, section 3.2.2.2
        ("\b\t\n\f\r\x1f\x7f\u2028", '"\\b\\t\\n\\f\\r\\u001f\x7f\u2028"'),
    ],
)
def test_text_is_that_of_rfc_8785(value: object, text: str):
    assert canonical_bytes(value) == text.encode()


def test_members_are_sorted_by_utf_16_units():
    names = ["\u20ac", "\r", "\ufb33", "1", "\U0001f600", "\x80", "\xf6"]  # RFC 8785, section 3.2.3
    assert canonical_bytes(dict.fromkeys(names, 0)).decode() == (
        '{"\\r":0,"1":0,"\x80":0,"\xf6":0,"\u20ac":0,"\U0001f600":0,"\ufb33":0}'
    )


@pytest.mark.parametrize(
    ("value", "place"),
    [
        (1.0, "$"),
        (float("nan"), "$"),
        (MAX_INTEGER + 1, "$"),
        (-MAX_INTEGER - 1, "$"),
        ("\ud800", "$"),
        ({"a": ["x", "\udfff"]}, "$.a[1]"),
        ({"\ud800": 1}, "$"),
        ({1: "a"}, "$"),
        ({"a": {"b": b"bytes"}}, "$.a.b"),
        ([{1, 2}], "$[0]"),
    ],
)
def test_what_has_no_single_form_is_refused_with_its_place(value: object, place: str):
    with pytest.raises(Refused) as refusal:
        canonical_bytes(value)
    assert str(refusal.value).startswith(f"{place}: ")
