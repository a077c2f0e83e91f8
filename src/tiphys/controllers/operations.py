"""What people do to incidents: answer approvals, stop everything, announce deployments, ask why.

Each takes the actor and refuses one that may not; each leaves a line in the log.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from tiphys import errors, jsons
from tiphys.access.actor import Actor, Permission, require
from tiphys.audit.record import Record
from tiphys.controllers import incident_rows as rows
from tiphys.controllers.incident import IncidentController
from tiphys.controllers.ports import Change, StateRow
from tiphys.remediation import cleaning, facts
from tiphys.remediation.approval import ApprovalPhase
from tiphys.remediation.explain import explain
from tiphys.remediation.facts import Fact
from tiphys.remediation.incident import Incident
from tiphys.remediation.phases import Phase
from tiphys.remediation.situation import DeployMarker, Situation

MAX_REASON = 500
"""Characters of a human's reason that are kept."""
SCOPES = ("action", "service", "namespace")
"""What a kill switch can be limited to; `all` is limited to nothing."""


class Operations:
    """The verbs; reads cost no turn, everything else goes through the controller."""

    def __init__(self, controller: IncidentController) -> None:
        self._controller = controller
        self._store = controller.outside.store

    async def grant(self, approval_id: str, actor: Actor, reason: str = "", seal: str = "") -> StateRow:
        """A human's yes; with `seal`, only to the terms that were shown under it.

        Returns the approval as it is now. Raises `NotFound`, `Forbidden`, and `Refused` when it is too late, or was
        answered, or is for something else than was shown.
        """

        def make(floor: Situation) -> Fact:
            return facts.ApprovalGranted(floor.now, approval_id, str(actor), _cleaned(reason), floor, seal)

        return await self._answer(approval_id, actor, make, ApprovalPhase.GRANTED)

    async def deny(self, approval_id: str, actor: Actor, reason: str = "") -> StateRow:
        """A human's no; raises as `grant` does."""

        def make(floor: Situation) -> Fact:
            return facts.ApprovalDenied(floor.now, approval_id, str(actor), _cleaned(reason))

        return await self._answer(approval_id, actor, make, ApprovalPhase.DENIED)

    async def _answer(
        self, approval_id: str, actor: Actor, make: Callable[[Situation], Fact], wanted: ApprovalPhase
    ) -> StateRow:
        require(actor, Permission.ANSWER_APPROVALS)
        asked = await self.approval(approval_id)
        changed = await self._controller.feed(asked.group, make)
        now = await self.approval(approval_id)
        if changed is None or now.phase != wanted:
            raise errors.Refused(
                f"approval {approval_id} is {now.phase}: {now.body.get('reason') or 'answered already'}"
            )
        if wanted is ApprovalPhase.GRANTED and changed.phase is not Phase.DISPATCHED:
            raise errors.Refused(f"nothing was started: {changed.moves[-1].reason}")
        return now

    async def set_switch(self, scope: str, *, on: bool, actor: Actor, reason: str = "") -> None:
        """Turns a kill switch on or off; `scope` is `all`, `action:NAME`, `service:NAME` or `namespace:NAME`."""
        require(actor, Permission.SET_SWITCHES)
        kind, _, name = scope.partition(":")
        if scope != "all" and (kind not in SCOPES or not name or len(scope) > 200):
            raise errors.Refused(f"a kill switch covers all, or one of {', '.join(SCOPES)} as action:restart_pods")
        phase, why = rows.ON if on else rows.OFF, _cleaned(reason)

        def make(at: datetime) -> Change:
            row = StateRow(rows.SWITCH, scope, phase, {"by": str(actor), "reason": why, "at": at.isoformat()})
            record = Record("switch.set", scope, str(actor), at, {"phase": phase, "reason": why})
            return Change(states=(row,), records=(record,))

        await self._controller.change(make)

    async def deploy_start(self, service: str, release: str, actor: Actor) -> None:
        """A deployment of the service begins: alerts about it are held."""
        require(actor, Permission.MARK_DEPLOYS)
        if not service or len(service) > 200 or not cleaning.is_storable(service):
            raise errors.Refused("a deployment is of a service, named as its alerts name it")
        await self._controller.change(
            lambda at: _marked(DeployMarker(service, _cleaned(release), at), "deploy.started", actor, at)
        )

    async def deploy_end(self, service: str, actor: Actor) -> None:
        """The deployment of the service is over; alerts about it are held a while longer. Raises `NotFound`."""
        require(actor, Permission.MARK_DEPLOYS)
        row = await self._store.state(rows.MARKER, service)
        if row is None:
            raise errors.NotFound(f"no deployment of {service} was announced; start one with: tiphys deploy start")
        marker = rows.marker_of(row)
        await self._controller.change(
            lambda at: _marked(dataclasses.replace(marker, ended_at=at), "deploy.ended", actor, at)
        )

    async def explain(self, incident_id: str) -> jsons.JsonObject:
        """Every gate of an incident with its inputs, and the lines of the log about it. Raises `NotFound`."""
        lines = [
            {"seq": sealed.seq, "entry": sealed.entry.decode()}
            async for sealed in self._store.records(subject=incident_id)
        ]
        return {**explain(await self.incident(incident_id)), "log": lines}

    async def incident(self, incident_id: str) -> Incident:
        """The incident of that id. Raises `NotFound`."""
        found = await rows.load_incident(self._store, incident_id)
        if found is None:
            raise errors.NotFound(f"there is no incident {incident_id}; list them with: tiphys incident list")
        return found

    async def incidents(self, phases: tuple[str, ...] = ()) -> Sequence[StateRow]:
        """All incidents, of some phases when given; the body is the machine's own."""
        return await self._store.states(rows.INCIDENT, phases=phases)

    async def approval(self, approval_id: str) -> StateRow:
        """The approval of that id; its `group` is the incident's id. Raises `NotFound`."""
        row = await self._store.state(rows.APPROVAL, approval_id)
        if row is None:
            raise errors.NotFound(f"there is no approval {approval_id}; list them with: tiphys approval list")
        return row

    async def approvals(self, phases: tuple[str, ...] = ()) -> Sequence[StateRow]:
        """All approvals, of some phases when given."""
        return await self._store.states(rows.APPROVAL, phases=phases)


def _cleaned(reason: str) -> str:
    return cleaning.clean_text(reason, MAX_REASON)


def _marked(marker: DeployMarker, kind: str, actor: Actor, at: datetime) -> Change:
    data: dict[str, Any] = {"release": marker.release}
    return Change(states=(rows.marker_row(marker),), records=(Record(kind, marker.service, str(actor), at, data),))
