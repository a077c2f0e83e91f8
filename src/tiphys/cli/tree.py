"""The nodes of a workflow as the tree that `argo get` prints. Pure: objects of the API in, lines out.

Argo: cmd/argo/commands/common/get.go, convertToRenderTrees and renderChild, v4.1.2. Step groups, task groups and
retries with one attempt are not shown themselves; what they hold moves up in their place.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from tiphys.cli.output import parse_time, short_duration
from tiphys.jsons import JsonObject, as_object
from tiphys.server.nodes import pod_name

ICONS: Final[Mapping[str, tuple[str, str]]] = {
    "": ("◷", "yellow"),
    "Pending": ("◷", "yellow"),
    "Running": ("●", "cyan"),
    "Succeeded": ("✔", "green"),
    "Skipped": ("○", "white"),
    "Omitted": ("○", "white"),
    "Failed": ("✖", "red"),
    "Error": ("⚠", "red"),
}
"""Phase → icon and colour; a suspend node that waits has its own (`ǁ`)."""
_BOUNDARIES: Final = frozenset({"DAG", "Steps"})
_PARENTS: Final = frozenset({"StepGroup", "Retry"})
_LEAVES: Final = frozenset({"Pod", "Skipped", "Suspend", "HTTP", "Plugin", "Container"})
_BRANCHES: Final = {"only": ("──", "  "), "first": ("┬─", "│ "), "middle": ("├─", "│ "), "last": ("└─", "  ")}
_ASCII: Final = str.maketrans({"─": "-", "┬": "+", "├": "|", "└": "`", "│": "|"})


@dataclass(frozen=True, slots=True)
class Look:
    """How the tree is drawn, and which nodes are shown."""

    now: datetime
    utf8: bool = True
    shows: Callable[[JsonObject], bool] = lambda _: True


@dataclass(slots=True)
class _Branch:
    node: JsonObject
    below: list[_Branch] = field(default_factory=list["_Branch"])

    @property
    def hidden(self) -> bool:
        return self.node["type"] == "StepGroup" or (self.node["type"] == "Retry" and len(self.below) == 1)


def tree_rows(workflow: JsonObject, look: Look) -> list[Sequence[str]]:
    """The rows of the table STEP, TEMPLATE, PODNAME, DURATION, MESSAGE, with an empty row before an exit handler."""
    name = as_object(workflow.get("metadata")).get("name", "")
    rows: list[Sequence[str]] = []
    for index, root in enumerate(_roots(name, as_object(as_object(workflow.get("status")).get("nodes")))):
        if index:
            rows.append(("", "", "", "", ""))
        rows += [
            _row(name, prefix, branch.node, look)
            for prefix, branch in _drawn(root, " ", " ")
            if look.shows(branch.node)
        ]
    return rows


def _roots(name: str, nodes: Mapping[str, JsonObject]) -> list[_Branch]:
    """The tree of the workflow itself first, then those of its exit handlers."""
    kinds = _BOUNDARIES | _PARENTS | _LEAVES
    branches = {key: _Branch(node) for key, node in nodes.items() if node.get("type") in kinds}
    parents = {
        child: key for key, branch in branches.items() if branch.node["type"] in _PARENTS for child in _children(branch)
    }
    roots: list[_Branch] = []
    for key in sorted(branches, key=lambda key: _order(branches[key].node)):
        owner = branches.get(parents.get(key, "")) or branches.get(branches[key].node.get("boundaryID", ""))
        (owner.below if owner else roots).append(branches[key])
    return sorted(roots, key=lambda branch: branch.node.get("id") != name)


def _children(branch: _Branch) -> Sequence[str]:
    return branch.node.get("children") or ()


def _order(node: JsonObject) -> tuple[str, str]:
    return (str(node.get("startedAt") or "~"), str(node.get("name", "")))


def _drawn(branch: _Branch, own: str, below: str) -> Iterator[tuple[str, _Branch]]:
    """Each visible branch with the text before its icon; a stack instead of recursion, because trees can be deep."""
    stack = [(branch, own, below)]
    while stack:
        current, prefix, indent = stack.pop()
        if not current.hidden:
            yield prefix, current
        following: list[tuple[_Branch, str, str]] = []
        last = len(current.below) - 1
        for index, child in enumerate(current.below):
            if current.hidden and current.node["type"] == "Retry":
                following.append((child, prefix, indent))
                continue
            part, bar = _BRANCHES[_position(index, last, inline=current.hidden)]
            start = prefix if current.hidden and index == 0 else indent
            following.append((child, start + part, indent + bar))
        stack += reversed(following)


def _position(index: int, last: int, *, inline: bool) -> str:
    """Which piece of the drawing; `inline` is the first line of what stands in the place of its hidden parent."""
    if inline and last == 0:
        return "only"
    if inline and index == 0:
        return "first"
    return "last" if index == last else "middle"


def _row(workflow: str, prefix: str, node: JsonObject, look: Look) -> Sequence[str]:
    name = node.get("displayName") or node.get("name", "")
    is_pod = node.get("type") == "Pod"
    return (
        f"{prefix if look.utf8 else prefix.translate(_ASCII)}{_icon(node, look)} {name}",
        _template(node),
        pod_name(workflow, node) if is_pod else "",
        _duration(node, look.now) if is_pod else "",
        str(node.get("message", "")),
    )


def _icon(node: JsonObject, look: Look) -> str:
    phase = str(node.get("phase", ""))
    icon, _ = ICONS.get(phase, ("?", "white"))
    if phase == "Running" and node.get("type") == "Suspend":
        icon = "ǁ"
    return icon if look.utf8 else phase or "Pending"


def _template(node: JsonObject) -> str:
    reference = as_object(node.get("templateRef"))
    if reference:
        return f"{reference.get('name', '')}/{reference.get('template', '')}"
    return str(node.get("templateName", ""))


def _duration(node: JsonObject, now: datetime) -> str:
    started, finished = parse_time(node.get("startedAt")), parse_time(node.get("finishedAt"))
    return short_duration(((finished or now) - started).total_seconds()) if started else ""
