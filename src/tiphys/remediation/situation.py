"""What the guards look at besides the proposal: the state of the whole floor at one moment. Pure.

It comes in with the fact that is being judged, read in the same turn in which the transition is committed, so no guard
judges on what has changed meanwhile.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from tiphys.settings import RemediationSettings


@dataclass(frozen=True, slots=True)
class Run:
    """One workflow that was dispatched; `alerts` are the keys of the alerts it answers."""

    workflow_name: str
    incident_id: str
    decision_id: str
    action: str
    target: str
    at: datetime
    ended: bool
    alerts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DeployMarker:
    """A deployment of a service that people or CI have announced; `ended_at` None while it is under way."""

    service: str
    release: str
    started_at: datetime
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Situation:
    """The floor at `now`.

    `locks` maps a target to the incident that holds it. `runs` are those that have not ended and those that began
    within the longest window of any rule. `switches` are the scopes whose kill switch is on: `all`, `action:NAME`,
    `service:NAME`, `namespace:NAME`. `catalog_digest` is the catalog that is loaded now.
    """

    now: datetime
    limits: RemediationSettings
    catalog_digest: str
    locks: Mapping[str, str] = field(default_factory=dict[str, str])
    runs: tuple[Run, ...] = ()
    switches: tuple[str, ...] = ()
    markers: tuple[DeployMarker, ...] = ()
