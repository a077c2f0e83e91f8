"""The 32 defects of the source documents: for each a test that it cannot happen, or what it waits for.

The numbers are those of the requirements (section T). A defect of the shipped templates and manifests is shown in
`test_templates.py`; `DEFECTS` says where each is dealt with, and the last test here holds that list against the tests.
"""

from __future__ import annotations

import dataclasses
import json
import re
from datetime import timedelta
from pathlib import Path

import pytest
from tests.unit.controllers.test_incident import ADA, Floor, says
from tests.unit.remediation.builders import (
    DEPLOY,
    LABELS,
    NOW,
    OWNER,
    REPLICAS,
    RESTART,
    ROLLBACK,
    ROLLBACK_LABELS,
    alert,
    answered,
    awaiting,
    catalog,
    catalog_tree,
    decided,
    evidence,
    granted,
    group,
    group_of,
    notification,
    opened,
    reply,
)

from tiphys import errors
from tiphys.controllers import incident_rows as rows
from tiphys.remediation import facts, machine, provenance
from tiphys.remediation.catalog_parse import parse_catalog
from tiphys.remediation.commands import PublishEvent
from tiphys.remediation.decision import NotADecision, parse_decision
from tiphys.remediation.incident import Incident
from tiphys.testing.incidents import ToldPlanner

DEFECTS = {
    "T1": "the catalog's need for approval is ignored",
    "T2": "the template is taken from the decision, which has none",
    "T3": "only the first action is dispatched, and none crashes",
    "T4": "only two parameters reach the workflow",
    "T5": "every parameter is text",
    "T6": "what is reviewed is not what is loaded",
    "T7": "the incident's id is the alert's or the model's, and the consumer dies of an error",
    "T8": "messages are lost while triage is down",
    "T9": "resolved alerts are acted on",
    "T10": "a group that is sent again acts again",
    "T11": "the model polices itself",
    "T12": "an answered model call is retried",
    "T13": "a failed run leaves no record",
    "T14": "the template has no exit handler, no retry and no deadline",
    "T15": "verify passes on old pods",
    "T16": "verify has no time to fail",
    "T17": "the snapshot is lost with the pod",
    "T18": "parameters are spliced into shell text",
    "T19": "tools are assumed in an image without a version",
    "T20": "an empty selector means every pod",
    "T21": "two incidents on one target run together, and a duplicate reads as a success",
    "T22": "the lock lapses while it is needed",
    "T23": "an outage of the lock's keeper reads as work in progress",
    "T24": "nothing limits how many workflows a storm starts",
    "T25": "the chain's bytes are not defined",
    "T26": "the log can be changed, cut and rewritten",
    "T27": "one account for all actions",
    "T28": "deploy markers have no source, and held alerts are dropped",
    "T29": "the CVE pipeline passes no arguments, cleans nothing up and lets the caller choose the image",
    "T30": "a low severity scales nodes",
    "T31": "a restart without a namespace, inputs without arguments",
    "T32": "a generated name makes a second workflow of a redelivered event",
}
WAITS = {
    "T19": "issue 6: images by digest need a registry; on this floor a step is a program of ours, without jq or sh",
    "T26": "issue 8: signed checkpoints and an anchor outside; a changed row, a gap and a wrong link are found already",
}
"""Defects that are only partly dealt with on this floor, by the issue that does the rest."""
ELSEWHERE = {
    "T8": "tests/contracts/test_bus.py",
    "T25": "tests/properties/test_audit_chain.py",
    "T29": "tests/e2e/test_examples.py",
    "T31": "tests/e2e/test_examples.py",
}
"""Defects of parts whose own tests show it."""


def executions(transition: machine.Transition) -> list[PublishEvent]:
    found = [command for command in transition.commands if isinstance(command, PublishEvent)]
    return [event for event in found if event.subject == "execute"]


def test_t1_a_confident_rollback_still_waits_for_approval():
    before, _ = opened(group(alert(ROLLBACK_LABELS)), evidence(OWNER, DEPLOY))
    transition = answered(before, reply(before.id, ROLLBACK, confidence=1.0))
    assert executions(transition) == []
    assert transition.incident
    assert transition.incident.phase == "awaiting-approval"


def test_t2_the_template_comes_from_the_catalog_and_is_refused_from_a_planner():
    before, _ = opened()
    (event,) = executions(answered(before, reply(before.id, RESTART)))
    assert event.body["template"] == "restart-pods-tpl"
    body = json.loads(reply(before.id, RESTART))
    body["actions"][0]["template"] = "evil-tpl"
    with pytest.raises(NotADecision):
        parse_decision(json.dumps(body), before.id)


def test_t3_no_action_is_an_outcome_and_two_are_refused():
    assert decided().phase == "ignored"
    assert decided(needs_human=True).phase == "escalated"
    assert decided(RESTART, RESTART).phase == "escalated"


@pytest.mark.parametrize("name", [action.name for action in catalog().actions])
def test_t4_every_declared_parameter_reaches_the_workflow(name: str):
    labels = {**LABELS, "redis_cluster": "shop-cache", "key_prefix": "cache:product:", "release": "web"}
    action = catalog().action(name)
    assert action
    about = group(alert({**labels, "deployment": "web"}))
    ground = provenance.Ground(about, evidence(OWNER, REPLICAS, DEPLOY))
    offers = provenance.make_offers(action, ground, {})
    assert [offer.fault for offer in offers if offer.fault] == []
    params = {o.parameter: o.bounds[1] if o.bounds else o.values[0].value for o in offers}
    before, _ = opened(about, evidence(OWNER, REPLICAS, DEPLOY))
    judged = answered(before, reply(before.id, (name, params))).incident
    assert judged
    assert judged.judgement
    assert {item.name for item in judged.judgement.params} == {parameter.name for parameter in action.parameters}


def test_t5_a_number_is_a_number_within_bounds():
    action = catalog().action("scale_up")
    assert action
    ground = provenance.Ground(group_of(deployment="web"), evidence(OWNER, REPLICAS))
    offer = provenance.make_offers(action, ground, {})[2]
    assert not isinstance(provenance.check_value(offer, 6), str)
    assert isinstance(provenance.check_value(offer, "6"), str)
    assert isinstance(provenance.check_value(offer, 31), str)


def test_t6_the_loaded_catalog_is_named_in_the_decision_and_another_one_stops_it():
    tree = catalog_tree()
    tree["actions"][0]["timeout"] = "6m"
    before, _ = opened()
    transition = answered(before, reply(before.id, RESTART), catalog_digest=parse_catalog(tree).digest)
    assert executions(transition) == []
    (said,) = [record for record in transition.records if record.kind == "incident.planner-answered"]
    assert said.data["catalog"] == catalog().digest


@pytest.mark.parametrize("error", [errors.Unavailable("api down"), KeyError("incident_id"), IndexError("content[0]")])
async def test_t7_the_id_is_minted_at_intake_and_no_error_ends_the_consumer(error: Exception):
    async with Floor(ToldPlanner(lambda _: error)).running() as floor:
        await floor.send("not an alert")
        await floor.send(notification(), "event-2")
        await floor.send(notification(alert(fingerprint="bb22")), "event-3")
        found = await floor.rows(rows.INCIDENT)
    assert [row.phase for row in found] == ["escalated", "escalated"]
    assert all(re.fullmatch(r"inc-[0-9a-f]{12}", row.key) for row in found)
    assert decided_about("inc-of-another").phase == "escalated"


def decided_about(incident_id: str) -> Incident:
    before, _ = opened()
    made = answered(before, reply(incident_id, RESTART)).incident
    assert made
    return made


async def test_t9_a_resolved_alert_is_never_acted_on():
    async with Floor().running() as floor:
        await floor.send(notification(alert(status="resolved"), status="firing"))
    assert await floor.rows(rows.INCIDENT) == []


async def test_t10_a_group_that_is_sent_again_with_a_new_member_acts_for_the_member_only():
    async with Floor(says(RESTART)).running() as floor:
        await floor.send(notification())
        await floor.send(notification(alert(), alert(fingerprint="bb22")), "event-2")
        assert len(await floor.executions()) == 1
        bodies = [row.body["group"]["alerts"] for row in await floor.rows(rows.INCIDENT)]
    assert sorted(item["fingerprint"] for alerts in bodies for item in alerts) == ["aa11", "bb22"]


def test_t11_what_a_model_says_about_itself_can_only_make_it_stricter():
    assert decided(("delete_everything", {}), confidence=1.0).phase == "escalated"
    assert decided(RESTART, confidence=0.69).phase == "awaiting-approval"
    assert decided(RESTART, confidence=1.0, needs_human=True).phase == "awaiting-approval"


async def test_t12_an_unusable_answer_is_not_asked_for_again():
    planner = ToldPlanner(lambda _: "{")
    async with Floor(planner).running() as floor:
        await floor.send(notification())
        floor.clock.advance(timedelta(days=1))
        await floor.settle()
    assert len(planner.asked) == 1


async def test_t13_a_failed_run_stands_in_the_log_from_its_intent_to_its_end():
    async with Floor().running() as floor:
        await floor.send(notification())
        await floor.end("Error")
    assert (await floor.kinds())[-3:] == ["incident.dispatched", "incident.workflow-ended", "incident.escalated"]


@pytest.mark.parametrize("selector", ["", ",", "app=", "*"])
def test_t20_a_selector_of_everything_is_refused(selector: str):
    assert decided(("restart_pods", {"namespace": "shop", "selector": selector})).phase == "escalated"


def test_t20_a_selector_of_too_many_pods_is_refused():
    many = {**OWNER, "value": {**OWNER["value"], "matched_pods": 21}}
    before, _ = opened(found=evidence(many))
    assert executions(answered(before, reply(before.id, RESTART))) == []


async def test_t21_two_incidents_on_one_target_do_not_run_together_and_a_duplicate_is_no_success():
    async with Floor().running() as floor:
        await floor.send(notification())
        await floor.send(notification(alert({**LABELS, "pod": "web-2"}, fingerprint="bb22")), "event-2")
        phases = sorted(row.phase for row in await floor.rows(rows.INCIDENT))
        await floor.send(notification(), "event-3")
        assert len(await floor.executions()) == 1
    assert phases == ["dispatched", "held"]
    assert "incident.healed" not in await floor.kinds()


async def test_t22_the_target_is_locked_from_dispatch_to_the_end_and_not_by_a_time():
    async with Floor(None, OWNER, DEPLOY).running() as floor:
        await floor.send(notification(alert(ROLLBACK_LABELS)))
        assert await floor.rows(rows.LOCK) == []
        (asked,) = await floor.operations.approvals()
        floor.clock.advance(timedelta(minutes=29))
        await floor.operations.grant(asked.key, ADA)
        floor.clock.advance(timedelta(hours=5))
        await floor.settle()
        assert [row.key for row in await floor.rows(rows.LOCK)] == ["shop/web"]
        await floor.end("Failed")
        assert await floor.rows(rows.LOCK) == []


async def test_t22_an_approval_that_runs_out_is_no_yes():
    assert executions(granted(awaiting(), 30)) == []


async def test_t23_a_store_that_is_down_is_an_error_and_no_silence():
    floor = Floor()
    await floor.store.close()
    with pytest.raises(errors.Unavailable):
        await floor.controller.run()


async def test_t24_a_storm_is_cut_off_across_workflows():
    before, _ = opened()
    running = tuple(dataclasses.replace(run, decision_id=f"dec-{n}", alerts=()) for n, run in enumerate([_run()] * 3))
    transition = answered(before, reply(before.id, RESTART), runs=running)
    assert executions(transition) == []
    assert transition.incident
    assert transition.incident.phase == "escalated"


def _run() -> rows.Run:
    return rows.Run("wf", "inc-9", "dec-9", "restart_pods", "shop/other", NOW, ended=False)


async def test_t28_a_marker_is_a_row_for_one_service_and_a_held_alert_is_not_dropped():
    async with Floor().running() as floor:
        await floor.operations.deploy_start("web", "web-2", ADA)
        await floor.operations.deploy_end("web", ADA)
        await floor.send(notification())
        assert (await floor.incident()).phase == "held"
        floor.clock.advance(timedelta(minutes=10))
        await floor.settle()
        assert len(await floor.executions()) == 1


@pytest.mark.parametrize("severity", ["info", "none", "low", "HIGH", ""])
def test_t30_no_severity_chooses_an_action_by_itself(severity: str):
    before = machine.receive(
        None,
        facts.GroupArrived(NOW, "inc-1", group_of(alertname="Unknown", severity=severity), "e"),
        catalog(),
    ).incident
    assert before
    assert catalog().candidates(before.group.labels) == ()


async def test_t32_one_decision_is_one_name_however_often_it_is_delivered():
    names = {decided(RESTART).workflow_name for _ in range(3)}
    assert len(names) == 1
    async with Floor().running() as floor:
        await floor.send(notification())
        await floor.send(notification(), "event-2")
        assert len({event.id for event in await floor.executions()}) == 1


def test_every_defect_is_shown_or_named_as_waiting():
    here = Path(__file__).parent
    text = "".join(path.read_text() for path in here.glob("test_*.py"))
    shown = {f"T{number}" for number in re.findall(r"def test_t(\d+)_", text)}
    assert set(DEFECTS) == {f"T{number}" for number in range(1, 33)}
    assert shown | set(WAITS) | set(ELSEWHERE) == set(DEFECTS)
    assert not shown & set(ELSEWHERE)
    assert all(re.match(r"issue \d+", reason) for reason in WAITS.values())
    assert [path for path in ELSEWHERE.values() if not (here.parents[1] / path).exists()] == []
