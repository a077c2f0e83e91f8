from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tiphys.lang import selectors


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a=b=c", "found '=', expected: ',' or 'end of string'"),
        ("a >= 1", "unable to parse requirement: found '=', expected: identifier"),
        ("== a", "found '==', expected: !, identifier, or 'end of string'"),
        ("(a)", "found '(', expected: !, identifier, or 'end of string'"),
        ("a ~ b", "unable to parse requirement: found '~', expected: in, notin, =, ==, !=, gt, lt"),
        ("a in (b", "unable to parse requirement: found '', expected: ',' or ')'"),
        ("a in b", "unable to parse requirement: found 'b' expected: '('"),
        ("a in ()", "unable to parse requirement: values: Invalid value: []: for 'in', 'notin' operators, values set"),
        (
            "a > x",
            "unable to parse requirement: values[0]: Invalid value: \"x\": for 'Gt', 'Lt' operators, the value must",
        ),
        ("a,", "found '', expected: identifier after ','"),
        ("!", "unable to parse requirement: found '', expected: identifier"),
        (
            "a=[1",
            'unable to parse requirement: values[0][a]: Invalid value: "[1": a valid label must be an empty string or',
        ),
        ("a#=1", 'unable to parse requirement: <nil>: Invalid value: "a#": name part must consist of alphanumeric'),
        ("/a", 'unable to parse requirement: <nil>: Invalid value: "/a": prefix part must be non-empty'),
        (
            "A_/a",
            'unable to parse requirement: <nil>: Invalid value: "A_/a": prefix part a lowercase RFC 1123 subdomain',
        ),
        ("a/b/c", 'unable to parse requirement: <nil>: Invalid value: "a/b/c": a qualified name must consist of'),
        ("a" * 64, "unable to parse requirement: <nil>: Invalid value: "),
    ],
)
def test_bad_label_selectors_in_kubernetes_words(text: str, message: str):
    with pytest.raises(selectors.InvalidSelector) as caught:
        selectors.parse_labels(text)
    assert str(caught.value).startswith(message)


@pytest.mark.parametrize(
    ("text", "matches"),
    [
        ("", True),
        ("app=demo", True),
        ("app==demo,tier!=b", True),
        ("gone!=x", True),
        ("gone", False),
        ("!gone,!app", False),
        ("app in (demo, other)", True),
        ("app notin (demo)", False),
        ("gone notin (demo)", True),
        ("in=in", False),
        ("app in (,)", False),
        ("empty=", True),
        ("empty in (,x)", True),
        ("n > 1, n < 3", True),
        ("app > 1", False),
        ("workflows.argoproj.io/phase=Succeeded", True),
    ],
)
def test_labels_match(text: str, matches: bool):  # noqa: FBT001 - a table
    labels = {"app": "demo", "tier": "a", "n": "2", "empty": "", "workflows.argoproj.io/phase": "Succeeded"}
    assert selectors.parse_labels(text).matches(labels) is matches


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("displayName", "invalid selector: 'displayName'; can't understand 'displayName'"),
        ("a=b=c", "invalid field selector: unescaped character in value: 61"),
        ("a=b\\x", "invalid field selector: invalid escape sequence: \\x"),
        ("a=b\\", "invalid field selector: invalid escape sequence: \\"),
    ],
)
def test_bad_field_selectors_in_kubernetes_words(text: str, message: str):
    with pytest.raises(selectors.InvalidSelector) as caught:
        selectors.parse_fields(text)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("text", "matches"),
    [
        ("", True),
        ("displayName=approve", True),
        ("displayName==approve,phase!=Failed", True),
        ("displayName!=approve", False),
        ("inputs.parameters.x.value=a\\,b\\=c\\\\", True),
        ("gone=", True),
        ("gone!=x", True),
        (",,phase=Running", True),
    ],
)
def test_fields_match(text: str, matches: bool):  # noqa: FBT001 - a table
    fields = {"displayName": "approve", "phase": "Running", "inputs.parameters.x.value": "a,b=c\\"}
    assert selectors.parse_fields(text).matches(fields) is matches


texts = st.one_of(
    st.text(),
    st.lists(st.sampled_from(["a", "in", "notin", "(", ")", ",", "!", "=", "<", " ", "\\", "\0", "\n", "1", "/"])).map(
        "".join
    ),
)


@given(texts, st.dictionaries(st.text(), st.text()))
def test_any_text_gives_a_selector_or_the_one_error(text: str, labels: dict[str, str]):
    with contextlib.suppress(selectors.InvalidSelector):
        selectors.parse_labels(text).matches(labels)
    with contextlib.suppress(selectors.InvalidSelector):
        selectors.parse_fields(text).matches(labels)
