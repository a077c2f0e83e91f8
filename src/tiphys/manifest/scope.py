"""Which `{{…}}` variables can be resolved where, as far as a manifest tells.

A scope is a set of variable names. A few names only known at run time let all names of their family pass, marked by a
star as in Argo. Argo: workflow/validate/validate.go (resolveAllVariables, addItemsToScope, addOutputsToScope), v4.1.2.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator
from typing import Any

from tiphys.jsons import as_list, as_object, is_list, is_object
from tiphys.manifest.model import Json
from tiphys.manifest.positions import Path

PLACEHOLDER = "__argo__internal__placeholder-"
"""What stands for a value that is only known at run time; a number follows."""

_TAG = re.compile(r"\{\{(.*?)(?:\}\}|\Z)", re.DOTALL)
"""A tag that is not closed goes on to the end of its text (in Argo: to the next `}}` of the JSON)."""
_PARAMETER = re.compile(r"\{\{[-a-zA-Z0-9]+(\.[-a-zA-Z0-9_]+)*\}\}")
_ROOTS = ("item.", "steps.", "inputs.", "outputs.", "pod.", "workflow.", "tasks.")
"""Only tags with these roots are checked; a bare `{{item}}` or `{{retries}}` never is."""
_LATE = (
    "outputs.",
    "workflow.creationTimestamp",
    "workflow.scheduledTime",
    "workflow.duration",
    "tasks.name",
    "steps.name",
    "node.name",
)
"""Filled in at run time wherever they stand."""
ANY_ITEM = "item.*"
ANY_OUTPUT_PARAMETER = "workflow.outputs.parameters.*"
ANY_OUTPUT_ARTIFACT = "workflow.outputs.artifacts.*"
LAST_RETRY = ("retries", "lastRetry.exitCode", "lastRetry.status", "lastRetry.duration", "lastRetry.message")
_WHOLE_RESULT = ("script", "containerSet")
"""Types whose loops gather `outputs.result` by themselves; a container has it anyway."""


def is_parameter(text: str) -> bool:
    """Whether the text holds a simple tag."""
    return _PARAMETER.search(text) is not None


def has_simple_tag(value: Json) -> bool:
    """Whether a text in a JSON object holds a tag that is no expression."""
    return any(not tag.startswith("=") for text, _ in texts(value) for tag in _TAG.findall(text))


def unresolved(value: Any, scope: Collection[str], *, template_mode: bool = False) -> Iterator[tuple[str, Path]]:  # noqa: ANN401 - JSON
    """Every tag in a JSON value that cannot be resolved, with the path to its text; each tag once."""
    seen: set[str] = set()
    for text, path in texts(value):
        for tag in _TAG.findall(text):
            if tag in seen or tag.startswith("=") or _passes(tag.strip(), scope, template_mode=template_mode):
                continue
            seen.add(tag)
            yield json.dumps(tag, ensure_ascii=False)[1:-1], path


def texts(value: Any, path: Path = ()) -> Iterator[tuple[str, Path]]:  # noqa: ANN401 - any JSON value
    """Every text in a JSON value, keys included, in the order of its JSON."""
    if isinstance(value, str):
        if "{{" in value:
            yield value, path
    elif is_object(value):
        for name, member in value.items():
            if "{{" in name:
                yield name, (*path, name)
            yield from texts(member, (*path, name))
    elif is_list(value):
        for index, member in enumerate(value):
            yield from texts(member, (*path, index))


def _passes(tag: str, scope: Collection[str], *, template_mode: bool) -> bool:
    if not tag.startswith(_ROOTS) or tag in scope or tag.startswith(_LATE):
        return True
    if tag.startswith("item.") and ANY_ITEM in scope:
        return True
    if tag.startswith("workflow.outputs.parameters.") and ANY_OUTPUT_PARAMETER in scope:
        return True
    if tag.startswith("workflow.outputs.artifacts.") and ANY_OUTPUT_ARTIFACT in scope:
        return True
    return template_mode and tag.startswith("workflow.parameters")


def item_names(call: Json) -> tuple[set[str], str]:
    """The names that a call's loop brings, and what is wrong with the loop (Argo: addItemsToScope)."""
    items, param, sequence = as_list(call.get("withItems")), call.get("withParam"), call.get("withSequence")
    if sum((bool(items), bool(param), sequence is not None)) > 1:
        return set(), "only one of withItems, withParam, withSequence can be specified"
    names: set[str] = set()
    for item in items:
        if is_list(item):
            names |= {f"item.[{index}]" for index in range(len(item))}
        elif is_object(item):
            names |= {f"item.{key}" for key in item}
        elif item is not None:
            names.add("item")
    if param:
        names = {"item", ANY_ITEM}
    elif sequence is not None:
        names = {"item"}
        if {"count", "end"} <= as_object(sequence).keys():
            return names, "only one of count or end can be defined in withSequence"
    return names, ""


def is_loop(call: Json) -> bool:
    """Whether outputs are gathered: `withItems` or `withParam`, not `withSequence` (Argo's own omission)."""
    return bool(call.get("withItems")) or bool(call.get("withParam"))


def output_names(template: Json | None, ref: str, *, aggregate: bool = False, ancestor: bool = False) -> set[str]:
    """The names under `ref` (`steps.<name>`) that a call of `template` leaves behind (Argo: addOutputsToScope)."""
    names = {f"{ref}.{part}" for part in ("id", "startedAt", "finishedAt", "hostNodeName")}
    if template is None:
        return names
    if template.get("daemon"):
        names.add(f"{ref}.ip")
    if has_output(template):
        names |= {f"{ref}.outputs.result", f"{ref}.exitCode"}
    outputs = as_object(template.get("outputs"))
    for family in ("parameters", "artifacts"):
        names |= {f"{ref}.outputs.{family}.{as_object(item).get('name', '')}" for item in as_list(outputs.get(family))}
    if aggregate:
        names.add(f"{ref}.outputs.parameters")
        if any(kind in template for kind in _WHOLE_RESULT):
            names |= {f"{ref}.outputs.result", f"{ref}.exitCode"}
    if ancestor:
        names.add(f"{ref}.status")
    return names


def global_names(template: Json | None) -> tuple[set[str], set[str]]:
    """The workflow outputs that a template sets by `globalName`: known names, and stars for names only known later."""
    known: set[str] = set()
    later: set[str] = set()
    outputs = as_object((template or {}).get("outputs"))
    for family, star in (("parameters", ANY_OUTPUT_PARAMETER), ("artifacts", ANY_OUTPUT_ARTIFACT)):
        for item in as_list(outputs.get(family)):
            name = str(as_object(item).get("globalName", ""))
            if name and is_parameter(name):
                later.add(star)
            elif name:
                known.add(f"workflow.outputs.{family}.{name}")
    return known, later


def has_output(template: Json) -> bool:
    """Whether a template can have a result and an exit code (Argo: Template.HasOutput)."""
    if any(kind in template for kind in ("container", "script", "data", "http", "plugin")):
        return True
    containers = as_list(as_object(template.get("containerSet")).get("containers"))
    return any(as_object(container).get("name") == "main" for container in containers)
