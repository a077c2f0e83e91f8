"""Errors as Argo Server words them: a gRPC code and a message, with the HTTP status that belongs to the code.

Argo: grpc-gateway v1.16, runtime/errors.go, HTTPStatusFromCode.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, Final

from tiphys.errors import (
    AlreadyExists,
    Forbidden,
    InvalidManifest,
    NotFound,
    Refused,
    TiphysError,
    Unauthorized,
    Unavailable,
)


class Code(enum.IntEnum):
    """The gRPC codes that this server gives."""

    UNKNOWN = 2
    INVALID_ARGUMENT = 3
    NOT_FOUND = 5
    ALREADY_EXISTS = 6
    PERMISSION_DENIED = 7
    RESOURCE_EXHAUSTED = 8
    UNIMPLEMENTED = 12
    INTERNAL = 13
    UNAVAILABLE = 14
    UNAUTHENTICATED = 16


HTTP_STATUS: Mapping[Code, int] = {
    Code.UNKNOWN: 500,
    Code.INVALID_ARGUMENT: 400,
    Code.NOT_FOUND: 404,
    Code.ALREADY_EXISTS: 409,
    Code.PERMISSION_DENIED: 403,
    Code.RESOURCE_EXHAUSTED: 429,
    Code.UNIMPLEMENTED: 501,
    Code.INTERNAL: 500,
    Code.UNAVAILABLE: 503,
    Code.UNAUTHENTICATED: 401,
}


_CODES: Final[Sequence[tuple[type[TiphysError], Code]]] = (
    (NotFound, Code.NOT_FOUND),
    (AlreadyExists, Code.ALREADY_EXISTS),
    (Unauthorized, Code.UNAUTHENTICATED),
    (Forbidden, Code.PERMISSION_DENIED),
    (Refused, Code.INVALID_ARGUMENT),
    (Unavailable, Code.UNAVAILABLE),
)
"""Our errors, the special ones first."""


class Failure(TiphysError):  # noqa: N818 - not raised to anyone but the edge, which answers with it
    """A request that fails with a given code; `message` is what the client reads."""

    def __init__(self, code: Code, message: str) -> None:
        self.code = code
        self.message = message
        super().__init__(message)


class Malformed(Failure):
    """A query that cannot be read; it is answered as a plain error also where a stream was asked for."""

    def __init__(self, message: str) -> None:
        super().__init__(Code.INVALID_ARGUMENT, message)


def as_failure(error: BaseException) -> Failure:
    """The failure that tells a client of `error`; what is nobody's fault but ours is code 13 without its inside."""
    if isinstance(error, Failure):
        return error
    if isinstance(error, InvalidManifest):
        return Failure(Code.INVALID_ARGUMENT, _first_message(error))
    for kind, code in _CODES:
        if isinstance(error, kind):
            return Failure(code, str(error))
    return Failure(Code.INTERNAL, "internal error; the server's log has the traceback")


def _first_message(error: InvalidManifest) -> str:
    """The first error only, as Argo, which stops there."""
    errors = [problem for problem in error.problems if problem.severity == "error"]
    return (errors or error.problems)[0].message


def unary_body(failure: Failure) -> dict[str, Any]:
    """The body of a failed request: two keys and never a third."""
    return {"code": int(failure.code), "message": failure.message}


def stream_body(failure: Failure) -> dict[str, Any]:
    """The one message of a stream that fails."""
    status = HTTP_STATUS[failure.code]
    return {
        "error": {
            "grpc_code": int(failure.code),
            "http_code": status,
            "message": failure.message,
            "http_status": HTTPStatus(status).phrase,
        }
    }
