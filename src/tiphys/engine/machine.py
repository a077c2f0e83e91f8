"""The workflow machine: one workflow from `Submitted` to its end. Facts in, transitions out. Pure.

It is level with its nodes: after a load, and after a suspension, the same walk that begins a workflow is made again; it
finds the nodes that are there and goes on where they stop. Nothing but nodes and the workflow's own state is kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, assert_never

from tiphys.engine import plan as plans
from tiphys.engine import pods
from tiphys.engine.commands import Command, NodeChange, StopAttempt, Transition
from tiphys.engine.facts import (
    AttemptEnded,
    AttemptStarted,
    Fact,
    ResumeRequested,
    ShutdownRequested,
    Submitted,
    SuspendRequested,
    Woken,
)
from tiphys.engine.node import load_node
from tiphys.engine.verbs import fail_selected, resume_selected
from tiphys.engine.workflow import WorkflowFrame
from tiphys.manifest.resolve import Resolved


class WorkflowMachine:
    """One workflow. It lives in memory; what must survive is in the transitions that it returns."""

    def __init__(self, uid: str, manifest: Mapping[str, Any], state: Mapping[str, Any]) -> None:
        self._frame = WorkflowFrame(uid, manifest, state)
        self._run = self._frame.run

    @classmethod
    def begin(
        cls,
        *,
        uid: str,
        manifest: Mapping[str, Any],
        resolved: Resolved,
        config_maps: Mapping[str, Mapping[str, str]] | None = None,
    ) -> WorkflowMachine:
        """A workflow that has not begun; its first fact must be `Submitted`.

        `manifest` is the document with final `metadata.name`, `namespace` and `creationTimestamp`. `config_maps` are
        the data of the ConfigMaps that parameters may be taken from, by name; they are frozen, as `resolved` is.
        """
        frozen = plans.freeze(resolved)
        return cls(
            uid, manifest, {"resolved": frozen, "configMaps": {k: dict(v) for k, v in (config_maps or {}).items()}}
        )

    @classmethod
    def load(
        cls, *, uid: str, manifest: Mapping[str, Any], state: Mapping[str, Any], nodes: Iterable[Mapping[str, Any]]
    ) -> WorkflowMachine:
        """The machine as it was after the last committed transition: `state` and the node bodies of the rows."""
        machine = cls(uid, manifest, state)
        machine._frame.take_up([load_node(body) for body in nodes])
        return machine

    @property
    def finished(self) -> bool:
        """Whether the workflow has ended; every later fact changes nothing."""
        return self._frame.finished_at is not None

    def receive(self, fact: Fact) -> Transition:
        """Takes one fact; a fact that is known already, or unknown, changes nothing."""
        if not self.finished:
            self._run.now = max(fact.at, self._run.now)
            self._take(fact)
            self._run.settle()
            self._frame.conclude()
        return self._transition()

    def open_commands(self) -> Sequence[Command]:
        """What was asked for and has not ended: to be carried out again after a load."""
        commands: list[Command] = []
        for node in self._run.open_attempts.values():
            if node.attempt is not None:
                commands.append(node.attempt)
                if node.asked_to_stop:
                    commands.append(StopAttempt(node.attempt.token))
        return commands

    @property
    def wake_at(self) -> datetime | None:
        """When the machine next wants a `Woken`."""
        return None if self.finished else self._run.wake_at

    def _take(self, fact: Fact) -> None:
        frame, run = self._frame, self._run
        match fact:
            case Submitted():
                frame.begin()
            case AttemptStarted():
                pods.attempt_started(run, fact)
            case AttemptEnded():
                pods.attempt_ended(run, fact)
            case Woken():
                run.ring()
            case SuspendRequested():
                frame.suspend()
            case ResumeRequested():
                resume_selected(run, fact)
                frame.resume()
            case ShutdownRequested(node_selector=""):
                frame.shut_down(fact.strategy)
            case ShutdownRequested():
                fail_selected(run, fact)
            case _:
                assert_never(fact)

    def _transition(self) -> Transition:
        frame, run = self._frame, self._run
        changes = [NodeChange(node.id, node.phase, node.body()) for node in run.changed.values()]
        commands, run.commands = run.commands, []
        run.changed.clear()
        return Transition(
            state=frame.take_state(),
            phase=frame.phase,
            labels=dict(frame.labels),
            nodes=changes,
            commands=commands,
            records=frame.take_records(),
            wake_at=self.wake_at,
            started_at=run.started_at,
            finished_at=frame.finished_at,
        )
