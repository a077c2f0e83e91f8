"""What every request has to pass before a handler sees it: host, origin, token, size.

Host and Origin are checked in every mode: a page in a browser that was made to resolve its own name to this machine
(DNS rebinding), or that posts here across sites, is refused before anything is read. What is unknown below `/api/` is
answered without a token, as Argo does.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tiphys.server.failures import Code, Failure
from tiphys.server.replies import refusal

MAX_BODY_BYTES: Final = 4 * 1024 * 1024
"""Bytes of a request's body; twice what Kubernetes lets a stored object have (etcd's limit is 1.5 MiB)."""
LOOPBACK_HOSTS: Final = frozenset({"127.0.0.1", "localhost", "::1"})
OPEN_PATHS: Final = frozenset({"/healthz", "/readyz"})
"""What a supervisor asks without a token; the answer holds nothing."""
NO_TOKEN: Final = "token not valid. see https://argo-workflows.readthedocs.io/en/latest/faq/"  # noqa: S105 - a message


@dataclass(frozen=True, slots=True)
class Admission:
    """Who is let in: `token` None lets everybody in (`--auth-mode none`); `hosts` are the names this server answers to.

    Loopback names are always among the hosts.
    """

    token: str | None
    hosts: frozenset[str] = LOOPBACK_HOSTS


class Gate:
    """The outermost middleware."""

    def __init__(self, app: ASGIApp, admission: Admission, *, known: Callable[[Scope], bool]) -> None:
        self._app = app
        self._admission = admission
        self._known = known

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers what is refused, and hands on the rest."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        try:
            self._admit(scope, Headers(scope=scope))
        except Failure as failure:
            await refusal(failure)(scope, receive, send)
            return
        await self._app(scope, _limited(receive), send)

    def _admit(self, scope: Scope, headers: Headers) -> None:
        _check_host(headers.get("host", ""), self._admission.hosts)
        _check_origin(headers.get("origin"), self._admission.hosts)
        _check_length(headers.get("content-length", "0"))
        token = self._admission.token
        if token is None or scope["path"] in OPEN_PATHS or not self._known(scope):
            return
        _check_token(headers.get("authorization", ""), token)


def _check_host(host: str, allowed: frozenset[str]) -> None:
    if urlsplit(f"//{host}").hostname not in allowed:
        raise Failure(Code.PERMISSION_DENIED, f"host {host!r} is not a name of this server; use 127.0.0.1 or localhost")


def _check_origin(origin: str | None, allowed: frozenset[str]) -> None:
    if origin is not None and urlsplit(origin).hostname not in allowed:
        raise Failure(Code.PERMISSION_DENIED, f"requests from the site {origin!r} are refused")


def _check_length(length: str) -> None:
    if not length.isdecimal() or int(length) > MAX_BODY_BYTES:
        raise _too_large()


def _check_token(authorization: str, token: str) -> None:
    scheme, _, given = authorization.partition(" ")
    if scheme.lower() != "bearer" or not given:
        raise Failure(Code.UNAUTHENTICATED, NO_TOKEN)
    if not hmac.compare_digest(given.strip().encode(), token.encode()):
        raise Failure(Code.UNAUTHENTICATED, "Unauthorized")


def _too_large() -> Failure:
    return Failure(Code.RESOURCE_EXHAUSTED, f"the body may have at most {MAX_BODY_BYTES} bytes")


def _limited(receive: Receive) -> Receive:
    """Counts what really arrives: a chunked body has no length to check beforehand."""
    seen = 0

    async def limited() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > MAX_BODY_BYTES:
            raise _too_large()
        return message

    return limited
