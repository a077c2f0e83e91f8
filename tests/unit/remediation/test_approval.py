"""An approval is for what was shown, once, and for a while."""

from __future__ import annotations

import dataclasses
from datetime import timedelta
from typing import Any

import pytest
from tests.unit.remediation.builders import NOW, awaiting, catalog, granted, situation

from tiphys.remediation import approval as approvals
from tiphys.remediation import facts, incident, machine
from tiphys.remediation.approval import Approval, ApprovalPhase
from tiphys.remediation.commands import PublishEvent, Transition
from tiphys.remediation.incident import Incident
from tiphys.remediation.situation import DeployMarker


def executions(transition: Transition) -> list[PublishEvent]:
    found = [command for command in transition.commands if isinstance(command, PublishEvent)]
    return [event for event in found if event.subject == "execute"]


def approval_of(before: Incident) -> Approval:
    assert before.approval
    return before.approval


def test_a_yes_in_time_starts_exactly_what_was_shown():
    before = awaiting()
    transition = granted(before, 29.9)
    (event,) = executions(transition)
    assert event.body["params"] == {"namespace": "shop", "release": "web"}
    assert transition.incident
    assert approval_of(transition.incident).phase is ApprovalPhase.GRANTED
    assert approval_of(transition.incident).decided_by == "human:ada"


@pytest.mark.parametrize("minutes", [30, 30.1, 600])
def test_a_yes_that_comes_too_late_is_a_no(minutes: float):
    transition = granted(awaiting(), minutes)
    assert executions(transition) == []
    assert transition.incident
    assert transition.incident.phase == "escalated"
    assert approval_of(transition.incident).phase is ApprovalPhase.EXPIRED


def test_nobody_s_answer_is_a_no():
    before = awaiting()
    early = facts.Woken(NOW + timedelta(minutes=29), situation(NOW + timedelta(minutes=29)), "n")
    assert machine.receive(before, early, catalog()).incident is None
    late = machine.receive(
        before, facts.Woken(NOW + timedelta(minutes=30), situation(NOW + timedelta(minutes=30)), "n"), catalog()
    )
    assert late.incident
    assert late.incident.phase == "escalated"
    assert [record.kind for record in late.records] == ["approval.expired", "incident.escalated"]


def test_a_no_starts_nothing_and_goes_to_people():
    before = awaiting()
    denial = facts.ApprovalDenied(NOW, approval_of(before).id, "human:ada", "not now")
    transition = machine.receive(before, denial, catalog())
    assert executions(transition) == []
    assert transition.incident
    assert transition.incident.phase == "escalated"
    assert approval_of(transition.incident).phase is ApprovalPhase.DENIED


def test_a_yes_is_good_for_one_run():
    first = granted(awaiting())
    assert first.incident
    assert granted(first.incident).incident is None


def test_a_yes_after_a_no_is_nothing():
    before = awaiting()
    denial = facts.ApprovalDenied(NOW, approval_of(before).id, "human:ada", "not now")
    denied = machine.receive(before, denial, catalog()).incident
    assert denied
    assert granted(denied).incident is None


def test_a_yes_to_another_approval_is_nothing():
    before = awaiting()
    other = dataclasses.replace(before, approval=dataclasses.replace(approval_of(before), id="apr-other"))
    happened = facts.ApprovalGranted(NOW, approval_of(other).id, "human:ada", "", situation())
    assert machine.receive(before, happened, catalog()).incident is None


def test_a_yes_to_terms_that_were_not_shown_is_a_no():
    transition = granted(awaiting(), seal="0" * 64)
    assert executions(transition) == []


def test_a_yes_with_the_seal_that_was_shown_counts():
    before = awaiting()
    assert len(executions(granted(before, seal=approval_of(before).seal))) == 1


@pytest.mark.parametrize(
    "change",
    [
        {"target": "pay/web"},
        {"action": "restart_pods"},
        {"template": "evil-tpl"},
        {"params": ()},
        {"verdicts": ()},
        {"catalog_digest": "x"},
        {"nonce": "guess"},
        {"incident_id": "inc-other"},
        {"decision_id": "dec-other"},
        {"expires_at": NOW + timedelta(days=1)},
    ],
)
def test_any_changed_term_breaks_the_seal(change: dict[str, Any]):
    before = awaiting()
    terms = dataclasses.replace(approval_of(before).terms, **change)
    forged = dataclasses.replace(before, approval=dataclasses.replace(approval_of(before), terms=terms))
    assert executions(granted(forged)) == []


def test_terms_that_are_sealed_anew_still_have_to_be_what_would_be_done():
    before = awaiting()
    terms = dataclasses.replace(approval_of(before).terms, target="pay/web")
    forged = dataclasses.replace(approval_of(before), terms=terms, seal=approvals.seal_of(terms))
    transition = granted(dataclasses.replace(before, approval=forged))
    assert executions(transition) == []
    assert transition.incident
    assert "not what was shown" in transition.incident.moves[-1].reason


@pytest.mark.parametrize(
    "change",
    [
        {"switches": ("all",)},
        {"locks": {"shop/web": "inc-other"}},
        {"catalog_digest": "another"},
        {"markers": (DeployMarker("web", "web-3", NOW),)},
    ],
)
def test_what_stands_against_it_at_dispatch_counts_in_spite_of_the_yes(change: dict[str, Any]):
    transition = granted(awaiting(), **change)
    assert executions(transition) == []
    assert transition.incident
    assert transition.incident.phase == "escalated"


def test_the_seal_survives_the_store():
    before = awaiting()
    stored = incident.from_json(incident.to_json(before))
    assert approvals.seal_of(approval_of(stored).terms) == approval_of(before).seal


def test_a_denial_that_comes_too_late_is_an_expiry():
    before = awaiting()
    denial = facts.ApprovalDenied(NOW + timedelta(minutes=31), approval_of(before).id, "human:ada", "")
    transition = machine.receive(before, denial, catalog())
    assert transition.incident
    assert approval_of(transition.incident).phase is ApprovalPhase.EXPIRED
