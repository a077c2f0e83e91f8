import json
import time

import pytest

from tiphys.manifest.parse import MAX_TEXT, parse_text
from tiphys.manifest.tree import MAX_DEPTH


def trees(text: str, **options: bool):
    return [parsed.tree for parsed in parse_text(text, file="f.yaml", **options) if not parsed.problems]


def problems(text: str, **options: bool):
    return [str(problem) for parsed in parse_text(text, file="f.yaml", **options) for problem in parsed.problems]


def test_tabs_are_refused_with_position_and_hint():
    found = "while scanning for the next token: found character that cannot start any token"
    assert problems("a:\n\tb: 1") == [f"f.yaml:2:1: {found} (YAML is indented with blanks, not tabs)"]


def test_a_broken_document_does_not_hide_the_others():
    text = "a: 1\n---\nb: [\n---\nc: 3\n"
    assert trees(text) == [{"a": 1}, {"c": 3}]
    assert problems(text)[0].startswith("f.yaml:4:1: ")


def test_a_second_broken_document_is_reported_too():
    assert len(problems("a: b: c\n---\nd: e: f\n")) == 2


@pytest.mark.parametrize("key", ["a", '"a"', "'a'"])
def test_a_key_that_stands_twice_is_refused(key: str):
    assert problems(f"a: 1\n{key}: 2") == ['f.yaml:2:1: key "a" already set in map (a key may stand only once)']


def test_all_double_keys_of_a_document_are_named():
    assert len(problems("a: 1\na: 2\nb: {c: 1, c: 2}\n")) == 2


def test_a_lenient_reading_takes_the_last_of_two_keys():
    assert trees("a: 1\na: 2", strict=False) == [{"a": 2}]


def test_two_spellings_of_one_key_are_the_same_key():
    assert problems("on: 1\nyes: 2") == ['f.yaml:2:1: key "true" already set in map (a key may stand only once)']


@pytest.mark.parametrize("text", ["~: 1", "? [a]\n: 1", "? {a: b}\n: 1"])
def test_a_key_that_cannot_be_text_is_refused(text: str):
    assert "a key must be text" in problems(text)[0]


def test_an_unquoted_tag_as_value_is_explained():
    assert problems("a: {{x}}") == ["f.yaml:1:5: a key must be text (a value that begins with {{ must stand in quotes)"]


@pytest.mark.parametrize("text", ["- a", "just text", "5"])
def test_what_is_no_mapping_is_no_document(text: str):
    assert "a document must be a mapping" in problems(text)[0]


@pytest.mark.parametrize("text", ["", "\n", "# nothing\n", "---\n", "---\n---\n# x\n---\n", "~\n", "\ufeff"])
def test_empty_documents_are_left_out(text: str):
    assert trees(text) == []
    assert problems(text) == []


def test_documents_count_their_lines_through_the_file():
    [first, second] = parse_text("---\na: 1\n--- # next\nb:\n  c: 2\n", file="f")
    assert (str(first.places.position("a")), str(second.places.position("b.c"))) == ("f:2:1", "f:5:3")


def test_positions_are_those_of_keys_and_items_and_fall_back_to_what_is_around():
    [parsed] = parse_text("spec:\n  steps:\n    - - name: a\n", file="f")
    paths = ["spec.steps[0][0].name", "spec.steps[0]", "spec.steps[0][0].when", "nowhere", ""]
    assert [str(parsed.places.position(path))[2:] for path in paths] == ["3:9", "3:7", "3:9", "1:1", "1:1"]


def test_a_document_mark_within_a_text_block_is_text():
    assert trees("a: |\n  x\n  ---\n  y\n") == [{"a": "x\n---\ny\n"}]


def test_anchors_and_merge_keys():
    text = "a: &x {k: 1, l: 2}\nb: {<<: *x, m: 3}\nc: *x\nd: {<<: [{k: 9}, *x]}\n"
    assert trees(text)[0] == {
        "a": {"k": 1, "l": 2},
        "b": {"k": 1, "l": 2, "m": 3},
        "c": {"k": 1, "l": 2},
        "d": {"k": 9, "l": 2},
    }


def test_a_key_over_a_merged_one_is_refused_as_argo_refuses_it_and_taken_in_order_by_a_lenient_reading():
    text = "a: &x {k: 1}\nb: {<<: *x, k: 2}\nc: {k: 2, <<: *x}\n"
    assert [line.partition(": ")[0] for line in problems(text)] == ["f.yaml:2:13", "f.yaml:3:15"]
    assert trees(text, strict=False)[0] == {"a": {"k": 1}, "b": {"k": 2}, "c": {"k": 1}}


def test_a_merge_of_something_else_is_refused():
    assert "map merge requires" in problems("a: {<<: 5}")[0]
    assert "unknown anchor 'x'" in problems("a: *x")[0]


def test_a_billion_laughs_are_refused_at_once():
    text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
    text += "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 10))
    start = time.monotonic()
    assert "values with aliases written out" in problems(text)[0]
    assert time.monotonic() - start < 1


@pytest.mark.parametrize("text", ["a: " + "[" * 400, "a: " + "{b: " * 400, "- " * 400, "a: " + "[" * 100_000])
def test_deep_nesting_is_refused(text: str):
    assert any(word in problems(text)[0] for word in (f"nested deeper than {MAX_DEPTH}", "maximum nesting depth"))


def test_a_text_beyond_all_measure_is_refused():
    assert "characters, at most" in problems("#" * (MAX_TEXT + 1))[0]


@pytest.mark.parametrize("text", ["a: \x00", "a: \udc80", "a: \x01"])
def test_control_characters_are_refused(text: str):
    assert problems(text)[0].startswith("f.yaml:1:1: ")


def test_not_a_number_has_no_json_form():
    assert problems("a: .nan\nb: .inf") == [
        "f.yaml:1:4: .nan has no JSON form (put it in quotes if it is text)",
        "f.yaml:2:4: .inf has no JSON form (put it in quotes if it is text)",
    ]


def test_json_keeps_its_numbers_and_has_positions():
    [parsed] = parse_text('{\n\t"a": [1.0, 1e3],\n "b": "\\ud83d\\ude00"}', file="f")
    assert json.dumps(parsed.tree) == '{"a": [1.0, 1000.0], "b": "\\ud83d\\ude00"}'
    [parsed] = parse_text('{"spec":\n {"a": 1}}', file="f")
    assert str(parsed.places.position("spec.a")) == "f:2:3"


def test_flow_yaml_that_is_no_json_is_yaml():
    assert trees("{a: yes}") == [{"a": True}]


def test_keys_become_text():
    assert trees("1: a\ntrue: b\n1.5: c\n") == [{"1": "a", "true": "b", "1.5": "c"}]


def test_quotes_and_blocks_are_text():
    assert trees("a: 'yes'\nb: \"1\"\nc: |-\n  1\nd: !!str 1\ne: !!int '3'\n") == [
        {"a": "yes", "b": "1", "c": "1", "d": "1", "e": 3}
    ]
