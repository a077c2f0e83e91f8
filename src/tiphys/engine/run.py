"""The state that all features of the machine work on: nodes, work still to be done, timers, what has changed. Pure.

Work is a stack, not recursion: a chain of ten thousand nodes or a deep template costs no Python stack, and the order is
that of Argo's walk, depth first. A feature marks nodes and adds work; the machine empties the stack after each fact.
"""

from __future__ import annotations

import heapq
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Final, Protocol

from tiphys import ids
from tiphys.engine import node as nodes
from tiphys.engine import phases
from tiphys.engine.call import Call
from tiphys.engine.commands import Command, StopAttempt
from tiphys.engine.node import Node
from tiphys.engine.parallelism import Gate
from tiphys.engine.plan import Plan
from tiphys.engine.variables import Globals
from tiphys.jsons import JsonObject, as_list

Work = Callable[[], None]

_BEFORE_ALL: Final = datetime.min.replace(tzinfo=UTC)
_SEPARATOR: Final = re.compile(r"^(\[\d+\])?\.")
"""Between the name of a boundary and that of what is inside (Argo: stepsOrDagSeparator)."""


class ShutDown(Protocol):
    """What ends at once when the workflow is shut down."""

    @property
    def call(self) -> Call:
        """Its call."""
        ...

    def shut_down(self) -> None:
        """Ends it."""
        ...


class Run:
    """One workflow at work.

    `execute` carries a call out, `end` says what follows the end of its node; they are handed in because they know the
    features, which in turn make calls. `gate` knows who waits for slots, `exiting` are the ids of nodes of exit
    handlers, `wanted_results` the members of a template whose `outputs.result` it mentions. `overdue` holds once the
    workflow's deadline has been acted upon; `stuck` says why something would wait for ever where no node's message
    reaches the top; `dirty` that the workflow's own state has changed.
    """

    def __init__(
        self,
        uid: str,
        plan: Plan,
        names: Globals,
        execute: Callable[[Run, Call], None],
        end: Callable[[Run, Call], None],
    ) -> None:
        self.uid = uid
        self.name = names.workflow_name
        self.plan = plan
        self.globals = names
        self.nodes: dict[str, Node] = {}
        self.by_name: dict[str, Node] = {}
        self.exiting: set[str] = set()
        self.shutdown = ""
        self.deadline: datetime | None = None
        self.gate = Gate(plan.spec.parallelism)
        self.dags: dict[str, ShutDown] = {}
        self.open_attempts: dict[str, Node] = {}
        self.changed: dict[str, Node] = {}
        self.commands: list[Command] = []
        self.now: datetime = _BEFORE_ALL
        self.started_at: datetime | None = None
        self.config_maps: Mapping[str, Mapping[str, str]] = {}
        self.workflow_arguments: dict[str, JsonObject] = {}
        self.wanted_results: dict[str, frozenset[str]] = {}
        self.global_outputs: dict[str, str] = {}
        self.stuck = ""
        self.overdue = False
        self.dirty = False
        self._execute = execute
        self._end = end
        self._calls: dict[str, Call] = {}
        self._stack: list[Work] = []
        self._timers: list[tuple[datetime, int, Work]] = []
        self._timer_count = 0

    # --- work ---

    def later(self, work: Work) -> None:
        """Adds work; the last that was added is done first."""
        self._stack.append(work)

    def start(self, call: Call) -> None:
        """Adds the carrying out of a call."""
        self._stack.append(lambda: self._execute(self, call))

    def settle(self) -> None:
        """Does all work, until a fixed point is reached; free slots are given when there is nothing else to do."""
        while True:
            while self._stack:
                self._stack.pop()()
            call = self.gate.next()
            if call is None:
                return
            self.start(call)

    def forget_work(self) -> None:
        """Drops calls, timers and work; the nodes stay. Walking from the root makes them again."""
        self._calls.clear()
        self._stack.clear()
        self._timers.clear()
        self.dags.clear()
        self.recount()

    def recount(self) -> None:
        """Counts anew which slots are taken."""
        self.gate = Gate(self.plan.spec.parallelism)
        for node in self.nodes.values():
            if node.fulfilled:
                self.gate.note(node)
            else:
                self.gate.began(node)

    # --- time ---

    def wake(self, at: datetime, work: Work) -> None:
        """Has `work` done once `at` has come."""
        self._timer_count += 1
        heapq.heappush(self._timers, (at, self._timer_count, work))

    def ring(self) -> None:
        """Adds the work of all timers whose time has come."""
        due: list[Work] = []
        while self._timers and self._timers[0][0] <= self.now:
            due.append(heapq.heappop(self._timers)[2])
        self._stack.extend(reversed(due))

    @property
    def wake_at(self) -> datetime | None:
        """When the next timer rings."""
        return self._timers[0][0] if self._timers else None

    # --- nodes ---

    def add_node(self, call: Call, node_type: str, phase: str, message: str = "") -> Node:
        """Makes the node of a call."""
        node = self.add(call.name, node_type, phase, call.boundary, call.scope)
        node.template_name = call.template
        node.template_ref = call.ref.model_dump(by_alias=True, exclude_defaults=True) if call.ref else None
        node.flag, node.message = call.flag, message
        self.adopt(call, node)
        call.owner.made(call)
        return node

    def add(self, name: str, node_type: str, phase: str, boundary: Node | None, scope: str) -> Node:
        """Makes a node that no call stands behind (a StepGroup, a TaskGroup)."""
        node = Node(self._free_id(name), name, node_type, phase)
        node.template_scope = scope
        node.started_at = self.now
        if boundary is not None:
            node.boundary_id = boundary.id
            node.display_name = display_name(name, boundary.name)
        if node.fulfilled:
            node.finished_at = self.now
        self.remember(node)
        self.changed[node.id] = node
        if node.fulfilled:
            self.gate.note(node)
        else:
            self.gate.began(node)
        return node

    def remember(self, node: Node) -> None:
        """Puts a node where it is found."""
        self.nodes[node.id] = node
        self.by_name[node.name] = node

    def adopt(self, call: Call, node: Node) -> None:
        """Lets the end of a node be the end of a call."""
        call.node = node
        if call.exiting:
            self.exiting.add(node.id)
        self._calls[node.id] = call
        if node.fulfilled:
            self._stack.append(lambda: self._ended(call))

    def mark(self, node: Node, phase: str, message: str | None = None) -> None:
        """Moves a node to a phase; who waits for its end is told of it."""
        if message is not None and message != node.message:
            node.message = message
            self.changed[node.id] = node
        if node.phase == phase:
            return
        self.changed[node.id] = node
        phases.check_move(phases.NODE_MOVES, f"node {node.name}", node.phase, phase)
        node.phase = phase
        if node.fulfilled:
            node.finished_at = self.now
            if call := self._calls.get(node.id):
                self._stack.append(lambda: self._ended(call))
            if at_once := self.gate.ended(node):
                self._stack.append(at_once)

    def ghost(self, name: str) -> Node:
        """A node that is named as a child and never made."""
        return Node(self._free_id(name), name, nodes.SKIPPED, phases.OMITTED)

    def fail(self, call: Call, error: str) -> None:
        """A call cannot be carried out: its node is Error, made for that if need be, and its owner is told."""
        call.over = True
        if call.node is None:
            self.add_node(call, nodes.SKIPPED, phases.ERROR, error)
        elif not call.node.fulfilled:
            self.mark(call.node, phases.ERROR, error)
        call.owner.errored(call, error)

    def link(self, parent: Node, child: Node) -> None:
        """Makes `child` a child of `parent`, once."""
        if child.id not in parent.children:
            parent.children[child.id] = None
            self.changed[parent.id] = parent

    def call_of(self, node: Node) -> Call | None:
        """The call that a node belongs to."""
        return self._calls.get(node.id)

    def stop(self, node: Node) -> None:
        """Asks for the end of what a node runs, once."""
        if node.attempt and not node.asked_to_stop:
            node.asked_to_stop = True
            self.changed[node.id] = node
            self.commands.append(StopAttempt(node.attempt.token))

    def export(self, outputs: JsonObject) -> None:
        """Outputs with a `globalName` become outputs of the workflow; the last writer wins."""
        for parameter in as_list(outputs.get("parameters")):
            name, value = parameter.get("globalName"), parameter.get("value")
            if name and value is not None and self.global_outputs.get(name) != value:
                self.global_outputs[name] = value
                self.globals.known[f"workflow.outputs.parameters.{name}"] = value
                self.dirty = True

    def _ended(self, call: Call) -> None:
        if not call.over:
            self._end(self, call)

    def _free_id(self, name: str) -> str:
        """Argo's id of a node.

        Differs: two names with one hash are one node for Argo; here a suffix tells them apart (test_workflow.py).
        """
        node_id = ids.node_id(self.name, name)
        suffix = 1
        while node_id in self.nodes:
            suffix += 1
            node_id = f"{ids.node_id(self.name, name)}-{suffix}"
        return node_id


def display_name(name: str, boundary: str) -> str:
    """A node's name without its boundary's and the step index or dot before it."""
    return _SEPARATOR.sub("", name.removeprefix(boundary))
