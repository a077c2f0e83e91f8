"""What has happened to a workflow, with its time: the only way in to the machine. Times are aware UTC datetimes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Submitted:
    """The workflow was accepted and may begin. The first fact of every workflow."""

    at: datetime


@dataclass(frozen=True, slots=True)
class AttemptStarted:
    """The program of a pod node runs; `token` is the one of the `StartAttempt` command."""

    at: datetime
    token: str


@dataclass(frozen=True, slots=True)
class AttemptEnded:
    """The program of a pod node has ended, or is known not to have started.

    `exit_code` is None when nothing was run. `parameters` are the texts of the declared output files, `missing` the
    paths of those that were not there, both by parameter name; `result` is the end of standard output when asked for.
    `error` is the executor's own failure in Argo's words; `lost` when it is unknown how the program ended.
    """

    at: datetime
    token: str
    exit_code: int | None
    parameters: Mapping[str, str] = field(default_factory=dict[str, str])
    missing: Mapping[str, str] = field(default_factory=dict[str, str])
    result: str | None = None
    error: str = ""
    lost: bool = False


@dataclass(frozen=True, slots=True)
class Woken:
    """The time that a transition asked for (`wake_at`) has come; being woken early or twice does no harm."""

    at: datetime


@dataclass(frozen=True, slots=True)
class SuspendRequested:
    """`argo suspend`: nothing new is started until resumed."""

    at: datetime


@dataclass(frozen=True, slots=True)
class ResumeRequested:
    """`argo resume`: clears the suspension; active suspend nodes matching `node_selector` (empty: all) succeed."""

    at: datetime
    node_selector: str = ""
    actor: str = ""


@dataclass(frozen=True, slots=True)
class ShutdownRequested:
    """`argo stop` / `argo terminate`: `strategy` is `Stop` or `Terminate`.

    With a `node_selector` (stop only), nothing is shut down: matching suspend nodes fail with `message`.
    """

    at: datetime
    strategy: str
    node_selector: str = ""
    message: str = ""


Fact: TypeAlias = (
    Submitted | AttemptStarted | AttemptEnded | Woken | SuspendRequested | ResumeRequested | ShutdownRequested
)
