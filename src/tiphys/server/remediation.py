"""`/tiphys/v1/incidents`, `approvals`, `deployments` and `switches`: what remediation did, and what people tell it.

Reading is from the rows; every change goes through the service that owns the incident machine, which also writes the
audit record. A server can run without that service (workflows only); then changes are refused.
"""

from __future__ import annotations

from collections.abc import Sequence

from starlette.requests import Request
from starlette.responses import Response

from tiphys.controllers.operations import Operations
from tiphys.controllers.ports import StateRow, Store
from tiphys.jsons import JsonObject, as_list, as_object
from tiphys.server import asked
from tiphys.server.failures import Code, Failure
from tiphys.server.parts import Parts
from tiphys.server.replies import answer


async def list_incidents(parts: Parts, request: Request) -> Response:
    """`GET /tiphys/v1/incidents?phase=`: the newest first."""
    items = [_incident_line(row) for row in await _rows(parts.store, "incident", request)]
    return answer({"items": sorted(items, key=lambda item: item["opened_at"], reverse=True)})


async def get_incident(parts: Parts, request: Request) -> Response:
    """`GET /tiphys/v1/incidents/{id}`: its whole state."""
    return answer(dict((await _row(parts.store, "incident", request)).body))


async def explain_incident(parts: Parts, request: Request) -> Response:
    """`GET /tiphys/v1/incidents/{id}/explain`: every gate with its inputs, and its lines of the log."""
    row = await _row(parts.store, "incident", request)
    return answer(await _operations(parts).explain(row.key))


async def list_approvals(parts: Parts, request: Request) -> Response:
    """`GET /tiphys/v1/approvals?phase=`: by id."""
    return answer({"items": [_approval(row) for row in await _rows(parts.store, "approval", request)]})


async def get_approval(parts: Parts, request: Request) -> Response:
    """`GET /tiphys/v1/approvals/{id}`: what would be done, to what, with which parameters, until when."""
    return answer(_approval(await _row(parts.store, "approval", request)))


async def grant_approval(parts: Parts, request: Request) -> Response:
    """`POST /tiphys/v1/approvals/{id}/grant`; with a `seal`, only to the terms that were shown under it."""
    row = await _row(parts.store, "approval", request)
    body = await asked.body_of(request)
    reason, seal = asked.text(body, "reason"), asked.text(body, "seal")
    return answer(_approval(await _operations(parts).grant(row.key, asked.actor_of(request), reason, seal)))


async def deny_approval(parts: Parts, request: Request) -> Response:
    """`POST /tiphys/v1/approvals/{id}/deny`."""
    row = await _row(parts.store, "approval", request)
    reason = asked.text(await asked.body_of(request), "reason")
    return answer(_approval(await _operations(parts).deny(row.key, asked.actor_of(request), reason)))


async def start_deployment(parts: Parts, request: Request) -> Response:
    """`POST /tiphys/v1/deployments/start`: CI announces a deployment of a service."""
    body = await asked.body_of(request)
    service, release = asked.text(body, "service"), asked.text(body, "release")
    await _operations(parts).deploy_start(service, release, asked.actor_of(request))
    return answer({"service": service, "release": release})


async def end_deployment(parts: Parts, request: Request) -> Response:
    """`POST /tiphys/v1/deployments/end`."""
    service = asked.text(await asked.body_of(request), "service")
    await _operations(parts).deploy_end(service, asked.actor_of(request))
    return answer({"service": service})


async def list_switches(parts: Parts, _request: Request) -> Response:
    """`GET /tiphys/v1/switches`: the kill switches that are on, by scope."""
    rows = await parts.store.states("switch", phases=("on",))
    return answer({"items": [{"scope": row.key, "on": True, **row.body} for row in rows]})


async def set_switch(parts: Parts, request: Request) -> Response:
    """`PUT /tiphys/v1/switches/{scope}`: `all`, `action:NAME`, `service:NAME` or `namespace:NAME`, on or off."""
    body = await asked.body_of(request)
    if not isinstance(asked.member(body, "on"), bool):
        raise Failure(Code.INVALID_ARGUMENT, "say whether the switch is to be on: `on` is true or false")
    scope, on = request.path_params["scope"], asked.flag(body, "on")
    reason = asked.text(body, "reason")
    await _operations(parts).set_switch(scope, on=on, actor=asked.actor_of(request), reason=reason)
    return answer({"scope": scope, "on": on, "reason": reason})


def _operations(parts: Parts) -> Operations:
    if parts.operations is None:
        raise Failure(Code.UNIMPLEMENTED, "this server runs without remediation")
    return parts.operations


async def _rows(store: Store, machine: str, request: Request) -> Sequence[StateRow]:
    phase = request.query_params.get("phase", "")
    return await store.states(machine, phases=(phase,) if phase else ())


async def _row(store: Store, machine: str, request: Request) -> StateRow:
    key = request.path_params["id"]
    row = await store.state(machine, key)
    if row is None:
        raise Failure(Code.NOT_FOUND, f'{machine} "{key}" not found')
    return row


def _incident_line(row: StateRow) -> JsonObject:
    """What a list shows of an incident."""
    alerts = as_list(as_object(row.body.get("group")).get("alerts"))
    labels = as_object(as_object(alerts[0]).get("labels")) if alerts else {}
    moves = as_list(row.body.get("moves"))
    return {
        "id": row.key,
        "phase": row.phase,
        "opened_at": str(row.body.get("opened_at", "")),
        "alert": str(labels.get("alertname", "")),
        "reason": str(as_object(moves[-1]).get("reason", "")) if moves else "",
    }


def _approval(row: StateRow) -> JsonObject:
    return {**row.body, "id": row.key, "phase": row.phase}
