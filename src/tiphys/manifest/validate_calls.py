"""Rules of calls: the members of `steps`, and what steps and tasks have in common.

Argo: workflow/validate/validate.go (validateSteps), v4.1.2; messages are Argo's.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from tiphys.jsons import as_list, as_object
from tiphys.manifest.faults import Faults, Site, within
from tiphys.manifest.model import Json
from tiphys.manifest.nearest import did_you_mean
from tiphys.manifest.scope import global_names, is_loop, item_names, output_names, unresolved
from tiphys.manifest.validate_arguments import check_arguments, step_name_fault


class Visitor(Protocol):
    """What the rules of calls need of the validation around them."""

    globals: dict[str, str]
    template_mode: bool

    def visit(self, call: Json, site: Site, arguments: Json | None) -> Faults:
        """The faults of what `call` calls; `arguments` None: assume that they fit."""
        ...

    def called(self, call: Json, site: Site) -> Json | None:
        """The template that is called, if it can be told."""
        ...


def check_calls_type(template: Json, site: Site) -> Faults:
    """What only a leaf may have."""
    if "activeDeadlineSeconds" in template:
        message = f"templates.{template.get('name', '')}.activeDeadlineSeconds is only valid for leaf templates"
        yield site.at("activeDeadlineSeconds").fault(message)


def check_hooks(hooks: Json, prefix: str, site: Site) -> Faults:
    """Every hook but `exit` needs an expression."""
    for name, hook in hooks.items():
        if name != "exit" and not as_object(hook).get("expression"):
            yield site.at("hooks", name).fault(f"{prefix}.{name} Expression required", rule="hook")


def check_steps(template: Json, scope: set[str], site: Site, visitor: Visitor) -> Faults:
    """All steps in order; `scope` grows by what each leaves behind."""
    yield from check_calls_type(template, site)
    steps = _Steps(f"templates.{template.get('name', '')}.steps", scope, visitor)
    for group, members in enumerate(as_list(template.get("steps"))):
        for index, step in enumerate(map(as_object, as_list(members))):
            yield from steps.check(step, group, site.at("steps", group, index))


@dataclass(slots=True)
class _Steps:
    prefix: str
    scope: set[str]
    visitor: Visitor
    names: set[str] = field(default_factory=set[str])
    sound: bool = True
    """False once something is called that cannot be told: what it leaves behind is unknown, so no tag is judged."""

    def check(self, step: Json, group: int, site: Site) -> Faults:
        name, visitor = str(step.get("name", "")), self.visitor
        whole, ref = f"{self.prefix}[{group}]", f"steps.{name}"
        yield from self._check_name(name, whole, site)
        self.scope.add(f"{ref}.status")
        names, wrong = item_names(step)
        self.scope |= names
        if wrong:
            yield from within(f"{whole}.{name} ", [site.fault(wrong, rule="loop")])
        prefix = f"{whole}.{name}.arguments."
        yield from check_arguments(prefix, as_object(step.get("arguments")), site.at("arguments"), may_be_empty=False)
        faults = list(within(f"{whole}.{name} ", visitor.visit(step, site, None)))
        yield from faults
        called = visitor.called(step, site)
        self.sound = self.sound and not (faults and called is None)
        if step.get("onExit") or "exit" in as_object(step.get("hooks")):
            self.scope |= add_outputs(called, ref, visitor)
        yield from check_hooks(as_object(step.get("hooks")), f"{whole}.{name}", site)
        if self.sound:
            own = self.scope | inline_names(step)
            yield from within(f"{self.prefix} ", unresolved_faults(step, own, site, visitor))
        self.scope |= add_outputs(called, ref, visitor, aggregate=is_loop(step))
        if not faults:
            yield from within(f"{whole}.{name} ", visitor.visit(step, site, as_object(step.get("arguments"))))

    def _check_name(self, name: str, whole: str, site: Site) -> Faults:
        place = site.at("name")
        if not name:
            yield place.fault(f"{whole}.name is required", rule="name")
        elif name in self.names:
            yield place.fault(f"{whole}.name '{name}' is not unique", rule="name")
        elif wrong := step_name_fault(name):
            yield place.fault(f"{whole}.name '{name}' is invalid: {wrong}", rule="name")
        self.names.add(name)


def add_outputs(
    template: Json | None, ref: str, visitor: Visitor, *, aggregate: bool = False, ancestor: bool = False
) -> set[str]:
    """What a call leaves behind; outputs with a `globalName` are known everywhere from then on."""
    known, later = global_names(template)
    for name in known:
        visitor.globals.setdefault(name, name)
    return output_names(template, ref, aggregate=aggregate, ancestor=ancestor) | known | later


def unresolved_faults(value: Json | str, scope: set[str], site: Site, visitor: Visitor) -> Faults:
    """Tags in a call or a text that nothing can resolve."""
    names = scope | visitor.globals.keys()
    for tag, path in unresolved(value, names, template_mode=visitor.template_mode):
        hint = did_you_mean(tag.strip(), names)
        yield Site(site.owner, (*site.path, *path)).fault(f"failed to resolve {{{{{tag}}}}}", hint, rule="variable")


def inline_names(call: Json) -> set[str]:
    """The inputs of a template that is written inside the call."""
    inputs = as_object(as_object(call.get("inline")).get("inputs"))
    return {f"inputs.parameters.{as_object(p).get('name', '')}" for p in as_list(inputs.get("parameters"))}
