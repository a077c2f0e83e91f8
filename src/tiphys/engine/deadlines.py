"""Deadlines: of the workflow, of a template's running pod, and of nodes that wait. Pure.

Argo: workflow/controller/exec_control.go and operator.go (failNodesWithoutCreatedPodsAfterDeadlineOrShutdown,
checkTemplateTimeouts), v4.1.2. At a deadline Argo's controller and the kubelet race; here each case has one answer:
what the kubelet says for a pod's own deadline, what the controller says for the workflow's.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from tiphys.engine import node as nodes
from tiphys.engine import phases
from tiphys.engine.body import Body
from tiphys.engine.call import Call
from tiphys.engine.failures import CallFailed
from tiphys.engine.node import Node
from tiphys.engine.run import Run
from tiphys.lang import durations

STEP_EXCEEDED: Final = "Step exceeded its deadline"
POD_EXCEEDED: Final = "Pod was active on the node longer than the specified deadline"
TIMEOUT: Final = "timeout"


def watch_workflow(run: Run) -> None:
    """Sets the timer of the workflow's own deadline, which counts whole seconds from its start."""
    seconds = run.plan.spec.active_deadline_seconds
    if seconds is None or run.started_at is None:
        return
    run.deadline = run.started_at.replace(microsecond=0) + timedelta(seconds=seconds)
    if not run.overdue:
        run.wake(run.deadline, lambda: _workflow_exceeded(run))


def _workflow_exceeded(run: Run) -> None:
    run.overdue = run.dirty = True
    for node in list(run.nodes.values()):
        if node.fulfilled or node.id in run.exiting:
            continue
        if node.type in {nodes.POD, nodes.SUSPEND}:
            run.stop(node)
            run.mark(node, phases.FAILED, STEP_EXCEEDED)


def limit(run: Run, call: Call, node: Node, body: Body, not_after: datetime | None) -> datetime | None:
    """Gives a new pod node its limits and returns when it must have ended at the latest, whenever it starts."""
    assert node.started_at is not None  # noqa: S101 - every node has a beginning
    template = body.template
    timeout, pending = body.fill(template.timeout), body.fill(template.pending_timeout)
    waits = [node.started_at + _duration(text) for text in (timeout, pending) if text]
    node.pending_until = min(waits, default=None)
    node.running_limit = _running_limit(body)
    latest = [not_after] if not_after else []
    if run.deadline and not call.exiting:
        latest.append(run.deadline)
    if timeout:
        latest.append(node.started_at + _duration(timeout))
    return min(latest, default=None)


def watch(run: Run, node: Node) -> None:
    """Sets the timers of a pod node: waiting too long to start, and running too long."""
    if node.fulfilled:
        return
    if node.pending_until is not None and node.running_since is None:
        run.wake(node.pending_until, lambda: _waited_too_long(run, node))
    until = runs_until(node)
    if until is not None and not node.asked_to_stop:
        run.wake(until, lambda: None if node.fulfilled else run.stop(node))


def runs_until(node: Node) -> datetime | None:
    """When a running pod must be ended by its template's own limits."""
    return _latest(node, node.attempt.deadline if node.attempt else None)


def _latest(node: Node, deadline: datetime | None) -> datetime | None:
    limits = [deadline] if deadline else []
    if node.running_limit is not None and node.running_since is not None:
        limits.append(node.running_since + timedelta(seconds=node.running_limit))
    return min(limits, default=None)


def reason_of_end(node: Node, deadline: datetime | None, at: datetime) -> str:
    """Why a pod was ended from outside, empty when it was not."""
    latest = _latest(node, deadline)
    return POD_EXCEEDED if latest is not None and at >= latest and node.asked_to_stop else ""


def _running_limit(body: Body) -> int | None:
    text = body.fill(body.template.active_deadline_seconds or "")
    if not text:
        return None
    try:
        return int(text)
    except ValueError as error:
        raise CallFailed(f"activeDeadlineSeconds must be a whole number of seconds, not {text!r}") from error


def _duration(text: str) -> timedelta:
    try:
        return durations.parse(text)
    except durations.InvalidDuration as error:
        raise CallFailed(f"invalid timeout format {error}") from error


def _waited_too_long(run: Run, node: Node) -> None:
    if node.phase == phases.PENDING:
        run.stop(node)
        run.mark(node, phases.FAILED, TIMEOUT)
        if call := run.call_of(node):
            call.over = True
            call.owner.errored(call, TIMEOUT)
