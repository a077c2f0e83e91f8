"""A workflow as `argo get` prints it: the block of facts, then the tree of its nodes; and its line in `argo list`.

Argo: cmd/argo/commands/common/get.go, PrintWorkflow, and util/printer/workflow-printer.go, v4.1.2. Pure.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final

from tiphys.cli.output import long_duration, parse_time, short_duration, time_and_age
from tiphys.cli.tree import Look, tree_rows
from tiphys.jsons import JsonObject, as_list, as_object

_NO_ACCOUNT: Final = "unset (will run with the default ServiceAccount)"
LIST_HEADER: Final = ("NAME", "STATUS", "AGE", "DURATION", "PRIORITY", "MESSAGE")
WIDE_HEADER: Final = (*LIST_HEADER, "P/R/C", "PARAMETERS")
TREE_HEADER: Final = ("STEP", "TEMPLATE", "PODNAME", "DURATION", "MESSAGE")


def fact_lines(workflow: JsonObject, now: datetime) -> Iterator[str]:
    """The block above the tree."""
    metadata, spec, status = (as_object(workflow.get(key)) for key in ("metadata", "spec", "status"))
    yield _fact("Name", metadata.get("name", ""))
    yield _fact("Namespace", metadata.get("namespace", ""))
    yield _fact("ServiceAccount", spec.get("serviceAccountName") or _NO_ACCOUNT)
    yield _fact("Status", status_text(workflow))
    if status.get("message"):
        yield _fact("Message", status["message"])
    yield from _conditions(status)
    yield from _times(metadata, status, now)
    yield _fact("Progress", status.get("progress", ""))
    if status.get("resourcesDuration"):
        yield _fact("ResourcesDuration", _resources(status["resourcesDuration"]))
    yield from _parameters("Parameters", as_object(spec.get("arguments")))
    yield from _parameters("Output Parameters", as_object(status.get("outputs")))


def tree_table(workflow: JsonObject, look: Look) -> list[Sequence[str]]:
    """Header and rows of the tree; empty when there are no nodes yet."""
    rows = tree_rows(workflow, look)
    return [TREE_HEADER, *rows] if rows else []


def status_text(workflow: JsonObject) -> str:
    """The phase, `Pending` before there is one, and whether it waits for somebody."""
    phase = str(as_object(workflow.get("status")).get("phase") or "Pending")
    return f"{phase} (Suspended)" if phase == "Running" and _is_suspended(workflow) else phase


def _is_suspended(workflow: JsonObject) -> bool:
    nodes = as_object(as_object(workflow.get("status")).get("nodes")).values()
    waits = any(node.get("type") == "Suspend" and node.get("phase") == "Running" for node in nodes)
    return waits or bool(as_object(workflow.get("spec")).get("suspend"))


def list_row(workflow: JsonObject, now: datetime, *, wide: bool) -> Sequence[str]:
    """The line of a workflow in a list, without its namespace."""
    metadata, spec, status = (as_object(workflow.get(key)) for key in ("metadata", "spec", "status"))
    created = parse_time(metadata.get("creationTimestamp")) or now
    row = (
        str(metadata.get("name", "")),
        status_text(workflow),
        short_duration((now - created).total_seconds()),
        short_duration(_lasted(status, now)),
        str(spec.get("priority") or 0),
        str(status.get("message", "")),
    )
    return (*row, _pod_counts(status), _parameter_list(spec)) if wide else row


def finished_line(workflow: JsonObject) -> str:
    """What `argo wait` prints: `name Phase at time`."""
    metadata, status = as_object(workflow.get("metadata")), as_object(workflow.get("status"))
    return f"{metadata.get('name')} {status.get('phase')} at {status.get('finishedAt')}"


def _fact(name: str, value: object) -> str:
    return f"{name + ':':<20} {value}"


def _conditions(status: JsonObject) -> Iterator[str]:
    conditions = as_list(status.get("conditions"))
    if conditions:
        yield _fact("Conditions", "")
    for condition in conditions:
        yield f"{' ' + condition.get('type', ''):<20} {condition.get('message') or condition.get('status', '')}"


def _times(metadata: JsonObject, status: JsonObject, now: datetime) -> Iterator[str]:
    named = (
        ("Created", metadata.get("creationTimestamp")),
        ("Started", status.get("startedAt")),
        ("Finished", status.get("finishedAt")),
    )
    for name, text in named:
        at = parse_time(text)
        if at:
            yield _fact(name, time_and_age(at, now))
    if parse_time(status.get("startedAt")):
        yield _fact("Duration", long_duration(_lasted(status, now)))


def _lasted(status: JsonObject, now: datetime) -> float:
    started, finished = parse_time(status.get("startedAt")), parse_time(status.get("finishedAt"))
    return ((finished or now) - started).total_seconds() if started else 0.0


def _resources(amounts: JsonObject) -> str:
    units = {"cpu": "1 cpu", "memory": "100Mi memory"}
    return ",".join(f"{long_duration(amount)}*({units.get(name, name)})" for name, amount in amounts.items())


def _parameters(title: str, arguments: JsonObject) -> Iterator[str]:
    parameters = [item for item in as_list(arguments.get("parameters")) if item.get("value") is not None]
    if parameters:
        yield _fact(title, "")
    for parameter in parameters:
        yield f"{'  ' + parameter['name'] + ':':<20} {parameter['value']}"


def _pod_counts(status: JsonObject) -> str:
    phases = Counter(node.get("phase") for node in as_object(status.get("nodes")).values() if node["type"] == "Pod")
    running, pending = phases.pop("Running", 0), phases.pop("Pending", 0)
    return f"{pending}/{running}/{phases.total()}"


def _parameter_list(spec: JsonObject) -> str:
    parameters = as_list(as_object(spec.get("arguments")).get("parameters"))
    return ",".join(f"{item['name']}={item.get('value', '')}" for item in parameters)
