"""The event as a sensor sees it: a CloudEvent's context, and its data as JSON text.

Filters and parameters look at the text (see `rawjson`). An event of the bus carries decoded data; `of` writes it as
Argo Events would have put it on its bus, so that both meet the same text. It must not know the bus.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from tiphys.events import rawjson

JSON_CONTENT = "application/json"
"""The only content type that a source here gives its data; Argo Events' sources do the same."""
SPEC_VERSION = "1.0"
"""CloudEvents."""


@dataclass(frozen=True, slots=True)
class Event:
    """One event; `source` is the EventSource's name, `subject` the event's name in it, `type` the kind of source.

    `data` is JSON text, None when there is none at all (filters on data then pass, as in Argo Events).
    """

    id: str
    source: str
    subject: str
    type: str
    time: datetime
    data: str | None
    content_type: str = JSON_CONTENT
    spec_version: str = SPEC_VERSION

    def context(self) -> dict[str, str]:
        """The CloudEvent's attributes under the names that `contextKey` uses, in Argo Events' order."""
        return {
            "id": self.id,
            "source": self.source,
            "specversion": self.spec_version,
            "type": self.type,
            "datacontenttype": self.content_type,
            "subject": self.subject,
            "time": _rfc3339(self.time),
        }

    def whole(self) -> str:
        """The whole event as a parameter without key gives it: context, and data in base64 (Go's `[]byte`)."""
        encoded = None if self.data is None else base64.b64encode(self.data.encode()).decode()
        return rawjson.dump({"context": self.context(), "data": encoded})

    def as_json(self) -> dict[str, Any]:
        """The event as JSON, to be kept while it waits for others."""
        return {"context": {**self.context(), "time": self.time.isoformat()}, "data": self.data}


def of(*, event_id: str, source: str, subject: str, kind: str, time: datetime, data: Any) -> Event:  # noqa: ANN401 - any JSON
    """An event from the bus, with decoded data; what no JSON text can hold leaves the text empty, which is no JSON."""
    try:
        text = rawjson.dump(data)
    except (ValueError, RecursionError):
        text = ""
    return Event(id=event_id, source=source, subject=subject, type=kind, time=time, data=text)


def from_json(body: dict[str, Any]) -> Event:
    """The event that `as_json` wrote."""
    context = body["context"]
    return Event(
        id=context["id"],
        source=context["source"],
        subject=context["subject"],
        type=context["type"],
        time=datetime.fromisoformat(context["time"]),
        data=body["data"],
        content_type=context["datacontenttype"],
        spec_version=context["specversion"],
    )


def _rfc3339(at: datetime) -> str:
    """As Kubernetes' `metav1.Time` writes it: UTC, whole seconds."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
