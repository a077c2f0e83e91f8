"""From rows to the objects that are answered: a Workflow with its status, a template with its metadata.

Nodes are read only when somebody will see them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from tiphys.controllers.ports import NodeRow, Store, WorkflowQuery, WorkflowRow
from tiphys.engine import status
from tiphys.jsons import JsonObject, as_object
from tiphys.server import shape
from tiphys.server.failures import Code, Failure
from tiphys.server.history import History
from tiphys.server.parts import Parts

OF_NODES: Final = ("nodes", "progress", "conditions")
"""The parts of a status that are made from the nodes."""
LATEST: Final = "@latest"
"""The name that stands for the workflow that was created last (Argo: util/latest)."""


def workflow_of(row: WorkflowRow, nodes: Sequence[NodeRow], history: History) -> JsonObject:
    """The Workflow object of a row, as `GET` returns it."""
    own = as_object(row.manifest.get("metadata"))
    metadata: JsonObject = {
        **own,
        "name": row.name,
        "namespace": row.namespace,
        "uid": row.uid,
        "resourceVersion": str(history.version_of(row.uid)),
        "generation": 1,
        "creationTimestamp": row.created_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "labels": dict(row.labels),
        "annotations": {**as_object(own.get("annotations")), **status.render_annotations(row.state)},
    }
    rendered = status.render_status(row.state, [node.body for node in nodes])
    return shape.workflow_object({"metadata": metadata, "spec": row.manifest.get("spec"), "status": rendered})


def created_workflow(row: WorkflowRow, history: History) -> JsonObject:
    """The answer to a creation: what was stored, before anybody has looked at it."""
    labels = as_object(as_object(row.manifest.get("metadata")).get("labels"))
    return workflow_of(replace(row, labels=labels, state={}), (), history)


async def whole_workflow(parts: Parts, row: WorkflowRow, *, with_nodes: bool = True) -> JsonObject:
    """The Workflow object of a row, its nodes read from the store."""
    nodes = await parts.store.nodes(row.uid) if with_nodes else ()
    return workflow_of(row, nodes, parts.history)


async def find_workflow(store: Store, namespace: str, name: str = "") -> WorkflowRow:
    """The workflow of that name, `@latest` included; raises `Failure` in Argo's words."""
    if not name:
        raise Failure(Code.INTERNAL, "resource name may not be empty")
    if name == LATEST:
        return await _latest(store, namespace)
    row = await store.workflow(namespace, name)
    if row is None:
        raise workflow_not_found(name)
    return row


def workflow_not_found(name: str) -> Failure:
    """There is no workflow of that name."""
    return Failure(Code.NOT_FOUND, f'workflows.argoproj.io "{name}" not found')


async def _latest(store: Store, namespace: str) -> WorkflowRow:
    from_newest = await store.workflows(WorkflowQuery(namespace=namespace, limit=1))
    if not from_newest:
        raise Failure(Code.NOT_FOUND, "no workflows found")
    return from_newest[0]
