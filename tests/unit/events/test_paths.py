from __future__ import annotations

import pytest

from tiphys.events import paths, rawjson
from tiphys.events.paths import BadPathError


def at(text: str, path: str) -> str | None:
    value = rawjson.parse(text)
    assert value is not None
    found = paths.find(value, paths.parse_source(path))
    return None if found is None else found.raw


@pytest.mark.parametrize(
    ("text", "path", "raw"),
    [
        ('{"a": {"b": [1, 2]}}', "a.b", "[1, 2]"),
        ('{"a": {"b": [1, 2]}}', "a.b.1", "2"),
        ('{"a": {"b": [1, 2]}}', "a.b.2", None),
        ('{"a": {"b": [1, 2]}}', "a.b.#", "2"),
        ('{"a.b": 1, "a": {"b": 2}}', r"a\.b", "1"),
        ('{"1": "key"}', "1", '"key"'),
        ('{"#": "key"}', "#", '"key"'),
        ('{"a": 1, "a": 2}', "a", "1"),
        ('{"a": "b"}', "a.0", None),
        ('{"": {"x": 1}}', ".x", "1"),
        ('{"a": 1e21, "b": 12345678901234567890}', "b", "12345678901234567890"),
        ('[{"k": 1}, {"x": 2}, {"k": [3, 4]}]', "#.k", "[1,[3, 4]]"),
        ('{"q\\"uote": "}", "after": 1}', "after", "1"),
        ("[]", "#", "0"),
    ],
)
def test_a_path_finds_the_text_as_it_was_written(text: str, path: str, raw: str | None):
    assert at(text, path) == raw


@pytest.mark.parametrize(
    "path", ["a|b", "a*", "a.?", "@this", "a.@reverse", "[a,b]", "{a}", "a.#(b==1)", "a.#(b>1)#.c"]
)
def test_the_rest_of_gjson_is_refused_by_name(path: str):
    with pytest.raises(BadPathError, match="not supported yet"):
        paths.parse_source(path)


def test_escaped_special_characters_are_only_characters():
    assert at('{"a*b": 1}', r"a\*b") == "1"
    assert at('{"@x": 1}', r"\@x") == "1"
    assert at('{"#": 7}', r"\#") == "7"


@pytest.mark.parametrize(
    ("document", "path", "after"),
    [
        ({"a": 1}, "b.c", {"a": 1, "b": {"c": "v"}}),
        ({"l": ["x"]}, "l.-1", {"l": ["x", "v"]}),
        ({"l": ["x"]}, "l.3", {"l": ["x", None, None, "v"]}),
        ({}, "l.0.name", {"l": [{"name": "v"}]}),
        ({}, "l.-1", {"l": ["v"]}),
        ({}, "m.:1", {"m": {"1": "v"}}),
        ({"a": "text"}, "a.b", {"a": {"b": "v"}}),
        ({}, r"metadata.labels.app\.kubernetes\.io/name", {"metadata": {"labels": {"app.kubernetes.io/name": "v"}}}),
        ([1], "0", ["v"]),
        (None, "a", {"a": "v"}),
    ],
)
def test_put_makes_what_is_missing(document: object, path: str, after: object):
    assert paths.put(document, paths.parse_destination(path), "v") == after


def test_put_leaves_the_document_it_was_given_alone():
    document = {"a": {"l": [1]}}
    paths.put(document, paths.parse_destination("a.l.-1"), 2)
    assert document == {"a": {"l": [1]}}


@pytest.mark.parametrize("path", ["", "a.#", "a|b", "@x", "a*"])
def test_a_destination_that_names_no_place_is_refused(path: str):
    with pytest.raises(BadPathError):
        paths.parse_destination(path)


def test_a_list_has_no_named_places_and_no_place_far_behind_its_end():
    with pytest.raises(BadPathError, match="non-numeric key 'x'"):
        paths.put([1], paths.parse_destination("x"), 2)
    with pytest.raises(BadPathError, match="too far"):
        paths.put([], paths.parse_destination("1000000000"), 2)


@pytest.mark.parametrize("text", ["", "not json", '{"a":', "NaN", "[1] x", "[" * 200_000])
def test_text_that_is_not_json_is_none(text: str):
    assert rawjson.parse(text) is None


@pytest.mark.parametrize(
    ("raw", "text", "number", "boolean"),
    [
        ("1e21", "1000000000000000000000", 1e21, True),
        ("2.50", "2.5", 2.5, True),
        ("1.0", "1", 1.0, True),
        ("-3", "-3", -3.0, True),
        ("0", "0", 0.0, False),
        ('"12"', "12", 12.0, False),
        ('"T"', "T", 0.0, True),
        ("true", "true", 1.0, True),
        ("false", "false", 0.0, False),
        ("null", "", 0.0, False),
        ("[1, 2]", "[1, 2]", 0.0, False),
        ('"\\u00e9\\n"', "é\n", 0.0, False),
    ],
)
def test_a_value_converts_as_gjson_does(raw: str, text: str, number: float, boolean: bool):  # noqa: FBT001
    value = rawjson.Value(raw)
    assert (value.text(), value.number(), value.boolean()) == (text, number, boolean)


def test_dump_writes_as_go_does():
    assert rawjson.dump({"h": "<b>&é", "n": [1, None, True]}) == '{"h":"\\u003cb\\u003e\\u0026é","n":[1,null,true]}'
