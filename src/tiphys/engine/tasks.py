"""One task of a DAG: from the moment that nothing holds it back to its end, loops included. Pure.

Argo: workflow/controller/dag.go (executeDAGTask, resolveDependencyReferences), v4.1.2.
"""

from __future__ import annotations

from typing import Protocol

from tiphys.engine import deadlines, loops, phases
from tiphys.engine import node as nodes
from tiphys.engine.body import Body
from tiphys.engine.call import Call, Hook
from tiphys.engine.conditions import holds
from tiphys.engine.failures import CallFailed
from tiphys.engine.loops import Instance
from tiphys.engine.node import Node
from tiphys.engine.plan import DagPlan, TaskPlan
from tiphys.engine.run import Run
from tiphys.engine.scopes import WAITS_FOR_EVER, Member, Scope, resolve_use
from tiphys.engine.uses import Use, fill_use, use_of
from tiphys.lang import depends, tags


class Dag(Protocol):
    """What a task needs of the DAG that it is part of."""

    run: Run
    call: Call
    node: Node
    body: Body
    plan: DagPlan
    members: dict[str, Member]
    broken_loops: dict[str, str]
    order: dict[str, int]

    @property
    def closed(self) -> bool:
        """Whether nothing more may begin."""
        ...

    def scope_of(self, task: str) -> Scope:
        """The names that a task may use."""
        ...

    def connect(self, node: Node, mentioned: tuple[str, ...]) -> None:
        """Hangs a task's node where it belongs."""
        ...

    def task_ended(self, task: TaskFrame, node: Node) -> None:
        """Is told of the end of a task."""
        ...


class TaskFrame:
    """A task at work."""

    def __init__(self, dag: Dag, plan: TaskPlan) -> None:
        self.plan = plan
        self.name = plan.task.name
        self._dag = dag
        self._run = dag.run
        self._scope = dag.scope_of(self.name)
        self._group: Node | None = None
        self._instances: list[Instance] = []
        self._begun = 0
        self._open = 0
        self._order: dict[str, int] = {}
        self._unhappy: tuple[int, str] = (-1, phases.SUCCEEDED)

    @property
    def closed(self) -> bool:
        """Whether nothing more may begin for it."""
        return self._dag.closed or (self._group is not None and self._group.fulfilled)

    def begin(self) -> None:
        """Decides whether the task runs, and starts it."""
        if self._dag.closed:
            return
        node = self._run.by_name.get(self._node_name(self.name))
        if node is not None and (node.type == nodes.SKIPPED or (node.type == nodes.TASK_GROUP and node.fulfilled)):
            self._dag.task_ended(self, node)
            return
        try:
            if node is None and not self._allowed():
                self._pass_over(phases.OMITTED, "omitted: depends condition not met")
                return
            self._expand(node)
        except CallFailed as error:
            self._pass_over(phases.ERROR, str(error))
            return
        self._run.later(self._start_next)

    def _allowed(self) -> bool:
        logic = self.plan.logic
        if not logic.mentioned:
            return True
        try:
            return logic.allows({name: self._results(self._dag.members[name].node) for name in logic.mentioned})
        except depends.InvalidDepends as error:
            raise CallFailed(str(error)) from error

    def _results(self, node: Node) -> frozenset[str]:
        if node.type != nodes.TASK_GROUP:
            return depends.results_of(node.phase)
        return depends.results_of(node.phase, children=(self._run.nodes[child].phase for child in node.children))

    def _expand(self, node: Node | None) -> None:
        use = self._resolve()
        self._instances = loops.expand(use, self._scope)
        if not use.is_loop and not self.plan.task.with_param and self.plan.task.with_sequence is None:
            return
        if not self._instances:
            self._pass_over(phases.SKIPPED, loops.EMPTY)
            self._begun = -1
            return
        if node is None:
            dag = self._dag
            node = self._run.add(
                self._node_name(self.name), nodes.TASK_GROUP, phases.RUNNING, dag.node, dag.body.plan.scope
            )
            self._describe(node)
            dag.connect(node, self.plan.logic.mentioned)
        self._group = node
        self._order = {child: at for at, child in enumerate(node.children)}

    def _resolve(self) -> Use:
        dag = self._dag
        for name, error in dag.broken_loops.items():
            if self._scope.sees(name):
                raise CallFailed(error)
        use = fill_use(use_of(self.plan.task, self._run.workflow_arguments), dag.body.fill)
        try:
            return resolve_use(use, self._scope)
        except tags.MissingVariable as error:
            self._run.dirty = True
            self._run.stuck = WAITS_FOR_EVER.format(f"task {self.name}", error)
            raise CallFailed(self._run.stuck) from error

    def _start_next(self) -> None:
        if self.closed or self._begun < 0:
            return
        if self._begun == len(self._instances):
            self._check_end()
            return
        instance = self._instances[self._begun]
        self._begun += 1
        self._run.later(self._start_next)
        node = self._run.by_name.get(self._node_name(instance.name))
        if node is not None and node.type == nodes.SKIPPED:
            self._note(node)
        elif node is not None or self._proceeds(instance):
            self._start(instance)

    def _proceeds(self, instance: Instance) -> bool:
        try:
            if holds(instance.use.when):
                return True
            phase, why = phases.SKIPPED, f"when '{instance.use.when}' evaluated false"
        except CallFailed as error:
            phase, why = phases.ERROR, str(error)
        if self._group is None:
            self._pass_over(phase, why)
            self._begun = -1
        else:
            node = self._add_passed_over(instance.name, phase, why)
            self._connect(node)
            self._note(node)
        return False

    def _pass_over(self, phase: str, why: str) -> None:
        node = self._add_passed_over(self.name, phase, why)
        self._dag.connect(node, self.plan.logic.mentioned)
        self._dag.task_ended(self, node)

    def _add_passed_over(self, name: str, phase: str, why: str) -> Node:
        dag = self._dag
        node = self._run.add(self._node_name(name), nodes.SKIPPED, phase, dag.node, dag.body.plan.scope)
        self._describe(node)
        node.message = why
        return node

    def _describe(self, node: Node) -> None:
        task = self.plan.task
        node.template_name, node.flag = self._dag.body.fill(task.template), {}
        if task.template_ref:
            node.template_ref = task.template_ref.model_dump(by_alias=True, exclude_defaults=True)

    def _start(self, instance: Instance) -> None:
        dag, use = self._dag, instance.use
        self._open += 1
        call = Call(
            name=self._node_name(instance.name),
            owner=self,
            scope=dag.body.plan.scope,
            template=use.template,
            ref=use.ref,
            inline=use.inline,
            arguments=use.arguments,
            boundary=dag.node,
            kind="tasks",
            caller=instance.name,
            base=self.name,
            exiting=dag.call.exiting,
            depth=dag.call.depth + 1,
            place=(*dag.call.place, dag.order[self.name], self._begun, 0),
            hook=Hook(use.hook, self._scope, f"tasks.{self.name}.") if use.hook else None,
        )
        self._run.start(call)

    def made(self, call: Call) -> None:
        """Hangs the new node where it belongs."""
        assert call.node is not None  # noqa: S101 - it was made just now
        self._connect(call.node)

    def left_out(self, call: Call) -> None:
        """Argo links a task to what is before it already when it tries to begin it (case 216)."""
        self._connect(self._run.ghost(call.name))

    def settled(self, call: Call) -> None:
        """Counts an item that has ended; ends with the last."""
        assert call.node is not None  # noqa: S101 - a call that has ended has a node
        self._open -= 1
        if self._group is None:
            self._dag.task_ended(self, call.node)
            return
        self._note(call.node)
        self._check_end()

    def errored(self, call: Call, error: str) -> None:
        """The task could not be carried out; a loop starts no more items."""
        assert call.node is not None  # noqa: S101 - a call that has failed has a node
        if error != deadlines.TIMEOUT:
            self._run.mark(call.node, call.node.phase, f"task '{call.name}' errored: {error}")
        self._begun = len(self._instances)
        self.settled(call)

    def _connect(self, node: Node) -> None:
        if self._group is None:
            self._dag.connect(node, self.plan.logic.mentioned)
        else:
            self._order.setdefault(node.id, len(self._order))
            self._run.link(self._group, node)

    def _note(self, node: Node) -> None:
        if node.unhappy and self._order[node.id] > self._unhappy[0]:
            self._unhappy = self._order[node.id], node.phase

    def _check_end(self) -> None:
        if self._group is None or self.closed or self._open or self._begun < len(self._instances):
            return
        self._run.mark(self._group, self._unhappy[1])
        self._dag.task_ended(self, self._group)

    def _node_name(self, name: str) -> str:
        return f"{self._dag.node.name}.{name}"
