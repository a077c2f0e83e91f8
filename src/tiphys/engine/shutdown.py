"""Stop and terminate: what runs is ended, what waits is ended, exit handlers run after a stop only. Pure.

Argo: workflow/controller/exec_control.go (applyExecutionControl), workflow/controller/operator.go
(failNodesWithoutCreatedPodsAfterDeadlineOrShutdown), workflow/controller/dag.go (assessDAGPhase), v4.1.2.
"""

from __future__ import annotations

from tiphys.engine import node as nodes
from tiphys.engine import phases
from tiphys.engine.node import Node
from tiphys.engine.run import Run
from tiphys.engine.suspend import is_waiting


def shut_down(run: Run) -> None:
    """Ends all nodes that the strategy, which is set already, does not spare.

    A DAG ends before its pods: Argo waits for what a killed pod still reports, so no task begins that waited for it.
    """
    run.dirty = True
    for node in _open(run):
        if is_waiting(node) or (
            node.type == nodes.RETRY and all(run.nodes[child].fulfilled for child in node.children)
        ):
            run.mark(node, phases.FAILED, f"Stopped with strategy '{run.shutdown}'")
    run.settle()
    for frame in sorted(run.dags.values(), key=lambda frame: -frame.call.depth):
        frame.shut_down()
        run.settle()
    for node in _open(run):
        if node.type == nodes.POD:
            run.stop(node)
            run.mark(node, phases.FAILED, f"workflow shutdown with strategy:  {run.shutdown}")


def _open(run: Run) -> list[Node]:
    """The nodes that have not ended and are not spared."""
    spared = run.exiting if run.shutdown == "Stop" else frozenset[str]()
    return [node for node in run.nodes.values() if not node.fulfilled and node.id not in spared]
