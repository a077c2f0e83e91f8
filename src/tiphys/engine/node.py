"""One node of a workflow while it lives in the machine, and its row body. Pure.

The body is Argo's NodeStatus with two differences: times keep their microseconds (the rendered status has seconds, as
Argo's), and what the machine needs beside it stands under the key `tiphys`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from tiphys.engine import phases
from tiphys.engine.commands import StartAttempt
from tiphys.jsons import JsonObject, as_object

POD: Final = "Pod"
STEPS: Final = "Steps"
STEP_GROUP: Final = "StepGroup"
DAG: Final = "DAG"
TASK_GROUP: Final = "TaskGroup"
RETRY: Final = "Retry"
SKIPPED: Final = "Skipped"
SUSPEND: Final = "Suspend"

COUNTED: Final = frozenset((POD, STEPS, DAG))
"""The types that template level `parallelism` and `failFast` look at."""

OWN: Final = "tiphys"
"""The key of a body under which stands what is not Argo's."""

_PLAIN: Final = (
    ("id", "id"), ("name", "name"), ("displayName", "display_name"), ("type", "type"),
    ("templateName", "template_name"), ("templateRef", "template_ref"), ("templateScope", "template_scope"),
    ("phase", "phase"), ("boundaryID", "boundary_id"), ("message", "message"),
    ("nodeFlag", "flag"), ("inputs", "inputs"), ("outputs", "outputs"),
)  # fmt: skip
"""Key in the body and attribute of the node."""


class Node:
    """A node; `children` keeps the order in which they were added, `flag` is None or Argo's nodeFlag.

    `attempt` is what runs, or may still run, in the world for a pod node, also after its phase is settled: it is None
    before the start and once the end is known. `asked_to_stop` holds from the `StopAttempt` on; `running_since` is when
    the program began, `running_limit` how many seconds it may run. `declared` are the output parameters that it is to
    leave, tags filled. `pending_until` is how long it may wait, of a Retry node how long its wait lasts; `repeats` says
    after how many attempts it was decided to try again.
    """

    __slots__ = (
        "asked_to_stop", "attempt", "boundary_id", "children", "declared", "display_name", "finished_at", "flag", "id",
        "inputs", "message", "name", "outbound", "outputs", "pending_until", "phase", "repeats", "running_limit",
        "running_since", "started_at", "template_name", "template_ref", "template_scope", "type",
    )  # fmt: skip

    def __init__(self, node_id: str, name: str, node_type: str, phase: str) -> None:
        self.id = node_id
        self.name = name
        self.type = node_type
        self.phase = phase
        self.display_name = name
        self.template_name = ""
        self.template_ref: JsonObject | None = None
        self.template_scope = ""
        self.boundary_id = ""
        self.message = ""
        self.flag: dict[str, bool] | None = None
        self.inputs: JsonObject | None = None
        self.outputs: JsonObject | None = None
        self.children: dict[str, None] = {}
        self.outbound: list[str] = []
        self.started_at: datetime | None = None
        self.finished_at: datetime | None = None
        self.pending_until: datetime | None = None
        self.repeats = 0
        self.running_limit: int | None = None
        self.running_since: datetime | None = None
        self.attempt: StartAttempt | None = None
        self.declared: list[JsonObject] = []
        self.asked_to_stop = False

    @property
    def fulfilled(self) -> bool:
        """Whether it has come to an end, happy or not, or was passed over."""
        return self.phase in phases.FULFILLED

    @property
    def unhappy(self) -> bool:
        """Whether it is Failed or Error."""
        return self.phase in phases.UNHAPPY

    @property
    def hooked(self) -> bool:
        """Whether it is the node of a hook or exit handler."""
        return bool(self.flag and self.flag.get("hooked"))

    @property
    def retried(self) -> bool:
        """Whether it is one attempt of a Retry node."""
        return bool(self.flag and self.flag.get("retried"))

    def body(self) -> JsonObject:
        """The body of its row."""
        body: JsonObject = {}
        for key, attribute in _PLAIN:
            value = getattr(self, attribute)
            if value or (value is not None and value != "" and attribute == "flag"):
                body[key] = value
        if self.children:
            body["children"] = list(self.children)
        if self.outbound:
            body["outboundNodes"] = self.outbound
        body["startedAt"] = _text(self.started_at)
        body["finishedAt"] = _text(self.finished_at)
        if own := self._own():
            body[OWN] = own
        return body

    def _own(self) -> JsonObject:
        own: JsonObject = {}
        if self.running_since:
            own["runningSince"] = _text(self.running_since)
        if self.running_limit is not None:
            own["runningLimit"] = self.running_limit
        if self.repeats:
            own["repeats"] = self.repeats
        if self.pending_until is not None:
            own["pendingUntil"] = _text(self.pending_until)
        if self.asked_to_stop:
            own["askedToStop"] = True
        if self.attempt:
            own["attempt"] = _attempt_body(self.attempt)
        if self.declared:
            own["declared"] = self.declared
        return own


def load_node(body: Mapping[str, Any]) -> Node:
    """The node that a body was made from."""
    node = Node(body["id"], body["name"], body["type"], body["phase"])
    for key, attribute in _PLAIN:
        if key in body:
            setattr(node, attribute, body[key])
    node.children = dict.fromkeys(body.get("children", ()))
    node.outbound = list(body.get("outboundNodes", ()))
    node.started_at, node.finished_at = _time(body.get("startedAt")), _time(body.get("finishedAt"))
    own = as_object(body.get(OWN))
    node.running_since = _time(own.get("runningSince"))
    node.repeats = own.get("repeats", 0)
    node.pending_until = _time(own.get("pendingUntil"))
    node.running_limit = own.get("runningLimit")
    node.asked_to_stop = bool(own.get("askedToStop"))
    node.declared = list(own.get("declared", ()))
    node.attempt = _load_attempt(own["attempt"]) if "attempt" in own else None
    return node


def _text(at: datetime | None) -> str | None:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z") if at else None


def _time(text: object) -> datetime | None:
    return datetime.fromisoformat(text) if isinstance(text, str) and text else None


def _attempt_body(attempt: StartAttempt) -> JsonObject:
    return {
        "token": attempt.token,
        "podName": attempt.pod_name,
        "templateName": attempt.template_name,
        "container": attempt.container,
        "source": attempt.source,
        "outputs": attempt.outputs,
        "result": attempt.result,
        "deadline": _text(attempt.deadline),
        "nodeName": attempt.node_name,
        "nodeId": attempt.node_id,
    }


def _load_attempt(body: JsonObject) -> StartAttempt:
    return StartAttempt(
        token=body["token"],
        node_id=body["nodeId"],
        node_name=body["nodeName"],
        pod_name=body["podName"],
        template_name=body["templateName"],
        container=body["container"],
        source=body["source"],
        outputs=body["outputs"],
        result=body["result"],
        deadline=_time(body["deadline"]),
    )
