"""Retries: a Retry node around the attempts of a template. Pure.

Argo: workflow/controller/operator.go (executeTemplate, processNodeRetries), v4.1.2.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from tiphys import ids
from tiphys.engine import node as nodes
from tiphys.engine import phases
from tiphys.engine.body import Body
from tiphys.engine.call import Attempt, Call
from tiphys.engine.failures import CallFailed
from tiphys.engine.node import Node
from tiphys.engine.run import Run
from tiphys.engine.verdicts import judge, not_after
from tiphys.manifest.model import RetryStrategy


def open_retry(run: Run, call: Call, body: Body, strategy: RetryStrategy) -> None:
    """Makes the Retry node of a call, or takes it up again, and starts its first attempt."""
    node = call.node
    if call.flag is not None:
        call.flag["retried"] = True
    if node is None:
        node = run.add_node(call, nodes.RETRY, phases.RUNNING)
        node.inputs = body.node_inputs
    frame = RetryFrame(run, call, node, body, strategy)
    run.later(frame.take_up)


class RetryFrame:
    """A Retry node at work."""

    def __init__(self, run: Run, call: Call, node: Node, body: Body, strategy: RetryStrategy) -> None:
        self._run = run
        self._call = call
        self._body = body
        self._strategy = strategy
        self.node = node

    @property
    def closed(self) -> bool:
        """Whether no attempt may begin any more."""
        return self.node.fulfilled or self._call.owner.closed

    @property
    def attempts(self) -> list[Node]:
        """The nodes of the attempts so far, in order."""
        children = (self._run.nodes[child] for child in self.node.children)
        return [child for child in children if child.retried and child.name.startswith(self.node.name + "(")]

    def take_up(self) -> None:
        """Begins the first attempt, or goes on where the node stands: in an attempt, in a wait, or before the next."""
        attempts = self.attempts
        if not attempts:
            self._begin(attempts, None)
        elif not attempts[-1].fulfilled:
            self._start(attempts[-1].name, attempts[:-1], None)
        elif self.node.pending_until is not None:
            self._run.wake(self.node.pending_until, self.go_on)
        elif self.node.repeats == len(attempts):
            self._begin(attempts, not_after(self._strategy, attempts))
        else:
            self.go_on()

    def go_on(self) -> None:
        """Judges the attempts, the last of which is over, and acts on the verdict."""
        if not self.closed:
            self._judge(self.attempts)

    def _judge(self, attempts: list[Node]) -> None:
        run = self._run
        try:
            verdict = judge(
                self._strategy,
                attempts,
                run.now,
                shutdown=run.shutdown,
                deadline=run.deadline,
            )
        except CallFailed as error:
            run.fail(self._call, str(error))
            return
        if verdict.phase:
            self.node.outputs = attempts[-1].outputs
            run.mark(self.node, verdict.phase, verdict.message)
            return
        if verdict.message is not None:
            run.mark(self.node, self.node.phase, verdict.message)
        self.node.pending_until = verdict.wait_until
        if verdict.wait_until is not None:
            run.wake(verdict.wait_until, self.go_on)
            return
        self.node.repeats = len(attempts)
        self._begin(attempts, verdict.not_after)

    def _begin(self, attempts: list[Node], not_after: datetime | None) -> None:
        self._start(f"{self.node.name}({len(attempts)})", attempts, not_after)

    def _start(self, name: str, before: list[Node], not_after: datetime | None) -> None:
        outer = self._call
        attempt = Call(
            name=name,
            owner=self,
            scope=outer.scope,
            template=outer.template,
            ref=outer.ref,
            inline=outer.inline,
            boundary=outer.boundary,
            kind=outer.kind,
            caller=outer.caller,
            base=outer.base,
            exiting=outer.exiting,
            depth=outer.depth,
            place=outer.place,
            flag={**(outer.flag or {}), "retried": True},
            attempt=Attempt(self._attempt_body(name, before), not_after),
        )
        self._run.start(attempt)

    def _attempt_body(self, name: str, before: list[Node]) -> Body:
        names: dict[str, object] = {"retries": str(len(before))}
        if self._body.plan.is_pod:
            names["pod.name"] = ids.pod_name(self._run.name, name, self._body.template.name)
        last = before[-1] if before else None
        outputs = (last.outputs if last else None) or {}
        names["lastRetry.exitCode"] = outputs.get("exitCode", "0")
        names["lastRetry.status"] = last.phase if last else ""
        names["lastRetry.duration"] = _seconds(last) if last else "0"
        names["lastRetry.message"] = last.message if last else ""
        return self._body.for_attempt(names, self._run.globals)

    def made(self, call: Call) -> None:
        """Makes the new attempt a child of the Retry node."""
        assert call.node is not None  # noqa: S101 - it was made just now
        self._run.link(self.node, call.node)

    def left_out(self, _call: Call) -> None:
        """Leaves no trace."""

    def settled(self, _call: Call) -> None:
        """An attempt has ended: judges what comes next."""
        self._run.later(self.go_on)

    def errored(self, _call: Call, error: str) -> None:
        """An attempt could not be carried out: it is tried again when the policy covers errors."""
        if self._strategy.retry_policy in {"Always", "OnError", "OnTransientError"}:
            self._run.later(self.go_on)
        else:
            self._run.fail(self._call, error)


def _seconds(node: Node) -> str:
    """How long a node took, as Go prints the float; its times count in whole seconds."""
    if node.started_at is None or node.finished_at is None:
        return "0"
    whole = node.finished_at.replace(microsecond=0) - node.started_at.replace(microsecond=0)
    return str(int(whole / timedelta(seconds=1)))
