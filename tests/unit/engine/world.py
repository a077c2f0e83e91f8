"""The world around a machine, for tests: rows as a store would keep them, programs that end when a test says so.

Every transition is checked as it passes: no fulfilled node moves, no token is started twice, and the nodes are what a
full walk in Argo's manner (the oracle) says they must be.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.unit.engine import oracle

from tiphys.engine import phases
from tiphys.engine.commands import StartAttempt, StopAttempt, Transition
from tiphys.engine.facts import AttemptEnded, AttemptStarted, Fact, Submitted, Woken
from tiphys.engine.machine import WorkflowMachine
from tiphys.engine.status import render_status
from tiphys.manifest.documents import read_documents
from tiphys.manifest.model import Workflow
from tiphys.manifest.resolve import catalogue_of, resolve_workflow

START = datetime(2026, 1, 1, 12, 0, 0, tzinfo=UTC)
UID = "11111111-2222-3333-4444-555555555555"


def parse(text: str) -> tuple[dict[str, Any], Workflow, Any]:
    documents = list(read_documents(text, file="test.yaml"))
    document = next(d for d in documents if d.kind == "Workflow")
    manifest = json.loads(json.dumps(document.json))
    manifest["metadata"] |= {"namespace": "default", "creationTimestamp": "2026-01-01T12:00:00Z"}
    model = document.resource
    assert isinstance(model, Workflow)
    return manifest, model, catalogue_of(d.resource for d in documents)


class World:
    """`nodes` are the bodies by node name, `started` the commands by token, `stopped` the tokens asked to stop."""

    def __init__(
        self, text: str, *, config_maps: Mapping[str, Mapping[str, str]] | None = None, walk: bool = True
    ) -> None:
        self.manifest, model, catalogue = parse(text)
        resolved = resolve_workflow(model, catalogue)
        self.machine = WorkflowMachine.begin(
            uid=UID, manifest=self.manifest, resolved=resolved, config_maps=config_maps
        )
        self.now = START
        self.nodes: dict[str, dict[str, Any]] = {}
        self.state: dict[str, Any] = {}
        self.started: dict[str, StartAttempt] = {}
        self.open: dict[str, StartAttempt] = {}
        self.stopped: list[str] = []
        self.last: Transition | None = None
        self.records: list[Any] = []
        self.walk: Callable[[World], list[str]] | None = oracle.problems if walk else None

    # --- what happens ---

    def take(self, fact: Fact) -> Transition:
        """Hands a fact to the machine and keeps and checks what comes of it."""
        transition = self.machine.receive(fact)
        if transition.state is not None:
            self.state = json.loads(json.dumps(transition.state))
        for change in transition.nodes:
            body = json.loads(json.dumps(change.body))
            before = self.nodes.get(body["name"])
            if before is not None and before["phase"] in phases.FULFILLED:
                assert before["phase"] == body["phase"], f"{body['name']} moved from {before['phase']}"
            assert change.phase == body["phase"]
            self.nodes[body["name"]] = body
        for command in transition.commands:
            if isinstance(command, StartAttempt):
                assert command.token not in self.started, f"{command.node_name} is started twice"
                self.started[command.token] = self.open[command.token] = command
            else:
                self.stopped.append(command.token)
        self.records += transition.records
        self.last = transition
        if self.walk is not None:
            found = self.walk(self)
            assert not found, found
        return transition

    def submit(self) -> World:
        self.take(Submitted(self.now))
        return self

    def begin(self, name: str) -> World:
        """The program of a node has started."""
        self.take(AttemptStarted(self.now, self.token(name)))
        return self

    def end(self, name: str, code: int | None = 0, *, result: str | None = None, error: str = "", lost: bool = False,
            **parameters: str) -> World:  # fmt: skip
        """The program of a node has ended; parameters are its output files."""
        command = self.open.pop(self.token(name))
        given = {key.replace("_", "-"): value for key, value in parameters.items()}
        missing = {key: path for key, path in command.outputs.items() if key not in given}
        self.take(AttemptEnded(self.now, command.token, code, given, missing, result, error, lost))
        return self

    def after(self, seconds: float) -> World:
        """Time goes by; the machine is woken when it asked for it."""
        until = self.now + timedelta(seconds=seconds)
        while self.machine.wake_at is not None and self.machine.wake_at <= until:
            self.now = max(self.now, self.machine.wake_at)
            self.take(Woken(self.now))
        self.now = until
        return self

    def reload(self) -> World:
        """The engine is killed and comes back: the machine is made again from the rows."""
        before = self.machine.open_commands()
        bodies = list(self.nodes.values())
        again = WorkflowMachine.load(uid=UID, manifest=self.manifest, state=self.state, nodes=bodies)
        assert sorted(map(_key, again.open_commands())) == sorted(map(_key, before))
        assert not again.receive(Woken(START)).nodes, "a load must change nothing"
        assert again.finished == self.machine.finished
        self.machine = again
        return self

    # --- what there is ---

    def token(self, name: str) -> str:
        return next(token for token, command in self.open.items() if command.node_name == name)

    def waiting(self) -> list[str]:
        """The names of the nodes whose programs were asked for and have not ended."""
        return [command.node_name for command in self.open.values()]

    def command(self, name: str) -> StartAttempt:
        return next(command for command in self.started.values() if command.node_name == name)

    def phase(self, name: str) -> str:
        return self.nodes[name]["phase"]

    def message(self, name: str) -> str:
        return self.nodes[name].get("message", "")

    def inputs(self, name: str) -> dict[str, str]:
        return {p["name"]: p["value"] for p in self.nodes[name]["inputs"]["parameters"]}

    def outputs(self, name: str) -> dict[str, Any]:
        outputs = self.nodes[name].get("outputs", {})
        plain = {p["name"]: p.get("value") for p in outputs.get("parameters", [])}
        return plain | {key: outputs[key] for key in ("result", "exitCode") if key in outputs}

    def children(self, name: str) -> list[str]:
        names = {body["id"]: body["name"] for body in self.nodes.values()}
        return [names.get(child, "?") for child in self.nodes[name].get("children", [])]

    @property
    def end_phase(self) -> tuple[str, str]:
        """Phase and message of the workflow."""
        status = render_status(self.state, self.nodes.values())
        return status["phase"], status.get("message", "")

    @property
    def status(self) -> dict[str, Any]:
        return render_status(self.state, self.nodes.values())


def _key(command: StartAttempt | StopAttempt) -> str:
    if isinstance(command, StopAttempt):
        return f"stop {command.token}"
    return json.dumps(
        [command.token, command.container, command.source, command.result, str(command.deadline)], sort_keys=True
    )


def workflow(spec: str, *, name: str = "wf", more: str = "") -> World:
    """A submitted workflow whose `spec` is given as YAML without indentation."""
    body = "\n".join("  " + line for line in spec.strip("\n").splitlines())
    text = f"apiVersion: argoproj.io/v1alpha1\nkind: Workflow\nmetadata: {{name: {name}}}\nspec:\n{body}\n{more}"
    return World(text).submit()


POD = """
- name: pod
  inputs: {parameters: [{name: p, default: none}]}
  container: {image: i, command: [run, "{{inputs.parameters.p}}"]}
"""
"""A template to be put under `templates:`."""
