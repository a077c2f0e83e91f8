"""The workflow as a whole: its beginning, its root, its exit handler, its end, and its own state. Pure.

Argo: workflow/controller/operator.go (operate, setExecWorkflow, markWorkflowPhase), v4.1.2.

Differs: a workflow ends only when nothing of it runs any more; Argo may leave a pod running whose group has failed
(tests/unit/engine/test_steps.py).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from tiphys import ids
from tiphys.audit.record import Canonical, Record
from tiphys.engine import deadlines, phases, preparation, shutdown
from tiphys.engine import plan as plans
from tiphys.engine.call import Call
from tiphys.engine.execute import execute
from tiphys.engine.exits import end_call
from tiphys.engine.failures import CallFailed
from tiphys.engine.node import Node
from tiphys.engine.run import Run
from tiphys.engine.uses import argument_bodies, exit_hook
from tiphys.engine.variables import Globals, failures_text, time_text
from tiphys.jsons import JsonObject, as_object
from tiphys.lang import gojson


class WorkflowFrame:
    """The workflow around its root node."""

    def __init__(self, uid: str, manifest: Mapping[str, Any], state: Mapping[str, Any]) -> None:
        metadata = as_object(manifest["metadata"])
        self._manifest = manifest
        self._plan = plans.thaw(state["resolved"])
        names = Globals(uid, metadata, self._plan.spec)
        self.run = run = Run(uid, self._plan, names, execute, end_call)
        run.config_maps = state["configMaps"]
        self._frozen = {key: state[key] for key in ("resolved", "configMaps")}
        self.phase: str = state.get("phase", "")
        self._message: str = state.get("message", "")
        self._suspended = bool(state.get("suspended", self._plan.spec.suspend))
        run.shutdown = state.get("shutdown", self._plan.spec.shutdown)
        run.overdue, run.stuck = bool(state.get("overdue")), state.get("stuck", "")
        run.started_at = _time(state.get("startedAt"))
        self.finished_at = _time(state.get("finishedAt"))
        self.labels: dict[str, str] = dict(state.get("labels") or as_object(metadata.get("labels")))
        for name, value in as_object(state.get("outputs")).items():
            run.global_outputs[name] = names.known[f"workflow.outputs.parameters.{name}"] = value
        self._status = self.phase
        self._root: Call | None = None
        self._exit: Call | None = None
        self._error = ""
        self._records: list[Record] = []
        names.moving = {
            "workflow.status": lambda: self._status,
            "workflow.duration": self._duration,
            "workflow.failures": self._failures,
        }

    # --- facts ---

    def begin(self) -> None:
        """The first fact: the workflow runs."""
        run = self.run
        if self.phase:
            return
        self._move(phases.RUNNING)
        run.started_at = run.now
        self._record("workflow.started", {"manifest": self._digest})
        try:
            preparation.prepare(run)
        except CallFailed as error:
            self._end(phases.FAILED, f"failed to set global parameters: {error}")
            return
        if problem := preparation.add_labels(run, self.labels, self._manifest):
            self._end(phases.ERROR, problem)
            return
        deadlines.watch_workflow(run)
        if not self._suspended:
            self._walk()

    def take_up(self, known: list[Node]) -> None:
        """Goes on from nodes that are there already."""
        run = self.run
        for node in known:
            run.remember(node)
            if node.attempt is not None:
                run.open_attempts[node.attempt.token] = node
            run.now = max(run.now, *(at for at in (node.started_at, node.finished_at, node.running_since) if at))
        run.recount()
        if self.phase and self.finished_at is None:
            preparation.prepare(run)
            self._watch()
            if not self._suspended:
                self._walk()
                run.settle()

    def suspend(self) -> None:
        """Begins nothing more; what was at work is found again by the walk after the suspension."""
        if not self._suspended:
            self._suspended = self.run.dirty = True
            self.run.forget_work()
            self._watch()

    def resume(self) -> None:
        """Ends a suspension."""
        if self._suspended:
            self._suspended = False
            self.run.dirty = True
            if self.phase:
                self._walk()

    def shut_down(self, strategy: str) -> None:
        """Stop or terminate; a suspension ends with it, since nothing else would ever end the workflow."""
        if self.run.shutdown in {strategy, "Terminate"}:
            return
        self.run.shutdown = strategy
        self.resume()
        self.run.settle()
        shutdown.shut_down(self.run)

    def conclude(self) -> None:
        """After each fact: ends the workflow when all is done and nothing runs."""
        self._status = self._status or self.phase
        if self.finished_at is not None or self.run.open_attempts:
            return
        if self._error:
            self._end(phases.ERROR, self._error)
        elif self._root is not None and self._root.over and (self._exit is None or self._exit.over):
            self._end(*self._outcome())

    # --- the calls of the root and of the exit handler ---

    @property
    def closed(self) -> bool:
        """Whether nothing more may begin."""
        return bool(self._error) or self.finished_at is not None

    def made(self, call: Call) -> None:
        """The root and the exit handler hang on nothing."""

    def left_out(self, call: Call) -> None:
        """Leaves no trace."""

    def settled(self, call: Call) -> None:
        """The root has ended: the exit handler is next. It has ended: nothing is next."""
        if call is self._root:
            self._open_exit()

    def errored(self, call: Call, error: str) -> None:
        """The entrypoint or the exit handler could not be carried out: nothing more begins."""
        place = "entry template execution" if call is self._root else "exit template execution "
        self._error = f"error in {place}: {error}"
        node = self.run.by_name.get(self.run.name)
        if node is not None and node.phase == phases.RUNNING:
            self.run.mark(node, phases.ERROR, "Workflow operation error")

    def _walk(self) -> None:
        run = self.run
        self._exit = None
        self._root = Call(
            name=run.name,
            owner=self,
            scope=self._plan.scope,
            template=self._plan.spec.entrypoint,
            arguments=run.workflow_arguments,
        )
        run.start(self._root)

    def _open_exit(self) -> None:
        run, spec = self.run, self._plan.spec
        self._status = _status_of(run.by_name[run.name])
        hook = exit_hook(spec.on_exit, spec.hooks, run.workflow_arguments)
        name = f"{run.name}.onExit"
        if hook is None or (run.shutdown == "Terminate" and name not in run.by_name):
            return
        self._exit = Call(
            name=name,
            owner=self,
            scope=self._plan.scope,
            template=hook.template,
            ref=hook.template_ref,
            arguments=argument_bodies(hook.arguments),
            exiting=True,
            place=(1,),
            flag={"hooked": True},
        )
        run.start(self._exit)

    # --- what is asked of it ---

    def _watch(self) -> None:
        deadlines.watch_workflow(self.run)
        for node in self.run.open_attempts.values():
            deadlines.watch(self.run, node)

    def _duration(self) -> str:
        started = self.run.started_at
        lasts = (self.run.now - started) / timedelta(seconds=1) if started and self._status else 0.0
        return f"{lasts:.6f}"

    def _failures(self) -> str | None:
        if self._root is None or not self._root.over:
            return None
        return failures_text([_failure(self.run, node) for node in self.run.nodes.values() if node.unhappy])

    # --- the end ---

    def _outcome(self) -> tuple[str, str]:
        run = self.run
        root = run.by_name[run.name]
        handler = run.by_name.get(f"{run.name}.onExit")
        phase = _status_of(root)
        if phase == phases.SUCCEEDED:
            return (handler.phase, handler.message) if handler is not None and handler.unhappy else (phase, "")
        return phase, f"Stopped with strategy '{run.shutdown}'" if run.shutdown else root.message or run.stuck

    def _end(self, phase: str, message: str) -> None:
        self.finished_at = self.run.now
        self._message = message
        self._move(phase)
        self._record("workflow.ended", {"phase": phase, "message": message, "manifest": self._digest})

    def _move(self, phase: str) -> None:
        phases.check_move(phases.WORKFLOW_MOVES, f"workflow {self.run.name}", self.phase, phase)
        self.phase = phase
        self.labels[preparation.PREFIX + "phase"] = phase
        self.labels[preparation.PREFIX + "completed"] = "true" if phase in phases.COMPLETED else "false"
        self.run.dirty = True

    def _record(self, kind: str, data: dict[str, Canonical]) -> None:
        metadata = as_object(self._manifest["metadata"])
        subject = f"{metadata.get('namespace', '')}/{self.run.name}"
        self._records.append(Record(kind, subject, "controller:workflow", self.run.now, {"uid": self.run.uid, **data}))

    @cached_property
    def _digest(self) -> str:
        """The hash of the spec as submitted: by it an auditor knows what was run."""
        return hashlib.sha256(gojson.encode(self._manifest.get("spec")).encode()).hexdigest()

    # --- what goes out ---

    def take_state(self) -> JsonObject | None:
        """The workflow's own state, if it has changed since it was last asked for."""
        if not self.run.dirty:
            return None
        self.run.dirty = False
        run = self.run
        metadata = as_object(self._plan.spec.workflow_metadata)
        return {
            **self._frozen,
            "phase": self.phase,
            "message": self._message,
            "suspended": self._suspended,
            "shutdown": run.shutdown,
            "overdue": run.overdue,
            "stuck": run.stuck,
            "startedAt": _text(run.started_at),
            "finishedAt": _text(self.finished_at),
            "labels": dict(self.labels),
            "annotations": {preparation.PREFIX + "pod-name-format": "v2"} | as_object(metadata.get("annotations")),
            "outputs": dict(run.global_outputs),
        }

    def take_records(self) -> list[Record]:
        """The records since they were last asked for."""
        records, self._records = self._records, []
        return records


def _status_of(root: Node) -> str:
    """What the phase of the root means for the workflow."""
    return root.phase if root.unhappy else phases.SUCCEEDED


def _failure(run: Run, node: Node) -> JsonObject:
    template = as_object(node.template_ref).get("template") or node.template_name
    return {
        "displayName": node.display_name,
        "message": node.message,
        "templateName": template,
        "phase": node.phase,
        "podName": ids.pod_name(run.name, node.name, template),
        "finishedAt": time_text(node.finished_at),
    }


def _text(at: datetime | None) -> str | None:
    return at.isoformat() if at else None


def _time(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
