"""What the members of a template may say of each other: the outcome of a step or task by its name. Pure.

Argo: workflow/controller/scope.go and operator.go (buildLocalScope, addSkippedNodeOutputsToScope), v4.1.2.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from tiphys.engine import phases
from tiphys.engine.conditions import holds
from tiphys.engine.failures import CallFailed
from tiphys.engine.loops import Gathered
from tiphys.engine.node import Node
from tiphys.engine.run import Run
from tiphys.engine.texts import MISSING, Fill, Names, fill, fill_tree
from tiphys.engine.uses import Use, fill_use, mark_absent
from tiphys.engine.variables import last_attempt, node_variable
from tiphys.jsons import JsonObject, as_object
from tiphys.lang import tags
from tiphys.manifest.model import Call as Callee
from tiphys.manifest.model import Template

WAITS_FOR_EVER = "{} would wait for ever: {}, since what it waits for has ended without making it"
"""Where Argo asks again for ever for a variable that will never be there. Differs: an error with its reason (008)."""


@dataclass(slots=True)
class Member:
    """A step or task that has come to its end.

    `node` is its own or, for a loop, that of the group; `gathered` are the outputs of a loop.
    """

    node: Node
    callee: Callee
    gathered: Gathered | None = None

    def find(self, run: Run, rest: str, scope: str) -> object:
        """What is said of it by `<rest>`, or `MISSING`."""
        if self.gathered is not None:
            value = self.gathered.find(rest)
            if value is not MISSING:
                return value
        node = last_attempt(self.node, run.nodes)
        value = node_variable(node, rest)
        if value is MISSING and node.outputs is None and node.phase in {phases.SKIPPED, phases.OMITTED}:
            return self._never_made(run, rest, scope)
        return value

    def _never_made(self, run: Run, rest: str, scope: str) -> object:
        """An output that a node which was passed over would have made: its default, else None."""
        if not rest.startswith("outputs.parameters."):
            return MISSING
        name = rest.removeprefix("outputs.parameters.")
        callee = self.callee
        try:
            template = run.plan.find(callee.template, callee.template_ref, callee.inline, scope).template
        except CallFailed:
            return MISSING
        for parameter in template.outputs.parameters:
            if parameter.name == name:
                return parameter.value_from.default if parameter.value_from else None
        return MISSING


class Scope(Names):
    """The names inside a template: those of its inputs and of `members`, over the workflow's.

    `root` is `steps` or `tasks`, `scope` Argo's template scope, in which the members' templates are looked up.
    """

    def __init__(
        self, run: Run, root: str, inputs: Mapping[str, object], members: Mapping[str, Member], scope: str
    ) -> None:
        self._run = run
        self._prefix = root + "."
        self._inputs = inputs
        self._members = members
        self._scope = scope

    def sees(self, name: str) -> bool:
        """Whether a member may be seen."""
        return name in self._members

    def find(self, name: str) -> object:
        """The value of a name."""
        own = self.find_own(name)
        return self._run.globals.find(name) if own is MISSING else own

    def find_own(self, name: str) -> object:
        """The value of a name that is no name of the workflow, but for its outputs."""
        if name.startswith(self._prefix):
            member, _, rest = name.removeprefix(self._prefix).partition(".")
            return self._members[member].find(self._run, rest, self._scope) if self.sees(member) else MISSING
        if name in self._inputs:
            return self._inputs[name]
        return self._run.globals.find(name) if name.startswith("workflow.outputs.") else MISSING


def resolve_use(use: Use, names: Names) -> Use:
    """The use with the outcomes of other members put in; when its condition is false already, only that.

    Raises `CallFailed` in Argo's words, `tags.MissingVariable` for an output that is not there.
    """
    if use.when:
        when = fill(use.when, names, strict=tags.STEPS_AND_TASKS)
        try:
            if not holds(when):
                return replace(use, when=when)
        except CallFailed:
            if not use.is_loop:
                raise
    use = replace(use, arguments=mark_absent(use.arguments, names))
    return fill_use(use, lambda text: fill(text, names, strict=tags.STEPS_AND_TASKS))


def template_outputs(template: Template, fill_body: Fill, scope: Scope) -> JsonObject | None:
    """The outputs of a steps or dag template, from those of its members; None when it declares none."""
    if not template.outputs.parameters:
        return None
    return {
        "parameters": [
            _output(p.model_dump(mode="json", by_alias=True, exclude_none=True), fill_body, scope)
            for p in template.outputs.parameters
        ]
    }


def _output(body: JsonObject, fill_body: Fill, scope: Scope) -> JsonObject:
    body = as_object(fill_tree(body, fill_body))
    source = body.pop("valueFrom", None)
    if source is None:
        raise CallFailed("output parameters must have a valueFrom specified")
    reference = source.get("parameter", "")
    if not reference:
        return body | {"value": ""}
    tag = reference.removeprefix("{{").removesuffix("}}").strip()
    value = scope.find_own(tag)
    if not isinstance(value, str) and "default" in source:
        value = source["default"]
    if value is MISSING:
        raise CallFailed(f'Unable to resolve: "{tag}"')
    if value is None:
        raise CallFailed(
            f'output parameter "{body["name"]}": "{reference}" is an absent optional'
            " (skipped/omitted node output with no default)"
        )
    return body | {"value": value}
