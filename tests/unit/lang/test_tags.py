from __future__ import annotations

import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tiphys.lang import tags

STEPS = tags.STEPS_AND_TASKS


def render(value: object, variables: dict[str, object], **options: object) -> object:
    return json.loads(tags.compile_json(value).render(variables, **options))  # pyright: ignore[reportArgumentType]


@pytest.mark.parametrize("text", ["{{a", "x {{a}} {{", "{{a}"])
def test_an_unclosed_tag_is_an_error(text: str):
    with pytest.raises(tags.InvalidTag, match="Cannot find end tag"):
        tags.compile_text(text)


@pytest.mark.parametrize("strict", [True, STEPS])
def test_a_missing_variable_can_be_told_from_other_errors(strict: tags.Strict):
    with pytest.raises(tags.MissingVariable, match=r"^failed to resolve {{ steps\.a\.id }}$"):
        render("{{ steps.a.id }}", {}, strict=strict)


def test_an_absent_optional_is_an_error_that_will_not_go_away():
    with pytest.raises(tags.InvalidTag, match="absent optional") as caught:
        render("{{steps.a.outputs.result}}", {"steps.a.outputs.result": None})
    assert not isinstance(caught.value, tags.MissingVariable)
    with pytest.raises(tags.InvalidTag, match="unable to substitute nested tag"):
        render("{{a.{{b}}}}", {"b": None})


def test_a_value_that_is_no_text_is_an_error():
    with pytest.raises(tags.MissingVariable, match="to string"):
        render("{{a}}", {"a": 1})


@pytest.mark.parametrize("char", ["\a", "\v", "\x1b", "\x7f", "\0", "\U000e0001"])
def test_a_character_that_go_quotes_in_its_own_way_spoils_the_result(char: str):
    with pytest.raises(tags.InvalidTag, match="invalid JSON"):
        render("{{a}}", {"a": f"x{char}"})
    with pytest.raises(tags.InvalidTag, match="invalid JSON"):
        tags.compile_text("{{a}}").render({"a": f"x{char}"})


@pytest.mark.parametrize(
    "char", ["\t", "\r", "\f", "\b", "\xa0", "\u200b", "\ufeff", "\U0001f389", '"', "\\", "\\a", "<"]
)
def test_other_characters_arrive_as_they_are(char: str):
    assert render({"x": "-{{a}}-"}, {"a": char}) == {"x": f"-{char}-"}
    assert tags.compile_text("-{{a}}-").render({"a": char}) == f"-{char}-"


def test_unresolved_tags_stay_as_they_are():
    text = "x {{ item }} {{steps.a.outputs.artifacts.b}} {{\ta}} {{stepsa.x}}"
    assert render(text, {"a": "1"}, strict=STEPS) == text


def test_artifacts_must_resolve_when_everything_must():
    with pytest.raises(tags.MissingVariable):
        render("{{steps.a.outputs.artifacts.b}}", {}, strict=True)


def test_blanks_are_trimmed_but_no_tab():
    assert render("{{ a }}{{\xa0a}}{{a\t}}", {"a": "1"}) == "11{{a\t}}"


def test_a_nested_tag_takes_a_pass_for_each_level():
    first = tags.compile_text("{{inputs.parameters.{{item}}}}")
    assert first.nested
    assert first.names == ("item",)
    second = first.render({"item": "x"}, strict=True)
    assert tags.compile_text(second).render({"inputs.parameters.x": "y"}) == "y"


def test_expression_tags_are_recognised_and_refused_without_an_evaluator():
    compiled = tags.compile_json(["{{=a && b}}", "{{ =a}}"])
    assert compiled.expressions == ("a && b",)
    with pytest.raises(tags.ExpressionTag, match="a && b"):
        compiled.render({})


def test_an_evaluator_is_given_the_expression_and_may_leave_it():
    def evaluate(expression: str, variables: object, strict: tags.Strict) -> str | None:
        return None if expression == "later" else f'"{expression}\x1b"'

    assert render("{{=later}} {{=now}}", {}, evaluate=evaluate) == '{{=later}} "now\x1b"'


def test_a_tag_over_the_end_of_a_string_cannot_break_the_json():
    assert render(["{{=a", "b}}"], {}, evaluate=lambda *_: None) == ["{{=a", "b}}"]
    with pytest.raises(tags.InvalidTag, match="invalid JSON"):
        render({"{{=a": "b}}"}, {}, evaluate=lambda *_: "v")


def test_text_that_is_no_json_is_refused():
    with pytest.raises(tags.InvalidTag, match="invalid JSON"):
        tags.compile_json_text('{"x":{{a}}}')


pieces = st.lists(
    st.sampled_from(["{{", "}}", "{", "}", "a", "b", " ", "=", "\t", '"', "\\", "steps.", ".", "\x7f"])
).map("".join)
names = st.sampled_from(["a", "b", "ab", "a.b", "steps.a", "steps"])
values = st.one_of(st.none(), st.integers(), st.text(), pieces)
stricts = st.sampled_from([True, False, STEPS])


@given(st.one_of(st.text(), pieces), st.dictionaries(names, values), stricts)
def test_any_text_renders_or_fails_alike_as_text_and_as_json(
    text: str, variables: dict[str, object], strict: tags.Strict
):
    def outcome(*, compiled_as_json: bool) -> object:
        try:
            if compiled_as_json:
                return json.loads(tags.compile_json(text).render(variables, strict=strict))
            return tags.compile_text(text).render(variables, strict=strict)
        except tags.InvalidTag as error:
            return type(error)

    as_json, as_text = outcome(compiled_as_json=True), outcome(compiled_as_json=False)
    if '"' not in text and "\\" not in text and text.isprintable():
        assert as_json == as_text


@given(
    st.recursive(
        st.one_of(st.text(), pieces, st.integers(), st.booleans(), st.none()),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_a_value_without_variables_comes_back_as_it_was(value: object):
    with contextlib.suppress(tags.InvalidTag):
        compiled = tags.compile_json(value)
        if not compiled.expressions:
            assert json.loads(compiled.render({})) == value
