"""A small client of the server: one request, or one stream of results; errors are worded as `argo` words them."""

from __future__ import annotations

import getpass
import json
from collections.abc import AsyncIterator, Mapping
from types import TracebackType
from typing import Any, Final, Self
from urllib.parse import quote

import httpx

from tiphys.cli.places import Connection
from tiphys.errors import Refused, Unavailable
from tiphys.jsons import JsonObject, as_object, is_object

CODE_NAMES: Final[Mapping[int, str]] = {
    1: "Canceled",
    2: "Unknown",
    3: "InvalidArgument",
    4: "DeadlineExceeded",
    5: "NotFound",
    6: "AlreadyExists",
    7: "PermissionDenied",
    8: "ResourceExhausted",
    9: "FailedPrecondition",
    12: "Unimplemented",
    13: "Internal",
    14: "Unavailable",
    16: "Unauthenticated",
}
"""gRPC's names of its codes, as Go prints them."""
_TIMEOUT: Final = httpx.Timeout(60.0, connect=5.0)


class RpcError(Refused):
    """The server refused; `code` is its gRPC code."""

    def __init__(self, code: int, message: str) -> None:
        self.code = code
        self.message = message
        super().__init__(f"rpc error: code = {CODE_NAMES.get(code, 'Unknown')} desc = {message}")

    @property
    def is_not_found(self) -> bool:
        """Whether what was named does not exist."""
        return self.code == 5

    def during(self, what: str) -> Refused:
        """The same, saying what was being done; unchanged when that is empty."""
        return Refused(f"{what}: {self}") if what else self


class Client:
    """An open connection to a server; used as `async with Client(connection) as client`."""

    def __init__(self, connection: Connection, transport: httpx.AsyncBaseTransport | None = None) -> None:
        headers = {"Tiphys-Actor": _user_name()}
        if connection.authorization:
            headers["Authorization"] = connection.authorization
        self.namespace = connection.namespace
        self._server = connection.server
        self._http = httpx.AsyncClient(
            base_url=connection.server, headers=headers, timeout=_TIMEOUT, transport=transport, trust_env=False
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._http.aclose()

    async def call(
        self, method: str, path: str, *, query: Mapping[str, str] | None = None, body: Mapping[str, Any] | None = None
    ) -> JsonObject:
        """The answer to one request; raises `RpcError` for a refusal, `Unavailable` when nobody answers."""
        try:
            response = await self._http.request(method, path, params=_given(query), json=body)
        except httpx.TransportError as error:
            raise self._unreachable(error) from error
        value = _decoded(response.content, self._server)
        if not response.is_success:
            raise RpcError(int(value.get("code", 2)), str(value.get("message", response.reason_phrase)))
        return value

    async def stream(self, path: str, query: Mapping[str, str] | None = None) -> AsyncIterator[JsonObject]:
        """The results of a stream until the server ends it; raises as `call` does."""
        headers = {"Accept": "text/event-stream"}
        try:
            async with self._http.stream("GET", path, params=_given(query), headers=headers, timeout=None) as response:
                async for line in response.aiter_lines():
                    value = _event(line)
                    if value is not None:
                        yield value
        except httpx.TransportError as error:
            raise self._unreachable(error) from error

    def _unreachable(self, error: httpx.TransportError) -> Unavailable:
        return Unavailable(
            f"no server answers at {self._server} ({type(error).__name__});"
            " start one with `tiphys up`, or name another with --server"
        )


def workflows_path(namespace: str, *parts: str) -> str:
    """`/api/v1/workflows/{namespace}/…`; an empty namespace means all and keeps its slash."""
    return "/".join(["/api/v1/workflows", quote(namespace, safe=""), *(quote(part, safe="@") for part in parts)])


def _given(query: Mapping[str, str] | None) -> dict[str, str]:
    """Without the empty values, which say nothing."""
    return {key: value for key, value in (query or {}).items() if value != ""}


def _decoded(content: bytes, server: str) -> JsonObject:
    try:
        value: object = json.loads(content) if content else {}
    except ValueError as error:
        raise Unavailable(f"{server} answered with something that is not JSON; is it the right server?") from error
    return value if is_object(value) else {"items": value}


def _event(line: str) -> JsonObject | None:
    """The result in one line of a stream; None for heartbeats and blank lines. An error in it is raised."""
    text = line.removeprefix("data:").strip()
    if not text or text == ":":
        return None
    value = as_object(json.loads(text))
    if "error" in value or "code" in value:
        error = as_object(value.get("error", value))
        raise RpcError(int(error.get("grpc_code", error.get("code", 2))), str(error.get("message", "")))
    return as_object(value.get("result"))


def _user_name() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "cli"
