"""Notifications as lines of text: for a terminal, a log, and whoever reads along."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any


class LineNotifier:
    """Writes one line for each notification by `write`."""

    def __init__(self, write: Callable[[str], object]) -> None:
        self._write = write

    async def notify(self, kind: str, subject: str, body: Mapping[str, Any]) -> None:
        """See `Notifier`."""
        self._write(line_of(kind, subject, body))


def line_of(kind: str, subject: str, body: Mapping[str, Any]) -> str:
    """What happened, to which incident, what it is about, why, and how to answer."""
    what = " on ".join(str(body[key]) for key in ("action", "target") if body.get(key))
    why = str(body.get("reason") or "; ".join(map(str, body.get("reasons", ()))))
    how = f"answer with: tiphys approval grant {body['approval']}" if "approval" in body else ""
    return " · ".join(part for part in (kind, subject, what, why, how) if part)
