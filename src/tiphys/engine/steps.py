"""Steps templates: groups one after the other, the steps of a group side by side. Pure.

Argo: workflow/controller/steps.go (executeSteps, executeStepGroup), v4.1.2.
"""

from __future__ import annotations

from dataclasses import replace

from tiphys.engine import deadlines, edges, loops, phases
from tiphys.engine import node as nodes
from tiphys.engine.body import Body
from tiphys.engine.boundaries import open_boundary
from tiphys.engine.call import Call, Hook
from tiphys.engine.conditions import holds
from tiphys.engine.failures import CallFailed
from tiphys.engine.loops import Gathered, Instance
from tiphys.engine.node import Node
from tiphys.engine.run import Run
from tiphys.engine.scopes import WAITS_FOR_EVER, Member, Scope, resolve_use, template_outputs
from tiphys.engine.uses import Use, fill_use, use_of
from tiphys.lang import tags
from tiphys.manifest.model import ContinueOn, WorkflowStep


def open_steps(run: Run, call: Call, body: Body) -> None:
    """Makes the Steps node of a call, or takes it up again, and begins with its first group."""
    node = call.node or run.add_node(call, nodes.STEPS, phases.RUNNING)
    node.inputs = body.node_inputs
    frame = StepsFrame(run, call, node, body)
    open_boundary(run, node, body.template, frame.fail_fast)
    run.wanted_results[node.id] = body.plan.wanted_results
    run.later(frame.next_group)


class StepsFrame:
    """A Steps node at work; `members` are the steps of the groups that have Succeeded."""

    def __init__(self, run: Run, call: Call, node: Node, body: Body) -> None:
        self.run = run
        self.call = call
        self.node = node
        self.body = body
        self.members: dict[str, Member] = {}
        self.scope = Scope(run, "steps", body.input_values, self.members, body.plan.scope)
        self._groups = body.template.steps or ()
        self.index = 0
        self._previous: Node | None = None

    @property
    def closed(self) -> bool:
        """Whether nothing more may begin in it."""
        return self.node.fulfilled or self.call.owner.closed

    def next_group(self) -> None:
        """Begins the next group, or ends after the last."""
        if self.closed:
            return
        if self.index == len(self._groups):
            self._succeed()
            return
        group = self._add_group(f"{self.node.name}[{self.index}]")
        steps = self._groups[self.index]
        self.index += 1
        self._previous = group
        GroupFrame(self, group, steps).begin()

    def _add_group(self, name: str) -> Node:
        group = self.run.by_name.get(name)
        if group is None:
            group = self.run.add(name, nodes.STEP_GROUP, phases.RUNNING, self.node, self.body.plan.scope)
            group.flag = {}
        before = self._previous
        if before is None:
            self.run.link(self.node, group)
        elif not before.children:
            self.run.link(before, group)
        else:
            for child_id in list(before.children):
                for end in edges.outbound(self.run, self.run.nodes[child_id]):
                    self.run.link(end, group)
        return group

    def group_ended(self, group: Node, steps: tuple[WorkflowStep, ...]) -> None:
        """Goes on after a group, or ends with it."""
        if self.closed:
            return
        if group.unhappy:
            self._set_outbound()
            self.run.mark(self.node, phases.FAILED, group.message)
            return
        try:
            for step in steps:
                self._remember(group, step)
        except CallFailed as error:
            self.run.fail(self.call, str(error))
            return
        self.run.later(self.next_group)

    def _remember(self, group: Node, step: WorkflowStep) -> None:
        name = self.body.fill(step.name)
        node = self.run.by_name.get(f"{group.name}.{name}")
        if node is not None:
            self.members[name] = Member(node, step)
            return
        prefix = f"{group.name}.{name}("
        looped = [self.run.nodes[child] for child in group.children if self.run.nodes[child].name.startswith(prefix)]
        looped = [node for node in looped if node.type != nodes.SKIPPED]
        self.members[name] = Member(group, step, Gathered(looped) if looped else None)

    def _succeed(self) -> None:
        self._set_outbound()
        try:
            outputs = template_outputs(self.body.template, self.body.fill, self.scope)
        except CallFailed as error:
            self.run.fail(self.call, str(error))
            return
        if outputs is not None:
            self.node.outputs = outputs
            self.run.export(outputs)
        self.run.mark(self.node, phases.SUCCEEDED)

    def _set_outbound(self) -> None:
        if self._previous is not None:
            children = [self.run.nodes[child] for child in self._previous.children]
            self.node.outbound = edges.outbound_of_all(self.run, children)

    def fail_fast(self, message: str) -> None:
        """Ends because a child has failed and `failFast` is on; nothing of its own runs any more."""
        if self.closed:
            return
        if self._previous is not None and not self._previous.fulfilled:
            self.run.mark(self._previous, phases.FAILED, message)
        self.run.mark(self.node, phases.FAILED, message)


class GroupFrame:
    """A StepGroup node at work."""

    def __init__(self, steps: StepsFrame, group: Node, members: tuple[WorkflowStep, ...]) -> None:
        self._steps = steps
        self._run = steps.run
        self.node = group
        self._members = members
        self._tolerant: dict[str, ContinueOn | None] = {}
        self._instances: list[Instance] = []
        self._begun = 0
        self._open = 0
        self._failed: tuple[int, str] | None = None
        self._order = {child_id: at for at, child_id in enumerate(group.children)}

    @property
    def closed(self) -> bool:
        """Whether nothing more may begin in it."""
        return self.node.fulfilled or self._steps.closed

    def begin(self) -> None:
        """Resolves and expands all steps, then starts them one after the other."""
        if self.node.fulfilled:
            self._run.later(lambda: self._steps.group_ended(self.node, self._members))
            return
        try:
            uses = [self._resolve(member) for member in self._members]
            self._instances = [instance for use in uses for instance in self._expand(use)]
        except CallFailed as error:
            self._err(str(error))
            return
        self._run.later(self._start_next)

    def _resolve(self, member: WorkflowStep) -> Use:
        steps = self._steps
        use = use_of(member, self._run.workflow_arguments)
        use = replace(fill_use(use, steps.body.fill), name=steps.body.fill(member.name))
        self._tolerant[use.name] = member.continue_on
        try:
            return resolve_use(use, steps.scope)
        except tags.MissingVariable as error:
            raise CallFailed(WAITS_FOR_EVER.format(f"step {use.name}", error)) from error
        except CallFailed as error:
            raise CallFailed(f"failed to resolve references: {error}") from error

    def _expand(self, use: Use) -> list[Instance]:
        found = loops.expand(use, self._steps.scope)
        if not found and self._child(use.name) is None:
            self._skip(use, use.name, loops.EMPTY)
        return found

    def _start_next(self) -> None:
        if self.closed:
            return
        if self._begun == len(self._instances):
            self._check_end()
            return
        instance = self._instances[self._begun]
        self._begun += 1
        self._run.later(self._start_next)
        child = self._child(instance.name)
        if child is not None and child.type == nodes.SKIPPED:
            self._note(child, instance.base)
        elif child is not None or self._proceeds(instance):
            self._start(instance)

    def _proceeds(self, instance: Instance) -> bool:
        try:
            if holds(instance.use.when):
                return True
        except CallFailed as error:
            self._link(self._passed_over(instance.use, instance.name, phases.ERROR, str(error)))
            self._err(str(error))
            return False
        self._skip(instance.use, instance.name, f"when '{instance.use.when}' evaluated false")
        return False

    def _skip(self, use: Use, name: str, why: str) -> None:
        self._link(self._passed_over(use, name, phases.SKIPPED, why))

    def _passed_over(self, use: Use, name: str, phase: str, why: str) -> Node:
        steps = self._steps
        node = self._run.add(f"{self.node.name}.{name}", nodes.SKIPPED, phase, steps.node, steps.body.plan.scope)
        node.template_name, node.flag, node.message = use.template, {}, why
        node.template_ref = use.ref.model_dump(by_alias=True, exclude_defaults=True) if use.ref else None
        return node

    def _child(self, name: str) -> Node | None:
        return self._run.by_name.get(f"{self.node.name}.{name}")

    def _start(self, instance: Instance) -> None:
        steps, use = self._steps, instance.use
        self._open += 1
        call = Call(
            name=f"{self.node.name}.{instance.name}",
            owner=self,
            scope=steps.body.plan.scope,
            template=use.template,
            ref=use.ref,
            inline=use.inline,
            arguments=use.arguments,
            boundary=steps.node,
            kind="steps",
            caller=instance.name,
            base=instance.base,
            exiting=steps.call.exiting,
            depth=steps.call.depth + 1,
            place=(*steps.call.place, steps.index, 0, self._begun),
            hook=Hook(use.hook, steps.scope, f"steps.{instance.name}.") if use.hook else None,
        )
        self._run.start(call)

    def made(self, call: Call) -> None:
        """Makes the new node a child of the group."""
        assert call.node is not None  # noqa: S101 - it was made just now
        self._link(call.node)

    def _link(self, child: Node) -> None:
        self._order.setdefault(child.id, len(self._order))
        self._run.link(self.node, child)

    def left_out(self, call: Call) -> None:
        """Leaves no trace."""

    def settled(self, call: Call) -> None:
        """Counts a step that has ended; ends with the last."""
        assert call.node is not None  # noqa: S101 - a call that has ended has a node
        self._open -= 1
        self._note(call.node, call.base)
        self._check_end()

    def errored(self, call: Call, error: str) -> None:
        """A step could not be carried out: neither can the group."""
        if self.closed:
            return
        if call.node is not None:
            self._link(call.node)
        if error == deadlines.TIMEOUT:
            self._run.mark(self.node, phases.FAILED, error)
            self._steps.group_ended(self.node, self._members)
            return
        self._err(f"step group deemed errored due to child {call.name} error: {error}")

    def _note(self, child: Node, base: str) -> None:
        tolerant = self._tolerant.get(base)
        covered = tolerant is not None and (
            (tolerant.failed and child.phase == phases.FAILED) or (tolerant.error and child.phase == phases.ERROR)
        )
        if child.unhappy and not covered:
            at = self._order[child.id]
            if self._failed is None or at < self._failed[0]:
                self._failed = at, child.id

    def _err(self, error: str) -> None:
        self._run.mark(self.node, phases.ERROR, error)
        self._run.later(lambda: self._steps.group_ended(self.node, self._members))

    def _check_end(self) -> None:
        if self.closed or self._open or self._begun < len(self._instances):
            return
        if self._failed is not None:
            self._run.mark(self.node, phases.FAILED, f"child '{self._failed[1]}' failed")
        else:
            self._run.mark(self.node, phases.SUCCEEDED)
        self._steps.group_ended(self.node, self._members)
