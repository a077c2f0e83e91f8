"""`GET …/log`: what the pods of a workflow have written, pod by pod in the order of their start, or as it is written.

Argo: util/logs/workflow-logger.go, v4.1.2. Differs: log files hold what the program wrote and no times, so lines of
several pods are not mixed by time, and options that need a time are refused by name
(tests/unit/server/test_logs.py).
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from tiphys.controllers.ports import WorkflowRow
from tiphys.engine import status
from tiphys.jsons import JsonObject, as_object
from tiphys.lang import regexps, selectors
from tiphys.lang.regexps import Regexp
from tiphys.server import asked, objects
from tiphys.server.failures import Code, Failure
from tiphys.server.nodes import pod_name
from tiphys.server.parts import Parts
from tiphys.server.podlog import PodLog
from tiphys.server.streams import streamed

POLL_S: Final = 0.2
"""Seconds between two looks at a file that is followed: below what a reader notices."""
_UNDONE: Final = ("timestamps", "sinceSeconds", "sinceTime", "sinceTime.seconds", "limitBytes")
"""Options that need what a log file does not hold, or that nobody has asked for yet."""


@dataclass(frozen=True, slots=True)
class LogQuery:
    """Which lines of which pods; `grep` is a pattern of Go's grammar."""

    container: str
    pod: str
    selector: selectors.LabelSelector
    grep: Regexp | None
    tail: int | None
    follow: bool
    previous: bool

    def wants(self, line: str) -> bool:
        """Whether a line is asked for."""
        return self.grep is None or self.grep.found_in(line)


async def workflow_logs(parts: Parts, request: Request) -> Response:
    """Answers with the stream; also for `…/{podName}/log`, which is one pod's."""
    return await streamed(request, _open(parts, request), heartbeat_s=parts.heartbeat_s)


async def _open(parts: Parts, request: Request) -> AsyncIterator[JsonObject]:
    namespace, name = request.path_params["namespace"], request.path_params["name"]
    row = await objects.find_workflow(parts.store, namespace, name)
    query = _query(request)
    if query.container != "main" or query.previous:
        return _nothing()
    return _follow(parts, row, query) if query.follow else _whole(parts, row, query)


def _query(request: Request) -> LogQuery:
    query = request.query_params
    for name in _UNDONE:
        if query.get(f"logOptions.{name}", "") not in ("", "false", "0"):
            raise Failure(Code.UNIMPLEMENTED, f"logOptions.{name} is not done yet: log files hold no times")
    tail = asked.query_int(query, "logOptions.tailLines")
    return LogQuery(
        container=query.get("logOptions.container", ""),
        pod=request.path_params.get("pod", query.get("podName", "")),
        selector=_selector(query.get("selector", "")),
        grep=_pattern(query.get("grep", "")),
        tail=tail if tail is not None and tail >= 0 else None,
        follow=asked.query_flag(query, "logOptions.follow"),
        previous=asked.query_flag(query, "logOptions.previous"),
    )


def _selector(text: str) -> selectors.LabelSelector:
    try:
        return selectors.parse_labels(text)
    except selectors.InvalidSelector as error:
        raise Failure(Code.INVALID_ARGUMENT, str(error)) from error


def _pattern(text: str) -> Regexp | None:
    if not text:
        return None
    try:
        return regexps.compile_regexp(text)
    except regexps.InvalidRegexp as error:
        raise Failure(Code.INTERNAL, f'failed to compile "{text}": {error}') from error


async def _nothing() -> AsyncIterator[JsonObject]:
    for nothing in ():
        yield nothing


async def _pods(parts: Parts, row: WorkflowRow, query: LogQuery) -> Sequence[PodLog]:
    """The logs of the pods that have started, in the order of their start."""
    labels = {"workflows.argoproj.io/workflow": row.name}
    if not query.selector.matches(labels):
        return []
    bodies = [node.body for node in await parts.store.nodes(row.uid)]
    nodes = as_object(status.render_status(row.state, bodies).get("nodes")).values()
    started = sorted(
        (node for node in nodes if node.get("type") == "Pod" and node.get("startedAt")),
        key=lambda node: str(node["startedAt"]),
    )
    logs = (PodLog(pod_name(row.name, node), parts.executor.log_path(row.uid, node["id"])) for node in started)
    return [log for log in logs if query.pod in ("", log.pod)]


async def _whole(parts: Parts, row: WorkflowRow, query: LogQuery) -> AsyncIterator[JsonObject]:
    """Everything that is there now, then the end."""
    for log in await _pods(parts, row, query):
        last: deque[str] = deque(maxlen=query.tail)
        async for line in _all_lines(log):
            if query.tail is None and query.wants(line):
                yield _entry(log, line)
            elif query.tail is not None:
                last.append(line)
        for line in filter(query.wants, last):
            yield _entry(log, line)


async def _all_lines(log: PodLog) -> AsyncIterator[str]:
    at_end = False
    while not at_end:
        lines, at_end = await asyncio.to_thread(log.read_lines)
        for line in lines:
            yield line
    for line in log.last_line():
        yield line


async def _follow(parts: Parts, row: WorkflowRow, query: LogQuery) -> AsyncIterator[JsonObject]:
    """What is there, then what comes, until the workflow has ended or is gone and every file is read."""
    logs: dict[str, PodLog] = {}
    finished = False
    while True:
        now = None if finished else await parts.store.workflow_by_uid(row.uid)
        finished = finished or now is None or now.finished_at is not None
        for log in await _pods(parts, now, query) if now else ():
            if log.pod not in logs:
                logs[log.pod] = log
                if query.tail is not None:
                    log.skip_to_tail(query.tail)
        at_end = True
        for log in logs.values():
            lines, reached = await asyncio.to_thread(log.read_lines)
            at_end = at_end and reached
            for line in filter(query.wants, [*lines, *(log.last_line() if finished and reached else [])]):
                yield _entry(log, line)
        if finished and at_end:
            return
        if at_end:
            await _pause(parts)


async def _pause(parts: Parts) -> None:
    """A short while, or until something is committed."""
    try:
        await asyncio.wait_for(parts.history.moved(), POLL_S)
    except TimeoutError:
        return


def _entry(log: PodLog, line: str) -> JsonObject:
    return {"result": {"content": line, "podName": log.pod}}
