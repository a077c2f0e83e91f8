from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tiphys.controllers.ports import WorkflowRow
from tiphys.server.failures import Code, Failure
from tiphys.server.selection import parse_selection

ROW = WorkflowRow("u", "argo", "noop", "Running", datetime(2026, 1, 2, tzinfo=UTC), {}, {}, {"app": "demo"})


@pytest.mark.parametrize(
    ("labels", "fields", "query", "matches"),
    [
        ("", "", {}, True),
        ("app=demo", "", {}, True),
        ("app in (a,b)", "", {}, False),
        ("", "metadata.name=noop", {}, True),
        ("", "metadata.name=no", {}, False),
        ("", "metadata.name!=noop", {}, False),
        ("", "metadata.name=no", {"nameFilter": "Prefix"}, True),
        ("", "metadata.name=oo", {"nameFilter": "Contains"}, True),
        ("", "metadata.name=noop", {"nameFilter": "NotEquals"}, False),
        ("", "metadata.name=zzz", {"nameFilter": "Nonsense"}, True),
        ("", "metadata.namespace!=argo", {}, False),
        ("", "", {"createdAfter": "2026-01-01T00:00:00Z"}, True),
        ("", "", {"createdAfter": "2026-01-03T00:00:00Z"}, False),
        ("", "", {"finishedBefore": "2027-01-01T00:00:00Z"}, False),
    ],
)
def test_the_selectors_of_argo_choose(labels, fields, query, matches):
    assert parse_selection("argo", labels, fields, query).matches(ROW) is matches


def test_another_namespace_is_not_chosen():
    assert not parse_selection("other", "", "", {}).matches(ROW)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ("status.phase=Failed", "unsupported requirement status.phase=Failed"),
        ("metadata.namespace=other", "contradict"),
    ],
)
def test_other_field_selectors_are_refused(fields, message):
    with pytest.raises(Failure, match=message) as caught:
        parse_selection("argo", "", fields, {})
    assert caught.value.code is Code.INVALID_ARGUMENT


def test_a_bad_label_selector_is_refused():
    with pytest.raises(Failure, match="found '='"):
        parse_selection("argo", "a===b", "", {})


@pytest.mark.parametrize("text", ["yesterday", "2026-01-01T00:00:00"])
def test_a_bad_time_is_refused(text):
    with pytest.raises(Failure, match="parsing time"):
        parse_selection("argo", "", "", {"createdAfter": text})
