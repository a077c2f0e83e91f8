"""For any reply and any situation: nothing is executed while anything speaks against it."""

from __future__ import annotations

import dataclasses
import json
from datetime import timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.remediation.builders import (
    DEPLOY,
    LABELS,
    NO_HPA,
    NOW,
    OWNER,
    REPLICAS,
    ROLLBACK_LABELS,
    Json,
    alert,
    catalog,
    evidence,
    group,
    opened,
    situation,
)

from tiphys.remediation import facts, machine
from tiphys.remediation.commands import PublishEvent
from tiphys.remediation.routing import Route, Verdict, choose_route, strictest
from tiphys.remediation.situation import DeployMarker, Run, Situation
from tiphys.settings import RemediationSettings

CATALOG = catalog()
NAMES = [action.name for action in CATALOG.actions]
VALUES = st.one_of(
    st.sampled_from(["shop", "app=web", "web", "pay", "", "--all-namespaces=true", "app=x; rm", "*", 6, 31, -1, None]),
    st.text(max_size=12),
    st.integers(),
    st.booleans(),
    st.floats(),
)
PARAMS = st.one_of(
    st.just({"namespace": "shop", "selector": "app=web"}),
    st.just({"namespace": "shop", "release": "web"}),
    st.just({"namespace": "shop", "deployment": "web", "replicas": 6}),
    st.dictionaries(
        st.sampled_from(["namespace", "selector", "release", "deployment", "replicas", "cluster", "force"]), VALUES
    ),
)
ACTIONS = st.lists(
    st.fixed_dictionaries(
        {
            "name": st.one_of(st.sampled_from(NAMES), st.text(max_size=8)),
            "params": PARAMS,
            "rationale": st.text(max_size=8),
        }
    ),
    max_size=2,
)
MOMENTS = st.integers(0, 500).map(lambda minutes: NOW - timedelta(minutes=minutes))
RUNS = st.builds(
    Run,
    workflow_name=st.just("wf"),
    incident_id=st.just("inc-9"),
    decision_id=st.text("abc", max_size=2),
    action=st.sampled_from(NAMES),
    target=st.sampled_from(["shop/web", "pay/api"]),
    at=MOMENTS,
    ended=st.booleans(),
)
SITUATIONS = st.builds(
    Situation,
    now=st.just(NOW),
    limits=st.builds(RemediationSettings, max_per_action=st.integers(0, 6), max_running=st.integers(0, 4)),
    catalog_digest=st.sampled_from([CATALOG.digest] * 3 + ["other"]),
    locks=st.dictionaries(st.sampled_from(["shop/web", "pay/api"]), st.just("inc-9"), max_size=1),
    runs=st.lists(RUNS, max_size=4).map(tuple),
    switches=st.lists(st.sampled_from(["all", "action:restart_pods", "service:web"]), max_size=1).map(tuple),
    markers=st.lists(st.builds(DeployMarker, st.sampled_from(["web", "api"]), st.just("r"), MOMENTS), max_size=1).map(
        tuple
    ),
)


@st.composite
def decisions(draw: st.DrawFn, incident_id: str) -> str:
    body = {
        "incident_id": draw(st.sampled_from([incident_id] * 5 + ["inc-other"])),
        "actions": draw(ACTIONS),
        "confidence": draw(st.one_of(st.sampled_from([0.7, 0.95, 1]), st.floats())),
        "needs_human": draw(st.sampled_from([False, False, True, "no"])),
    }
    return draw(st.sampled_from([json.dumps(body)] * 5 + [json.dumps(body)[:-1], "", draw(st.text())]))


INCIDENTS = [
    opened(group(alert(LABELS)), evidence(OWNER, REPLICAS, NO_HPA))[0],
    opened(group(alert(ROLLBACK_LABELS)), evidence(OWNER, DEPLOY))[0],
    opened(group(alert({**LABELS, "alertname": "ThreadPoolX"})), evidence(OWNER, REPLICAS, NO_HPA))[0],
    opened(group(alert({**LABELS, "app": "web --all-namespaces=true"})))[0],
]


@settings(max_examples=400)
@given(st.data())
def test_nothing_is_executed_while_a_guard_says_no_or_approval_is_needed_or_a_source_is_missing(data: st.DataObject):
    before = data.draw(st.sampled_from(INCIDENTS))
    reply, now = data.draw(decisions(before.id)), data.draw(SITUATIONS)
    transition = machine.receive(before, facts.PlannerAnswered(NOW, "any", reply, "n", now), CATALOG)
    started = [c for c in transition.commands if isinstance(c, PublishEvent) and c.subject == "execute"]
    assert transition.incident
    judgement = transition.incident.judgement
    assert judgement
    action = CATALOG.action(judgement.action)
    if started:
        assert all(verdict.ok for verdict in judgement.verdicts)
        assert action
        assert not action.requires_approval
        assert {item.name for item in judgement.params} == {parameter.name for parameter in action.parameters}
        assert all(item.source and item.path for item in judgement.params)
        assert judgement.decision
        assert judgement.decision.confidence >= now.limits.confidence_floor
        assert not judgement.decision.needs_human
    else:
        assert judgement.route is not Route.EXECUTE


@given(st.data())
def test_an_approval_never_starts_what_a_guard_forbids(data: st.DataObject):
    incident, _ = opened(group(alert(ROLLBACK_LABELS)), evidence(OWNER, DEPLOY))
    params = {"namespace": "shop", "release": "web"}
    body: dict[str, Any] = {
        "incident_id": incident.id,
        "actions": [{"name": "rollback_release", "params": params, "rationale": ""}],
        "confidence": 0.9,
        "needs_human": False,
    }
    answer = facts.PlannerAnswered(NOW, "any", json.dumps(body), "n", situation())
    waiting = machine.receive(incident, answer, CATALOG).incident
    assert waiting
    assert waiting.approval
    at = NOW + timedelta(minutes=data.draw(st.integers(0, 60)))
    now = dataclasses.replace(data.draw(SITUATIONS), now=at)
    grant = facts.ApprovalGranted(at, waiting.approval.id, "human:ada", "", now)
    transition = machine.receive(waiting, grant, CATALOG)
    if any(isinstance(c, PublishEvent) and c.subject == "execute" for c in transition.commands):
        assert transition.incident
        assert transition.incident.judgement
        assert at < waiting.approval.terms.expires_at
        assert all(v.ok or v.otherwise is Route.APPROVE for v in transition.incident.judgement.verdicts)


VERDICTS = st.builds(Verdict, st.just("g"), st.booleans(), st.just(""), otherwise=st.sampled_from(list(Route)))


@given(st.sampled_from([None, *CATALOG.actions]), st.lists(VERDICTS, min_size=1), VERDICTS)
def test_one_more_verdict_never_makes_the_route_looser(action: Json, verdicts: list[Verdict], one_more: Verdict):
    before, now = choose_route(action, verdicts), choose_route(action, [*verdicts, one_more])
    assert strictest([before, now]) is now
