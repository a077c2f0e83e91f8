"""Streams: server-sent events or lines of JSON, with heartbeats, and an end that tells of an error.

Argo: server/apiserver and grpc-gateway's ForwardResponseStream, as recorded in conformance/api/README.md, 3.7: an event
is `data: <json> ` and three newlines; a heartbeat is `:` and a newline. What can fail at once fails before the first
byte, with its status.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Final

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from tiphys.jsons import JsonObject
from tiphys.server.asked import wants_events
from tiphys.server.failures import HTTP_STATUS, Failure, Malformed, as_failure, stream_body
from tiphys.server.replies import encode, refusal

HEARTBEAT_S: Final = 15.0
"""Seconds of silence after which server-sent events say that they live (Argo: server/apiserver, sse keep-alive)."""

_log = logging.getLogger(__name__)


async def streamed(
    request: Request, opening: Awaitable[AsyncIterator[JsonObject]], *, heartbeat_s: float = HEARTBEAT_S
) -> Response:
    """Answers with the results of `opening`, each in the envelope `{"result": …}`; its failure becomes the answer."""
    events = wants_events(request)
    frame = _as_event if events else _as_line
    headers = {
        "Content-Type": "text/event-stream" if events else "application/json",
        "X-Content-Type-Options": "nosniff",
        "Grpc-Metadata-Content-Type": "application/grpc",
        "Cache-Control": "no-store",
    }
    try:
        source = await opening
    except Malformed as error:
        return refusal(error)
    except Exception as error:  # noqa: BLE001 - the edge: every failure has to become an answer
        failure = _failure_of(error)
        return Response(frame(stream_body(failure)), status_code=HTTP_STATUS[failure.code], headers=headers)
    body = _framed(source, frame, heartbeat_s if events else None)
    return StreamingResponse(body, headers=headers)


def _as_event(value: JsonObject) -> bytes:
    return b"data: " + encode(value) + b" \n\n\n"


def _as_line(value: JsonObject) -> bytes:
    return encode(value) + b"\n"


async def _framed(
    source: AsyncIterator[JsonObject], frame: Callable[[JsonObject], bytes], heartbeat_s: float | None
) -> AsyncIterator[bytes]:
    try:
        async for item in _with_heartbeats(source, heartbeat_s):
            yield b":\n" if item is None else frame(item)
    except Exception as error:  # noqa: BLE001 - the stream has begun: what goes wrong now is its last message
        yield frame(stream_body(_failure_of(error)))


async def _with_heartbeats(
    source: AsyncIterator[JsonObject], heartbeat_s: float | None
) -> AsyncIterator[JsonObject | None]:
    """The items of `source`, and None after each silence of `heartbeat_s`."""
    pending: asyncio.Task[JsonObject] | None = None
    try:
        while True:
            pending = pending or asyncio.ensure_future(_next(source))
            done, _ = await asyncio.wait({pending}, timeout=heartbeat_s)
            if not done:
                yield None
                continue
            finished, pending = pending, None
            try:
                yield finished.result()
            except StopAsyncIteration:
                return
    finally:
        if pending is not None:
            pending.cancel()
            await asyncio.gather(pending, return_exceptions=True)


async def _next(source: AsyncIterator[JsonObject]) -> JsonObject:
    return await anext(source)


def _failure_of(error: BaseException) -> Failure:
    failure = as_failure(error)
    if not isinstance(error, Failure) and HTTP_STATUS[failure.code] >= 500:
        _log.error("a stream failed", exc_info=error)
    return failure
