"""Who does a thing, and what they may do. Pure.

Roles say what a person may do. Beyond any role, only humans answer approvals: a planner that could approve its own
proposal, or a controller that could, would be no gate at all.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from tiphys import errors


class ActorKind(StrEnum):
    """What sort of doer an actor is."""

    HUMAN = "human"
    PLANNER = "planner"
    SENSOR = "sensor"
    CONTROLLER = "controller"


class Permission(StrEnum):
    """One thing that may be done."""

    READ = "read"
    RUN_WORKFLOWS = "run-workflows"
    MARK_DEPLOYS = "mark-deploys"
    SET_SWITCHES = "set-switches"
    ANSWER_APPROVALS = "answer-approvals"


class Role(StrEnum):
    """A named set of permissions."""

    VIEWER = "viewer"
    DEPLOYER = "deployer"
    OPERATOR = "operator"


GRANTS: Mapping[Role, frozenset[Permission]] = {
    Role.VIEWER: frozenset((Permission.READ,)),
    Role.DEPLOYER: frozenset((Permission.READ, Permission.MARK_DEPLOYS)),
    Role.OPERATOR: frozenset(Permission),
}
"""What each role may do; CI is a deployer, whoever is on call an operator."""
HUMAN_ONLY = frozenset((Permission.ANSWER_APPROVALS,))
"""Permissions that no role gives to anything but a human."""


@dataclass(frozen=True, slots=True)
class Actor:
    """Who does a thing; `str()` is how the log names them (`human:ada`)."""

    kind: ActorKind
    name: str
    roles: frozenset[Role] = frozenset()

    def __str__(self) -> str:
        return f"{self.kind}:{self.name}"

    def may(self, permission: Permission) -> bool:
        """Whether one of the actor's roles, and its kind, allow this."""
        if permission in HUMAN_ONLY and self.kind is not ActorKind.HUMAN:
            return False
        return any(permission in GRANTS[role] for role in self.roles)


def require(actor: Actor, permission: Permission) -> None:
    """Raises `Forbidden` unless the actor may."""
    if not actor.may(permission):
        held = ", ".join(sorted(actor.roles)) or "none"
        raise errors.Forbidden(f"{actor} may not {permission} (roles: {held})")
