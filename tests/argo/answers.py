"""What Tiphys answers to a vector, by operation; an error is an answer too."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from tests.argo import lint

from tiphys import errors, ids
from tiphys.lang import depends, items, strftime, tags
from tiphys.lang.govaluate import when

Answer = dict[str, Any]


class NotAnswered(Exception):  # noqa: N818 - it is no error, but something that is not there yet
    """The question needs what this floor does not have, as the expression language."""


_TOLERATED = {"error": "Errored", "failed": "Failed"}
_DONE = frozenset(("Succeeded", "Failed", "Error", "Skipped", "Omitted"))


def _template(question: Mapping[str, Any]) -> Answer:
    def rendered(strict: tags.Strict) -> Answer:
        try:
            return {"out": tags.compile_json_text(question["s"]).render(question["vars"], strict=strict)}
        except tags.ExpressionTag:
            raise
        except tags.InvalidTag as error:
            return {"error": str(error), "missing": isinstance(error, tags.MissingVariable)}

    result = {"strict": rendered(strict=True), "allowUnresolved": rendered(strict=False)}
    if "strictPrefixes" in question:
        result["strictPrefixes"] = rendered(tuple(question["strictPrefixes"]))
    return result


def _depends(question: Mapping[str, Any]) -> Answer:
    nodes = question["nodes"]
    tolerated = {
        task["name"]: [_TOLERATED[key] for key, wanted in task.get("continueOn", {}).items() if wanted]
        for task in question["tasks"]
    }
    (task,) = (task for task in question["tasks"] if task["name"] == question["task"])
    compiled = depends.compile_depends(task.get("depends", ""), task.get("dependencies", ()), tolerated)
    result = {"dependencies": sorted(compiled.mentioned), "logic": compiled.logic}
    if not all(name in nodes and _is_done(nodes[name]) for name in compiled.mentioned):
        return {**result, "proceed": False, "execute": False}
    outcomes = {name: _results(nodes[name]) for name in compiled.mentioned}
    return {**result, "proceed": True, "execute": compiled.allows(outcomes)}


def _is_done(node: Mapping[str, Any]) -> bool:
    done = node["phase"] in _DONE or (node.get("daemoned", False) and node["phase"] != "Pending")
    return done and all(phase in _DONE for phase in node.get("hooks", ()))


def _results(node: Mapping[str, Any]) -> frozenset[str]:
    children = (
        [None if phase == "MISSING" else phase for phase in node.get("group", ())] if node.get("isGroup") else None
    )
    return depends.results_of(node["phase"], daemoned=node.get("daemoned", False), children=children)


def _when(question: Mapping[str, Any]) -> Answer:
    return {"value": when.evaluate_when(question["when"])}


def _expand(question: Mapping[str, Any]) -> Answer:
    call, task = question["object"], question["kind"] == "task"
    if task and not any(call.get(field) for field in items.LOOP_FIELDS) and "withSequence" not in call:
        return {"names": [call["name"]], "expanded": [call]}
    try:
        all_items = _items(call)
    except items.InvalidItems:
        if _may_run(call):
            raise
        return {"names": [], "expanded": []}
    body = items.loop_body(call, task=task)
    loop = {key: value for key, value in call.items() if key in items.LOOP_FIELDS} if task else {}
    expanded: list[Answer] = []
    for index, item in enumerate(all_items):
        text = items.expand(body, item, question["scope"], never=not _may_run(call))
        fixed = {key: call[key] for key in ("template",) if key in call}
        expanded.append({**loop, **json.loads(text), **fixed, "name": item.name(call["name"], index)})
    return {"names": [each["name"] for each in expanded], "expanded": expanded}


def _may_run(call: Mapping[str, Any]) -> bool:
    """Whether the `when` is true, or cannot be told before the item is known."""
    try:
        return when.evaluate_when(call.get("when", ""))
    except when.InvalidExpression:
        return True


def _items(call: Mapping[str, Any]) -> items.Items:
    if call.get("withItems"):
        return items.from_values(call["withItems"])
    if call.get("withParam"):
        return items.from_param(call["withParam"])
    sequence = {key: value if isinstance(value, str) else str(value) for key, value in call["withSequence"].items()}
    return items.from_sequence(
        sequence.get("start"), sequence.get("end"), sequence.get("count"), sequence.get("format", "")
    )


def _strftime(question: Mapping[str, Any]) -> Answer:
    return {"out": strftime.format_time(question["Format"], datetime.fromisoformat(question["Time"]))}


def _nodeid(question: Mapping[str, Any]) -> Answer:
    workflow, node = question["Workflow"], question["Node"]
    identity = ids.node_id(workflow, node)
    return {"id": identity, "podNameV1": identity, "podNameV2": ids.pod_name(workflow, node, question["Template"])}


BY_OP: dict[str, Callable[[Mapping[str, Any]], Answer]] = {
    "depends": _depends,
    "expand": _expand,
    "lint": lint.answer,
    "nodeid": _nodeid,
    "strftime": _strftime,
    "template": _template,
    "when": _when,
}


def answer(op: str, question: Mapping[str, Any]) -> Answer:
    """The answer to one question.

    Raises:
        NotAnswered: this floor cannot tell.
    """
    if op not in BY_OP:
        raise NotAnswered
    try:
        return BY_OP[op](question)
    except tags.ExpressionTag as error:
        raise NotAnswered from error
    except errors.InvalidManifest as error:
        return {"error": str(error)}
