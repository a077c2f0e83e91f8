from __future__ import annotations

from datetime import UTC, datetime

import pytest
from tests.unit.events.plans import NOW, event, on, plan_of, submit, take

from tiphys.errors import InvalidManifest
from tiphys.events.simulate import Waiting, read_event, simulate
from tiphys.manifest.events_model import EventDependencyFilter

FIRING = EventDependencyFilter.model_validate(
    {"data": [{"path": "body.status", "type": "string", "value": ["firing"]}]}
)


def test_it_shows_filters_conditions_and_parameters_and_does_nothing():
    trigger = submit("a", "b", parameters=(take("a", "body.pod", "spec.pod"),))
    plan = plan_of(trigger, on("a", "a", FIRING), "b")
    shown = simulate(
        plan,
        [
            event("e1", "a", {"status": "resolved"}),
            event("e2", "a", {"status": "firing", "pod": "web-1"}),
            event("e3", "other"),
            event("e4", "b"),
        ],
        NOW,
    )
    assert [(each.event, each.dependency, each.outcome) for each in shown.deliveries] == [
        ("e1", "a", "filtered"),
        ("e2", "a", "waiting"),
        ("e4", "b", "fired"),
    ]
    assert [finding.passed for finding in shown.deliveries[0].filters] == [False]
    (firing,) = shown.firings
    assert firing.events == {"a": "e2", "b": "e4"}
    assert [(each.dest, each.value) for each in firing.parameters] == [("spec.pod", "web-1")]
    assert firing.payload["spec"]["pod"] == "web-1"
    assert shown.unmatched == ("e3",)
    assert shown.would_fire


def test_it_says_what_is_waited_for():
    shown = simulate(plan_of(submit("a", "b"), "a", "b"), [event("e1", "a")], NOW)
    assert shown.waiting == (Waiting("go", "a&&b", {"a": "e1"}, ("b",)),)
    assert not shown.would_fire


def test_a_parameter_that_cannot_be_had_is_an_error_of_the_firing():
    trigger = submit("a", parameters=(take("a", "body.pod", "spec.pod"),))
    shown = simulate(plan_of(trigger, "a"), [event("e1", "a", {})], NOW)
    assert "body.pod" in shown.firings[0].error
    assert not shown.would_fire


def test_an_event_is_read_in_both_forms():
    time = "2026-02-03T04:05:06Z"
    cloud = {"specversion": "1.0", "id": "7", "source": "hook", "subject": "a", "time": time, "data": {"body": 1}}
    shown = {"context": {key: cloud[key] for key in ("id", "source", "subject", "time")}, "data": {"body": 1}}
    read = [read_event(each, default_id="x", at=NOW) for each in (cloud, shown)]
    assert read[0] == read[1]
    assert (read[0].id, read[0].time, read[0].data) == ("7", datetime(2026, 2, 3, 4, 5, 6, tzinfo=UTC), '{"body":1}')


def test_what_may_be_missing_is_made_up():
    read = read_event({"source": "hook", "subject": "a"}, default_id="file-1", at=NOW)
    assert (read.id, read.type, read.time, read.data) == ("file-1", "webhook", NOW, "null")


@pytest.mark.parametrize(
    "document", [{}, {"source": "hook"}, {"source": 1, "subject": "a"}, {"source": "h", "subject": "a", "time": "noon"}]
)
def test_an_event_that_is_none_is_refused(document: dict[str, object]):
    with pytest.raises(InvalidManifest):
        read_event(document, default_id="x", at=NOW)
