"""Incidents, approvals, locks, runs, markers and switches as state rows, and the situation read back from them.

A lock and a run are nothing of their own: they follow from the incident's phase, and are written in the same
transaction.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

import pydantic

from tiphys.controllers.ports import Change, Event, StateRow, Store
from tiphys.remediation import incident as incidents
from tiphys.remediation.approval import Approval
from tiphys.remediation.catalog import Catalog
from tiphys.remediation.commands import PublishEvent, Transition
from tiphys.remediation.incident import Incident
from tiphys.remediation.intake import Alert
from tiphys.remediation.phases import HOLDS_LOCK
from tiphys.remediation.situation import DeployMarker, Run, Situation
from tiphys.settings import RemediationSettings

SOURCE = "remediation"
"""Source of the events that incidents publish; the shipped Sensor listens to its subject `execute`."""
INCIDENT, APPROVAL, LOCK, RUN, ALERT = "incident", "approval", "target-lock", "remediation-run", "alert"
MARKER, SWITCH = "deploy-marker", "switch"
ON, OFF = "on", "off"

_RUN = pydantic.TypeAdapter(Run)
_MARKER = pydantic.TypeAdapter(DeployMarker)
_APPROVAL = pydantic.TypeAdapter(Approval)


def change_of(before: Incident | None, transition: Transition, at: datetime) -> Change:
    """Everything of a transition that is durable together: rows, events, records."""
    after = transition.incident
    if after is None:
        return Change(records=transition.records)
    published = [command for command in transition.commands if isinstance(command, PublishEvent)]
    taken, freed = _lock_changes(before, after)
    rows = [_incident_row(after), *taken, *_run_rows(before, after)]
    if after.approval and (before is None or before.approval != after.approval):
        rows.append(approval_row(after.approval))
    return Change(
        states=tuple(rows),
        deleted=freed,
        events=tuple(
            Event(item.id, SOURCE, item.subject, "tiphys", at, {"body": dict(item.body)}) for item in published
        ),
        records=transition.records,
    )


def joined(changes: Iterable[Change]) -> Change:
    """Several changes as one transaction; of two rows with one key the later one counts."""
    listed = list(changes)
    states = {(row.machine, row.key): row for change in listed for row in change.states}
    return Change(
        states=tuple(states.values()),
        deleted=tuple(row for change in listed for row in change.deleted),
        events=tuple(event for change in listed for event in change.events),
        cursors=tuple(cursor for change in listed for cursor in change.cursors),
        records=tuple(record for change in listed for record in change.records),
    )


def _incident_row(incident: Incident) -> StateRow:
    return StateRow(INCIDENT, incident.id, incident.phase, incidents.to_json(incident), incident.group.group_key)


def approval_row(approval: Approval) -> StateRow:
    """An approval, found by its own id or by its incident's."""
    body = _APPROVAL.dump_python(approval, mode="json")
    return StateRow(APPROVAL, approval.id, approval.phase, body, approval.terms.incident_id)


def alert_rows(alerts: Sequence[Alert], incident_id: str) -> tuple[StateRow, ...]:
    """Which firing of which alert an incident has."""
    return tuple(StateRow(ALERT, alert.key, "", {}, incident_id) for alert in alerts)


def _lock_of(incident: Incident | None) -> StateRow | None:
    if incident is None or incident.phase not in HOLDS_LOCK or incident.judgement is None:
        return None
    return StateRow(LOCK, incident.judgement.target, "held", {"incident_id": incident.id}, incident.id)


def _lock_changes(before: Incident | None, after: Incident) -> tuple[tuple[StateRow, ...], tuple[StateRow, ...]]:
    """The lock rows that are taken and those that are freed."""
    old, new = _lock_of(before), _lock_of(after)
    return ((new,) if new and not old else ()), ((old,) if old and not new else ())


def _run_rows(before: Incident | None, after: Incident) -> list[StateRow]:
    """The run that begins and the run that ends with this move."""
    old, new = (_run_of(item) if item and item.phase in HOLDS_LOCK else None for item in (before, after))
    ended = (
        dataclasses.replace(old, ended=True) if old and (not new or new.workflow_name != old.workflow_name) else None
    )
    return [_run_row(run) for run in (ended, new) if run]


def _run_of(incident: Incident) -> Run | None:
    judgement = incident.judgement
    if judgement is None or incident.dispatched_at is None:
        return None
    return Run(
        workflow_name=incident.workflow_name,
        incident_id=incident.id,
        decision_id=incident.decision_id,
        action=judgement.action,
        target=judgement.target,
        at=incident.dispatched_at,
        ended=False,
        alerts=tuple(alert.key for alert in incident.group.alerts),
    )


def _run_row(run: Run) -> StateRow:
    """A run, by its day, so that what is long past is not read."""
    phase = "ended" if run.ended else "running"
    return StateRow(RUN, run.workflow_name, phase, _RUN.dump_python(run, mode="json"), run.at.date().isoformat())


def marker_row(marker: DeployMarker) -> StateRow:
    """The latest deployment of a service."""
    phase = "under-way" if marker.ended_at is None else "ended"
    return StateRow(MARKER, marker.service, phase, _MARKER.dump_python(marker, mode="json"))


def marker_of(row: StateRow) -> DeployMarker:
    """The marker that `marker_row` wrote."""
    return _MARKER.validate_python(row.body)


async def load_incident(store: Store, incident_id: str) -> Incident | None:
    """The incident of that id."""
    row = await store.state(INCIDENT, incident_id)
    return incidents.from_json(row.body) if row else None


async def load_situation(store: Store, limits: RemediationSettings, catalog: Catalog, now: datetime) -> Situation:
    """The floor as it is stored at this moment."""
    locks: Mapping[str, str] = {row.key: row.group for row in await store.states(LOCK)}
    switches = await store.states(SWITCH, phases=(ON,))
    markers = await store.states(MARKER)
    window = max(timedelta(seconds=limits.budget_window_s), catalog.policy.same_action_window)
    return Situation(
        now=now,
        limits=limits,
        catalog_digest=catalog.digest,
        locks=locks,
        runs=await _load_runs(store, now - window, now),
        switches=tuple(row.key for row in switches),
        markers=tuple(marker_of(row) for row in markers),
    )


async def _load_runs(store: Store, begin: datetime, end: datetime) -> tuple[Run, ...]:
    """The runs that have not ended, and those of the days since `begin`."""
    rows = {row.key: row for row in await store.states(RUN, phases=("running",))}
    for days in range((end.date() - begin.date()).days + 1):
        day = (begin.date() + timedelta(days=days)).isoformat()
        rows |= {row.key: row for row in await store.states(RUN, group=day)}
    return tuple(_RUN.validate_python(row.body) for row in rows.values())
