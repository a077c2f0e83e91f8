"""The guards: one pure function each, all judged for every proposal, in one list. Pure.

A guard sees the proposal and the situation and says yes, or no with a reason and where that leads. A guard that fails
itself says no. What a model reports about itself (confidence, needs_human) can only make the outcome stricter.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TypeAlias

from tiphys import jsons
from tiphys.remediation import evidence as findings
from tiphys.remediation.proposal import Proposal
from tiphys.remediation.routing import Inputs, Route, Verdict
from tiphys.remediation.situation import DeployMarker, Run, Situation

MAX_DEPLOY = timedelta(hours=1)
"""A deployment that was announced and never reported as ended is taken to be over after this time."""
LOCK_WAIT = timedelta(minutes=5)
"""How long a second incident on one target waits: Alertmanager's default `group_interval`, for a resolution."""

Guard: TypeAlias = Callable[[Proposal, Situation], Verdict]


def basis_points(confidence: float) -> int:
    """A confidence as the log holds it: whole ten-thousandths."""
    return round(confidence * 10_000)


def schema(proposal: Proposal, _: Situation) -> Verdict:
    """The reply is a decision about this incident."""
    fault = proposal.schema_fault
    return Verdict("schema", not fault, fault or "the reply is a decision", {"reply_usable": not fault})


def known_action(proposal: Proposal, now: Situation) -> Verdict:
    """The action is in the catalog and meant for such alerts; to do nothing needs a planner that is sure of it."""
    decision = proposal.decision
    if decision is None:
        return Verdict("known_action", ok=False, reason="there is no decision")
    if not decision.actions:
        unsure = decision.needs_human or decision.confidence < now.limits.confidence_floor
        otherwise = Route.ESCALATE if unsure else Route.NONE
        return Verdict("known_action", ok=False, reason="the planner proposes no action", otherwise=otherwise)
    name = decision.actions[0].name[:64]
    if proposal.action is None:
        return Verdict("known_action", ok=False, reason="not in the catalog", inputs={"action": name})
    fits = proposal.action.match.fits(proposal.group.labels)
    reason = "in the catalog, and meant for this alert" if fits else "in the catalog, but not meant for this alert"
    return Verdict("known_action", fits, reason, {"action": name})


def catalog_unchanged(proposal: Proposal, now: Situation) -> Verdict:
    """The catalog of the decision is the one that is loaded."""
    same = proposal.catalog_digest == now.catalog_digest
    reason = "the same catalog" if same else "the catalog has changed since the decision"
    inputs: Inputs = {"decided_with": proposal.catalog_digest, "loaded": now.catalog_digest}
    return Verdict("catalog_unchanged", same, reason, inputs)


def provenance(proposal: Proposal, _: Situation) -> Verdict:
    """Every parameter has a declared source."""
    faults = proposal.provenance_faults
    inputs: Inputs = {item.name: f"{item.source} at {item.path}" for item in proposal.params}
    return Verdict("provenance", not faults, "; ".join(faults) or "every parameter has a source", inputs)


def constraints(proposal: Proposal, _: Situation) -> Verdict:
    """The action's hard limits hold."""
    faults = "; ".join(fault for _, fault in proposal.limits if fault)
    inputs: Inputs = {name: fault or "holds" for name, fault in proposal.limits}
    return Verdict("constraints", not faults, faults or "every limit holds", inputs)


def severity(proposal: Proposal, _: Situation) -> Verdict:
    """The alerts' severity is not one that is never acted on."""
    found = proposal.group.labels.get("severity", "")
    ignored = found in proposal.policy.ignored_severities
    reason = f"{found} alerts are never acted on" if ignored else "may be acted on"
    return Verdict("severity", not ignored, reason, {"severity": found[:64]}, Route.NONE)


def duplicate(proposal: Proposal, now: Situation) -> Verdict:
    """Neither this decision nor any of these alerts has been acted on."""
    keys = {alert.key for alert in proposal.group.alerts}
    same = [run for run in now.runs if run.decision_id == proposal.decision_id or keys & set(run.alerts)]
    reason = f"{same[0].workflow_name} was started for it already" if same else "nothing was started for it"
    return Verdict("duplicate", not same, reason, {"runs": ", ".join(run.workflow_name for run in same)})


def target_lock(proposal: Proposal, now: Situation) -> Verdict:
    """Nobody else works on the target; a second incident waits and is judged again, for the first may heal both."""
    holder = now.locks.get(proposal.target, "")
    free = not proposal.action or holder in ("", proposal.incident_id)
    reason = "the target is free" if free else f"incident {holder} works on {proposal.target}"
    return Verdict(
        "target_lock", free, reason, {"target": proposal.target, "held_by": holder}, Route.HOLD, now.now + LOCK_WAIT
    )


def budget(proposal: Proposal, now: Situation) -> Verdict:
    """The action, and all actions together, were not run too often within the window."""
    recent = _since(now.runs, now.now - timedelta(seconds=now.limits.budget_window_s))
    same = [run for run in recent if proposal.action and run.action == proposal.action.name]
    spent = len(same) >= now.limits.max_per_action or len(recent) >= now.limits.max_in_all
    inputs: Inputs = {
        "same_action": len(same),
        "max_per_action": now.limits.max_per_action,
        "all": len(recent),
        "max_in_all": now.limits.max_in_all,
    }
    no = bool(proposal.action) and spent
    return Verdict("budget", not no, "the budget of actions is spent" if no else "within the budget", inputs)


def recurrence(proposal: Proposal, now: Situation) -> Verdict:
    """The same action on the same target has not been tried so often that it plainly does not help."""
    begin = now.now - proposal.policy.same_action_window
    name = proposal.action.name if proposal.action else ""
    ours = sum(run.action == name and run.target == proposal.target for run in _since(now.runs, begin))
    reported = [jsons.as_object(item) for item in _items_of(proposal, "last_actions")]
    theirs = sum(item.get("action") == name and _is_after(item.get("at"), begin) for item in reported)
    count, most = max(ours, theirs), proposal.policy.max_same_action
    reason = f"{name} was run {count} times on this target" if count >= most else "not tried too often"
    return Verdict("recurrence", count < most, reason, {"runs": count, "max": most})


def concurrency(proposal: Proposal, now: Situation) -> Verdict:
    """Only so many remediations run at a time, however many alerts a storm brings."""
    running = sum(not run.ended for run in now.runs)
    no = bool(proposal.action) and running >= now.limits.max_running
    reason = f"{running} remediations run already" if no else "there is room"
    return Verdict("concurrency", not no, reason, {"running": running, "max": now.limits.max_running})


def kill_switch(proposal: Proposal, now: Situation) -> Verdict:
    """No kill switch covers the action."""
    action = f"action:{proposal.action.name}" if proposal.action else ""
    services = [f"service:{service}" for service in proposal.group.services]
    namespaces = [f"namespace:{item.value}" for item in proposal.params if item.name == "namespace"]
    covering = [scope for scope in ("all", action, *services, *namespaces) if scope in now.switches]
    reason = f"the kill switch {covering[0]} is on" if covering else "no kill switch is on"
    return Verdict("kill_switch", not covering, reason, {"on": ", ".join(now.switches)})


def deploy_window(proposal: Proposal, now: Situation) -> Verdict:
    """No deployment of the service is under way or just over; until then the incident waits."""
    window = proposal.policy.deploy_window or timedelta(seconds=now.limits.deploy_window_s)
    names = {*proposal.group.services, *(alert.labels.get("deployment", "") for alert in proposal.group.alerts)}
    names.add(proposal.target.rpartition("/")[2])
    markers = [marker for marker in now.markers if marker.service in names]
    if proposal.policy.deploy_window:
        markers += _evidenced(proposal)
    ends = [(_quiet_from(marker, window), marker) for marker in markers]
    late = max(((at, marker.service) for at, marker in ends if at > now.now), default=None)
    if late is None:
        return Verdict("deploy_window", ok=True, reason="no deployment is under way", inputs={"markers": len(markers)})
    reason = f"{late[1]} is being deployed; held until {late[0].isoformat()}"
    return Verdict("deploy_window", False, reason, {"service": late[1]}, Route.HOLD, late[0])  # noqa: FBT003 - a no


def other_work(proposal: Proposal, _: Situation) -> Verdict:
    """The evidence names no open incident, maintenance or kill switch that covers the target."""
    facts = ("active_incident", "maintenance")
    busy = [
        fact for fact in facts if findings.trusted(proposal.evidence, fact) is not None and _concerns(proposal, fact)
    ]
    scope = findings.field_of(proposal.evidence, "kill_switch", "scope")
    namespaces = [f"namespace:{item.value}" for item in proposal.params if item.name == "namespace"]
    if findings.field_of(proposal.evidence, "kill_switch", "on") is True and scope in ("all", *namespaces):
        busy.append("kill_switch")
    reason = f"somebody else is at it ({', '.join(busy)})" if busy else "nobody else is at it"
    return Verdict("other_work", not busy, reason, {"facts": ", ".join(busy)})


def error_budget(proposal: Proposal, _: Situation) -> Verdict:
    """While the service's error budget is spent, every action on it needs approval."""
    left = findings.field_of(proposal.evidence, "error_budget", "remaining_ratio")
    spent = isinstance(left, int | float) and left <= 0
    reason = "the error budget is spent" if spent else "the error budget is not spent"
    return Verdict("error_budget", not spent, reason, {"remaining": str(left)}, Route.APPROVE)


def confidence(proposal: Proposal, now: Situation) -> Verdict:
    """The planner is sure enough to act alone; below the floor, or when it asks for a human, a human decides."""
    decision = proposal.decision
    floor = now.limits.confidence_floor
    if decision is None:
        return Verdict("confidence", ok=False, reason="there is no decision")
    sure = decision.confidence >= floor and not decision.needs_human
    reason = (
        "the planner asks for a human" if decision.needs_human else f"{decision.confidence:.2f} against {floor:.2f}"
    )
    inputs: Inputs = {
        "confidence_bp": basis_points(decision.confidence),
        "floor_bp": basis_points(floor),
        "needs_human": decision.needs_human,
    }
    return Verdict("confidence", sure, reason, inputs, Route.APPROVE)


GUARDS: tuple[Guard, ...] = (
    schema,
    known_action,
    catalog_unchanged,
    provenance,
    constraints,
    severity,
    duplicate,
    target_lock,
    budget,
    recurrence,
    concurrency,
    kill_switch,
    deploy_window,
    other_work,
    error_budget,
    confidence,
)
"""Every guard; the order is the order in which an explanation lists them."""


def judge(proposal: Proposal, situation: Situation) -> tuple[Verdict, ...]:
    """The verdict of every guard; none is ever left out."""
    return tuple(_judged(guard, proposal, situation) for guard in GUARDS)


def _judged(guard: Guard, proposal: Proposal, situation: Situation) -> Verdict:
    try:
        return guard(proposal, situation)
    except Exception as error:  # noqa: BLE001 - a guard that cannot judge must say no, whatever went wrong in it
        return Verdict(guard.__name__, ok=False, reason=f"the guard itself failed: {type(error).__name__}: {error}")


def _since(runs: tuple[Run, ...], begin: datetime) -> list[Run]:
    return [run for run in runs if run.at > begin]


def _quiet_from(marker: DeployMarker, window: timedelta) -> datetime:
    """When alerts of the service may be acted on again."""
    return (marker.ended_at or marker.started_at + MAX_DEPLOY) + window


def _evidenced(proposal: Proposal) -> list[DeployMarker]:
    """The deploys that the evidence names, as markers."""
    deploys = [jsons.as_object(item) for item in _items_of(proposal, "recent_deploys")]
    started = proposal.group.started_at
    return [
        DeployMarker(str(deploy.get("release")), "", findings.time_of(deploy.get("started")) or started, ended)
        for deploy in deploys
        if (ended := findings.time_of(deploy.get("finished"))) or deploy.get("status") == "in_progress"
    ]


def _items_of(proposal: Proposal, fact: str) -> list[object]:
    """The list that a trusted fact holds; empty for anything else."""
    finding = findings.trusted(proposal.evidence, fact)
    return jsons.as_list(finding.value) if finding else []


def _is_after(value: object, begin: datetime) -> bool:
    at = findings.time_of(value)
    return at is not None and at > begin


def _concerns(proposal: Proposal, fact: str) -> bool:
    """Whether the fact names this target, or names none that could be told apart from it."""
    named = next((str(v) for k in ("target", "node") if (v := findings.field_of(proposal.evidence, fact, k))), "")
    values = {str(item.value) for item in proposal.params}
    return not named or named == proposal.target or not values.isdisjoint(named.split("/"))
