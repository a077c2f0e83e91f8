"""An Alertmanager notification (webhook version 4) as typed values, and the incident that it means. Pure.

Everything in it was written by others: labels are data, annotations are text to be cleaned, and what Alertmanager says
about the group (`status`, `commonLabels`) is worked out again from the alerts themselves. Alertmanager sends no
incident id; it is derived from the group's key and the alerts, so a notification that comes twice is the same incident.

Alertmanager: template/template.go (Data, Alert) and notify/webhook/webhook.go (Message), v0.27.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from tiphys import ids, jsons
from tiphys.remediation import cleaning, digests

MAX_ALERTS = 500
"""Alerts of one notification; Alertmanager's own `max_alerts` is usually far below."""
MAX_LABELS = 64
"""Labels, and annotations, of one alert."""
MAX_LABEL_VALUE = 1024
"""Characters of a label's value that can be of use; a longer one is left out, so no parameter can come from it."""
MAX_GROUP_KEY = 4096
"""Characters of a group key: the route and a few labels."""

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,127}")
_FRACTION = re.compile(r"(\.[0-9]{1,6})[0-9]*")


class NotUnderstood(Exception):  # noqa: N818 - a verdict on input, caught by the same room's caller
    """The body is no Alertmanager notification; the message says why."""


@dataclass(frozen=True, slots=True)
class Alert:
    """One alert: `labels` as they came, `annotations` cleaned; (`fingerprint`, `started_at`) is one firing of it."""

    fingerprint: str
    firing: bool
    started_at: datetime
    labels: Mapping[str, str]
    annotations: Mapping[str, str]

    @property
    def key(self) -> str:
        """Names this firing of this alert."""
        return f"{self.fingerprint}@{self.started_at.astimezone(UTC).isoformat()}"


@dataclass(frozen=True, slots=True)
class Notification:
    """One webhook: `refused` says which of its alerts could not be read, `truncated` how many were never sent."""

    group_key: str
    receiver: str
    alerts: tuple[Alert, ...]
    refused: tuple[str, ...]
    truncated: int

    @property
    def firing(self) -> tuple[Alert, ...]:
        """The alerts that fire."""
        return tuple(alert for alert in self.alerts if alert.firing)

    @property
    def resolved(self) -> tuple[Alert, ...]:
        """The alerts that have ended; they are never acted on."""
        return tuple(alert for alert in self.alerts if not alert.firing)


@dataclass(frozen=True, slots=True)
class AlertGroup:
    """The alerts that one incident is about, in the order in which they came; at least one."""

    group_key: str
    alerts: tuple[Alert, ...]

    @property
    def labels(self) -> Mapping[str, str]:
        """The labels that all alerts share; a label that differs is nobody's source of a value."""
        first, *others = (alert.labels for alert in self.alerts)
        return {name: value for name, value in first.items() if all(other.get(name) == value for other in others)}

    @property
    def annotations(self) -> Mapping[str, str]:
        """The annotations of the first alert, for people to read."""
        return self.alerts[0].annotations

    @property
    def started_at(self) -> datetime:
        """When the first of the alerts began."""
        return min(alert.started_at for alert in self.alerts)

    @property
    def services(self) -> tuple[str, ...]:
        """Every service that the alerts name."""
        return tuple(dict.fromkeys(alert.labels["service"] for alert in self.alerts if "service" in alert.labels))

    def to_json(self) -> jsons.JsonObject:
        """The group as planners and enrichers are given it."""
        return {
            "group_key": self.group_key,
            "labels": dict(self.labels),
            "annotations": dict(self.annotations),
            "started_at": self.started_at.isoformat(),
            "alerts": [
                {
                    "status": "firing",
                    "fingerprint": alert.fingerprint,
                    "started_at": alert.started_at.isoformat(),
                    "labels": dict(alert.labels),
                    "annotations": dict(alert.annotations),
                }
                for alert in self.alerts
            ],
        }


def incident_id(group: AlertGroup) -> str:
    """The same for the same alerts of the same group, whenever and however often they are notified."""
    return ids.derived_name("inc", group.group_key, *sorted(alert.key for alert in group.alerts))


def parse_notification(body: object) -> Notification:
    """The notification in a webhook's decoded body; raises `NotUnderstood`."""
    if not jsons.is_object(body):
        raise NotUnderstood("the body is not a JSON object")
    if body.get("version") != "4":
        raise NotUnderstood(f"the version is {body.get('version')!r}, not '4'; is this Alertmanager's webhook?")
    group_key, alerts = body.get("groupKey"), body.get("alerts")
    if not isinstance(group_key, str) or not 0 < len(group_key) <= MAX_GROUP_KEY or not cleaning.is_storable(group_key):
        raise NotUnderstood(f"groupKey must be text of at most {MAX_GROUP_KEY} characters")
    if not jsons.is_list(alerts) or not alerts or len(alerts) > MAX_ALERTS:
        raise NotUnderstood(f"alerts must be a list of 1 to {MAX_ALERTS}")
    read = [_alert(alert) for alert in alerts]
    good = {alert.key: alert for alert in read if isinstance(alert, Alert)}
    bad = tuple(f"alerts[{index}]: {alert}" for index, alert in enumerate(read) if isinstance(alert, str))
    truncated = body.get("truncatedAlerts")
    receiver = cleaning.clean_text(str(body.get("receiver", "")), 200)
    return Notification(group_key, receiver, tuple(good.values()), bad, truncated if isinstance(truncated, int) else 0)


def _alert(item: object) -> Alert | str:
    """The alert, or why it cannot be read."""
    if not jsons.is_object(item):
        return "is not an object"
    if item.get("status") not in ("firing", "resolved"):
        return "status must be firing or resolved"
    labels, annotations = _texts(item.get("labels")), _texts(item.get("annotations", {}))
    if labels is None or annotations is None or not labels.get("alertname"):
        return f"labels and annotations must be texts, at most {MAX_LABELS}, and name the alert"
    started_at = _time(item.get("startsAt"))
    if started_at is None:
        return "startsAt must be an RFC 3339 time"
    fingerprint = item.get("fingerprint")
    if not isinstance(fingerprint, str) or not re.fullmatch(r"[0-9A-Za-z]{1,64}", fingerprint):
        fingerprint = digests.digest_of(labels)[:16]
    usable = {name: value for name, value in labels.items() if _is_usable(value)}
    cleaned = {name: cleaning.clean_text(value) for name, value in annotations.items()}
    return Alert(fingerprint, item["status"] == "firing", started_at, usable, cleaned)


def _is_usable(value: str) -> bool:
    return len(value) <= MAX_LABEL_VALUE and cleaning.is_storable(value)


def _texts(value: object) -> dict[str, str] | None:
    if not jsons.is_object(value) or len(value) > MAX_LABELS:
        return None
    sound = all(_NAME.fullmatch(name) and isinstance(text, str) for name, text in value.items())
    return dict(value) if sound else None


def _time(value: object) -> datetime | None:
    """Go prints nanoseconds; what is finer than a microsecond is cut."""
    text = _FRACTION.sub(r"\1", value) if isinstance(value, str) else ""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return at if at.tzinfo else None


def unseen(alerts: Sequence[Alert], seen: Mapping[str, str]) -> tuple[Alert, ...]:
    """The alerts whose firing is not in `seen` (alert key → incident id)."""
    return tuple(alert for alert in alerts if alert.key not in seen)
