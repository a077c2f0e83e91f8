"""Documents that come in through the API: decoded as Argo's gateway does, and checked against what is stored here.

Argo: unknown fields are ignored by the server and keys are matched without case; strictness is the command line's.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from tiphys.controllers.ports import Store
from tiphys.errors import InvalidManifest, NotFound, Problem
from tiphys.jsons import JsonObject
from tiphys.manifest import decode, library, validate
from tiphys.manifest.documents import Document
from tiphys.manifest.positions import Places

TEMPLATE_KINDS: Final = ("WorkflowTemplate", "ClusterWorkflowTemplate")
_NOWHERE: Final = Places("")


async def check_document(store: Store, tree: JsonObject, kind: str, namespace: str, *, lint: bool) -> JsonObject:
    """A document that could be stored in `namespace`, as Argo stores it; its kind is the path's, whatever it says.

    Raises `InvalidManifest`, and `NotFound` when the `workflowTemplateRef` names nothing. `lint` as in
    `validate_document`.
    """
    document = _decoded({**tree, "apiVersion": decode.ARGO_VERSION, "kind": kind})
    _raise_errors(document.problems)
    _raise_errors(validate.validate_document(document, await _stored(store), lint=lint, namespace=namespace))
    return document.json


async def _stored(store: Store) -> library.Library:
    """All templates that are stored, of all namespaces."""
    rows = [row for kind in TEMPLATE_KINDS for row in await store.documents(kind)]
    return library.library_of((_decoded(dict(row.body)) for row in rows), offline=False)


def _decoded(tree: JsonObject) -> Document:
    found = decode.decode_document(tree, strict=False)
    return Document(found.resource, found.json, _NOWHERE, found.problems)


def _raise_errors(problems: Iterable[Problem]) -> None:
    errors = [problem for problem in problems if problem.severity == "error"]
    if errors and errors[0].path.endswith("workflowTemplateRef"):
        raise NotFound(errors[0].message)
    if errors:
        raise InvalidManifest(errors)
