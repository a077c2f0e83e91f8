"""The errors of the Kubernetes API: Status objects with the wording, reason, code and details of a real API server.

Kubernetes: staging/src/k8s.io/apimachinery/pkg/api/errors/errors.go and …/util/validation/field/errors.go.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tiphys.jsons import JsonObject


@dataclass(frozen=True, slots=True)
class Cause:
    """One thing that is wrong with an object: `reason` is `FieldValueInvalid`, `FieldValueRequired` and so on."""

    field: str
    reason: str
    message: str


class ApiError(Exception):
    """An answer that is not a success; `body` is the Status object to send."""

    def __init__(self, code: int, reason: str, message: str, details: JsonObject | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.body: JsonObject = {
            "kind": "Status",
            "apiVersion": "v1",
            "metadata": {},
            "status": "Failure",
            "message": message,
            "reason": reason,
            **({"details": details} if details is not None else {}),
            "code": code,
        }


def qualified(group: str, plural: str) -> str:
    """The name of a resource in messages: `pods`, `deployments.apps`."""
    return f"{plural}.{group}" if group else plural


def _details(group: str, kind: str, name: str) -> JsonObject:
    return {"name": name, **({"group": group} if group else {}), "kind": kind}


def unauthorized() -> ApiError:
    """No token, or one that nobody knows."""
    return ApiError(401, "Unauthorized", "Unauthorized")


def forbidden(user: str, verb: str, group: str, resource: str, *, namespace: str, name: str) -> ApiError:
    """The account may not do this; `resource` may carry a subresource (`pods/log`)."""
    plural = resource.partition("/")[0]
    named = f'{qualified(group, plural)} "{name}"' if name else qualified(group, plural)
    where = f'in the namespace "{namespace}"' if namespace else "at the cluster scope"
    return ApiError(
        403,
        "Forbidden",
        f'{named} is forbidden: User "{user}" cannot {verb} resource "{resource}" in API group "{group}" {where}',
        {key: value for key, value in _details(group, plural, name).items() if value},
    )


def not_found(group: str, plural: str, name: str) -> ApiError:
    """No object of that name."""
    return ApiError(404, "NotFound", f'{qualified(group, plural)} "{name}" not found', _details(group, plural, name))


def no_such_path() -> ApiError:
    """The path names no resource that is served here."""
    return ApiError(404, "NotFound", "the server could not find the requested resource", {})


def wrong_method() -> ApiError:
    """The resource is served, but not with this method."""
    return ApiError(405, "MethodNotAllowed", "the server does not allow this method on the requested resource", {})


def already_exists(group: str, plural: str, name: str) -> ApiError:
    """An object of that name exists."""
    message = f'{qualified(group, plural)} "{name}" already exists'
    return ApiError(409, "AlreadyExists", message, _details(group, plural, name))


def conflict(group: str, plural: str, name: str, why: str = "") -> ApiError:
    """The object is not the one that the caller has seen: another resourceVersion or UID."""
    why = why or "the object has been modified; please apply your changes to the latest version and try again"
    message = f'Operation cannot be fulfilled on {qualified(group, plural)} "{name}": {why}'
    return ApiError(409, "Conflict", message, _details(group, plural, name))


def bad_request(message: str) -> ApiError:
    """The request cannot be read."""
    return ApiError(400, "BadRequest", message)


def unsupported_media_type(accepted: Sequence[str]) -> ApiError:
    """The body is in a format that is not read here."""
    listed = ", ".join(accepted)
    message = f"the body of the request was in an unknown format - accepted media types include: {listed}"
    return ApiError(415, "UnsupportedMediaType", message, {})


def invalid(group: str, kind: str, name: str, causes: Sequence[Cause]) -> ApiError:
    """The object was understood and breaks rules of its kind."""
    texts = [f"{cause.field}: {cause.message}" for cause in causes]
    summary = texts[0] if len(texts) == 1 else f"[{', '.join(texts)}]"
    listed = [{"reason": cause.reason, "message": cause.message, "field": cause.field} for cause in causes]
    return ApiError(
        422,
        "Invalid",
        f'{qualified(group, kind)} "{name}" is invalid: {summary}',
        {**_details(group, kind, name), "causes": listed},
    )
