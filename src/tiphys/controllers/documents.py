"""Documents as rows: what is applied before a workflow can refer to it."""

from __future__ import annotations

from collections.abc import Iterable

from tiphys.controllers.ports import Change, DocumentRow, JsonObject, Store
from tiphys.errors import InvalidManifest, Problem
from tiphys.jsons import as_object

CLUSTER_SCOPED = frozenset({"ClusterWorkflowTemplate"})
"""Kinds without a namespace."""


def document_row(document: JsonObject, namespace: str) -> DocumentRow:
    """The row of a document; `namespace` is for one that names none. Raises `InvalidManifest` when it has no name."""
    metadata = as_object(document.get("metadata"))
    kind, name = str(document.get("kind", "")), metadata.get("name")
    if not name:
        raise InvalidManifest(Problem(f"{kind} without a name", "metadata.name", rule="name"))
    scope = "" if kind in CLUSTER_SCOPED else metadata.get("namespace") or namespace
    return DocumentRow(
        kind, scope, name, {**document, "metadata": {**metadata, **({"namespace": scope} if scope else {})}}
    )


async def apply_documents(store: Store, documents: Iterable[JsonObject], namespace: str) -> None:
    """Stores all of them in one transaction; each replaces the one of its kind and name."""
    rows = tuple(document_row(document, namespace) for document in documents)
    if rows:
        await store.commit(Change(documents=rows))
