"""Planners' replies: one form is read, every other is refused."""

from __future__ import annotations

import json

import pytest
from tests.unit.remediation.builders import RESTART, Json, reply

from tiphys.remediation.decision import NotADecision, parse_decision

GOOD = reply("inc-1", RESTART)


def without(key: str) -> str:
    body = json.loads(GOOD)
    del body[key]
    return json.dumps(body)


def action(**fields: Json) -> str:
    body = json.loads(GOOD)
    body["actions"][0] |= fields
    return json.dumps(body)


HOSTILE = [
    "",
    "I think you should restart the pods.",
    "```json\n" + GOOD + "\n```",
    GOOD + GOOD,
    GOOD[:-2],
    "null",
    "[]",
    "[" * 30_000,
    " " * 70_000 + GOOD,
    GOOD.replace('"confidence": 0.9', '"confidence": NaN'),
    GOOD.replace('"confidence": 0.9', '"confidence": Infinity'),
    GOOD.replace('"confidence": 0.9', '"confidence": 1e999'),
    GOOD.replace('"confidence": 0.9', '"confidence": 1.01'),
    GOOD.replace('"confidence": 0.9', '"confidence": -0.1'),
    GOOD.replace('"confidence": 0.9', '"confidence": "0.9"'),
    GOOD.replace('"confidence": 0.9', '"confidence": true'),
    GOOD.replace('"confidence": 0.9', '"confidence": null'),
    GOOD.replace('"confidence": 0.9', '"confidence": 0.1, "confidence": 0.9'),
    GOOD.replace('"needs_human": false', '"needs_human": true, "needs_human": false'),
    GOOD.replace('"needs_human": false', '"needs_human": "no"'),
    without("confidence"),
    without("incident_id"),
    without("needs_human"),
    without("actions"),
    reply("inc-2", RESTART),
    reply("inc-1", RESTART, approved=True),
    reply("inc-1", *[RESTART] * 2),
    reply("inc-1", *[RESTART] * 50),
    reply("inc-1", actions=None),
    reply("inc-1", actions="restart_pods"),
    reply("inc-1", actions=["restart_pods"]),
    action(template="evil-tpl"),
    action(params=None),
    action(params=["shop"]),
    action(params={"namespace": ["shop"]}),
    action(params={"namespace": {"$ref": "x"}}),
    action(params={"namespace": None}),
    action(params={"namespace": True}),
    action(params={"replicas": 3.5}),
    action(params={"namespace": "a" * 2000}),
    action(params={"namespace": "a\u0000"}),
    action(params={"replicas": 10**400}),
    action(name=7),
    action(name=None),
    action(rationale=None),
]


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_a_reply_of_any_other_form_is_refused(text: str):
    with pytest.raises(NotADecision):
        parse_decision(text, "inc-1")


def test_a_lone_surrogate_in_a_parameter_is_refused():
    with pytest.raises(NotADecision):
        parse_decision(GOOD.replace('"shop"', '"\\ud800"'), "inc-1")


def test_a_decision_is_read():
    decision = parse_decision(GOOD, "inc-1")
    assert decision.actions[0].name == "restart_pods"
    assert decision.actions[0].params == RESTART[1]
    assert decision.confidence == 0.9


@pytest.mark.parametrize("confidence", [0, 1, 0.7, 1.0])
def test_every_confidence_from_nought_to_one_is_read(confidence: Json):
    assert parse_decision(reply("inc-1", confidence=confidence), "inc-1").confidence == confidence


def test_no_action_is_a_legal_answer():
    assert parse_decision(reply("inc-1"), "inc-1").actions == ()


def test_a_rationale_is_cleaned_before_anyone_reads_it():
    text = action(rationale="fine\u202e\u200b\x1b[31m" + "x" * 5000)
    decision = parse_decision(text, "inc-1")
    assert decision.actions[0].rationale.startswith("fine[31mxxx")
    assert len(decision.actions[0].rationale) == 1000
