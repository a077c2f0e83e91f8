from __future__ import annotations

import json

import pytest
from tests.unit.manifest.upstream import VECTORS, needs_shared

from tiphys.lang.schedules import InvalidSchedule, check_schedule, check_timezone

PASSED = [
    "* * * * *",
    "*/5 0-23/2 1,15 jan-DEC mon",
    "1,,2 * * * *",
    "? ? ? ? ?",
    "5/10 * * * *",
    "@hourly",
    "@every 1h30m",
    "TZ=Europe/Berlin 0 0 * * *",
    "CRON_TZ=UTC @daily",
]
REFUSED = [
    ("", "empty spec string"),
    ("* * * *", "expected exactly 5 fields, found 4: [* * * *]"),
    ("60 * * * *", "end of range (60) above maximum (59): 60"),
    ("* * 0 * *", "beginning of range (0) below minimum (1): 0"),
    ("5-1 * * * *", "beginning of range (5) beyond end of range (1): 5-1"),
    ("*/0 * * * *", "step of range should be a positive number: */0"),
    ("1-2-3 * * * *", "too many hyphens: 1-2-3"),
    ("1/2/3 * * * *", "too many slashes: 1/2/3"),
    ("* * * * mo", 'failed to parse int from mo: strconv.Atoi: parsing "mo": invalid syntax'),
    ("-1 * * * *", 'failed to parse int from : strconv.Atoi: parsing "": invalid syntax'),
    ("*/-1 * * * *", "negative number (-1) not allowed: -1"),
    ("@often", "unrecognized descriptor: @often"),
    ("@every x", 'failed to parse duration @every x: time: invalid duration "x"'),
    ("TZ=Nowhere/X * * * * *", "provided bad location Nowhere/X: unknown time zone Nowhere/X"),
    ("TZ=UTC", "expected exactly 5 fields, found 0: []"),
]


@pytest.mark.parametrize("text", PASSED)
def test_a_schedule_passes(text: str):
    check_schedule(text)


@pytest.mark.parametrize(("text", "message"), REFUSED)
def test_a_broken_schedule_is_refused_in_argos_words(text: str, message: str):
    with pytest.raises(InvalidSchedule) as caught:
        check_schedule(text)
    assert str(caught.value) == message


def test_time_zones():
    for name in ("", "UTC", "Local", "Europe/Berlin"):
        check_timezone(name)
    for name in ("Nowhere", "GMT+1", "america/new_york", "../etc/passwd", "/etc/passwd", "Europe"):
        with pytest.raises(InvalidSchedule, match=f"^unknown time zone {name}$".replace("+", r"\+")):
            check_timezone(name)


def said(check: object, text: str) -> str:
    try:
        check(text)
    except InvalidSchedule as error:
        return str(error)
    return ""


@needs_shared
def test_the_vectors_agree():
    for line in (VECTORS / "cron.jsonl").read_text().splitlines():
        vector = json.loads(line)
        if vector["op"] == "cron" and "panic" not in vector["expect"]:
            expected, question = vector["expect"], vector["input"]
            assert said(check_schedule, question["schedule"]) == expected.get("scheduleError", ""), vector["id"]
            assert said(check_timezone, question["timezone"]) == expected.get("timezoneError", ""), vector["id"]
