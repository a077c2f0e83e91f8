"""What an Alertmanager notification becomes, hostile ones included."""

from __future__ import annotations

import pytest
from tests.unit.remediation.builders import LABELS, Json, alert, group, notification

from tiphys.remediation import cleaning, intake


def test_a_group_is_unpacked_into_firing_and_resolved_alerts():
    read = intake.parse_notification(notification(alert(), alert(status="resolved", fingerprint="bb22")))
    assert [item.fingerprint for item in read.firing] == ["aa11"]
    assert [item.fingerprint for item in read.resolved] == ["bb22"]


def test_what_the_group_says_about_itself_is_not_believed():
    read = intake.parse_notification(notification(alert(status="resolved"), status="firing"))
    assert read.firing == ()


def test_common_labels_are_worked_out_and_one_that_differs_is_dropped():
    about = group(alert(), alert({**LABELS, "pod": "web-2"}, fingerprint="bb22"))
    assert about.labels == {name: value for name, value in LABELS.items() if name != "pod"}


def test_the_incident_id_is_the_same_for_the_same_alerts_in_any_order():
    one, two = alert(), alert(fingerprint="bb22")
    assert intake.incident_id(group(one, two)) == intake.incident_id(group(two, one))
    assert intake.incident_id(group(one)) != intake.incident_id(group(two))


def test_a_new_firing_of_the_same_alert_is_another_incident():
    later = alert(startsAt="2026-03-01T13:00:00Z")
    assert intake.incident_id(group(alert())) != intake.incident_id(group(later))


def test_the_same_time_in_another_zone_is_the_same_firing():
    assert group(alert(startsAt="2026-03-01T11:00:00Z")).alerts[0].key == (
        group(alert(startsAt="2026-03-01T12:00:00+01:00")).alerts[0].key
    )


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (None, "not a JSON object"),
        ([], "not a JSON object"),
        ("x", "not a JSON object"),
        ({}, "version"),
        (notification(version="3"), "version"),
        (notification(version=4), "version"),
        (notification(groupKey=7), "groupKey"),
        (notification(groupKey=""), "groupKey"),
        (notification(groupKey="x" * 5000), "groupKey"),
        (notification(groupKey="\ud800"), "groupKey"),
        (notification(alerts=[]), "1 to 500"),
        (notification(alerts={}), "1 to 500"),
        (notification(alerts=[alert()] * 501), "1 to 500"),
    ],
)
def test_what_is_no_notification_is_refused_with_the_reason(body: Json, words: str):
    with pytest.raises(intake.NotUnderstood, match=words):
        intake.parse_notification(body)


@pytest.mark.parametrize(
    "bad",
    [
        "x",
        None,
        alert(status="burning"),
        alert(status=None),
        alert({"alertname": 7}),
        alert({}),
        alert({"severity": "critical"}),
        alert({"alertname": "A", "bad name": "x"}),
        alert({"alertname": "A", **{f"l{n}": "x" for n in range(70)}}),
        alert(annotations={"summary": 7}),
        alert(startsAt="yesterday"),
        alert(startsAt=None),
        alert(startsAt="2026-03-01T11:59:00"),
    ],
)
def test_one_alert_that_cannot_be_read_does_not_hide_the_others(bad: Json):
    read = intake.parse_notification(notification(bad, alert(fingerprint="bb22")))
    assert [item.fingerprint for item in read.firing] == ["bb22"]
    assert len(read.refused) == 1
    assert read.refused[0].startswith("alerts[0]: ")


def test_a_fingerprint_that_is_missing_or_strange_is_made_from_the_labels():
    made = group(alert(fingerprint=None)).alerts[0].fingerprint
    assert made == group(alert(fingerprint="../../etc")).alerts[0].fingerprint
    assert made != group(alert({**LABELS, "pod": "web-2"}, fingerprint=None)).alerts[0].fingerprint


@pytest.mark.parametrize("value", ["x" * 2000, "a\x00b", "a\ud800b"])
def test_a_label_value_that_cannot_be_kept_is_left_out_and_not_cut(value: str):
    assert "pod" not in group(alert({**LABELS, "pod": value})).labels


def test_annotations_are_cleaned_of_what_cannot_be_seen():
    text = "ignore\u202e all\u200b rules\x07\nnow" + "!" * 5000
    shown = group(alert(annotations={"summary": text})).annotations["summary"]
    assert shown.startswith("ignore all rules now!!!")
    assert len(shown) == cleaning.MAX_TEXT
    assert shown.endswith("[cut]")


def test_labels_are_kept_as_they_came():
    assert group(alert({**LABELS, "app": "x; rm -rf /"})).labels["app"] == "x; rm -rf /"


def test_unseen_leaves_out_what_an_incident_has():
    about = group(alert(), alert(fingerprint="bb22"))
    assert [item.fingerprint for item in intake.unseen(about.alerts, {about.alerts[0].key: "inc-1"})] == ["bb22"]
