"""From events on the bus to facts for incidents: a notification of Alertmanager, the ending of a workflow.

Alerts are matched with the incidents that have them already: a firing that some incident has is a duplicate, a resolved
one tells its incident, and what is left opens a new one. All that one event changes is gathered in a `Batch`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from tiphys import jsons
from tiphys.audit.record import Canonical, Record
from tiphys.controllers import incident_rows as rows
from tiphys.controllers.ports import Change, Event, Store
from tiphys.events.own_sources import TIPHYS, WORKFLOW_ENDED
from tiphys.remediation import cleaning, facts, intake, machine, telling
from tiphys.remediation.catalog import Catalog
from tiphys.remediation.commands import Command
from tiphys.remediation.facts import Fact
from tiphys.remediation.incident import Incident
from tiphys.remediation.intake import Alert, AlertGroup, Notification

CONSUMER = "incidents"
"""The consumer of the bus whose cursor this is."""
ALERTS = ("alertmanager", "alerts")
"""Source and subject of Alertmanager's notifications: the EventSource's name and its event's."""


@dataclass(slots=True)
class Batch:
    """What one event changes: `changes` in order, and for each incident the commands that then may be carried out."""

    store: Store
    catalog: Catalog
    at: datetime
    changes: list[Change] = field(default_factory=list[Change])
    followed: list[tuple[Incident, Sequence[Command]]] = field(default_factory=list[tuple[Incident, Sequence[Command]]])
    _incidents: dict[str, Incident] = field(default_factory=dict[str, Incident])

    async def feed(self, incident_id: str, make: Callable[[datetime], Fact], extra: Change | None = None) -> None:
        """Gives the machine a fact about an incident, known or new."""
        before = self._incidents.get(incident_id) or await rows.load_incident(self.store, incident_id)
        transition = machine.receive(before, make(self.at), self.catalog)
        if transition.incident is None:
            return
        self._incidents[incident_id] = transition.incident
        self.changes += [rows.change_of(before, transition, self.at), extra or Change()]
        self.followed.append((transition.incident, transition.commands))

    def note(self, kind: str, subject: str, data: dict[str, Canonical]) -> None:
        """Writes a line of the log."""
        self.changes.append(Change(records=(Record(kind, subject, telling.MACHINE, self.at, data),)))


async def alert_facts(batch: Batch, event: Event) -> None:
    """Takes a notification apart; what cannot be read stands in the log with the reason."""
    if (event.source, event.subject) != ALERTS:
        return
    try:
        notification = intake.parse_notification(jsons.as_object(event.data).get("body"))
    except intake.NotUnderstood as error:
        batch.note("alerts.refused", event.id, {"reason": cleaning.clean_text(str(error), 500)})
        return
    if notification.refused:
        batch.note("alerts.refused", event.id, {"reason": "; ".join(notification.refused[:20])})
    holders = {alert.key: await _holder(batch.store, alert) for alert in notification.alerts}
    seen = {key: holder for key, holder in holders.items() if holder}
    for alert in notification.resolved:
        if alert.key in seen:
            await batch.feed(seen[alert.key], lambda at, key=alert.key: facts.AlertResolved(at, key))
    await _open(batch, event, notification, seen)


async def _holder(store: Store, alert: Alert) -> str:
    row = await store.state(rows.ALERT, alert.key)
    return row.group if row else ""


async def _open(batch: Batch, event: Event, notification: Notification, seen: dict[str, str]) -> None:
    """The firing alerts that nobody has become one incident; the others are duplicates."""
    for alert in notification.firing:
        if alert.key in seen:
            batch.note("alert.duplicate", seen[alert.key], {"alert": alert.key, "event": event.id})
    fresh = intake.unseen(notification.firing, seen)
    if not fresh:
        return
    group = AlertGroup(notification.group_key, fresh)
    name = intake.incident_id(group)
    extra = Change(states=rows.alert_rows(fresh, name))
    await batch.feed(name, lambda at: facts.GroupArrived(at, name, group, event.id), extra)


async def ended_facts(batch: Batch, event: Event) -> None:
    """Tells the incident whose workflow has ended; a workflow that no incident started is nobody's."""
    if (event.source, event.subject) != (TIPHYS, WORKFLOW_ENDED):
        return
    told = jsons.as_object(event.data)
    name, phase = str(told.get("name", "")), str(told.get("phase", ""))
    row = await batch.store.state(rows.RUN, name)
    if row is None:
        return
    message = cleaning.clean_text(str(told.get("message", "")), 500)
    incident_id = str(row.body["incident_id"])
    await batch.feed(incident_id, lambda at: facts.WorkflowEnded(at, name, phase, message))
