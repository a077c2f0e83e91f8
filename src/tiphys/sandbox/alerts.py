"""Alerts as Alertmanager keeps and sends them: firing after enough findings, grouped, repeated, resolved. Pure.

Alertmanager: notify/webhook/webhook.go (version 4), template/template.go (Data), dispatch/route.go (group keys);
github.com/prometheus/common/model/signature.go (fingerprints). Time comes as data.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from tiphys.jsons import JsonObject

GROUP_BY = ("alertname", "service")
"""The grouping of the source document, as in `deploy/monitoring/alertmanager.yml`."""
NEVER = "0001-01-01T00:00:00Z"
"""Go's zero time: the end of what has not ended."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is wrong now; the labels are its identity."""

    labels: Mapping[str, str]
    annotations: Mapping[str, str]

    @property
    def fingerprint(self) -> str:
        """The identity of its labels."""
        return fingerprint(self.labels)


@dataclass(slots=True)
class _Alert:
    finding: Finding
    seen: int = 0
    starts_at: datetime | None = None
    ends_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class _Sent:
    firing: frozenset[str]
    at: datetime


@dataclass(slots=True)
class AlertBook:
    """All alerts of one prober. A finding fires once it was there `threshold` times in a row.

    A group is sent when one of its alerts begins or ends, and again after `repeat` while something in it fires.
    """

    threshold: int
    repeat: timedelta
    receiver: str = "tiphys"
    external_url: str = ""
    _alerts: dict[str, _Alert] = field(default_factory=dict[str, _Alert])
    _sent: dict[str, _Sent] = field(default_factory=dict[str, _Sent])

    def note(self, findings: Iterable[Finding], at: datetime) -> None:
        """Takes over what one round has found; what is not there any more has ended, or, if untold, is forgotten."""
        found = {finding.fingerprint: finding for finding in findings}
        for identity, finding in found.items():
            alert = self._alerts.get(identity)
            if alert is None or alert.ends_at:
                alert = self._alerts[identity] = _Alert(finding)
            alert.seen += 1
            if alert.seen == self.threshold:
                alert.starts_at = at
        for identity in self._alerts.keys() - found.keys():
            alert = self._alerts[identity]
            told = _group_key(alert.finding.labels) in self._sent
            if alert.starts_at is None or not told:
                del self._alerts[identity]
            elif alert.ends_at is None:
                alert.ends_at = at

    def due(self, at: datetime) -> Sequence[tuple[str, JsonObject]]:
        """The groups that have to be sent now: key and body; each stays due until it was `delivered`."""
        return [(key, self._body(key)) for key in self._keys() if self._is_due(key, at)]

    def delivered(self, key: str, at: datetime) -> None:
        """The body of that group has arrived: what has ended in it is forgotten."""
        for alert in self._members(key):
            if alert.ends_at:
                del self._alerts[alert.finding.fingerprint]
        if firing := self._firing(key):
            self._sent[key] = _Sent(firing, at)
        else:
            self._sent.pop(key, None)

    def _keys(self) -> list[str]:
        return sorted({_group_key(alert.finding.labels) for alert in self._alerts.values() if alert.starts_at})

    def _members(self, key: str) -> list[_Alert]:
        alerts = [self._alerts[identity] for identity in sorted(self._alerts)]
        return [alert for alert in alerts if alert.starts_at and _group_key(alert.finding.labels) == key]

    def _firing(self, key: str) -> frozenset[str]:
        return frozenset(alert.finding.fingerprint for alert in self._members(key) if alert.ends_at is None)

    def _is_due(self, key: str, at: datetime) -> bool:
        sent = self._sent.get(key)
        return sent is None or sent.firing != self._firing(key) or at - sent.at >= self.repeat

    def _body(self, key: str) -> JsonObject:
        members = self._members(key)
        return {
            "version": "4",
            "groupKey": key,
            "truncatedAlerts": 0,
            "status": "firing" if any(alert.ends_at is None for alert in members) else "resolved",
            "receiver": self.receiver,
            "groupLabels": _group_labels(members[0].finding.labels),
            "commonLabels": _common(alert.finding.labels for alert in members),
            "commonAnnotations": _common(alert.finding.annotations for alert in members),
            "externalURL": self.external_url,
            "alerts": [self._alert_body(alert) for alert in members],
        }

    def _alert_body(self, alert: _Alert) -> JsonObject:
        return {
            "status": "resolved" if alert.ends_at else "firing",
            "labels": dict(alert.finding.labels),
            "annotations": dict(alert.finding.annotations),
            "startsAt": _text(alert.starts_at),
            "endsAt": _text(alert.ends_at),
            "generatorURL": self.external_url,
            "fingerprint": alert.finding.fingerprint,
        }


def fingerprint(labels: Mapping[str, str]) -> str:
    """Sixteen hex digits: FNV-1a, 64 bits, over the sorted names and values, each followed by the byte 0xFF."""
    value = 0xCBF29CE484222325
    for byte in b"".join(part.encode() + b"\xff" for pair in sorted(labels.items()) for part in pair):
        value = ((value ^ byte) * 0x100000001B3) & 0xFFFFFFFFFFFFFFFF
    return f"{value:016x}"


def _group_labels(labels: Mapping[str, str]) -> dict[str, str]:
    return {name: labels[name] for name in GROUP_BY if name in labels}


def _group_key(labels: Mapping[str, str]) -> str:
    listed = ", ".join(f'{name}="{value}"' for name, value in _group_labels(labels).items())
    return f"{{}}:{{{listed}}}"


def _common(mappings: Iterable[Mapping[str, str]]) -> dict[str, str]:
    listed = [set(mapping.items()) for mapping in mappings]
    return dict(sorted(set[tuple[str, str]].intersection(*listed)))


def _text(at: datetime | None) -> str:
    if at is None:
        return NEVER
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"
