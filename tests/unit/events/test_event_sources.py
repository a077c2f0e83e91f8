from __future__ import annotations

import pytest

from tiphys.events.event_sources import validate_event_source, validate_together
from tiphys.manifest.events_model import EventSource

GOOD = {"port": "12000", "endpoint": "/alerts", "method": "POST"}


def source(spec: dict[str, object], name: str = "alertmanager") -> EventSource:
    return EventSource.model_validate({"metadata": {"name": name}, "spec": spec})


def problems(spec: dict[str, object], name: str = "alertmanager") -> list[str]:
    return [f"{problem.path}: {problem.message}" for problem in validate_event_source(source(spec, name))]


def test_a_good_source_has_no_problem():
    assert problems({"webhook": {"alerts": GOOD}}) == []


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"endpoint": ""}, "spec.webhook.alerts.endpoint: endpoint can't be empty"),
        ({"endpoint": "health"}, "answered by the server itself"),
        ({"endpoint": "/{x}"}, "not supported yet"),
        ({"port": ""}, "port can't be empty"),
        ({"port": "http"}, "is no port"),
        ({"port": "70000"}, "is no port"),
        ({"method": ""}, "becomes an event"),
        ({"method": "PUT"}, "becomes an event"),
        ({"filter": {"expression": "body.n > 1"}}, "filter of an event source is not supported yet"),
        ({"serverCertSecret": {"name": "a", "key": "b"}}, "TLS is not supported yet"),
        ({"authSecret": {"name": "a"}}, "needs a name and a key"),
        ({"maxPayloadSize": -1}, "negative"),
    ],
)
def test_a_bad_webhook_is_named(change: dict[str, object], says: str):
    (problem,) = problems({"webhook": {"alerts": {**GOOD, **change}}})
    assert says in problem


def test_other_source_types_are_refused_by_name():
    assert problems({"kafka": {"orders": {"url": "x"}}}) == [
        "spec.kafka: an event source of type kafka is not supported yet"
    ]


@pytest.mark.parametrize("event", ["remediation.execute", "a b", "a*", ">"])
def test_a_name_that_jetstream_cannot_carry_is_refused(event: str):
    (problem,) = problems({"webhook": {event: GOOD}})
    assert "cannot be carried" in problem


def test_a_source_without_events_and_one_with_our_own_name():
    assert problems({}) == ["spec: the EventSource has no event"]
    assert "built-in" in problems({"webhook": {"alerts": GOOD}}, "tiphys")[0]


def test_two_events_at_one_endpoint_are_found_over_all_sources():
    first, second = (
        source({"webhook": {"alerts": GOOD}}),
        source({"webhook": {"x": {**GOOD, "endpoint": "alerts"}}}, "b"),
    )
    (problem,) = validate_together([first, second])
    assert "b/x and alertmanager/alerts both listen at port 12000, endpoint /alerts" in problem.message
