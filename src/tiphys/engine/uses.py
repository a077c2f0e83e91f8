"""A step or task on its way from the manifest to a call: its tags are filled in passes, then it is expanded. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from tiphys.engine.texts import MISSING, Fill, Names, fill_tree
from tiphys.jsons import JsonObject, is_object
from tiphys.manifest import model

ABSENT = "absent"
"""Marks an argument that refers to an output which a skipped node never made."""


@dataclass(frozen=True, slots=True)
class Use:
    """What of a step or task may hold tags; `arguments` are Argo's parameters as JSON, by name."""

    name: str
    template: str
    ref: model.TemplateRef | None
    inline: model.Template | None
    arguments: Mapping[str, JsonObject]
    when: str
    items: tuple[object, ...]
    param: str
    sequence: model.Sequence | None
    hook: model.LifecycleHook | None

    @property
    def is_loop(self) -> bool:
        """Whether it is expanded; a literal empty `withItems` is no loop (case 093)."""
        return bool(self.items or self.param or self.sequence)


def use_of(call: model.Call, workflow_arguments: Mapping[str, JsonObject]) -> Use:
    """The use that a step or task makes of its template, tags as they stand in the manifest."""
    return Use(
        name=call.name,
        template=call.template,
        ref=call.template_ref,
        inline=call.inline,
        arguments=argument_bodies(call.arguments),
        when=call.when,
        items=call.with_items or (),
        param=call.with_param,
        sequence=call.with_sequence,
        hook=exit_hook(call.on_exit, call.hooks, workflow_arguments),
    )


def argument_bodies(arguments: model.Arguments) -> dict[str, JsonObject]:
    """The parameters of arguments as JSON, by name."""
    return {p.name: p.model_dump(mode="json", by_alias=True, exclude_none=True) for p in arguments.parameters}


def exit_hook(
    on_exit: str, hooks: Mapping[str, model.LifecycleHook] | None, workflow_arguments: Mapping[str, JsonObject]
) -> model.LifecycleHook | None:
    """The exit hook; without arguments of its own it gets the workflow's. `onExit` beats `hooks.exit`."""
    hook = model.LifecycleHook(template=on_exit) if on_exit else (hooks or {}).get("exit")
    if hook is None or hook.arguments.parameters or hook.arguments.artifacts:
        return hook
    parameters = tuple(model.Parameter.model_validate(body) for body in workflow_arguments.values())
    return hook.model_copy(update={"arguments": model.Arguments(parameters=parameters)})


def fill_use(use: Use, fill: Fill) -> Use:
    """The use with its tags filled, but for those of its hook (a later matter) and its name."""
    return replace(
        use,
        template=fill(use.template),
        ref=use.ref and _fill_ref(use.ref, fill),
        inline=use.inline and fill_template(use.inline, fill),
        arguments=fill_tree(use.arguments, fill),
        when=fill(use.when),
        items=tuple(fill_tree(list(use.items), fill)) if use.items else (),
        param=fill(use.param),
        sequence=use.sequence and model.Sequence.model_validate(fill_tree(_dump(use.sequence), fill)),
    )


def fill_hook(hook: model.LifecycleHook, fill: Fill) -> model.LifecycleHook:
    """The hook with its tags filled."""
    return model.LifecycleHook.model_validate(fill_tree(_dump(hook), fill))


def fill_template(template: model.Template, fill: Fill) -> model.Template:
    """A template with its tags filled; the same object when it has none."""
    body = _dump(template)
    filled = fill_tree(body, fill)
    return template if filled == body else model.Template.model_validate(filled)


def mark_absent(arguments: Mapping[str, JsonObject], names: Names) -> dict[str, JsonObject]:
    """Arguments that are nothing but a reference to an absent optional, marked as such."""
    return {name: {"name": name, ABSENT: True} if _is_absent(body, names) else body for name, body in arguments.items()}


def _is_absent(body: JsonObject, names: Names) -> bool:
    value = body.get("value", "")
    if not (value.startswith("{{") and value.endswith("}}")):
        return False
    key = value[2:-2].strip()
    return "{{" not in key and "}}" not in key and names.get(key, MISSING) is None


def _fill_ref(ref: model.TemplateRef, fill: Fill) -> model.TemplateRef:
    return ref.model_copy(update={"name": fill(ref.name), "template": fill(ref.template)})


def _dump(value: model.ArgoModel) -> JsonObject:
    body = value.model_dump(mode="json", by_alias=True, exclude_none=True, exclude_unset=True)
    assert is_object(body)  # noqa: S101 - a model dumps to an object
    return body
