from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tiphys.lang.govaluate import when


def message(text: str) -> str:
    with pytest.raises(when.InvalidExpression) as caught:
        when.evaluate_when(text)
    return str(caught.value)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (" ", "Unexpected end of expression"),
        ("a == b\\", "Nothing follows the last backslash"),
        ("[a == b", "Unclosed parameter bracket"),
        ("a]", "Invalid token: '' (hint: try wrapping the affected expression in quotes (\"))"),
        ("1.2.3", "Unable to parse numeric value '1.2.3' to float64\n"),
        ("0xg == 1", "Unable to parse hex value '' to uint64\n"),
        ("a. == b", "Hanging accessor on token 'a.'"),
        ("a.b == b", "Unable to access unexported field 'b' in token 'a.b'"),
        ("(true,)", "Cannot transition token types from SEPARATOR [,] to CLAUSE_CLOSE [41]"),
        ("true ? , 1", "Unable to plan token kind: 'SEPARATOR', value: ','"),
        ("'2020-01-01' 1", "Cannot transition token types from TIME [2020-01-01 00:00:00 +0000 UTC] to NUMERIC [1]"),
    ],
)
def test_a_text_that_is_no_condition(text: str, why: str):
    assert message(text) == f"Invalid 'when' expression '{text}': {why}"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("!foo", "Cannot transition token types from PREFIX [!] to STRING [foo]"),
        ("a =~ [(]", "error parsing regexp: missing closing ): `(`"),
    ],
)
def test_a_text_that_is_none_once_bare_words_are_texts(text: str, why: str):
    assert message(text) == f"Failed to parse 'when' expression '{text}': {why}"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("-true", "Value 'true' cannot be used with the prefix '-'"),
        ("(!)", "Value '<nil>' cannot be used with the prefix '!'"),
        ("(1 - )", "Value '<nil>' cannot be used with the modifier '-', it is not a number"),
        ("1 ? 2 : 3", "Value '1' cannot be used with the ternary operator '?', it is not a bool"),
        ("a.B(1 && 1)", "Value '1' cannot be used with the logical operator '&&', it is not a bool"),
    ],
)
def test_a_value_of_the_wrong_type(text: str, why: str):
    assert message(text) == f"Failed to evaluate 'when' expresion '{text}': {why}"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("1000000", "1e+06"),
        ("()", "<nil>"),
        ("1 / 0", "+Inf"),
        ("(1,2),3", "[1 2 3]"),
        ("1,(2,3)", "[1 [2 3]]"),
    ],
)
def test_a_value_that_is_no_bool(text: str, why: str):
    assert message(text) == f"Expected boolean evaluation for '{text}'. Got {why}"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("", True),
        ("false && 1", False),
        ("true || a.B", True),
        ("(a ?? (1 && 1)) == a", True),
        ("false ? (1 && 1) : true", True),
        ("true ? true : (1 && 1)", True),
        ("8 - 4 - 2 == 2", True),
        ("2 ** 3 ** 2 == 64", True),
        ("-2 ** 2 == 4", True),
        ("1 + 2 * 3 == 7", True),
        ("1 + 'a' == '1a'", True),
        ("5 & 6 | 8 == 12", True),
        ("1 << 64 == 0", True),
        ("~1 == 0 - 2", True),
        ("-7 % 3 == -1", True),
        ("0 / 0 == 0 / 0", False),
        ("[a b] == 'a b'", True),
        ("a\\-b == 'a-b'", True),
        ("(1,2) == (1,2)", True),
        ("(1,true) == (1,1)", False),
        ("xy =~ 'x' + 'y'", True),
        ("xz !~ 'x' + 'y'", True),
        ("(true) false", True),
        ("true)(false", True),
        ("((true) false && false)", False),
        ("'3:04PM' < '2020-01-01'", True),
        ("'2020-01-01T02:00:00+02:00' == '2020-01-01 0:00'", True),
        ("'Wed Jan  1 00:00:00 UTC 2020' == '2020-01-01'", True),
        ("'2020-02-30' == '2020-02-30'", True),
        ("'2020-01-01T00:00:00.5Z' == '2020-01-01'", True),
    ],
)
def test_values(text: str, value: bool):  # noqa: FBT001 - a table
    assert when.evaluate_when(text) is value


@pytest.mark.parametrize("text", ["(1,2) in (3,(1,2))", "(1,2) in ((3,4),(1,2))"])
def test_what_crashes_argo_is_an_error(text: str):
    with pytest.raises(when.InvalidExpression):
        when.evaluate_when(text)


def test_deep_nesting_does_not_meet_the_recursion_limit():
    depth = 20_000
    assert when.evaluate_when("(" * depth + "1 == 1" + ")" * depth)
    assert when.evaluate_when(" && ".join(["a == a"] * depth))
    assert when.evaluate_when("!(" * depth + "true" + ")" * depth)
    nested = "(1," * depth + "1" + ")" * depth
    with pytest.raises(when.InvalidExpression, match="Expected boolean"):
        when.evaluate_when(nested)
    assert when.evaluate_when(f"{nested} == {nested}")


OPERATORS = [
    "&&",
    "||",
    "==",
    "!=",
    "=~",
    "<",
    ">=",
    "+",
    "-",
    "!",
    "~",
    "*",
    "**",
    "/",
    "%",
    "<<",
    ">>",
    "&",
    "^",
    ",",
    "?",
    ":",
    "??",
]
words = st.sampled_from(
    [
        *OPERATORS,
        *("a", "1", "0x", ".", "true", "false", "in", "a.B", "a.B(", "'", '"', "(", ")", "[", "]", "\\", " ", "\n"),
        *("'2020-01-01'", "'x'", "1e9", "'('", "999999999999999999999", "\u0661", "\ud800"),
    ]
)


@given(st.one_of(st.text(), st.lists(words).map("".join), st.lists(words).map(" ".join)))
def test_any_text_gives_a_value_or_the_one_error(text: str):
    with contextlib.suppress(when.InvalidExpression):
        assert when.evaluate_when(text) in (True, False)
