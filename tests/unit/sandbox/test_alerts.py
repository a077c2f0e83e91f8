import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tiphys.jsons import JsonObject
from tiphys.sandbox import alerts
from tiphys.sandbox.alerts import AlertBook, Finding

START = datetime(2026, 1, 1, tzinfo=UTC)
WEB = Finding({"alertname": "Down", "service": "web", "pod": "a"}, {"summary": "one"})
WEB_TOO = Finding({"alertname": "Down", "service": "web", "pod": "b"}, {"summary": "one"})
API = Finding({"alertname": "Down", "service": "api"}, {"summary": "two"})


def after(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def book(threshold: int = 1, repeat_s: float = 100) -> AlertBook:
    return AlertBook(threshold, timedelta(seconds=repeat_s), external_url="http://here")


def tell(one: AlertBook, at: datetime) -> list[JsonObject]:
    """What is due, all of it delivered."""
    due = one.due(at)
    for key, _ in due:
        one.delivered(key, at)
    return [body for _, body in due]


def test_a_finding_fires_only_when_it_was_there_often_enough_in_a_row():
    one = book(threshold=3)
    for second, findings in enumerate([[WEB], [WEB], [], [WEB], [WEB]]):
        one.note(findings, after(second))
        assert tell(one, after(second)) == []
    one.note([WEB], after(5))
    (body,) = tell(one, after(5))
    assert body["alerts"][0]["startsAt"] == "2026-01-01T00:00:05.000Z"


def test_what_was_told_is_not_told_again_until_the_repeat_interval():
    one = book(repeat_s=60)
    one.note([WEB], START)
    assert len(tell(one, START)) == 1
    for second in (1, 30, 59):
        one.note([WEB], after(second))
        assert tell(one, after(second)) == []
    one.note([WEB], after(60))
    (again,) = tell(one, after(60))
    assert again["alerts"][0]["startsAt"] == "2026-01-01T00:00:00.000Z"


def test_what_was_not_delivered_stays_due():
    one = book()
    one.note([WEB], START)
    assert len(one.due(START)) == len(one.due(after(1))) == 1


def test_the_end_is_told_once_and_then_forgotten():
    one = book()
    one.note([WEB], START)
    tell(one, START)
    one.note([], after(10))
    (body,) = tell(one, after(10))
    assert body["status"] == body["alerts"][0]["status"] == "resolved"
    assert body["alerts"][0]["endsAt"] == "2026-01-01T00:00:10.000Z"
    assert tell(one, after(11)) == []
    one.note([WEB], after(20))
    (again,) = tell(one, after(20))
    assert again["alerts"][0]["startsAt"] == "2026-01-01T00:00:20.000Z"


def test_what_ends_before_anybody_was_told_is_never_told():
    one = book()
    one.note([WEB], START)
    one.note([], after(1))
    assert tell(one, after(1)) == []


def test_alerts_are_grouped_and_a_group_is_sent_whole_when_a_member_changes():
    one = book()
    one.note([WEB, API], START)
    assert [body["groupKey"] for body in tell(one, START)] == [
        '{}:{alertname="Down", service="api"}',
        '{}:{alertname="Down", service="web"}',
    ]
    one.note([WEB, WEB_TOO, API], after(1))
    (body,) = tell(one, after(1))
    assert [alert["labels"]["pod"] for alert in body["alerts"]] == ["a", "b"]
    assert body["groupLabels"] == body["commonLabels"] == {"alertname": "Down", "service": "web"}
    assert body["commonAnnotations"] == {"summary": "one"}
    one.note([WEB_TOO, API], after(2))
    (body,) = tell(one, after(2))
    assert (body["status"], [alert["status"] for alert in body["alerts"]]) == ("firing", ["resolved", "firing"])


def test_a_body_is_an_alertmanager_webhook_of_version_4():
    one = book()
    one.note([API], START)
    (body,) = tell(one, START)
    assert body == {
        "version": "4",
        "groupKey": '{}:{alertname="Down", service="api"}',
        "truncatedAlerts": 0,
        "status": "firing",
        "receiver": "tiphys",
        "groupLabels": {"alertname": "Down", "service": "api"},
        "commonLabels": {"alertname": "Down", "service": "api"},
        "commonAnnotations": {"summary": "two"},
        "externalURL": "http://here",
        "alerts": [
            {
                "status": "firing",
                "labels": {"alertname": "Down", "service": "api"},
                "annotations": {"summary": "two"},
                "startsAt": "2026-01-01T00:00:00.000Z",
                "endsAt": "0001-01-01T00:00:00Z",
                "generatorURL": "http://here",
                "fingerprint": alerts.fingerprint(API.labels),
            }
        ],
    }


def test_fingerprints_are_alertmanagers():
    assert alerts.fingerprint({}) == "cbf29ce484222325"
    shared = Path(__file__).parents[3] / ".." / "shared" / "conformance" / "triage" / "open.jsonl"
    if not shared.exists():
        pytest.skip("needs the labelled cases")
    listed = [alert for line in shared.read_text().splitlines() for alert in json.loads(line)["payload"]["alerts"]]
    assert listed
    assert all(alerts.fingerprint(alert["labels"]) == alert["fingerprint"] for alert in listed)
