"""How an answer is written: JSON as Go writes it, with the headers of Argo's gateway.

Argo: Go's encoding/json escapes `<`, `>`, `&` and the two line separators; grpc-gateway adds the metadata headers.
"""

from __future__ import annotations

import json

from starlette.responses import Response

from tiphys.server.failures import HTTP_STATUS, Failure, unary_body
from tiphys.server.release import ARGO_VERSION

_ESCAPES = str.maketrans(
    {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"},
)
_GATEWAY = {"Grpc-Metadata-Content-Type": "application/grpc"}


def encode(value: object) -> bytes:
    """`value` as one line of JSON in UTF-8, without a newline."""
    text = json.dumps(value, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return text.translate(_ESCAPES).encode()


def answer(value: object) -> Response:
    """Success: always 200, also for what was created."""
    headers = {**_GATEWAY, "Grpc-Metadata-Argo-Version": ARGO_VERSION}
    return Response(encode(value), headers=headers, media_type="application/json")


def refusal(failure: Failure) -> Response:
    """A failed request; it does not name the version, as Argo's does not."""
    return Response(
        encode(unary_body(failure)),
        status_code=HTTP_STATUS[failure.code],
        headers=_GATEWAY,
        media_type="application/json",
    )
