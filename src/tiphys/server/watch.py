"""`GET /api/v1/workflow-events/{namespace}`: what exists, then every change, until the client leaves.

Argo: server/workflow/workflow_server.go, WatchWorkflows, v4.1.2. Without a resource version, or with 0, it begins with
ADDED events; a version that is no longer remembered is refused as too old, and the client begins anew.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace

from starlette.requests import Request
from starlette.responses import Response

from tiphys.controllers.ports import WorkflowQuery
from tiphys.jsons import JsonObject
from tiphys.server import asked, objects
from tiphys.server.failures import Code, Failure
from tiphys.server.fields import Fields
from tiphys.server.history import Entry
from tiphys.server.parts import Parts
from tiphys.server.selection import Selection, parse_selection
from tiphys.server.streams import streamed


@dataclass(frozen=True, slots=True)
class _Watch:
    """What one watcher wants to see."""

    parts: Parts
    selection: Selection
    fields: Fields

    def envelope(self, kind: str, item: JsonObject) -> JsonObject:
        return self.fields.clean({"result": {"type": kind, "object": item}})

    @property
    def sees_nodes(self) -> bool:
        return any(self.fields.keeps(f"result.object.status.{key}") for key in objects.OF_NODES)


async def watch_workflows(parts: Parts, request: Request) -> Response:
    """Answers with the stream."""
    return await streamed(request, _open(parts, request), heartbeat_s=parts.heartbeat_s)


async def _open(parts: Parts, request: Request) -> AsyncIterator[JsonObject]:
    options = asked.list_options(request.query_params)
    namespace = request.path_params.get("namespace", "")
    selection = parse_selection(namespace, options.label_selector, options.field_selector, request.query_params)
    if selection.name == objects.LATEST:
        row = await objects.find_workflow(parts.store, selection.namespace, objects.LATEST)
        selection = replace(selection, name=row.name)
    elif selection.name is not None and not selection.name_filter:
        await _must_exist(parts, selection)
    watch = _Watch(parts, selection, Fields.parse(request.query_params.get("fields", "")))
    return _events(watch, _version(parts, options.resource_version))


async def _must_exist(parts: Parts, selection: Selection) -> None:
    """A watch of one name that does not exist is refused: whoever waits for it would wait for ever."""
    if selection.namespace and selection.name:
        await objects.find_workflow(parts.store, selection.namespace, selection.name)


def _version(parts: Parts, text: str) -> int | None:
    """The version to go on from; None for the beginning."""
    if text in ("", "0"):
        return None
    if not text.isdecimal():
        message = f'resourceVersion: Invalid value: "{text}": strconv.ParseUint: parsing "{text}": invalid syntax'
        raise Failure(Code.INTERNAL, message)
    if not parts.history.remembers(int(text)):
        raise _too_old(parts, int(text))
    return int(text)


def _too_old(parts: Parts, version: int) -> Failure:
    return Failure(Code.INVALID_ARGUMENT, f"too old resource version: {version} ({parts.history.version})")


async def _events(watch: _Watch, version: int | None) -> AsyncIterator[JsonObject]:
    history = watch.parts.history
    if version is None:
        version = history.version
        async for event in _existing(watch):
            yield event
    while True:
        if not history.remembers(version):
            raise _too_old(watch.parts, version)
        entries = history.since(version)
        if not entries:
            await history.moved()
            continue
        version = entries[-1].version
        for entry in _merged(entries):
            event = await _event(watch, entry)
            if event is not None:
                yield event


async def _existing(watch: _Watch) -> AsyncIterator[JsonObject]:
    rows = await watch.parts.store.workflows(WorkflowQuery(namespace=watch.selection.namespace))
    for row in reversed(rows):
        if watch.selection.matches(row):
            item = await objects.whole_workflow(watch.parts, row, with_nodes=watch.sees_nodes)
            yield watch.envelope("ADDED", item)


async def _event(watch: _Watch, entry: Entry) -> JsonObject | None:
    """The event of an entry, with the workflow as it is now; None when nobody here wants to see it."""
    gone = entry.deleted is not None
    row = entry.deleted or await watch.parts.store.workflow_by_uid(entry.uid)
    if row is None or not watch.selection.matches(row):
        return None
    item = await objects.whole_workflow(watch.parts, row, with_nodes=watch.sees_nodes and not gone)
    return watch.envelope(entry.kind, item)


def _merged(entries: Sequence[Entry]) -> Sequence[Entry]:
    """One entry for each workflow: the last one, but ADDED stays ADDED until it has been shown."""
    last: dict[str, Entry] = {}
    for entry in entries:
        before = last.pop(entry.uid, None)
        is_new = before is not None and before.kind == "ADDED" and entry.kind == "MODIFIED"
        last[entry.uid] = replace(entry, kind="ADDED") if is_new else entry
    return list(last.values())
