"""What a request asks for: its body as JSON, its query in Go's spellings, who sends it.

Argo: bodies are JSON whatever their type says, unknown keys are ignored, keys are matched without case; a malformed
value of a known query name is code 3 in the words of Go's strconv (conformance/api/README.md, 3.1 and 3.6).
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

from starlette.datastructures import QueryParams
from starlette.requests import Request

from tiphys.access.actor import Actor, ActorKind, Role
from tiphys.jsons import JsonObject, is_object
from tiphys.server.failures import Code, Failure, Malformed

ACTOR_HEADER = "Tiphys-Actor"
"""Who the holder of the token says they are; one token is shared, so this is attribution and not authentication."""
_ACTOR = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@-]{0,62}")
_TRUE = frozenset({"1", "t", "T", "true", "TRUE", "True"})
_FALSE = frozenset({"0", "f", "F", "false", "FALSE", "False", ""})


async def body_of(request: Request) -> JsonObject:
    """The body as an object; an empty one for an empty body or `null`."""
    raw = await request.body()
    if not raw.strip():
        return {}
    try:
        value: Any = json.loads(raw, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise Failure(Code.INVALID_ARGUMENT, f"the body is not JSON: {error}") from error
    if value is None:
        return {}
    if not is_object(value):
        raise Failure(Code.INVALID_ARGUMENT, f"the body must be a JSON object, not {type(value).__name__}")
    return value


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not a JSON value")


def member(body: JsonObject, name: str) -> Any:  # noqa: ANN401 - any JSON value
    """The value of a key, matched without case; None when absent."""
    if name in body:
        return body[name]
    lowered = name.lower()
    return next((value for key, value in body.items() if key.lower() == lowered), None)


def text(body: JsonObject, name: str) -> str:
    """A text member; empty when absent or null. Raises `Failure` for another type."""
    value = member(body, name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise Failure(
            Code.INVALID_ARGUMENT, f"json: cannot unmarshal {_go_kind(value)} into field {name} of type string"
        )
    return value


def flag(body: JsonObject, name: str) -> bool:
    """A boolean member; false when absent or null. Raises `Failure` for another type."""
    value = member(body, name)
    if value is None:
        return False
    if not isinstance(value, bool):
        raise Failure(Code.INVALID_ARGUMENT, f"json: cannot unmarshal {_go_kind(value)} into field {name} of type bool")
    return value


def _go_kind(value: object) -> str:
    match value:
        case bool():
            return "bool"
        case int() | float():
            return "number"
        case str():
            return "string"
        case list():
            return "array"
        case _:
            return "object"


def query_flag(query: QueryParams, name: str) -> bool:
    """A boolean of the query, in every spelling that Go's ParseBool takes (Hera sends `True`)."""
    value = query.get(name, "")
    if value not in _TRUE | _FALSE:
        raise Malformed(f'strconv.ParseBool: parsing "{value}": invalid syntax')
    return value in _TRUE


def query_int(query: QueryParams, name: str) -> int | None:
    """A whole number of the query; None when absent."""
    value = query.get(name)
    if value is None:
        return None
    if not re.fullmatch(r"[+-]?[0-9]+", value):
        raise Malformed(f'strconv.ParseInt: parsing "{value}": invalid syntax')
    return int(value)


@dataclass(frozen=True, slots=True)
class ListOptions:
    """`listOptions.*` of a query; `limit` 0 is no limit, `offset` what `continue` carries."""

    label_selector: str
    field_selector: str
    resource_version: str
    limit: int
    offset: int


def list_options(query: QueryParams) -> ListOptions:
    """The options of a list or watch; raises `Failure` as Argo does for numbers that are none."""
    return ListOptions(
        label_selector=query.get("listOptions.labelSelector", ""),
        field_selector=query.get("listOptions.fieldSelector", ""),
        resource_version=query.get("listOptions.resourceVersion", ""),
        limit=max(0, query_int(query, "listOptions.limit") or 0),
        offset=_offset(query.get("listOptions.continue", "")),
    )


def _offset(token: str) -> int:
    if not token:
        return 0
    if not token.isdecimal():
        raise Failure(Code.INVALID_ARGUMENT, "listOptions.continue must be int")
    return int(token)


def actor_of(request: Request) -> Actor:
    """Who asks: a human who may do everything, as holder of the one token; `human:api` when no name was given."""
    name = request.headers.get(ACTOR_HEADER, "api")
    if not _ACTOR.fullmatch(name):
        raise Failure(Code.INVALID_ARGUMENT, f"{ACTOR_HEADER} must be letters, digits and . _ @ -, at most 63 of them")
    return Actor(ActorKind.HUMAN, name, frozenset((Role.OPERATOR,)))


def wants_events(request: Request) -> bool:
    """Whether a stream is wanted as server-sent events (else lines of JSON)."""
    return "text/event-stream" in request.headers.get("accept", "")
