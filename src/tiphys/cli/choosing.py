"""Which workflows a command is about when they are not named: `argo`'s selectors and shorthands.

What the server can select by goes into the query (the shorthands are label selectors, as `argo` writes them); the rest
is sorted out here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from tiphys.cli.client import Client, workflows_path
from tiphys.cli.output import parse_time
from tiphys.errors import Refused
from tiphys.jsons import JsonObject, as_list, as_object

_LABEL: Final = "workflows.argoproj.io"
NAMES_ONLY: Final = "metadata,items.metadata,items.status.finishedAt"


def parse_duration(text: str) -> timedelta | None:
    """A Go duration, with days (`90s`, `1h30m`, `2d`); None for the empty text."""
    if not text:
        return None
    if not re.fullmatch(r"([0-9]+(\.[0-9]+)?[smhd])+", text):
        raise Refused(f"{text!r} is no duration; write it as 90s, 1h30m or 2d")
    seconds = {"s": 1, "m": 60, "h": 3600, "d": 86400}
    found = re.findall(r"([0-9.]+)([smhd])", text)
    return timedelta(seconds=sum(float(number) * seconds[unit] for number, unit in found))


def parse_choice(flags: Mapping[str, Any]) -> Choice:
    """From the flags of a command, as click gives them."""
    parsed: dict[str, Any] = {
        **flags,
        "status": tuple(filter(None, str(flags.get("status", "")).split(","))),
        "since": parse_duration(flags.get("since", "")),
        "older": parse_duration(flags.get("older", "")),
    }
    return Choice(**parsed)


@dataclass(frozen=True, slots=True)
class Choice:
    """Conditions that must all hold; `status` are phases, `since` and `older` count back from now."""

    selector: str = ""
    field_selector: str = ""
    completed: bool = False
    running: bool = False
    resubmitted: bool = False
    status: tuple[str, ...] = ()
    prefix: str = ""
    since: timedelta | None = None
    older: timedelta | None = None

    def query(self) -> Mapping[str, str]:
        """What the server selects by."""
        labels = [self.selector] if self.selector else []
        phases = ",".join(self.status)
        labels += [f"{_LABEL}/phase in ({phases})"] if phases else []
        labels += [f"{_LABEL}/completed=true"] if self.completed else []
        labels += [f"{_LABEL}/completed!=true"] if self.running else []
        labels += [f"{_LABEL}/resubmitted-from-workflow"] if self.resubmitted else []
        return {"listOptions.labelSelector": ",".join(labels), "listOptions.fieldSelector": self.field_selector}

    def wants(self, workflow: JsonObject, now: datetime) -> bool:
        """Whether a listed workflow is meant."""
        metadata, status = as_object(workflow.get("metadata")), as_object(workflow.get("status"))
        created = parse_time(metadata.get("creationTimestamp"))
        finished = parse_time(status.get("finishedAt"))
        return (
            str(metadata.get("name", "")).startswith(self.prefix)
            and (self.since is None or (created is not None and created > now - self.since))
            and (self.older is None or (finished is not None and finished < now - self.older))
        )


async def fetch_chosen(
    client: Client, choice: Choice, now: datetime, *, namespace: str, fields: str, chunk_size: int = 0
) -> list[JsonObject]:
    """All workflows of a choice, page by page; an empty namespace means all."""
    query = {**choice.query(), "fields": fields, "listOptions.limit": str(chunk_size or "")}
    items: list[JsonObject] = []
    more = ""
    while True:
        page = await client.call("GET", workflows_path(namespace), query={**query, "listOptions.continue": more})
        items += as_list(page.get("items"))
        more = as_object(page.get("metadata")).get("continue", "")
        if not more:
            return [item for item in items if choice.wants(item, now)]
