"""The inside of a steps or dag template: its own slots, and `failFast` of the template. Pure.

Argo: workflow/controller/operator.go (checkParallelism), v4.1.2.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from tiphys.engine.node import Node
from tiphys.engine.parallelism import Slots
from tiphys.engine.run import Run
from tiphys.manifest.model import Template

FAILED_FAST: Final = "template has failed or errored children and failFast enabled"


def open_boundary(run: Run, node: Node, template: Template, end: Callable[[str], None]) -> None:
    """Sets the limits inside a node; `end` ends it when `failFast` says so and none of its own pods runs any more."""
    slots = run.gate.inside(node.id)
    slots.limit = template.parallelism or None
    if not template.fail_fast:
        return

    def check() -> None:
        waiting, slots.waiting = slots.waiting, []
        for _, _, call in waiting:
            call.owner.left_out(call)
        if not slots.pods:
            end(FAILED_FAST)

    slots.on_unhappy = check


def must_not_start(slots: Slots | None) -> bool:
    """Whether `failFast` forbids that anything more begins inside."""
    return slots is not None and slots.on_unhappy is not None and slots.unhappy > 0
