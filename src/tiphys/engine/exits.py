"""Exit hooks: of steps and tasks when their node has ended, and of the workflow when its root has. Pure.

Argo: workflow/controller/exit_handler.go (runOnExitNode), workflow/controller/operator.go (operate), v4.1.2.
"""

from __future__ import annotations

from collections.abc import Mapping

from tiphys.engine import phases, uses
from tiphys.engine.call import Call, Hook
from tiphys.engine.failures import CallFailed
from tiphys.engine.node import Node
from tiphys.engine.run import Run
from tiphys.engine.texts import MISSING, Layer, Names, fill
from tiphys.engine.variables import last_attempt
from tiphys.jsons import JsonObject, as_list
from tiphys.lang import tags


def end_call(run: Run, call: Call) -> None:
    """What follows the end of a call's node: its exit hook, if it has one, else its owner is told."""
    node, hook = call.node, call.hook
    if node is None or hook is None or node.phase not in phases.COMPLETED or run.shutdown == "Terminate":
        call.over = True
        call.owner.settled(call)
        return
    call.over = True
    frame = HookFrame(run, call)
    try:
        arguments = _arguments(run, node, hook)
    except CallFailed as error:
        frame.refuse(str(error))
        return
    run.start(
        Call(
            name=f"{node.name}.onExit",
            owner=frame,
            scope=call.scope,
            template=hook.hook.template,
            ref=hook.hook.template_ref,
            arguments=arguments,
            boundary=call.boundary,
            exiting=True,
            depth=call.depth,
            place=_after(call),
            flag={"hooked": True},
        )
    )


def _after(call: Call) -> tuple[int, ...]:
    """The place of a hook in Argo's walk: after all steps of the group, but right behind a task."""
    *before, late, index = call.place
    return (*before, 1, index) if call.kind == "steps" else (*before, late, 1)


def _arguments(run: Run, node: Node, hook: Hook) -> Mapping[str, JsonObject]:
    names = Layer(_own_outcome(run, node, hook), _Known(hook.scope))
    bodies = uses.mark_absent(uses.argument_bodies(hook.hook.arguments), names)
    try:
        return {
            name: body | {"value": fill(body["value"], names)} if "value" in body else body
            for name, body in bodies.items()
        }
    except tags.MissingVariable as error:
        raise CallFailed(str(error)) from error


def _own_outcome(run: Run, node: Node, hook: Hook) -> dict[str, object]:
    outputs = last_attempt(node, run.nodes).outputs or {}
    names: dict[str, object] = {f"{hook.prefix}status": node.phase}
    for parameter in as_list(outputs.get("parameters")):
        names[f"{hook.prefix}outputs.parameters.{parameter['name']}"] = parameter.get("value", "")
    return names


class _Known(Names):
    """The scope of a hook as names."""

    def __init__(self, scope: Mapping[str, object]) -> None:
        self._scope = scope

    def find(self, name: str) -> object:
        """The value of a name."""
        return self._scope.get(name, MISSING)


class HookFrame:
    """Waits for the exit hook of a call; however it ends, the call is over then."""

    def __init__(self, run: Run, call: Call) -> None:
        self._run = run
        self._call = call

    @property
    def closed(self) -> bool:
        """Whether the hook may not begin any more."""
        return self._call.owner.closed

    def made(self, call: Call) -> None:
        """Makes the hook's node a child of what it is the hook of."""
        if self._call.node is not None and call.node is not None:
            self._run.link(self._call.node, call.node)

    def left_out(self, _call: Call) -> None:
        """Leaves no trace."""

    def settled(self, _call: Call) -> None:
        """The hook has ended."""
        self._call.owner.settled(self._call)

    def errored(self, _call: Call, error: str) -> None:
        """The hook could not be carried out."""
        self.refuse(error)

    def refuse(self, error: str) -> None:
        """Argo drops the error in a DAG and fails the group of a step."""
        if self._call.kind == "steps":
            self._call.owner.errored(self._call, error)
        else:
            self._call.owner.settled(self._call)
