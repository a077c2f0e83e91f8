"""The carrying out of a call: the template is found, its inputs are made, its slots are taken, its node begins. Pure.

Argo: workflow/controller/operator.go (executeTemplate), v4.1.2.
"""

from __future__ import annotations

from typing import Final

from tiphys import ids
from tiphys.engine import node as nodes
from tiphys.engine import phases
from tiphys.engine.body import Body
from tiphys.engine.boundaries import must_not_start
from tiphys.engine.call import Call
from tiphys.engine.dag import open_dag
from tiphys.engine.failures import CallFailed
from tiphys.engine.parameters import process_inputs
from tiphys.engine.plan import TemplatePlan
from tiphys.engine.pods import open_pod
from tiphys.engine.retry import open_retry
from tiphys.engine.run import Run
from tiphys.engine.steps import open_steps
from tiphys.engine.suspend import open_suspend
from tiphys.engine.verdicts import fill_strategy

MAX_DEPTH: Final = 100
"""Calls within calls (Argo: maxStackDepth)."""
TOO_DEEP: Final = (
    "Maximum recursion depth exceeded. See"
    " https://argo-workflows.readthedocs.io/en/release-4.1/scaling/#maximum-recursion-depth"
)


def execute(run: Run, call: Call) -> None:
    """Begins a call, or takes it up again when its node is there already."""
    if call.owner.closed:
        return
    node = run.by_name.get(call.name)
    if node is not None:
        run.adopt(call, node)
        if node.fulfilled:
            return
    elif call.depth >= MAX_DEPTH:
        run.add_node(call, nodes.SKIPPED, phases.ERROR, TOO_DEEP)
        return
    try:
        _begin(run, call)
    except CallFailed as error:
        run.fail(call, str(error))


def _begin(run: Run, call: Call) -> None:
    if call.attempt is not None:
        if call.node is not None or not _must_wait(run, call):
            _open(run, call, call.attempt.body)
        return
    plan = run.plan.find(call.template, call.ref, call.inline, call.scope)
    strategy = plan.template.retry_strategy or run.plan.spec.retry_strategy
    body = process_inputs(run, plan, call, _local(run, plan, call, retried=strategy is not None))
    _ = plan.kind
    if call.node is None and _must_wait(run, call):
        return
    if strategy is not None:
        open_retry(run, call, body, fill_strategy(strategy, body.fill))
    else:
        _open(run, call, body)


def _local(run: Run, plan: TemplatePlan, call: Call, *, retried: bool) -> dict[str, object]:
    local: dict[str, object] = {"node.name": call.name, f"{call.kind}.name": call.caller}
    if plan.is_pod and not retried:
        local["pod.name"] = ids.pod_name(run.name, call.name, plan.template.name)
    return local


def _must_wait(run: Run, call: Call) -> bool:
    inside = run.gate.inside(call.boundary.id) if call.boundary else None
    return must_not_start(inside) or run.gate.must_wait(call)


def _open(run: Run, call: Call, body: Body) -> None:
    match body.plan.kind:
        case "steps":
            open_steps(run, call, body)
        case "dag":
            open_dag(run, call, body)
        case "suspend":
            open_suspend(run, call, body)
        case _:
            open_pod(run, call, body, call.attempt.not_after if call.attempt else None)
