from __future__ import annotations

import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tiphys.lang import items, tags


def named(all_items: items.Items) -> list[tuple[str, str]]:
    return [(item.name("s", index), item.variables["item"]) for index, item in enumerate(all_items)]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "unexpected end of JSON input"),
        ("oops", "invalid character 'o' looking for beginning of value"),
        ("[1,]", "invalid character ']' looking for beginning of value"),
        ("[NaN]", "invalid character 'N' looking for beginning of value"),
        ("[1] x", "invalid character 'x' after top-level value"),
        ('"a"', "json: cannot unmarshal string into Go value of type []v1alpha1.Item"),
        ("7", "json: cannot unmarshal number into Go value of type []v1alpha1.Item"),
        ("true", "json: cannot unmarshal bool into Go value of type []v1alpha1.Item"),
    ],
)
def test_with_param_must_be_a_list(text: str, why: str):
    with pytest.raises(items.InvalidItems) as caught:
        items.from_param(text)
    assert str(caught.value) == f"withParam value could not be parsed as a JSON list: {text}: {why}"


@pytest.mark.parametrize("text", ["[" * 100_000, "[" * 100_000 + "]" * 100_000, '[{"a":' * 50_000])
def test_deep_nesting_is_an_error(text: str):
    with pytest.raises(items.InvalidItems):
        items.from_param(text)


@pytest.mark.parametrize(
    ("start", "end", "count", "template", "why"),
    [
        (None, None, None, "", "neither end nor count was specified in withSequence"),
        ("x", "1", None, "", 'strconv.Atoi: parsing "x": invalid syntax'),
        (None, "9" * 30, None, "", f'strconv.Atoi: parsing "{"9" * 30}": value out of range'),
        ("1", "1", None, '"', "invalid character '%' after top-level value"),
    ],
)
def test_a_bad_sequence(start: str | None, end: str | None, count: str | None, template: str, why: str):
    with pytest.raises(items.InvalidItems) as caught:
        items.from_sequence(start, end, count, template)
    assert str(caught.value) == why


def test_with_param_keeps_the_spelling_of_numbers_and_escapes():
    assert named(items.from_param(r'[1.0, 1e3, 123456789012345678901, "\u00e9\u003c", null, " [1, 2] "]')) == [
        ("s(0:1.0)", "1.0"),
        ("s(1:1e3)", "1e3"),
        ("s(2:123456789012345678901)", "123456789012345678901"),
        (r"s(3:\u00e9<)", "é<"),
        ("s(4:[])", "null"),
        ("s(5: [1, 2] )", " [1, 2] "),
    ]


def test_with_items_are_spelled_as_go_spells_them():
    values = [1.5, 1000.0, 12345678901234567890.0, True, ["a", 1, [2]], {"b": None, "a": "x(y)"}, 'it\'s "q"\n']
    assert named(items.from_values(values)) == [
        ("s(0:1.5)", "1.5"),
        ("s(1:1000)", "1000"),
        ("s(2:12345678901234567000)", "12345678901234567000"),
        ("s(3:true)", "true"),
        ("s(4:[a 1 [2]])", '["a",1,[2]]'),
        ("s(5:a:xy,b:null)", '{"a":"x(y)","b":null}'),
        (r"s(6:it's \"q\"\n)", 'it\'s "q"\n'),
    ]


def test_the_fields_of_an_object_keep_their_escapes_and_the_whole_is_written_by_gos_encoder():
    (item,) = items.from_values([{"k": 'a"b<', "n": {"x": [1, 2]}}])
    assert item.variables == {
        "item": '{"k":"a\\"b\\u003c","n":{"x":[1,2]}}',
        "item.k": 'a\\"b<',
        "item.n": '{"x":[1,2]}',
    }


def test_a_number_too_big_for_a_float_is_an_empty_text():
    assert named(items.from_param("[1e999]")) == [("s(0:1e999)", "")]


def test_a_large_sequence_costs_nothing_before_its_items_are_asked_for():
    many = items.from_sequence("10", None, "1000000000000", "n-%04d")
    assert many[7].name("s", 7) == "s(7:n-0017)"
    assert [item.label for item in many[3:5]] == ["n-0013", "n-0014"]
    assert items.from_sequence("3", "1", None)[2].label == "1"


def body(call: dict[str, object], *, task: bool = False) -> tags.TaggedText:
    return items.loop_body(call, task=task)


def test_an_unresolved_tag_is_an_error_unless_the_item_never_runs():
    compiled = body({"name": "s", "arguments": "{{item}} {{gone}} {{nil}}"})
    (item,) = items.from_values(["a"])
    with pytest.raises(tags.MissingVariable):
        items.expand(compiled, item, {"nil": "1"})
    assert json.loads(items.expand(compiled, item, {"nil": None}, never=True))["arguments"] == "a {{gone}} {{nil}}"


def test_the_loop_itself_is_tagged_text_in_a_task_and_not_in_a_step():
    call = {"name": "s", "withItems": ["{{gone}}"], "arguments": "{{item}}"}
    (item,) = items.from_values(["a"])
    assert json.loads(items.expand(body(call), item, {})) == {"name": "s", "arguments": "a"}
    with pytest.raises(tags.MissingVariable):
        items.expand(body(call, task=True), item, {})
    assert "withItems" not in body({**call, "withItems": ["plain"]}, task=True).text


json_values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False), st.text()),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(st.lists(json_values), st.sampled_from([None, 1, " "]))
def test_items_of_a_param_do_not_depend_on_blanks(values: list[object], indent: int | str | None):
    def is_utf8(value: object) -> bool:
        return "\\ud" not in json.dumps(value)

    if is_utf8(values):
        spelled = json.dumps(values, indent=indent, ensure_ascii=False)
        shown = named(items.from_param(spelled))
        assert shown == named(items.from_param(json.dumps(values, ensure_ascii=False, separators=(",", ":"))))
        assert len(shown) == len(values)


@given(st.one_of(st.text(), st.lists(st.sampled_from(list('[]{}",:1-.e tn\\u0'))).map("".join)))
def test_any_param_gives_items_or_the_one_error(text: str):
    with contextlib.suppress(items.InvalidItems):
        list(items.from_param(text))


@given(st.integers(), st.integers(-50, 50), st.text(alphabet='%dxXobqcUvsft+-# 0123456789.*[]é"\\'))
def test_any_sequence_gives_items_or_the_one_error(start: int, count: int, template: str):
    with contextlib.suppress(items.InvalidItems):
        list(items.from_sequence(str(start), None, str(count), template))
