"""The planner that needs no model: the catalog's `match` and the evidence decide, and doubt goes to people.

It sees what any planner sees: the actions that match the alert, and for each parameter what may be answered. It
proposes an action only when exactly one remains after those are struck out that lack a parameter or break a limit, or
when the evidence plainly prefers one of several: a deploy just before the alert speaks for undoing it, load above what
runs speaks for more of it. It never reads annotations, log lines or past incidents.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tiphys import jsons
from tiphys.controllers.ports import Question
from tiphys.remediation import evidence as findings
from tiphys.remediation.evidence import Finding

SURE = 0.9
"""Confidence when one action remains; a rule that fits is right more often than not, and was never measured."""
PREFERRED = 0.8
"""Confidence when the evidence chose among several."""
BUSY = 0.85
"""Share of the requested CPU above which a workload is short of it."""
CROWDED = 1.3
"""Requests in proportion to normal above which load explains trouble."""
STEP = 1.5
"""How much more is asked for when load calls for more."""


@dataclass(frozen=True, slots=True)
class _Option:
    """An action with a value for every parameter."""

    name: str
    params: Mapping[str, str | int]
    scales: bool


class RulesPlanner:
    """Answers by rules alone: the same question always gets the same answer."""

    @property
    def name(self) -> str:
        """How the log names it."""
        return "rules"

    async def decide(self, question: Question) -> str:
        """The decision as JSON text."""
        return json.dumps(answer(question))


def answer(question: Question) -> jsons.JsonObject:
    """The decision for a question."""
    evidence = findings.parse_evidence(question.evidence)
    options = [option for item in question.candidates if (option := _option(item, evidence))]
    if not any(item.trust in findings.TRUSTED and item.value is not None for item in evidence):
        return _human(question)
    if len(options) == 1 and not options[0].scales and not _deployed(evidence):
        return _propose(question, options[0], SURE, "the only action that matches and can be carried out")
    preferred, why = _preferred(options, evidence)
    if preferred:
        return _propose(question, preferred, PREFERRED, why)
    return _human(question)


def _option(item: Mapping[str, Any], evidence: Sequence[Finding]) -> _Option | None:
    """The candidate with its parameters, when there is just one way to carry it out and no limit forbids it."""
    offers: Mapping[str, jsons.JsonObject] = item["params"]
    chosen = {name: _choose(offer, evidence) for name, offer in offers.items()}
    params = {name: value for name, value in chosen.items() if value is not None}
    scales = any("min" in offer for offer in offers.values())
    return None if item["blocked"] or len(params) < len(offers) else _Option(item["name"], params, scales)


def _choose(offer: jsons.JsonObject, evidence: Sequence[Finding]) -> str | int | None:
    """The value for one parameter; None when there is none, or more than one."""
    if "min" in offer:
        return _amount(int(offer["min"]), int(offer["max"]), evidence)
    values = jsons.as_list(offer.get("values"))
    return values[0] if len(values) == 1 else None


def _amount(least: int, most: int, evidence: Sequence[Finding]) -> int | None:
    """What the autoscaler wants, else half as much again as runs now, within the bounds and the autoscaler's own."""
    current = findings.number_of(evidence, "current_replicas")
    if current is None:
        return None
    wanted, ceiling = (findings.field_of(evidence, "hpa", key) for key in ("desired", "max"))
    top = min(most, ceiling) if isinstance(ceiling, int) else most
    amount = wanted if isinstance(wanted, int) and wanted > current else math.ceil(current * STEP)
    amount = max(least, min(top, amount))
    return amount if current < amount <= top else None


def _preferred(options: Sequence[_Option], evidence: Sequence[Finding]) -> tuple[_Option | None, str]:
    """The one option that the evidence speaks for, and why."""
    if _deployed(evidence):
        return _only(option for option in options if "release" in option.params), "a deploy came just before the alert"
    if _loaded(evidence):
        return _only(option for option in options if option.scales), "the load is more than what runs can take"
    return None, ""


def _only(options: Iterable[_Option]) -> _Option | None:
    found = list(options)
    return found[0] if len(found) == 1 else None


def _deployed(evidence: Sequence[Finding]) -> bool:
    """Whether the evidence names a deploy that could be undone; which one counts is for the catalog's limits to say."""
    finding = findings.trusted(evidence, "recent_deploys")
    deploys = jsons.as_list(finding.value) if finding else []
    return any(jsons.as_object(deploy).get("from_revision") for deploy in deploys)


def _loaded(evidence: Sequence[Finding]) -> bool:
    desired, current = (findings.field_of(evidence, "hpa", key) for key in ("desired", "current"))
    short = isinstance(desired, int) and isinstance(current, int) and desired > current
    busy = _above(findings.field_of(evidence, "metrics", "cpu_of_request"), BUSY)
    return short or (busy and not _below(findings.field_of(evidence, "metrics", "requests_ratio_to_normal"), CROWDED))


def _above(value: object, limit: float) -> bool:
    return isinstance(value, int | float) and value > limit


def _below(value: object, limit: float) -> bool:
    return isinstance(value, int | float) and value < limit


def _propose(question: Question, option: _Option, confidence: float, why: str) -> jsons.JsonObject:
    action = {"name": option.name, "params": dict(option.params), "rationale": why}
    return _decision(question, [action], confidence, needs_human=False)


def _human(question: Question) -> jsons.JsonObject:
    """No action."""
    return _decision(question, [], 0.0, needs_human=True)


def _decision(
    question: Question, actions: list[jsons.JsonObject], confidence: float, *, needs_human: bool
) -> jsons.JsonObject:
    return {
        "incident_id": question.incident_id,
        "actions": actions,
        "confidence": confidence,
        "needs_human": needs_human,
    }
