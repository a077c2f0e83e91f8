"""Who may do what: RBAC documents as a table, and one bearer token for each service account.

Kubernetes: plugin/pkg/auth/authorizer/rbac/rbac.go. The documents are those that a real cluster gets (`deploy/rbac/`),
so what is missing in them is missing here too. Non-resource paths are open to everyone who reaches the port.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

from tiphys import errors, jsons
from tiphys.jsons import JsonObject
from tiphys.sandbox import statuses
from tiphys.sandbox.requests import ApiRequest

ADMIN = "kubernetes-admin"
"""The user who may do everything, as in a cluster made by kubeadm."""


@dataclass(frozen=True, slots=True)
class Rule:
    """What a role allows; `resources` may name subresources (`deployments/scale`), `names` restricts to objects."""

    groups: tuple[str, ...]
    resources: tuple[str, ...]
    verbs: tuple[str, ...]
    names: tuple[str, ...] = ()

    def allows(self, request: ApiRequest) -> bool:
        """Whether this rule covers a request; a star covers everything."""
        return (
            _covers(self.groups, request.group)
            and _covers(self.resources, request.resource)
            and _covers(self.verbs, request.verb)
            and (not self.names or request.name in self.names)
        )


def _covers(listed: Sequence[str], asked: str) -> bool:
    return "*" in listed or asked in listed


@dataclass(frozen=True, slots=True)
class Grant:
    """Rules for a user in one namespace, or everywhere when `namespace` is empty."""

    user: str
    namespace: str
    rules: tuple[Rule, ...]


class Accounts:
    """Users, their tokens and their grants."""

    def __init__(self, documents: Iterable[JsonObject] = ()) -> None:
        listed = list(documents)
        self.tokens: dict[str, str] = {ADMIN: secrets.token_urlsafe(32)}
        for account in listed:
            if account.get("kind") == "ServiceAccount":
                metadata = account["metadata"]
                self.tokens[service_account_user(metadata["namespace"], metadata["name"])] = secrets.token_urlsafe(32)
        self._grants = _parse_grants(listed)

    def authenticate(self, authorization: str) -> str:
        """The user of an `Authorization` header; raises `ApiError` 401."""
        scheme, _, given = authorization.partition(" ")
        for user, token in self.tokens.items():
            if scheme.lower() == "bearer" and hmac.compare_digest(token.encode(), given.strip().encode()):
                return user
        raise statuses.unauthorized()

    def authorize(self, user: str, request: ApiRequest) -> None:
        """Raises `ApiError` 403 unless some grant of the user covers the request."""
        if user == ADMIN:
            return
        for grant in self._grants:
            here = grant.namespace in ("", request.namespace)
            if grant.user == user and here and any(rule.allows(request) for rule in grant.rules):
                return
        raise statuses.forbidden(
            user, request.verb, request.group, request.resource, namespace=request.namespace, name=request.name
        )

    def write_tokens(self, directory: Path) -> None:
        """Writes each token to a file of its own (mode 0600): the account's name, `admin` for the administrator."""
        directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        for user, token in self.tokens.items():
            path = directory / ("admin" if user == ADMIN else user.rpartition(":")[2])
            path.touch(mode=0o600)
            path.write_text(token)


def service_account_user(namespace: str, name: str) -> str:
    """The user name of a service account."""
    return f"system:serviceaccount:{namespace}:{name}"


def load_documents(directory: Path) -> list[JsonObject]:
    """All YAML documents of a directory, by file name; raises `InvalidManifest` for what is not YAML."""
    documents: list[JsonObject] = []
    for path in sorted(directory.glob("*.yaml")):
        try:
            documents += [one for one in yaml.safe_load_all(path.read_text()) if jsons.is_object(one)]
        except yaml.YAMLError as error:
            raise errors.InvalidManifest(f"{path}: not YAML: {error}") from error
    return documents


def _parse_grants(documents: Sequence[JsonObject]) -> tuple[Grant, ...]:
    roles = {
        (one["kind"], one["metadata"].get("namespace", ""), one["metadata"]["name"]): tuple(
            _parse_rule(rule) for rule in jsons.as_list(one.get("rules"))
        )
        for one in documents
        if one.get("kind") in ("Role", "ClusterRole")
    }
    bindings = [one for one in documents if one.get("kind") in ("RoleBinding", "ClusterRoleBinding")]
    return tuple(grant for binding in bindings for grant in _parse_binding(binding, roles))


def _parse_rule(rule: JsonObject) -> Rule:
    keys = ("apiGroups", "resources", "verbs", "resourceNames")
    return Rule(*(tuple(jsons.as_list(rule.get(key))) for key in keys))


def _parse_binding(binding: JsonObject, roles: Mapping[tuple[str, str, str], tuple[Rule, ...]]) -> Iterable[Grant]:
    namespace, reference = binding["metadata"].get("namespace", ""), binding["roleRef"]
    home = namespace if reference["kind"] == "Role" else ""
    rules = roles.get((reference["kind"], home, reference["name"]), ())
    for subject in jsons.as_list(binding.get("subjects")):
        if subject.get("kind") == "ServiceAccount":
            yield Grant(service_account_user(subject.get("namespace", namespace), subject["name"]), namespace, rules)
