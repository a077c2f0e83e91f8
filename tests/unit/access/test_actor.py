"""Who may do what."""

from __future__ import annotations

import pytest

from tiphys import errors
from tiphys.access.actor import Actor, ActorKind, Permission, Role, require

OPERATOR = frozenset((Role.OPERATOR,))


def test_an_actor_without_a_role_may_do_nothing():
    nobody = Actor(ActorKind.HUMAN, "eve")
    assert not any(nobody.may(permission) for permission in Permission)


@pytest.mark.parametrize("kind", [ActorKind.PLANNER, ActorKind.SENSOR, ActorKind.CONTROLLER])
def test_only_humans_answer_approvals_whatever_their_roles(kind: ActorKind):
    with pytest.raises(errors.Forbidden, match="may not answer-approvals"):
        require(Actor(kind, "x", OPERATOR), Permission.ANSWER_APPROVALS)


def test_an_operator_answers_approvals():
    require(Actor(ActorKind.HUMAN, "ada", OPERATOR), Permission.ANSWER_APPROVALS)


def test_a_deployer_marks_deploys_and_no_more():
    ci = Actor(ActorKind.CONTROLLER, "ci", frozenset((Role.DEPLOYER,)))
    assert [permission for permission in Permission if ci.may(permission)] == [
        Permission.READ,
        Permission.MARK_DEPLOYS,
    ]


def test_the_log_s_name_of_an_actor():
    assert str(Actor(ActorKind.HUMAN, "ada")) == "human:ada"
