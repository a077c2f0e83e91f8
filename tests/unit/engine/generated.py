"""Workflows made up by Hypothesis: random DAGs with logic, steps, loops, retries, tolerance, conditions, limits."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import strategies as st

RESULTS = ("Succeeded", "Failed", "Errored", "Skipped", "Omitted")
LEAVES = ("pod", "again", "nap")

_items = st.sampled_from([None, None, None, [1], ["a", "b"], [True, 2, "c"]])
_when = st.sampled_from(["", "", "", "1 == 1", "a == b"])
_continue_on = st.sampled_from([None, None, {"failed": True}, {"error": True}, {"failed": True, "error": True}])


@st.composite
def manifests(draw: st.DrawFn) -> str:
    """A Workflow document as JSON, which is YAML too."""
    inner = [draw(_steps("inner-a", LEAVES)), draw(_dag("inner-b", LEAVES))]
    names = (*LEAVES, "inner-a", "inner-b")
    main = draw(st.one_of(_steps("main", names), _dag("main", names)))
    spec: dict[str, Any] = {
        "entrypoint": "main",
        "templates": [main, *inner, *_leaves(draw)],
        "parallelism": draw(st.sampled_from([None, None, 1, 2])),
        "onExit": draw(st.sampled_from([None, "pod", "again"])),
    }
    for template in (main, *inner):
        template["parallelism"] = draw(st.sampled_from([None, None, None, 1, 2]))
    document = {"apiVersion": "argoproj.io/v1alpha1", "kind": "Workflow", "metadata": {"name": "wf"}, "spec": spec}
    return json.dumps(_without_none(document))


def _leaves(draw: st.DrawFn) -> list[dict[str, Any]]:
    strategy: dict[str, Any] = {"limit": draw(st.integers(0, 2))}
    strategy["retryPolicy"] = draw(st.sampled_from([None, "Always", "OnFailure", "OnError"]))
    strategy["backoff"] = draw(st.sampled_from([None, None, {"duration": "5s", "factor": 2}]))
    return [
        {"name": "pod", "container": {"image": "i", "command": ["x"]}},
        {"name": "again", "retryStrategy": strategy, "container": {"image": "i", "command": ["y", "{{retries}}"]}},
        {"name": "nap", "suspend": {"duration": draw(st.sampled_from(["0", "3s"]))}},
    ]


def _call(draw: st.DrawFn, name: str, templates: tuple[str, ...]) -> dict[str, Any]:
    return {
        "name": name,
        "template": draw(st.sampled_from(templates)),
        "withItems": draw(_items),
        "when": draw(_when) or None,
        "hooks": draw(st.sampled_from([None, None, None, {"exit": {"template": "pod"}}])),
    }


@st.composite
def _steps(draw: st.DrawFn, name: str, templates: tuple[str, ...]) -> dict[str, Any]:
    groups: list[list[dict[str, Any]]] = []
    for group in range(draw(st.integers(1, 3))):
        members = [_call(draw, f"s{group}{index}", templates) for index in range(draw(st.integers(1, 3)))]
        groups.append([member | {"continueOn": draw(_continue_on)} for member in members])
    return {"name": name, "steps": groups}


@st.composite
def _dag(draw: st.DrawFn, name: str, templates: tuple[str, ...]) -> dict[str, Any]:
    tasks: list[dict[str, Any]] = []
    with_logic = draw(st.booleans())
    for index in range(draw(st.integers(1, 5))):
        task = _call(draw, f"t{index}", templates)
        before = draw(st.lists(st.sampled_from([t["name"] for t in tasks]), unique=True, max_size=3)) if tasks else []
        if with_logic:
            task["depends"] = _logic(draw, before) or None
        else:
            task |= {"dependencies": before or None, "continueOn": draw(_continue_on)}
        tasks.append(task)
    return {"name": name, "dag": {"tasks": tasks, "failFast": draw(st.sampled_from([None, True, False]))}}


def _logic(draw: st.DrawFn, before: list[str]) -> str:
    terms = [name + draw(st.sampled_from(["", "", *(f".{result}" for result in RESULTS)])) for name in before]
    terms = [f"!{term}" if "." in term and draw(st.booleans()) else term for term in terms]
    return draw(st.sampled_from([" && ", " || "])).join(terms)


def _without_none(value: Any) -> Any:  # noqa: ANN401 - any JSON value
    if isinstance(value, dict):
        return {key: _without_none(part) for key, part in value.items() if part is not None}
    if isinstance(value, list):
        return [_without_none(part) for part in value]
    return value
