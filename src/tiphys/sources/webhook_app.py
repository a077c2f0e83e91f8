"""The HTTP side of webhooks: one application for a port, one endpoint for each event of an EventSource.

An event is durable on the bus before the caller gets its 200, and a caller that gets anything else knows that nothing
was recorded. What an event looks like is Argo Events' way: `{"header": {Name: [values]}, "body": …, "metadata": …}`.

Argo: pkg/eventsources/sources/webhook/start.go and pkg/eventsources/common/webhook, v1.9.11.
Differs: a body that is too large is 413 where Argo Events says 400, the answer names the event in `X-Event-Id`, and an
endpoint without `authSecret` takes nothing from web pages: on a person's own machine any page could otherwise start
workflows (all three: tests/unit/sources/test_webhook_app.py). It must not know sockets or manifests.
"""

from __future__ import annotations

import hmac
import json
import math
import re
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NoReturn
from urllib.parse import parse_qs

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from tiphys.controllers.ports import Bus, Clock, Event
from tiphys.errors import Unavailable
from tiphys.events import rawjson

MAX_PAYLOAD_BYTES = 1_048_576
"""Bytes of a body where the manifest says nothing (Argo Events: maxPayloadSize)."""
MASKED = "*** Masked Auth Secret ***"
"""What stands in the event for the caller's token (Argo Events' own words)."""
FORM = "application/x-www-form-urlencoded"

_SURROGATES = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One event of an EventSource: where it listens and whom it believes.

    `token` None lets everybody in. `max_bytes` limits the body.
    """

    source: str
    event: str
    path: str
    method: str
    token: str | None = field(default=None, repr=False)
    max_bytes: int = MAX_PAYLOAD_BYTES
    metadata: Mapping[str, str] = field(default_factory=dict[str, str])


class BadBodyError(ValueError):
    """A body that cannot be an event; `status` is the HTTP answer."""

    def __init__(self, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.status = status


def application(endpoints: Sequence[Endpoint], bus: Bus, clock: Clock) -> Starlette:
    """The application of a port: its endpoints, and `/health` for whoever watches."""
    routes = [Route("/health", _health)]
    routes += [Route(each.path, _Receiver(each, bus, clock)) for each in endpoints]
    return Starlette(routes=routes)


class _Receiver:
    """Answers requests at one endpoint (an ASGI application, so that every method comes here)."""

    def __init__(self, endpoint: Endpoint, bus: Bus, clock: Clock) -> None:
        self._endpoint = endpoint
        self._bus = bus
        self._clock = clock

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:  # noqa: ANN401 - ASGI's own untyped form
        response = await self._answer(Request(scope, receive))
        await response(scope, receive, send)

    async def _answer(self, request: Request) -> Response:
        if not _is_allowed(request, self._endpoint.token):
            return PlainTextResponse("not authorized", 401, {"WWW-Authenticate": "Bearer"})
        if self._endpoint.token is None and "origin" in request.headers:
            return PlainTextResponse("requests of web pages are only taken with an authSecret", 403)
        if request.method != self._endpoint.method:
            return PlainTextResponse("http method does not match", 400)
        try:
            body = await _body(request, self._endpoint.max_bytes)
        except BadBodyError as error:
            return PlainTextResponse(str(error), error.status)
        event = self._event(request, body)
        try:
            await self._bus.publish(event)
        except Unavailable:
            return PlainTextResponse("failed to record event", 500)
        return PlainTextResponse("success", headers={"X-Event-Id": event.id})

    def _event(self, request: Request, body: Any) -> Event:  # noqa: ANN401 - any JSON value
        data: dict[str, Any] = {"header": _headers(request, masked=self._endpoint.token is not None), "body": body}
        if self._endpoint.metadata:
            data["metadata"] = dict(self._endpoint.metadata)
        return Event(
            id=uuid.uuid4().hex,
            source=self._endpoint.source,
            subject=self._endpoint.event,
            type="webhook",
            time=self._clock.now(),
            data=data,
        )


async def _health(_: Request) -> Response:
    return PlainTextResponse("OK")


def _is_allowed(request: Request, token: str | None) -> bool:
    """Whether the bearer token is the right one; takes as long for a wrong one."""
    given = request.headers.get("authorization", "")
    return token is None or hmac.compare_digest(given.encode(), f"Bearer {token}".encode())


async def _body(request: Request, max_bytes: int) -> Any:  # noqa: ANN401 - any JSON value
    """The body of the event; raises `BadBodyError`."""
    if request.method == "GET":
        return parse_qs(request.url.query, keep_blank_values=True)
    if request.method != "POST":
        raise BadBodyError(f"unsupported method: {request.method}")
    raw = await _read(request, max_bytes)
    if request.headers.get("content-type") == FORM:
        return parse_qs(raw.decode("utf-8", "replace"), keep_blank_values=True)
    return _parse(raw)


async def _read(request: Request, max_bytes: int) -> bytes:
    """The bytes of the body; reading ends as soon as there are too many."""
    chunks: list[bytes] = []
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > max_bytes:
            raise BadBodyError(f"the body is larger than {max_bytes} bytes (maxPayloadSize)", 413)
        chunks.append(chunk)
    return b"".join(chunks)


def _parse(raw: bytes) -> Any:  # noqa: ANN401 - any JSON value
    if not raw.strip():
        raise BadBodyError("the body is empty; it must be JSON")
    try:
        text = raw.decode()
        if rawjson.depth(text) > rawjson.MAX_DEPTH:
            raise BadBodyError(f"the body is nested more than {rawjson.MAX_DEPTH} levels deep")
        body = json.loads(text, parse_float=_finite, parse_constant=_refuse)
    except UnicodeDecodeError as error:
        raise BadBodyError("the body is not UTF-8 text; it must be JSON") from error
    except BadBodyError:
        raise
    except ValueError as error:  # also whole numbers of thousands of digits, which Python does not read
        raise BadBodyError(f"the body is not JSON: {error}") from error
    return _whole_characters(body, text)


def _finite(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise BadBodyError(f"the body holds a number that is too large: {text}")
    return number


def _refuse(name: str) -> NoReturn:
    raise BadBodyError(f"the body is not JSON: {name}")


def _whole_characters(body: Any, text: str) -> Any:  # noqa: ANN401 - any JSON value
    r"""The body with U+FFFD for halves of surrogate pairs (`\ud800`), as Go reads them: no text can hold them."""
    if "\\ud" not in text and "\\uD" not in text:
        return body
    return json.loads(_SURROGATES.sub("\ufffd", json.dumps(body, ensure_ascii=False)))


def _headers(request: Request, *, masked: bool) -> dict[str, list[str]]:
    """The headers as Go's server gives them: names in canonical form, values in lists, no `Host`."""
    headers: dict[str, list[str]] = {}
    for name, value in request.headers.items():
        if name != "host":
            headers.setdefault(_canonical(name), []).append(value)
    if masked:
        headers["Authorization"] = [MASKED]
    return headers


def _canonical(name: str) -> str:
    return "-".join(part.capitalize() for part in name.split("-"))
