from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tiphys.lang import depends

TASKS = {"A": (), "B": (), "a-b": (), "soft": ("Errored", "Failed"), "not": (), "1st": ()}


def compiled(text: str) -> depends.Depends:
    return depends.compile_depends(text, (), TASKS)


@pytest.mark.parametrize(
    "text", ["A &&", "&& A", "A B", "(A", "A)", "A.Foo", "A.Succeeded ? B", "A : B", "not", "1st", "A,"]
)
def test_a_broken_text_is_an_error_only_when_it_is_asked(text: str):
    broken = compiled(text)
    assert broken.broken
    assert broken.mentioned
    with pytest.raises(depends.InvalidDepends, match="unable to evaluate"):
        broken.allows({})


@pytest.mark.parametrize("text", ["zzz", "A && true", "A.succeeded", 'A == "x"'])
def test_an_unknown_task_is_refused_at_once(text: str):
    with pytest.raises(depends.InvalidDepends, match="does not exist"):
        compiled(text)


def test_an_unknown_dependency_is_refused_at_once():
    with pytest.raises(depends.InvalidDepends, match="'C'"):
        depends.compile_depends("", ("A", "C"), TASKS)


@pytest.mark.parametrize("text", ["", "  ", "&&", "()"])
def test_a_text_that_mentions_nothing_lets_the_task_run(text: str):
    assert compiled(text).allows({})


def test_dependencies_expand_with_what_continue_on_tolerates():
    after = depends.compile_depends("", ("A", "soft"), TASKS)
    assert after.mentioned == ("A", "soft")
    assert after.logic == (
        "(A.Succeeded || A.Skipped || A.Daemoned)"
        " && (soft.Succeeded || soft.Skipped || soft.Daemoned || soft.Errored || soft.Failed)"
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("A || B && a-b.Succeeded", True),
        ("(A || B) && a-b.Succeeded", False),
        ("!A == B", True),
        ("!(A == B)", True),
        ("A != B", True),
        ("A ? B : a-b.Failed", False),
        ("B ? A : a-b.Failed ? A : B", True),
        ("A ? B ? A : B : A", False),
        ("!!A", True),
    ],
)
def test_precedence(text: str, expected: bool):  # noqa: FBT001 - a table
    outcomes = {"A": {"Succeeded"}, "B": {"Failed"}, "a-b": {"Failed"}}
    assert compiled(text).allows(outcomes) is expected


@pytest.mark.parametrize(
    ("phase", "daemoned", "children", "results"),
    [
        ("Error", False, None, {"Errored"}),
        ("Running", True, None, {"Daemoned"}),
        ("Pending", True, None, set()),
        ("Failed", False, ["Failed", "Failed"], {"Failed", "AllFailed"}),
        ("Failed", False, ["Failed", None], {"Failed"}),
        ("Succeeded", False, [], {"Succeeded"}),
        ("Failed", False, ["Succeeded", "Failed"], {"Failed", "AnySucceeded"}),
    ],
)
def test_results(phase: str, daemoned: bool, children: list[str | None] | None, results: set[str]):  # noqa: FBT001
    assert depends.results_of(phase, daemoned=daemoned, children=children) == results


def test_deep_nesting_does_not_meet_the_recursion_limit():
    depth = 50_000
    deep = compiled("(" * depth + "!" * depth + "A.Failed" + ")" * depth)
    assert deep.allows({"A": {"Failed"}})


words = st.sampled_from(
    ["A", "B.Failed", "a-b", "soft", "not", "1st", ".", "&&", "||", "!", "(", ")", "?", ":", "==", " ", "-", "&"]
)


@given(st.one_of(st.text(), st.lists(words).map("".join), st.lists(words).map(" ".join)))
def test_any_text_gives_a_value_or_the_one_error(text: str):
    with contextlib.suppress(depends.InvalidDepends):
        compiled(text).allows({name: {"Succeeded"} for name in TASKS})
