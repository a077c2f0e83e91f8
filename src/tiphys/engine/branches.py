"""The phases that the targets of a DAG stand for: an omitted or skipped one inherits from what is above it. Pure.

Argo: workflow/controller/dag.go (assessDAGPhase), v4.1.2: breadth first over the children of the DAG node, through
everything that is inside the tasks.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence

from tiphys.engine import node as nodes
from tiphys.engine import phases
from tiphys.engine.node import Node
from tiphys.engine.run import Run


def target_phases(run: Run, dag: Node, targets: Sequence[Node]) -> list[str]:
    """The phase of each target; all nodes of the DAG have come to their end."""
    if all(target.phase in phases.COMPLETED for target in targets):
        return [target.phase for target in targets]
    found = _inherited(run, dag, {target.id for target in targets})
    return [found.get(target.id, phases.SUCCEEDED) for target in targets]


def _inherited(run: Run, dag: Node, targets: set[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    queue = deque((child, phases.SUCCEEDED) for child in dag.children)
    seen = set(queue)
    while queue:
        node_id, branch = queue.popleft()
        node = run.nodes.get(node_id)
        if node is None:
            continue
        if node.phase in phases.COMPLETED:
            branch = node.phase
        if node_id in targets and found.get(node_id) not in phases.UNHAPPY:
            found[node_id] = branch
        for child in _below(run, node):
            if (child, branch) not in seen:
                seen.add((child, branch))
                queue.append((child, branch))
    return found


def _below(run: Run, node: Node) -> Iterable[str]:
    if node.type != nodes.RETRY:
        return node.children
    below: list[str] = []
    for child_id in node.children:
        child = run.nodes[child_id]
        below += [child_id] if child.hooked else child.children
    return below
