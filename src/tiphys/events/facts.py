"""What has happened to a trigger of a sensor: the only way in to the machine. Times are aware UTC datetimes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from tiphys.events.envelope import Event


@dataclass(frozen=True, slots=True)
class SensorLoaded:
    """The sensor's spec is in force, for the first time, again after a restart, or changed.

    `head` is the newest event on the bus: a dependency that is new, or now names another event, begins behind it.
    """

    at: datetime
    head: int


@dataclass(frozen=True, slots=True)
class EventArrived:
    """An event was on the bus at place `seq`; whether the trigger has to do with it is for the machine to say."""

    at: datetime
    seq: int
    event: Event


@dataclass(frozen=True, slots=True)
class TriggerSucceeded:
    """What a command asked for is done; `existed`: it had been done before, under the same name."""

    at: datetime
    firing_id: str
    attempt: int
    existed: bool = False


@dataclass(frozen=True, slots=True)
class TriggerFailed:
    """What a command asked for could not be done; `message` says why. `for_good`: trying again cannot help."""

    at: datetime
    firing_id: str
    attempt: int
    message: str
    for_good: bool = False


@dataclass(frozen=True, slots=True)
class Woken:
    """The time that a transition asked for (`wake_at`) has come; being woken early or twice does no harm."""

    at: datetime


Fact: TypeAlias = SensorLoaded | EventArrived | TriggerSucceeded | TriggerFailed | Woken
