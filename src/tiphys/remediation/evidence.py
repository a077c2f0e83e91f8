"""Facts about an alert's target, as enrichers brought them: a name, a value, and how far each may be trusted. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tiphys import jsons
from tiphys.remediation import digests

TRUSTED = ("api", "metric")
"""Read from a system that we control. `label`, `annotation` and `log` are text that others may write."""
MAX_FINDINGS = 200
"""Findings of one incident that are kept; more is a broken enricher."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One fact: `source` is the enricher; a null `value` means that it was asked and has nothing."""

    fact: str
    value: Any
    source: str
    trust: str

    @property
    def digest(self) -> str:
        """Names this finding in the log."""
        return digests.digest_of([self.fact, self.value, self.source, self.trust])


def parse_evidence(items: Sequence[object]) -> tuple[Finding, ...]:
    """The findings among `items`; what is not of the form `{fact, value, source, trust}` is left out."""
    return tuple(_finding(item) for item in items[:MAX_FINDINGS] if jsons.is_object(item) and _is_sound(item))


def _is_sound(item: jsons.JsonObject) -> bool:
    try:
        digests.digest_of(item)
    except (TypeError, ValueError):
        return False
    return all(isinstance(item.get(key), str) for key in ("fact", "source", "trust"))


def _finding(item: jsons.JsonObject) -> Finding:
    return Finding(item["fact"], item.get("value"), item["source"], item["trust"])


def trusted(evidence: Iterable[Finding], fact: str) -> Finding | None:
    """The one trusted finding of that name with a value; None when there is none, or more than one that differ."""
    found = [item for item in evidence if item.fact == fact and item.trust in TRUSTED and item.value is not None]
    return found[0] if found and all(item.value == found[0].value for item in found) else None


def field_of(evidence: Iterable[Finding], fact: str, key: str) -> Any:  # noqa: ANN401 - a JSON value
    """The value of `key` in that trusted fact, or None."""
    finding = trusted(evidence, fact)
    return jsons.as_object(finding.value).get(key) if finding else None


def number_of(evidence: Iterable[Finding], fact: str) -> int | None:
    """A whole number: the fact's own value, or its `spec` (replicas as they were asked for); None when it has none."""
    finding = trusted(evidence, fact)
    value = finding.value if finding else None
    number = jsons.as_object(value).get("spec") if jsons.is_object(value) else value
    return number if isinstance(number, int) and not isinstance(number, bool) else None


def time_of(value: object) -> datetime | None:
    """The aware time that RFC 3339 text stands for, or None."""
    try:
        at = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return at if at and at.tzinfo else None
