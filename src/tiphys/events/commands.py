"""What a trigger wants done in the world, and what one fact has changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, TypeAlias

from tiphys.audit.record import Record
from tiphys.jsons import is_object


@dataclass(frozen=True, slots=True)
class SubmitWorkflow:
    """Submit the Workflow, fully resolved and named; one of that name from this trigger means it is done already.

    `TriggerSucceeded` or `TriggerFailed` with the same id and attempt follows.
    """

    firing_id: str
    attempt: int
    manifest: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class WriteLog:
    """Write each event to the program's log: one line with `dependencyName`, `context` and `data` each."""

    firing_id: str
    attempt: int
    lines: Sequence[Mapping[str, Any]]


Command: TypeAlias = SubmitWorkflow | WriteLog


class FiringPhase(StrEnum):
    """Where a firing is: its command is open or waits for its next attempt, or it has ended."""

    PENDING = "Pending"
    SUCCEEDED = "Succeeded"
    FAILED = "Failed"


@dataclass(frozen=True, slots=True)
class Firing:
    """A trigger that fired once, and what came of it; kept when it has ended, so that none is lost unseen.

    `events` are the ids by dependency. `payload` is the Workflow or the log lines (None when it could not be resolved),
    `attempts` how often it was tried, `retry_at` when it is tried again.
    """

    id: str
    phase: FiringPhase
    at: datetime
    events: Mapping[str, str]
    payload: Any
    attempts: int = 1
    retry_at: datetime | None = None
    message: str = ""

    @property
    def workflow(self) -> str:
        """`namespace/name` of the Workflow, empty when the trigger makes none."""
        if not is_object(self.payload):
            return ""
        return f"{self.payload['metadata']['namespace']}/{self.payload['metadata']['name']}"


class TraceOutcome(StrEnum):
    """What became of an event at one dependency of a trigger."""

    FIRED = "fired"
    WAITING = "waiting"
    REPLACED = "replaced"
    FILTERED = "filtered"
    RESET = "reset"


@dataclass(frozen=True, slots=True)
class Trace:
    """One line of the answer to `why did this event (not) fire`; `firing_id` when it did."""

    event_id: str
    dependency: str
    outcome: TraceOutcome
    reason: str = ""
    firing_id: str = ""


@dataclass(frozen=True, slots=True)
class Transition:
    """What one fact has changed; nothing has when all is empty.

    `state` is the trigger's own new state (JSON; None when unchanged). `commands` may be carried out once the rest is
    durable. `wake_at` is when the machine next wants a `Woken` (None: no timer); it replaces the one asked for before.
    """

    state: Mapping[str, Any] | None = None
    firings: Sequence[Firing] = ()
    traces: Sequence[Trace] = ()
    commands: Sequence[Command] = ()
    records: Sequence[Record] = field(default_factory=tuple)
    wake_at: datetime | None = None
