"""Paths and methods of the Kubernetes API as verbs on resources. Pure.

Kubernetes: staging/src/k8s.io/apiserver/pkg/endpoints/request/requestinfo.go.
"""

from __future__ import annotations

from dataclasses import dataclass

from tiphys.sandbox import kinds, statuses
from tiphys.sandbox.kinds import Kind

_VERBS = {"GET": "get", "POST": "create", "PUT": "update", "PATCH": "patch", "DELETE": "delete"}
_ON_ALL = {"get": "list", "delete": "deletecollection"}


@dataclass(frozen=True, slots=True)
class ApiRequest:
    """What is asked for: `verb` as RBAC names it; `name` is empty for a whole collection."""

    verb: str
    kind: Kind
    namespace: str
    name: str
    subresource: str = ""

    @property
    def group(self) -> str:
        """The API group; empty for the core."""
        return self.kind.group

    @property
    def resource(self) -> str:
        """The resource as RBAC names it: `pods`, `pods/log`."""
        return f"{self.kind.plural}/{self.subresource}" if self.subresource else self.kind.plural


def parse_request(method: str, path: str) -> ApiRequest:
    """What a request asks for; raises `ApiError` 404 or 405."""
    group, parts = _split(path)
    namespace = ""
    if len(parts) >= 3 and parts[0] == "namespaces":
        namespace, parts = parts[1], parts[2:]
    if not 1 <= len(parts) <= 3:
        raise statuses.no_such_path()
    plural, name, subresource = (*parts, "", "")[:3]
    kind = kinds.find_kind(group, plural)
    if namespace and not kind.namespaced:
        raise statuses.no_such_path()
    if kind is kinds.NAMESPACE:
        namespace = name
    verb = _VERBS.get(method, "")
    if not name:
        verb = _ON_ALL.get(verb, verb)
    allowed = kind.subresource(subresource) if subresource else kind.verbs
    if subresource and not allowed:
        raise statuses.no_such_path()
    everywhere = kind.namespaced and not namespace
    on_all = verb in ("create", "list", "deletecollection")
    if verb not in allowed or (everywhere and verb != "list") or on_all == bool(name):
        raise statuses.wrong_method()
    return ApiRequest(verb, kind, namespace, name, subresource)


def _split(path: str) -> tuple[str, list[str]]:
    match path.strip("/").split("/"):
        case ["api", "v1", *rest]:
            return "", rest
        case ["apis", group, "v1", *rest]:
            return group, rest
        case _:
            raise statuses.no_such_path()
