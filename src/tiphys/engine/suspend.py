"""Suspend templates: a node that waits for a time or for somebody. Pure.

Argo: workflow/controller/operator.go (executeSuspend), workflow/util/util.go (ResumeWorkflow), v4.1.2.
"""

from __future__ import annotations

from tiphys.engine import node as nodes
from tiphys.engine import phases
from tiphys.engine.body import Body
from tiphys.engine.call import Call
from tiphys.engine.failures import CallFailed
from tiphys.engine.node import Node
from tiphys.engine.run import Run
from tiphys.lang import durations


def open_suspend(run: Run, call: Call, body: Body) -> None:
    """Makes the node of a suspend call and sets its timer, if it has a duration."""
    node = call.node
    if node is None:
        node = run.add_node(call, nodes.SUSPEND, phases.PENDING)
        node.inputs = body.node_inputs
        run.mark(node, phases.RUNNING)
    text = body.fill(body.template.suspend.duration) if body.template.suspend else ""
    if not text or node.started_at is None:
        return
    try:
        until = node.started_at.replace(microsecond=0) + durations.parse(text)
    except durations.InvalidDuration as error:
        raise CallFailed(str(error)) from error
    if run.now >= until:
        resume(run, node)
    else:
        run.wake(until, lambda: resume(run, node))


def resume(run: Run, node: Node, message: str | None = None) -> None:
    """Lets a waiting suspend node succeed."""
    if is_waiting(node):
        run.mark(node, phases.SUCCEEDED, message)


def is_waiting(node: Node) -> bool:
    """Whether a node is a suspend node that waits."""
    return node.type == nodes.SUSPEND and node.phase == phases.RUNNING
