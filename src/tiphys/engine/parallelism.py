"""Slots: how many nodes may be active at a time in the workflow or inside a template, and who waits for one. Pure.

Argo counts active nodes anew at every visit (workflow/controller/operator.go, checkParallelism, v4.1.2) and gives what
is free in the order of its walk. Here a counter moves with each node; where there is a limit, a call waits until all
else is settled, and the free slots go to the waiting calls in the order of the walk. So it does not matter when a call
began to wait, and a reload changes nothing.

Differs: the next attempt of a Retry node takes a slot of its template like any other node; Argo lets it exceed the
limit (tests/properties/test_engine_safety.py).
"""

from __future__ import annotations

import heapq
from collections.abc import Callable

from tiphys.engine import node as nodes
from tiphys.engine.call import Call
from tiphys.engine.node import Node


class Slots:
    """The active nodes of one boundary; `limit` None is without limit.

    `pods` and `unhappy` are what `failFast` of a template asks for: its running pods, and its children that failed;
    `on_unhappy` is to be done when the answer may have changed. `waiting` is a heap by place.
    """

    __slots__ = ("limit", "on_unhappy", "pods", "unhappy", "used", "waiting")

    def __init__(self, limit: int | None) -> None:
        self.limit = limit or None
        self.used = 0
        self.pods = 0
        self.unhappy = 0
        self.waiting: list[tuple[tuple[int, ...], int, Call]] = []
        self.on_unhappy: Callable[[], None] | None = None

    @property
    def full(self) -> bool:
        """Whether nothing more may become active."""
        return self.limit is not None and self.used >= self.limit

    def began(self, node: Node) -> None:
        """A node has become active."""
        self.used += 1
        self.pods += node.type == nodes.POD

    def ended(self, node: Node) -> None:
        """An active node has come to its end."""
        self.used -= 1
        self.pods -= node.type == nodes.POD
        self.note(node)

    def note(self, node: Node) -> None:
        """Takes note of how a node has ended."""
        self.unhappy += node.unhappy


class Gate:
    """The slots of the whole workflow and, by the id of its node, those inside each template."""

    def __init__(self, limit: int | None) -> None:
        self.workflow = Slots(limit)
        self._inside: dict[str, Slots] = {}
        self._promising: list[tuple[tuple[int, ...], int, str]] = []
        self._count = 0

    def inside(self, boundary_id: str) -> Slots:
        """The slots inside the template whose node has that id; empty for what has no boundary."""
        slots = self._inside.get(boundary_id)
        if slots is None:
            slots = self._inside[boundary_id] = Slots(None)
        return slots

    def began(self, node: Node) -> None:
        """A node has become active: it takes its slots."""
        for slots in self._taken_by(node):
            slots.began(node)

    def ended(self, node: Node) -> Callable[[], None] | None:
        """A node is active no more; what is to be done at once because it has failed, if anything."""
        for slots in self._taken_by(node):
            slots.ended(node)
        inside = self.inside(node.boundary_id)
        self._promise(node.boundary_id, inside)
        return inside.on_unhappy if inside.unhappy else None

    def note(self, node: Node) -> None:
        """A node that was never active has ended like that."""
        for slots in self._taken_by(node):
            slots.note(node)

    def must_wait(self, call: Call) -> bool:
        """Whether a call waits for slots; it is given back by `next` when its turn has come."""
        boundary_id = call.boundary.id if call.boundary else ""
        inside = self.inside(boundary_id)
        if self.workflow.limit is None and inside.limit is None:
            return False
        if call.admitted:
            return False
        self._count += 1
        heapq.heappush(inside.waiting, (call.place, self._count, call))
        self._promise(boundary_id, inside)
        return True

    def next(self) -> Call | None:
        """The waiting call whose turn it is, if there are slots for it."""
        while self._promising and not self.workflow.full:
            _, count, boundary_id = heapq.heappop(self._promising)
            inside = self.inside(boundary_id)
            if inside.waiting and inside.waiting[0][1] == count and not inside.full:
                call = heapq.heappop(inside.waiting)[2]
                self._promise(boundary_id, inside)
                call.admitted = True
                return call
        return None

    def _promise(self, boundary_id: str, inside: Slots) -> None:
        """Remembers that the first call that waits inside may have a chance."""
        if inside.waiting and not inside.full:
            place, count, _ = inside.waiting[0]
            heapq.heappush(self._promising, (place, count, boundary_id))

    def _taken_by(self, node: Node) -> list[Slots]:
        taken = [self.workflow] if node.type == nodes.POD else []
        if node.boundary_id and node.type in nodes.COUNTED:
            taken.append(self.inside(node.boundary_id))
        return taken
