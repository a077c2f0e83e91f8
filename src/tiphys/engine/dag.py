"""DAG templates: a task begins when all that it mentions has ended and its logic says so. Pure.

Argo: workflow/controller/dag.go (executeDAG, executeDAGTask, assessDAGPhase), v4.1.2. Argo walks from the targets at
every visit; here each task counts the dependencies that it still waits for.
"""

from __future__ import annotations

from tiphys.engine import branches, edges, phases
from tiphys.engine import node as nodes
from tiphys.engine.body import Body
from tiphys.engine.boundaries import open_boundary
from tiphys.engine.call import Call
from tiphys.engine.failures import CallFailed
from tiphys.engine.loops import Gathered
from tiphys.engine.node import Node
from tiphys.engine.plan import DagPlan
from tiphys.engine.run import Run
from tiphys.engine.scopes import Member, Scope, template_outputs
from tiphys.engine.tasks import TaskFrame
from tiphys.jsons import JsonObject
from tiphys.manifest.model import ContinueOn


def open_dag(run: Run, call: Call, body: Body) -> None:
    """Makes the DAG node of a call, or takes it up again, and begins with the tasks that wait for nothing."""
    plan = body.plan.dag
    target = body.fill(body.template.dag.target) if body.template.dag else ""
    targets = tuple(target.split(" ")) if target else plan.leaves
    if unknown := [name for name in targets if name not in plan.tasks]:
        raise CallFailed(f"target '{unknown[0]}' is no task of the DAG")
    node = call.node or run.add_node(call, nodes.DAG, phases.RUNNING)
    node.inputs = body.node_inputs
    frame = DagFrame(run, call, node, body, targets)
    open_boundary(run, node, body.template, frame.fail_fast)
    run.wanted_results[node.id] = body.plan.wanted_results
    run.dags[node.id] = frame
    run.later(frame.begin)


class DagFrame:
    """A DAG node at work; `members` are the tasks that have ended."""

    def __init__(self, run: Run, call: Call, node: Node, body: Body, targets: tuple[str, ...]) -> None:
        self.run = run
        self.call = call
        self.node = node
        self.body = body
        self.members: dict[str, Member] = {}
        self.inputs = body.input_values
        self.plan: DagPlan = body.plan.dag
        self.broken_loops: dict[str, str] = {}
        self._targets = targets
        self._needed = self.plan.needed(targets)
        self.order = {name: at for at, name in enumerate(self._needed)}
        self._waits = {name: len(self.plan.tasks[name].logic.mentioned) for name in self._needed}
        self._open = len(self._needed)

    @property
    def closed(self) -> bool:
        """Whether nothing more may begin in it."""
        return self.node.fulfilled or self.call.owner.closed

    def begin(self) -> None:
        """Starts the tasks that wait for nothing, in Argo's order."""
        self._start([name for name in self._needed if not self._waits[name]])

    def _start(self, names: list[str]) -> None:
        for name in reversed(names):
            self.run.later(TaskFrame(self, self.plan.tasks[name]).begin)

    def scope_of(self, task: str) -> TaskScope:
        """The names that a task may use."""
        return TaskScope(self, task)

    def connect(self, node: Node, mentioned: tuple[str, ...]) -> None:
        """Hangs a task's node on the ends of what it waited for, or on the DAG node."""
        if not mentioned:
            self.run.link(self.node, node)
        for name in mentioned:
            for end in edges.outbound(self.run, self.members[name].node):
                self.run.link(end, node)

    def task_ended(self, task: TaskFrame, node: Node) -> None:
        """Counts a task that has ended, lets go those that waited for it, and ends with the last."""
        name = task.name
        member = Member(node, task.plan.task)
        if node.type == nodes.TASK_GROUP:
            try:
                member.gathered = Gathered(self.run.nodes[child] for child in node.children)
            except CallFailed as error:
                self.broken_loops[name] = str(error)
        self.members[name] = member
        self._open -= 1
        if self.closed:
            return
        if not self._open:
            self._assess()
            return
        ready: list[str] = []
        for dependant in self.plan.tasks[name].dependants:
            if dependant in self._waits:
                self._waits[dependant] -= 1
                if not self._waits[dependant]:
                    ready.append(dependant)
        if self.run.shutdown:
            self.run.later(self.shut_down)
        self._start(ready)

    def _assess(self) -> None:
        phase = self._phase()
        self.node.outbound = edges.outbound_of_all(self.run, (self.members[name].node for name in self._targets))
        if phase != phases.SUCCEEDED:
            self.run.mark(self.node, phase)
            return
        try:
            outputs = self._outputs()
        except CallFailed as error:
            self.run.fail(self.call, str(error))
            return
        self.node.outputs = outputs
        self.run.mark(self.node, phases.SUCCEEDED)

    def _phase(self) -> str:
        """The phase of the whole: that of the first failed target, or of the last when `failFast` is off."""
        if self.run.shutdown and not self.call.exiting:
            return phases.FAILED
        found = branches.target_phases(self.run, self.node, [self.members[name].node for name in self._targets])
        dag = self.body.template.dag
        fail_fast = dag is None or dag.fail_fast is not False
        result = phases.SUCCEEDED
        for name, phase in zip(self._targets, found, strict=True):
            if phase in phases.UNHAPPY and not tolerates(self.plan.tasks[name].task.continue_on, phase):
                result = phase
                if fail_fast:
                    break
        return result

    def _outputs(self) -> JsonObject | None:
        for error in self.broken_loops.values():
            raise CallFailed(error)
        for member in self.members.values():
            if member.node.outputs:
                self.run.export(member.node.outputs)
        everything = Scope(self.run, "tasks", self.inputs, self.members, self.body.plan.scope)
        return template_outputs(self.body.template, self.body.fill, everything)

    def fail_fast(self, message: str) -> None:
        """Ends because a child has failed and the template's `failFast` is on."""
        if not self.closed:
            self.run.mark(self.node, phases.FAILED, message)

    def _hooks_run(self) -> bool:
        """Whether the exit hook of a target is still at work."""
        names = (f"{self.node.name}.{name}.onExit" for name in self._targets)
        return any(name in self.run.by_name and not self.run.by_name[name].fulfilled for name in names)

    def shut_down(self) -> None:
        """Ends because the workflow is shut down, unless it is part of an exit handler."""
        if not self.closed and not self.call.exiting and not self._hooks_run():
            found = (self.run.by_name.get(f"{self.node.name}.{name}") for name in self._targets)
            self.node.outbound = edges.outbound_of_all(self.run, (node for node in found if node))
            self.run.mark(self.node, phases.FAILED)


class TaskScope(Scope):
    """The names that one task may use: only its ancestors are members."""

    def __init__(self, dag: DagFrame, task: str) -> None:
        super().__init__(dag.run, "tasks", dag.inputs, dag.members, dag.body.plan.scope)
        self._plan = dag.plan
        self._task = task

    def sees(self, name: str) -> bool:
        """Whether a task is an ancestor."""
        return name in self._plan.tasks and self._plan.is_ancestor(name, self._task)


def tolerates(continue_on: ContinueOn | None, phase: str) -> bool:
    """Whether `continueOn` covers a phase."""
    if continue_on is None:
        return False
    return (continue_on.failed and phase == phases.FAILED) or (continue_on.error and phase == phases.ERROR)
