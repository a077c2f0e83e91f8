"""Which nodes lead on from a node: the ends of what is inside it. Pure.

Argo: workflow/controller/operator.go (getOutboundNodes), v4.1.2; without its recursion.
"""

from __future__ import annotations

from collections.abc import Iterable

from tiphys.engine import node as nodes
from tiphys.engine.node import Node
from tiphys.engine.run import Run


def outbound(run: Run, node: Node) -> list[Node]:
    """The nodes that whatever follows `node` hangs on."""
    ends: list[Node] = []
    todo = [node]
    while todo:
        current = todo.pop()
        match current.type:
            case nodes.POD | nodes.SKIPPED | nodes.SUSPEND:
                ends.append(current)
            case nodes.RETRY if current.children:
                ends.append(run.nodes[next(reversed(current.children))])
            case nodes.TASK_GROUP:
                if current.children:
                    todo += (run.nodes[child] for child in reversed(current.children) if child in run.nodes)
                else:
                    ends.append(current)
            case _:
                todo += (run.nodes[end] for end in reversed(current.outbound))
    return ends


def outbound_of_all(run: Run, several: Iterable[Node]) -> list[str]:
    """The ids of the ends of several nodes, in order."""
    return [end.id for node in several for end in outbound(run, node)]
