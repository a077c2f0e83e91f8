"""The workflow service: create, list, get, delete, lint.

Argo: server/workflow/workflow_server.go, v4.1.2. Differs: `metadata.continue` is given whenever there is more, as with
an archive database; without one Argo drops the rest silently (tests/unit/server/test_workflows.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from tiphys.controllers.ports import WorkflowQuery, WorkflowRow
from tiphys.errors import InvalidManifest
from tiphys.jsons import JsonObject, as_list, as_object
from tiphys.server import asked, checks, objects, shape, submission
from tiphys.server.failures import Code, Failure, as_failure
from tiphys.server.fields import Fields
from tiphys.server.parts import Parts
from tiphys.server.replies import answer
from tiphys.server.selection import Selection, parse_selection


async def create_workflow(parts: Parts, request: Request) -> Response:
    """`POST /api/v1/workflows/{namespace}`."""
    body = await asked.body_of(request)
    document = asked.member(body, "workflow")
    if not document:
        raise Failure(Code.INVALID_ARGUMENT, "workflow body not specified")
    options = as_object(asked.member(body, "createOptions"))
    manifest = submission.with_namespace(as_object(document), request.path_params["namespace"])
    order = submission.Order(
        manifest,
        str(asked.actor_of(request)),
        dry_run=bool(as_list(options.get("dryRun"))),
        server_dry_run=asked.flag(body, "serverDryRun"),
    )
    return answer(await submission.place(parts, order))


async def lint_workflow(parts: Parts, request: Request) -> Response:
    """`POST /api/v1/workflows/{namespace}/lint`: Argo's code for a finding is 2."""
    document = as_object(asked.member(await asked.body_of(request), "workflow"))
    if not document:
        raise Failure(Code.UNKNOWN, "unable to get a workflow")
    namespace = as_object(document.get("metadata")).get("namespace", "")
    try:
        checked = await checks.check_document(parts.store, document, "Workflow", namespace, lint=True)
    except InvalidManifest as error:
        raise Failure(Code.UNKNOWN, as_failure(error).message) from error
    return answer(shape.workflow_object({**checked, "status": {}}))


async def get_workflow(parts: Parts, request: Request) -> Response:
    """`GET /api/v1/workflows/{namespace}/{name}`."""
    fields = Fields.parse(request.query_params.get("fields", ""))
    row = await objects.find_workflow(parts.store, **request.path_params)
    return answer(await _shown(parts, row, fields, prefix=""))


async def delete_workflow(parts: Parts, request: Request) -> Response:
    """`DELETE /api/v1/workflows/{namespace}/{name}`; finished or not, it is gone."""
    row = await objects.find_workflow(parts.store, **request.path_params)
    await parts.backend.delete(row.namespace, row.name, actor=str(asked.actor_of(request)))
    return answer({})


async def list_workflows(parts: Parts, request: Request) -> Response:
    """`GET /api/v1/workflows/{namespace}`; an empty namespace means all."""
    query = request.query_params
    options = asked.list_options(query)
    selection = parse_selection(
        request.path_params.get("namespace", ""), options.label_selector, options.field_selector, query
    )
    fields = Fields.parse(query.get("fields", ""))
    rows, rest = await _page(parts, selection, options)
    items = [await _shown(parts, row, fields, prefix="items.") for row in sorted(rows, key=_list_order)]
    metadata: JsonObject = {"resourceVersion": str(parts.history.version)}
    if rest:
        metadata["continue"] = str(options.offset + len(rows))
    if selection.counts_rest:
        metadata["remainingItemCount"] = rest
    shown = fields.clean({"metadata": metadata}).get("metadata", {})
    return answer({"metadata": shown, "items": items or None})


async def _page(parts: Parts, selection: Selection, options: asked.ListOptions) -> tuple[Sequence[WorkflowRow], int]:
    """The rows of a page, newest first, and how many follow; 1 stands for some unless they have to be counted."""
    query = WorkflowQuery(namespace=selection.namespace, labels=options.label_selector)
    if selection.only_labels and options.limit and not selection.counts_rest:
        found = await parts.store.workflows(replace(query, limit=options.limit + 1, offset=options.offset))
        return found[: options.limit], len(found[options.limit :])
    matching = [row for row in await parts.store.workflows(query) if selection.matches(row)]
    end = options.offset + options.limit if options.limit else len(matching)
    return matching[options.offset : end], len(matching[end:])


def _list_order(row: WorkflowRow) -> tuple[Any, ...]:
    """Running ones first, the newest start first; then the finished ones, the latest end first."""
    started = row.started_at or row.created_at
    if row.finished_at is None:
        return (0, -started.timestamp(), 0.0)
    return (1, -row.finished_at.timestamp(), -started.timestamp())


async def _shown(parts: Parts, row: WorkflowRow, fields: Fields, *, prefix: str) -> JsonObject:
    """The object of a row with what `fields` asks for; what is always there comes back with its zero value."""
    with_nodes = any(fields.keeps(f"{prefix}status.{key}") for key in objects.OF_NODES)
    whole = await objects.whole_workflow(parts, row, with_nodes=with_nodes)
    if not fields:
        return whole
    if not prefix:
        return shape.workflow_object(fields.clean(whole))
    for item in as_list(fields.clean({"items": [whole]}).get("items")):
        return shape.workflow_object(as_object(item))
    return shape.workflow_object({})
