"""A planner's reply held against the catalog: the action it means, each parameter with its source, the target. Pure.

Nothing is decided here. A proposal keeps what was found to be wrong, and the guards turn that into verdicts.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass

from tiphys.remediation import cleaning, constraints, kinds, provenance
from tiphys.remediation import decision as decisions
from tiphys.remediation import evidence as findings
from tiphys.remediation.catalog import Action, Catalog, Policy
from tiphys.remediation.decision import Decision
from tiphys.remediation.evidence import Finding
from tiphys.remediation.intake import AlertGroup
from tiphys.remediation.kinds import Value
from tiphys.remediation.provenance import Ground, Resolved


@dataclass(frozen=True, slots=True)
class Proposal:
    """What the guards judge.

    `decision` is None when the reply could not be used (`schema_fault` says why); `action` is None when the decision
    names none, or none of the catalog. `provenance_faults` and `limit_faults` are empty when all is well.
    """

    incident_id: str
    decision_id: str
    group: AlertGroup
    evidence: tuple[Finding, ...]
    catalog_digest: str
    policy: Policy
    decision: Decision | None = None
    schema_fault: str = ""
    action: Action | None = None
    params: tuple[Resolved, ...] = ()
    provenance_faults: tuple[str, ...] = ()
    limits: tuple[tuple[str, str], ...] = ()
    target: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a reply answers; `catalog_digest` is the catalog from which the planner could choose."""

    incident_id: str
    decision_id: str
    group: AlertGroup
    evidence: tuple[Finding, ...]
    catalog_digest: str


def make_proposal(catalog: Catalog, asked: Asked, reply: str, failure: str = "") -> Proposal:
    """The proposal in `reply`; with `failure`, the one of a planner that did not answer."""
    base = Proposal(
        asked.incident_id, asked.decision_id, asked.group, asked.evidence, asked.catalog_digest, catalog.policy
    )
    if failure:
        return dataclasses.replace(base, schema_fault=failure)
    try:
        decision = decisions.parse_decision(reply, asked.incident_id)
    except decisions.NotADecision as error:
        return dataclasses.replace(base, schema_fault=str(error))
    action = catalog.action(decision.actions[0].name) if decision.actions else None
    if action is None:
        return dataclasses.replace(base, decision=decision)
    return _resolve(dataclasses.replace(base, decision=decision, action=action), action, decision)


def _resolve(base: Proposal, action: Action, decision: Decision) -> Proposal:
    given = decision.actions[0].params
    ground = Ground(base.group, base.evidence)
    checked = [
        provenance.check_value(offer, given.get(offer.parameter))
        for offer in provenance.make_offers(action, ground, given)
    ]
    names = {parameter.name for parameter in action.parameters}
    extra = [f"{cleaning.quoted(name)} is not a parameter of {action.name}" for name in given if name not in names]
    params = tuple(item for item in checked if isinstance(item, Resolved))
    values = {item.name: item.value for item in params}
    case = constraints.Case(values, base.group.labels, base.evidence, base.group.started_at)
    return dataclasses.replace(
        base,
        params=params,
        provenance_faults=(*(item for item in checked if isinstance(item, str)), *extra),
        limits=constraints.judge_limits(action, case),
        target=target_of(action, values, base.evidence),
    )


def target_of(action: Action, values: dict[str, Value], evidence: Sequence[Finding]) -> str:
    """The canonical name of what the action touches, the same for every action on the same workload.

    Two incidents may reach one workload by different labels; so the owner that the evidence names counts before what a
    parameter calls it.
    """
    namespace = values.get("namespace")
    if namespace is None:
        return "/".join([action.blast_radius, *(str(value) for value in list(values.values())[:1])])
    owner = findings.field_of(evidence, "pod_owner", "name")
    terms = kinds.selector_terms(str(values.get("selector", "")))
    named = (owner, values.get("deployment"), values.get("release"), terms[0][1] if terms else None)
    others = [str(value) for name, value in values.items() if name != "namespace"]
    return f"{namespace}/{next((str(name) for name in named if name), ','.join(others))}"
