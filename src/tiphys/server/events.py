"""`/tiphys/v1/events`: what is on the bus, how to put something there, and what came of it."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response

from tiphys.controllers.ports import Event, Store, StoredEvent
from tiphys.jsons import JsonObject, is_list, is_object
from tiphys.server import asked
from tiphys.server.audit import record_object
from tiphys.server.failures import Code, Failure
from tiphys.server.parts import Parts
from tiphys.server.replies import answer

DEFAULT_LIMIT: Final = 100
"""Events in an answer that names no limit."""
MAX_LIMIT: Final = 1000
"""Events in one answer; more are fetched with `after`."""


async def list_events(parts: Parts, request: Request) -> Response:
    """`GET /tiphys/v1/events?source=&subject=&after=&limit=`: in the order of the bus."""
    query = request.query_params
    limit = asked.query_int(query, "limit") or DEFAULT_LIMIT
    found = await parts.store.events_after(
        asked.query_int(query, "after") or 0,
        limit=min(limit, MAX_LIMIT),
        source=query.get("source", ""),
        subject=query.get("subject", ""),
    )
    return answer({"items": [event_object(stored) for stored in found]})


async def send_event(parts: Parts, request: Request) -> Response:
    """`POST /tiphys/v1/events`: durable when answered; the same id twice is one event."""
    body = await asked.body_of(request)
    source, subject = asked.text(body, "source"), asked.text(body, "subject")
    if not source or not subject:
        raise Failure(Code.INVALID_ARGUMENT, "an event needs the name of its source and its own: `source`, `subject`")
    event = Event(
        id=asked.text(body, "id") or str(uuid.uuid4()),
        source=source,
        subject=subject,
        type="tiphys",
        time=parts.clock.now(),
        data=asked.member(body, "data"),
    )
    await parts.bus.publish(event)
    return answer({"id": event.id, "source": source, "subject": subject})


async def trace_event(parts: Parts, request: Request) -> Response:
    """`GET /tiphys/v1/events/{id}/trace`: the event, and every audit record that follows from it."""
    event_id = request.path_params["id"]
    stored = await parts.store.event(event_id)
    if stored is None:
        raise Failure(Code.NOT_FOUND, f'event "{event_id}" not found')
    records = [record async for record in _consequences(parts.store, event_id)]
    return answer({"event": event_object(stored), "records": records})


def event_object(stored: StoredEvent) -> JsonObject:
    """An event as JSON, with its place on the bus."""
    event = stored.event
    return {
        "seq": stored.seq,
        "id": event.id,
        "source": event.source,
        "subject": event.subject,
        "type": event.type,
        "time": event.time.isoformat(),
        "data": event.data,
    }


async def _consequences(store: Store, event_id: str) -> AsyncIterator[JsonObject]:
    """The records that name the event, or whose subject another such record is about: in the order of the log."""
    subjects: set[str] = set()
    async for sealed in store.records():
        record = record_object(sealed)
        entry = record["entry"]
        if entry["subject"] in subjects or _mentions(entry["data"], {event_id, *subjects}):
            subjects.add(entry["subject"])
            yield record


def _mentions(value: Any, names: set[str]) -> bool:  # noqa: ANN401 - any JSON value
    """Whether one of `names` stands somewhere in a JSON value."""
    if is_object(value):
        return any(_mentions(item, names) for item in value.values())
    if is_list(value):
        return any(_mentions(item, names) for item in value)
    return isinstance(value, str) and value in names
