"""Each guard's no, where it leads, and that none is left out."""

from __future__ import annotations

import dataclasses
from datetime import timedelta
from typing import Any

import pytest
from tests.unit.remediation.builders import (
    DEPLOY,
    NO_DEPLOY,
    NOW,
    OWNER,
    RESTART,
    ROLLBACK,
    ROLLBACK_LABELS,
    Json,
    alert,
    catalog,
    evidence,
    fact,
    group,
    group_of,
    reply,
    situation,
)

from tiphys.remediation import guards, intake
from tiphys.remediation.evidence import Finding
from tiphys.remediation.intake import AlertGroup
from tiphys.remediation.proposal import Asked, Proposal, make_proposal
from tiphys.remediation.routing import Route, Verdict, choose_route
from tiphys.remediation.situation import DeployMarker, Run, Situation
from tiphys.settings import RemediationSettings


def proposed(
    *actions: tuple[str, dict[str, Any]],
    about: AlertGroup | None = None,
    found: tuple[Finding, ...] = (),
    **fields: Json,
) -> Proposal:
    about = about or group()
    name = intake.incident_id(about)
    asked = Asked(name, "dec-1", about, found or evidence(), catalog().digest)
    return make_proposal(catalog(), asked, reply(name, *(actions or (RESTART,)), **fields))


def route(proposal: Proposal, **changes: Json) -> tuple[Route, list[str]]:
    now = situation(**changes)
    verdicts = guards.judge(proposal, now)
    return choose_route(proposal.action, verdicts), [verdict.name for verdict in verdicts if not verdict.ok]


def run(minutes_ago: float = 5, **fields: Json) -> Run:
    at = NOW - timedelta(minutes=minutes_ago)
    return dataclasses.replace(Run("wf-1", "inc-9", "dec-9", "restart_pods", "shop/other", at, ended=True), **fields)


def limits(**fields: Json) -> RemediationSettings:
    return dataclasses.replace(RemediationSettings(), **fields)


def test_a_clear_case_is_executed_with_a_yes_from_every_guard():
    verdicts = guards.judge(proposed(), situation())
    assert [verdict.name for verdict in verdicts] == [guard.__name__ for guard in guards.GUARDS]
    assert all(verdict.ok for verdict in verdicts)
    assert choose_route(proposed().action, verdicts) is Route.EXECUTE


def test_an_unusable_reply_goes_to_people():
    about = group()
    asked = Asked("inc-1", "dec-1", about, evidence(), catalog().digest)
    assert route(make_proposal(catalog(), asked, "not json")) == (
        Route.ESCALATE,
        ["schema", "known_action", "confidence"],
    )


def test_a_planner_that_failed_goes_to_people():
    asked = Asked("inc-1", "dec-1", group(), evidence(), catalog().digest)
    assert route(make_proposal(catalog(), asked, "", "the model timed out"))[0] is Route.ESCALATE


def test_an_invented_action_goes_to_people():
    assert route(proposed(("delete_everything", {}))) == (Route.ESCALATE, ["known_action"])


def test_an_action_that_is_not_meant_for_this_alert_goes_to_people():
    assert route(proposed(about=group_of(alertname="DiskFull"))) == (Route.ESCALATE, ["known_action"])


def test_no_action_is_none_only_from_a_confident_planner_that_asks_for_nobody():
    assert route(proposed(actions=[]))[0] is Route.NONE
    assert route(proposed(actions=[], confidence=0.69))[0] is Route.ESCALATE
    assert route(proposed(actions=[], needs_human=True))[0] is Route.ESCALATE


@pytest.mark.parametrize(
    "params",
    [
        {"namespace": "shop", "selector": "--all-namespaces=true"},
        {"namespace": "shop", "selector": ""},
        {"namespace": "shop", "selector": "app=web; kubectl delete ns shop"},
        {"namespace": "kube-system", "selector": "app=web"},
        {"namespace": "shop"},
        {"namespace": "shop", "selector": "app=web", "force": "true"},
        {},
    ],
)
def test_a_parameter_without_a_source_goes_to_people(params: dict[str, Any]):
    assert route(proposed(("restart_pods", params)))[0] is Route.ESCALATE


def test_a_broken_limit_goes_to_people():
    about = group_of(namespace="kube-system")
    params = {"namespace": "kube-system", "selector": "app=web"}
    assert route(proposed(("restart_pods", params), about=about)) == (Route.ESCALATE, ["constraints"])


@pytest.mark.parametrize(
    ("confidence", "expected"), [(0.7, Route.EXECUTE), (0.6999, Route.APPROVE), (0, Route.APPROVE), (1, Route.EXECUTE)]
)
def test_the_confidence_floor_lies_exactly_at_its_figure(confidence: float, expected: Route):
    assert route(proposed(confidence=confidence))[0] is expected


def test_a_planner_that_asks_for_a_human_gets_one_whatever_its_confidence():
    assert route(proposed(confidence=1.0, needs_human=True)) == (Route.APPROVE, ["confidence"])


@pytest.mark.parametrize("confidence", [0.95, 1.0])
def test_the_catalog_s_need_for_approval_counts_whatever_the_confidence(confidence: float):
    about = group(alert(ROLLBACK_LABELS))
    made = proposed(ROLLBACK, about=about, found=evidence(OWNER, DEPLOY), confidence=confidence)
    assert route(made) == (Route.APPROVE, [])


def test_a_severity_that_is_never_acted_on_ends_in_nothing():
    assert route(proposed(about=group_of(severity="info"))) == (Route.NONE, ["severity"])


def test_what_was_acted_on_already_is_not_acted_on_again():
    key = group().alerts[0].key
    assert route(proposed(), runs=(run(decision_id="dec-1"),)) == (Route.ESCALATE, ["duplicate"])
    assert route(proposed(), runs=(run(alerts=(key,)),)) == (Route.ESCALATE, ["duplicate"])


def test_a_target_that_another_incident_holds_is_left_alone():
    assert route(proposed(), locks={"shop/web": "inc-9"}) == (Route.HOLD, ["target_lock"])
    assert route(proposed(), locks={"shop/other": "inc-9"})[0] is Route.EXECUTE


def test_one_workload_is_one_target_by_whatever_parameters_it_is_reached():
    rollback = proposed(ROLLBACK, about=group(alert(ROLLBACK_LABELS)), found=evidence(OWNER, DEPLOY))
    assert proposed().target == rollback.target == "shop/web"


def test_the_budget_of_one_action_and_of_all_is_kept():
    many = limits(max_in_all=9, max_per_action=2)
    one, two = run(decision_id="a"), run(decision_id="b")
    assert route(proposed(), limits=many, runs=(one,))[0] is Route.EXECUTE
    assert route(proposed(), limits=many, runs=(one, two)) == (Route.ESCALATE, ["budget"])
    others = tuple(run(decision_id=str(n), action="scale_up") for n in range(9))
    assert route(proposed(), limits=many, runs=others) == (Route.ESCALATE, ["budget"])
    assert route(proposed(), limits=many, runs=(one, run(61)))[0] is Route.EXECUTE


def test_the_same_action_on_the_same_target_is_not_tried_for_ever():
    twice = (run(100, target="shop/web"), run(200, target="shop/web"))
    assert route(proposed(), runs=twice) == (Route.ESCALATE, ["recurrence"])
    assert route(proposed(), runs=(twice[0], run(361, target="shop/web")))[0] is Route.EXECUTE


def test_what_others_report_to_have_tried_counts_too():
    actions = [{"action": "restart_pods", "at": f"2026-03-01T{hour}:00:00Z"} for hour in ("10", "11")]
    made = proposed(found=evidence(OWNER, NO_DEPLOY, fact("last_actions", actions)))
    assert route(made) == (Route.ESCALATE, ["recurrence"])


def test_a_storm_starts_only_so_many_at_a_time():
    running = tuple(run(decision_id=str(n), ended=False) for n in range(3))
    assert route(proposed(), runs=running) == (Route.ESCALATE, ["concurrency"])
    assert route(proposed(), runs=running[:2])[0] is Route.EXECUTE


@pytest.mark.parametrize("scope", ["all", "action:restart_pods", "service:web", "namespace:shop"])
def test_a_kill_switch_stops_what_it_covers(scope: str):
    assert route(proposed(), switches=(scope,)) == (Route.ESCALATE, ["kill_switch"])


def test_a_kill_switch_stops_nothing_else():
    assert route(proposed(), switches=("action:scale_up", "service:api", "namespace:pay"))[0] is Route.EXECUTE


@pytest.mark.parametrize(
    ("started", "ended", "expected"),
    [
        (5, None, Route.HOLD),
        (69, None, Route.HOLD),
        (71, None, Route.EXECUTE),
        (30, 9 + 59 / 60, Route.HOLD),
        (30, 10 + 1 / 60, Route.EXECUTE),
    ],
)
def test_a_deploy_of_the_service_holds_until_ten_minutes_after_its_end(
    started: float, ended: float | None, expected: Route
):
    ended_at = NOW - timedelta(minutes=ended) if ended is not None else None
    marker = DeployMarker("web", "web-2", NOW - timedelta(minutes=started), ended_at)
    assert route(proposed(), markers=(marker,))[0] is expected


def test_a_deploy_of_another_service_holds_nothing():
    assert route(proposed(), markers=(DeployMarker("api", "api-2", NOW),))[0] is Route.EXECUTE


def test_a_hold_says_until_when():
    marker = DeployMarker("web", "web-2", NOW - timedelta(minutes=5), NOW - timedelta(minutes=4))
    held = guards.deploy_window(proposed(), situation(markers=(marker,)))
    assert held.until == NOW + timedelta(minutes=6)


def test_a_catalog_window_looks_at_the_deploys_of_the_evidence_too():
    found = fact("recent_deploys", [{"release": "web", "finished": None, "status": "in_progress"}])
    made = proposed(found=evidence(OWNER, found))
    strict = dataclasses.replace(made, policy=dataclasses.replace(made.policy, deploy_window=timedelta(minutes=10)))
    assert route(strict)[0] is Route.HOLD


@pytest.mark.parametrize(
    "found",
    [
        fact("active_incident", {"id": "INC-1", "target": "shop/web"}),
        fact("active_incident", {"id": "INC-1", "target": "shop/app=web"}),
        fact("maintenance", {"job": "reboot"}),
        fact("kill_switch", {"scope": "namespace:shop", "on": True}),
    ],
)
def test_work_that_others_do_on_the_target_stops_ours(found: dict[str, Any]):
    assert route(proposed(found=evidence(OWNER, NO_DEPLOY, found))) == (Route.ESCALATE, ["other_work"])


@pytest.mark.parametrize(
    "found",
    [
        fact("active_incident", {"id": "INC-1", "target": "mail/newsletter"}),
        fact("active_incident", None),
        fact("kill_switch", {"scope": "namespace:clearing", "on": True}),
    ],
)
def test_work_elsewhere_stops_nothing(found: dict[str, Any]):
    assert route(proposed(found=evidence(OWNER, NO_DEPLOY, found)))[0] is Route.EXECUTE


@pytest.mark.parametrize(("left", "expected"), [(0, Route.APPROVE), (-0.1, Route.APPROVE), (0.01, Route.EXECUTE)])
def test_a_spent_error_budget_asks_a_human(left: float, expected: Route):
    made = proposed(found=evidence(OWNER, NO_DEPLOY, fact("error_budget", {"remaining_ratio": left}, "metric")))
    assert route(made)[0] is expected


def test_a_catalog_that_has_changed_since_the_decision_stops_it():
    assert route(proposed(), catalog_digest="another") == (Route.ESCALATE, ["catalog_unchanged"])


def test_a_guard_that_fails_itself_says_no(monkeypatch: pytest.MonkeyPatch):
    def broken(_: Proposal, __: Situation) -> Verdict:
        raise KeyError("oops")

    monkeypatch.setattr(guards, "GUARDS", (*guards.GUARDS, broken))
    verdicts = guards.judge(proposed(), situation())
    assert len(verdicts) == len(guards.GUARDS)
    assert verdicts[-1].name == "broken"
    assert choose_route(proposed().action, verdicts) is Route.ESCALATE


def test_no_verdict_at_all_is_no_licence():
    assert choose_route(proposed().action, ()) is Route.ESCALATE


def test_an_approval_answers_only_what_asks_for_one():
    sure = Verdict("a", ok=True, reason="")
    unsure = Verdict("b", ok=False, reason="", otherwise=Route.APPROVE)
    held = Verdict("c", ok=False, reason="", otherwise=Route.HOLD)
    action = proposed().action
    assert choose_route(action, (sure, unsure), approved=True) is Route.EXECUTE
    assert choose_route(action, (sure, held), approved=True) is Route.HOLD
    assert choose_route(action, (Verdict("d", ok=False, reason=""),), approved=True) is Route.ESCALATE
