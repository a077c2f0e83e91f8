"""WorkflowTemplates and ClusterWorkflowTemplates: create, list, get, update, delete, lint; one code for both.

Argo: server/workflowtemplate and server/clusterworkflowtemplate, v4.1.2. A template keeps its own metadata (uid,
resourceVersion, creation time) in its document. An update must name the version that it was made from.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from tiphys.audit.record import Record
from tiphys.controllers.ports import Change, DocumentRow, Store
from tiphys.jsons import JsonObject, as_object
from tiphys.server import asked, checks, shape
from tiphys.server.failures import Code, Failure
from tiphys.server.parts import Parts
from tiphys.server.replies import answer
from tiphys.server.selection import parse_selection


@dataclass(frozen=True, slots=True)
class Resource:
    """One of the two kinds: what it is called, and where it lives."""

    kind: str
    plural: str
    missing: str

    def place(self, request: Request) -> str:
        """The namespace that a request is about; empty for a cluster-scoped kind."""
        return request.path_params.get("namespace", "")

    async def find(self, store: Store, namespace: str, name: str) -> DocumentRow:
        """The template of that name; raises `Failure` in Argo's words."""
        row = await store.document(self.kind, namespace if self is NAMESPACED else "", name)
        if row is None:
            raise Failure(Code.NOT_FOUND, f'{self.plural}.argoproj.io "{name}" not found')
        return row


NAMESPACED: Final = Resource(
    "WorkflowTemplate", "workflowtemplates", "workflow template was not found in the request body"
)
CLUSTER: Final = Resource(
    "ClusterWorkflowTemplate", "clusterworkflowtemplates", "cluster workflow template was not found in the request body"
)


async def create_template(resource: Resource, parts: Parts, request: Request) -> Response:
    """`POST` to the collection."""
    document = await _checked(resource, parts, request)
    name = as_object(document.get("metadata")).get("name") or ""
    if await parts.store.document(resource.kind, resource.place(request), name):
        raise Failure(Code.ALREADY_EXISTS, f'{resource.plural}.argoproj.io "{name}" already exists')
    created = {
        "uid": str(uuid.uuid4()),
        "creationTimestamp": parts.clock.now().strftime("%Y-%m-%dT%H:%M:%SZ"),
    }
    return await _write(resource, parts, request, document, created)


async def list_templates(resource: Resource, parts: Parts, request: Request) -> Response:
    """`GET` of the collection, by name."""
    query = request.query_params
    options = asked.list_options(query)
    selection = parse_selection("", options.label_selector, options.field_selector, {})
    rows = [
        row
        for row in await parts.store.documents(resource.kind, resource.place(request))
        if selection.labels.matches(as_object(as_object(row.body.get("metadata")).get("labels")))
        and selection.name_matches(row.name)
        and query.get("namePattern", "") in row.name
    ]
    metadata: JsonObject = {"resourceVersion": str(parts.history.version)}
    end = options.offset + options.limit if options.limit else len(rows)
    if end < len(rows):
        metadata |= {"continue": str(end), "remainingItemCount": len(rows) - end}
    items = [shape.template_object(row.body) for row in rows[options.offset : end]]
    return answer({"metadata": metadata, "items": items or None})


async def get_template(resource: Resource, parts: Parts, request: Request) -> Response:
    """`GET` of one."""
    row = await resource.find(parts.store, resource.place(request), request.path_params["name"])
    return answer(shape.template_object(row.body))


async def update_template(resource: Resource, parts: Parts, request: Request) -> Response:
    """`PUT` of one; the name is the document's own when the path has none."""
    document = await _checked(resource, parts, request)
    metadata = as_object(document.get("metadata"))
    name = str(metadata.get("name") or request.path_params.get("name", ""))
    old = as_object((await resource.find(parts.store, resource.place(request), name)).body.get("metadata"))
    _check_version(resource, name, given=metadata.get("resourceVersion"), current=old.get("resourceVersion"))
    kept = {key: old[key] for key in ("uid", "creationTimestamp") if key in old}
    return await _write(resource, parts, request, document, kept)


async def delete_template(resource: Resource, parts: Parts, request: Request) -> Response:
    """`DELETE` of one."""
    row = await resource.find(parts.store, resource.place(request), request.path_params["name"])
    record = _record(resource, parts, request, "deleted", row.name)
    await parts.store.commit(Change(deleted=(row,), records=(record,)))
    return answer({})


async def lint_template(resource: Resource, parts: Parts, request: Request) -> Response:
    """`POST …/lint`: checked and sent back, never stored."""
    document = await _checked(resource, parts, request)
    return answer(shape.template_object(document))


async def _checked(resource: Resource, parts: Parts, request: Request) -> JsonObject:
    """The document of the body, as Argo stores it."""
    document = as_object(asked.member(await asked.body_of(request), "template"))
    if not document:
        raise Failure(Code.INVALID_ARGUMENT, resource.missing)
    return await checks.check_document(parts.store, document, resource.kind, resource.place(request), lint=False)


async def _write(
    resource: Resource, parts: Parts, request: Request, document: JsonObject, given: JsonObject
) -> Response:
    metadata = as_object(document.get("metadata"))
    namespace = {"namespace": resource.place(request)} if resource is NAMESPACED else {}
    version = {"resourceVersion": str(parts.history.next_version()), "generation": 1}
    body = {**document, "metadata": {**metadata, **namespace, **given, **version}}
    name = str(metadata.get("name") or "")
    row = DocumentRow(resource.kind, resource.place(request), name, body)
    record = _record(resource, parts, request, "written", name)
    await parts.store.commit(Change(documents=(row,), records=(record,)))
    return answer(shape.template_object(body))


def _record(resource: Resource, parts: Parts, request: Request, what: str, name: str) -> Record:
    subject = f"{resource.place(request)}/{name}".removeprefix("/")
    return Record(f"template.{what}", subject, str(asked.actor_of(request)), parts.clock.now(), {"kind": resource.kind})


def _check_version(resource: Resource, name: str, *, given: object, current: object) -> None:
    if not given:
        raise Failure(
            Code.INVALID_ARGUMENT,
            f'{resource.plural}.argoproj.io "{name}" is invalid: metadata.resourceVersion: Invalid value: 0:'
            " must be specified for an update",
        )
    if current is not None and given != current:
        raise Failure(
            Code.ALREADY_EXISTS,
            f'Operation cannot be fulfilled on {resource.plural}.argoproj.io "{name}": the object has been modified;'
            " please apply your changes to the latest version and try again",
        )
