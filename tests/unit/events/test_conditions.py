from __future__ import annotations

import pytest

from tiphys.events import conditions
from tiphys.events.conditions import BadConditionError, UnknownNameError


def test_a_long_condition_needs_no_recursion():
    text = "(" * 5000 + "a" + ")" * 5000 + " && b" * 5000
    condition = conditions.parse(text, ["a", "b"])
    assert condition.is_met({"a", "b"})
    assert not condition.is_met({"a"})


def test_and_binds_tighter_than_or():
    condition = conditions.parse("a || b && c", ["a", "b", "c"])
    assert condition.is_met({"a"})
    assert not condition.is_met({"b"})


def test_a_hyphen_counts_as_an_underscore():
    assert conditions.parse("dep-1 && dep_2", ["dep_1", "dep-2"]).names == ("dep_1", "dep-2")


def test_an_unknown_name_says_which():
    with pytest.raises(UnknownNameError) as caught:
        conditions.parse("a && zz", ["a"])
    assert caught.value.name == "zz"


@pytest.mark.parametrize(
    "text", ["a &&", "&& a", "a b", "(a", "a)", "()", "a & b", "!a", "a + b", "not a", "a.b", "1a"]
)
def test_what_is_no_condition_is_refused(text: str):
    with pytest.raises(BadConditionError):
        conditions.parse(text, ["a", "b"])


def test_without_dependencies_there_is_nothing_to_wait_for():
    with pytest.raises(BadConditionError):
        conditions.parse("", [])


def test_the_default_refuses_a_name_that_argo_events_could_not_evaluate():
    with pytest.raises(BadConditionError, match=r"a\.b"):
        conditions.parse("", ["a.b", "c"])
