"""Every seam of the program on one page: what the controllers need from outside, and the rows that cross.

Whoever implements a port passes its suite in `tests/contracts/`; the shipped fakes in `tiphys.testing` do too. All
methods are async; all times are aware UTC datetimes; errors are those of `tiphys.errors`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

from tiphys.audit.record import Record

JsonObject = Mapping[str, Any]
"""A decoded JSON object."""


# --- rows: state as it is stored -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class WorkflowRow:
    """A Workflow: its document as submitted, and its status without the nodes.

    `uid` is its identity; (`namespace`, `name`) is unique. `phase` is Argo's text, empty before the first assessment.
    `labels` are the live ones, for selectors. `manifest` is the whole document without `status`; it changes only by
    verbs (suspend, shutdown, labels). `state` is the machine's own: what it needs to be loaded again.
    """

    uid: str
    namespace: str
    name: str
    phase: str
    created_at: datetime
    manifest: JsonObject
    state: JsonObject
    labels: Mapping[str, str] = field(default_factory=dict[str, str])
    started_at: datetime | None = None
    finished_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class NodeRow:
    """One node of a workflow; `body` is the machine's own, and enough to show it and to load it again."""

    workflow_uid: str
    node_id: str
    phase: str
    body: JsonObject


@dataclass(frozen=True, slots=True)
class DocumentRow:
    """Any other document that was applied: WorkflowTemplate, ConfigMap, Sensor, EventSource, … unique by kind and name.

    `namespace` is empty for cluster-scoped kinds.
    """

    kind: str
    namespace: str
    name: str
    body: JsonObject


@dataclass(frozen=True, slots=True)
class StateRow:
    """State of one instance of the sensor or incident machine, or of a guard (lock, marker, kill switch).

    `machine` names the kind (`sensor`, `firing`, `trace`, `incident`, `approval`, `target-lock`, `remediation-run`,
    `alert`, `deploy-marker`, `switch`), `key` the instance, `phase` its phase for queries (empty where there is none),
    `group` an optional second key for look-ups.
    """

    machine: str
    key: str
    phase: str
    body: JsonObject
    group: str = ""


@dataclass(frozen=True, slots=True)
class Event:
    """A CloudEvent on the bus: (`source`, `subject`) is (EventSource name, event name); `id` is unique, twice is once.

    `data` is JSON; for a webhook `{"header": {...}, "body": {...}}` as Argo Events gives it. `type` is the event source
    type (`webhook`, `calendar`, `tiphys` for our own).
    """

    id: str
    source: str
    subject: str
    type: str
    time: datetime
    data: Any


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """An event with its place on the bus; `seq` grows, without promise of being gap-free."""

    seq: int
    event: Event


@dataclass(frozen=True, slots=True)
class Cursor:
    """How far a consumer of the bus has come: everything up to and including `seq` is dealt with."""

    consumer: str
    seq: int


@dataclass(frozen=True, slots=True)
class SealedRecord:
    """A record in the chain: `entry` are the canonical bytes that were hashed, `hash` and `prev_hash` 32 bytes each."""

    seq: int
    entry: bytes
    prev_hash: bytes
    hash: bytes


@dataclass(frozen=True, slots=True)
class Change:
    """One transition, ready to be written: all of it is durable after `commit` returns, or none.

    Rows replace the row of the same key. `created` are workflows that must not exist yet by (namespace, name): one that
    does makes the whole commit fail with `AlreadyExists`. An event whose id is already on the bus is left out silently.
    `deleted` holds rows of any kind; only their key counts, and a deleted workflow takes its nodes along.
    """

    created: tuple[WorkflowRow, ...] = ()
    workflows: tuple[WorkflowRow, ...] = ()
    nodes: tuple[NodeRow, ...] = ()
    documents: tuple[DocumentRow, ...] = ()
    states: tuple[StateRow, ...] = ()
    deleted: tuple[WorkflowRow | DocumentRow | StateRow, ...] = ()
    events: tuple[Event, ...] = ()
    cursors: tuple[Cursor, ...] = ()
    records: tuple[Record, ...] = ()


@dataclass(frozen=True, slots=True)
class WorkflowQuery:
    """Which workflows to list, newest first; empty means all.

    `labels` is a Kubernetes label selector. `offset` and `limit` page (0 is no limit).
    """

    namespace: str = ""
    labels: str = ""
    phases: tuple[str, ...] = ()
    name_prefix: str = ""
    limit: int = 0
    offset: int = 0


# --- what is run ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class OutputSpec:
    """What an attempt is asked to hand over: parameter name → absolute path in its view of the file system.

    `result` asks for standard output (last 256 KiB, one trailing newline trimmed, Argo's rule).
    """

    parameters: Mapping[str, str] = field(default_factory=dict[str, str])
    result: bool = False


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt of one node, fully resolved: nothing in it is a tag any more.

    `token` is unique for ever (`<workflow uid>/<node id>/<generation>`): an executor starts it at most once. `command`
    and `args` are as in the template and may be empty when the `images` setting knows the image's entrypoint. `source`
    is the script's text (None for a container). `env` is ordered. `deadline` ends it from outside; `grace_s` lies
    between TERM and KILL.
    """

    token: str
    workflow_uid: str
    workflow_name: str
    namespace: str
    node_id: str
    node_name: str
    pod_name: str
    template_name: str
    image: str
    command: tuple[str, ...] = ()
    args: tuple[str, ...] = ()
    source: str | None = None
    env: tuple[tuple[str, str], ...] = ()
    working_dir: str = ""
    outputs: OutputSpec = OutputSpec()
    deadline: datetime | None = None
    grace_s: float = 30.0


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an attempt ended.

    `exit_code` as a pod would show it (128 + signal when killed); None when nothing was ever run. `parameters` holds
    the text of every declared output file that exists, as written (trimming is the machine's), `missing` the paths of
    those that do not, by parameter name. `result` is the end of standard output when asked for. `error` is set, in
    Argo's words, when the executor and not the program failed; `lost` when it is unknown how the program ended.
    """

    exit_code: int | None
    started_at: datetime
    finished_at: datetime
    parameters: Mapping[str, str] = field(default_factory=dict[str, str])
    missing: Mapping[str, str] = field(default_factory=dict[str, str])
    result: str | None = None
    error: str = ""
    lost: bool = False


# --- ports ------------------------------------------------------------------------------------------------------------


class Clock(Protocol):
    """The only source of now."""

    def now(self) -> datetime:
        """The current time, aware, UTC."""
        ...

    async def sleep_until(self, at: datetime) -> None:
        """Returns at `at` or, when that has passed, at once."""
        ...


class Store(Protocol):
    """State rows, the bus table and the audit chain behind one write path."""

    async def commit(self, change: Change) -> None:
        """Writes all of `change` in one durable transaction; raises `AlreadyExists` (see `Change`), `Unavailable`."""
        ...

    async def workflow(self, namespace: str, name: str) -> WorkflowRow | None:
        """The workflow of that name, or None."""
        ...

    async def workflow_by_uid(self, uid: str) -> WorkflowRow | None:
        """The workflow of that uid, or None."""
        ...

    async def workflows(self, query: WorkflowQuery) -> Sequence[WorkflowRow]:
        """The workflows that match, newest first."""
        ...

    async def open_workflows(self) -> Sequence[WorkflowRow]:
        """Every workflow that has not finished, oldest first; costs what is open, not what there is."""
        ...

    async def nodes(self, workflow_uid: str) -> Sequence[NodeRow]:
        """All nodes of a workflow, in the order in which they were first written."""
        ...

    async def document(self, kind: str, namespace: str, name: str) -> DocumentRow | None:
        """The document of that key, or None."""
        ...

    async def documents(self, kind: str, namespace: str = "") -> Sequence[DocumentRow]:
        """All documents of a kind, by name; of one namespace when given."""
        ...

    async def state(self, machine: str, key: str) -> StateRow | None:
        """The state row of that key, or None."""
        ...

    async def states(
        self, machine: str, *, phases: tuple[str, ...] = (), group: str | None = None
    ) -> Sequence[StateRow]:
        """All state rows of a machine, by key; only those in `phases` and of `group` when given."""
        ...

    async def events_after(self, seq: int, *, limit: int, source: str = "", subject: str = "") -> Sequence[StoredEvent]:
        """Events on the bus table with a greater `seq`, in order."""
        ...

    async def event(self, event_id: str) -> StoredEvent | None:
        """The event of that id, or None."""
        ...

    async def cursor(self, consumer: str) -> int:
        """How far that consumer has come; 0 when it has never moved."""
        ...

    def records(self, *, after: int = -1, subject: str = "") -> AsyncIterator[SealedRecord]:
        """The audit chain in order, from the record after `after`; only that subject's when given."""
        ...

    def changes(self, wanted: Callable[[Change], bool] | None = None) -> AbstractContextManager[AsyncIterator[Change]]:
        """What is committed from now on, in order (only what is `wanted`), until the context ends.

        Rows, events and records come as they were handed in: an event that was left out because its id is known is seen
        here all the same. Iterating raises `Unavailable` when the reader falls too far behind.
        """
        ...

    async def close(self) -> None:
        """Waits for what was handed in, then closes; later calls raise `Unavailable`."""
        ...


class Bus(Protocol):
    """Events between the parts; at least once, in order for each consumer."""

    async def publish(self, event: Event) -> None:
        """Returns once the event is durable; the same id twice is one event. Raises `Unavailable`."""
        ...

    async def read(self, consumer: str, *, limit: int = 100) -> Sequence[StoredEvent]:
        """The next events for that consumer, oldest first; waits until there is at least one."""
        ...

    async def acknowledge(self, consumer: str, seq: int) -> None:
        """Everything up to `seq` is dealt with for that consumer and not given again."""
        ...


class Executor(Protocol):
    """Runs attempts of nodes."""

    async def recover(self, tokens: Collection[str]) -> None:
        """Called once, before all else, with the tokens that an earlier engine asked for and saw no end of.

        Ends what that engine left running. A token that was started, or may have been, is not started again: waiting
        for it gives an outcome that is `lost`.
        """
        ...

    async def start(self, attempt: Attempt) -> datetime:
        """Starts the program and returns when it did; the same token twice starts it once. Raises `Unavailable`."""
        ...

    async def stop(self, token: str) -> None:
        """TERM, then KILL after the grace period, to everything the attempt started; returns without waiting."""
        ...

    async def wait(self, token: str) -> Outcome:
        """Waits for the end of a started attempt; an unknown token gives an outcome that is `lost`."""
        ...

    async def forget(self, token: str) -> None:
        """The outcome of that attempt is durable: what was kept for it may go."""
        ...

    def log_path(self, workflow_uid: str, node_id: str) -> Path:
        """Where the log of that node is or will be."""
        ...

    async def close(self) -> None:
        """Stops everything that still runs and waits for it."""
        ...


class Backend(Protocol):
    """Runs whole workflows."""

    async def submit(self, manifest: JsonObject, *, actor: str) -> WorkflowRow:
        """Accepts a Workflow document; durable on return. Raises `AlreadyExists`, `InvalidManifest`, `NotFound`."""
        ...

    async def shutdown(self, namespace: str, name: str, strategy: str, *, actor: str, message: str = "") -> None:
        """`Stop` or `Terminate`. Raises `NotFound`, `Refused` when it has already finished."""
        ...

    async def suspend(self, namespace: str, name: str, *, actor: str) -> None:
        """Starts nothing new until resumed."""
        ...

    async def resume(self, namespace: str, name: str, *, node_selector: str = "", actor: str) -> None:
        """Goes on; suspend nodes (those that match `node_selector`) succeed."""
        ...

    async def delete(self, namespace: str, name: str, *, actor: str) -> None:
        """Removes it; what still runs is killed first."""
        ...


@dataclass(frozen=True, slots=True)
class Question:
    """What a planner is asked: the incident's alert group, evidence, and the actions it may choose from.

    All three are plain JSON; `candidates` are catalog entries by name. `decision_id` is the same when asked again.
    """

    decision_id: str
    incident_id: str
    alert: JsonObject
    evidence: Sequence[JsonObject]
    candidates: Sequence[JsonObject]


class Planner(Protocol):
    """Proposes a decision; never acts."""

    @property
    def name(self) -> str:
        """Who answered, for the audit log (`rules`, `model:<id>`)."""
        ...

    async def decide(self, question: Question) -> str:
        """The raw reply text, to be judged by the incident machine. Raises `Unavailable`; is never asked twice."""
        ...


class Evidence(Protocol):
    """Read-only facts about an alert's target."""

    async def gather(self, alert: JsonObject) -> Sequence[JsonObject]:
        """Facts as `{fact, value, source, trust, at}`; what cannot be had is a fact with value null. Never raises."""
        ...


class Notifier(Protocol):
    """Tells people something; losing a message must never lose an incident."""

    async def notify(self, kind: str, subject: str, body: JsonObject) -> None:
        """Delivers once, best effort. `kind` is `approval.requested`, `incident.escalated`, `incident.closed`."""
        ...
