from __future__ import annotations

import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tiphys.lang import gojson, gosyntax


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "unexpected end of JSON input"),
        ("[1,", "unexpected end of JSON input"),
        ('{"a"', "unexpected end of JSON input"),
        ("tru", "unexpected end of JSON input"),
        ('"a', "unexpected end of JSON input"),
        ("nil", "invalid character 'i' in literal null (expecting 'u')"),
        ("{a}", "invalid character 'a' looking for beginning of object key string"),
        ('{"a" 1}', "invalid character '1' after object key"),
        ('{"a":1 2}', "invalid character '2' after object key:value pair"),
        ('{"a":1,}', "invalid character '}' looking for beginning of object key string"),
        ("[1 2]", "invalid character '2' after array element"),
        ("1 2", "invalid character '2' after top-level value"),
        ("-x", "invalid character 'x' in numeric literal"),
        ("1.x", "invalid character 'x' after decimal point in numeric literal"),
        ("1e+x", "invalid character 'x' in exponent of numeric literal"),
        ('"\\x"', "invalid character 'x' in string escape code"),
        ('"\\u12g4"', "invalid character 'g' in \\u hexadecimal character escape"),
        ('"a\nb"', "invalid character '\\n' in string literal"),
        ("é", "invalid character 'Ã' looking for beginning of value"),
        ("'", "invalid character '\\'' looking for beginning of value"),
        ('1"', "invalid character '\"' after top-level value"),
        (' [1, {"a": [true, null, -1.5e-3]}] ', ""),
    ],
)
def test_problems_in_gos_words(text: str, problem: str):
    assert gosyntax.first_problem(text) == problem


json_text = st.lists(st.sampled_from([*'[]{}":,-.eE+01nu\\ \n', "true", "null", "\\u00e9", "é", '"a"'])).map("".join)


@given(st.one_of(json_text, st.text()))
def test_python_and_the_walk_agree_on_what_json_is(text: str):
    try:
        json.loads(text, parse_constant=lambda _: 1 / 0)
        valid = True
    except (ValueError, ZeroDivisionError):
        valid = False
    assert (gosyntax.first_problem(text) == "") is valid
    with contextlib.suppress(gosyntax.InvalidJson):
        gojson.check(text)
        assert valid
        assert json.loads(gojson.compact(text)) == json.loads(text)


exact_floats = st.floats(-(2.0**53), 2.0**53)
values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), exact_floats, st.text()),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(values)
def test_encoded_values_come_back(value: object):
    assert json.loads(gojson.encode(value)) == value


def test_encoding_is_gos():
    value = {"b": [4.0, 1e21, 1e-7, 0.000001, -0.0, 1e20], "a": "<&>\u2028\x00\x7f\ud800"}
    assert gojson.encode(value) == (
        '{"a":"\\u003c\\u0026\\u003e\\u2028\\u0000\x7f\ufffd","b":[4,1e+21,1e-7,0.000001,-0,100000000000000000000]}'
    )


@pytest.mark.parametrize("value", [float("nan"), [float("inf")], {"a": {1, 2}}])
def test_what_json_does_not_have_is_an_error(value: object):
    with pytest.raises(gosyntax.InvalidJson):
        gojson.encode(value)


def test_deep_values_encode():
    deep: object = 1
    for _ in range(100_000):
        deep = [deep]
    assert gojson.encode(deep) == "[" * 100_000 + "1" + "]" * 100_000
