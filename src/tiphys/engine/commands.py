"""What the machine wants done in the world, and what one fact has changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias

from tiphys.audit.record import Record


@dataclass(frozen=True, slots=True)
class StartAttempt:
    """Run the program of a pod node, fully resolved: no tag is left that could be.

    `token` is `<workflow uid>/<node id>/<generation>`, and never asked for twice except after a reload, when it is the
    same. `container` is the Kubernetes container (`image`, `command`, `args`, `env`, `workingDir`, …) as JSON; `source`
    the script's text, None for a container template. `outputs` maps parameter name to path; `result` asks for standard
    output. `deadline` is when it must be ended from outside.
    """

    token: str
    node_id: str
    node_name: str
    pod_name: str
    template_name: str
    container: Mapping[str, Any]
    source: str | None
    outputs: Mapping[str, str]
    result: bool
    deadline: datetime | None


@dataclass(frozen=True, slots=True)
class StopAttempt:
    """End the program of a pod node (TERM, then KILL after its grace period); the fact `AttemptEnded` follows."""

    token: str


Command: TypeAlias = StartAttempt | StopAttempt


@dataclass(frozen=True, slots=True)
class NodeChange:
    """A node as it is now; `body` is JSON, enough to show it and to load it again."""

    node_id: str
    phase: str
    body: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Transition:
    """What one fact has changed; nothing has changed when all is empty.

    `state` is the workflow's own new state (JSON; None when unchanged), `phase` its phase, `labels` its live labels.
    `nodes` are the changed nodes. `commands` may be carried out once the rest is durable. `wake_at` is when the machine
    next wants a `Woken` (None: no timer is set); it replaces what an earlier transition asked for.
    """

    state: Mapping[str, Any] | None
    phase: str
    labels: Mapping[str, str]
    nodes: Sequence[NodeChange]
    commands: Sequence[Command]
    records: Sequence[Record]
    wake_at: datetime | None
    started_at: datetime | None
    finished_at: datetime | None
