"""What an incident meets outside, without any of it: evidence, a planner and a notifier that do as they are told."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from tiphys.controllers.ports import Question


class KnownEvidence:
    """`Evidence` that always has the same facts; `asked` holds the alerts it was asked about."""

    def __init__(self, *facts: Mapping[str, Any]) -> None:
        self.facts = facts
        self.asked: list[Mapping[str, Any]] = []

    async def gather(self, alert: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
        """See `Evidence`."""
        self.asked.append(alert)
        return self.facts


class ToldPlanner:
    """`Planner` that answers by a function; an exception that it returns is raised. `asked` holds the questions."""

    def __init__(self, reply: Callable[[Question], str | Exception]) -> None:
        self._reply = reply
        self.asked: list[Question] = []

    @property
    def name(self) -> str:
        """See `Planner`."""
        return "told"

    async def decide(self, question: Question) -> str:
        """See `Planner`."""
        self.asked.append(question)
        reply = self._reply(question)
        if isinstance(reply, Exception):
            raise reply
        return reply


class KeptNotifications:
    """`Notifier` that keeps (kind, subject, body) in `told`; with `broken` it raises that instead."""

    def __init__(self, broken: Exception | None = None) -> None:
        self.told: list[tuple[str, str, Mapping[str, Any]]] = []
        self._broken = broken

    async def notify(self, kind: str, subject: str, body: Mapping[str, Any]) -> None:
        """See `Notifier`."""
        if self._broken:
            raise self._broken
        self.told.append((kind, subject, body))
