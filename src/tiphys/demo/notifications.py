"""Notifications that a scene posts by itself, in the body of Alertmanager's webhook, version 4."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from tiphys.jsons import JsonObject
from tiphys.sandbox.alerts import NEVER, fingerprint


def firing(group: str, labels: Mapping[str, str], annotations: Mapping[str, str]) -> JsonObject:
    """One firing alert that began now, in a group of its own."""
    now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    alert = {
        "status": "firing",
        "labels": dict(labels),
        "annotations": dict(annotations),
        "startsAt": now,
        "endsAt": NEVER,
        "generatorURL": "",
        "fingerprint": fingerprint(labels),
    }
    return {
        "version": "4",
        "groupKey": f'{{}}:{{demo="{group}"}}',
        "truncatedAlerts": 0,
        "status": "firing",
        "receiver": "tiphys",
        "groupLabels": {"demo": group},
        "commonLabels": dict(labels),
        "commonAnnotations": dict(annotations),
        "externalURL": "",
        "alerts": [alert],
    }


def resolved(notification: JsonObject) -> JsonObject:
    """The same group, with every alert ended now."""
    now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    alerts = [{**alert, "status": "resolved", "endsAt": now} for alert in notification["alerts"]]
    return {**notification, "status": "resolved", "alerts": alerts}
