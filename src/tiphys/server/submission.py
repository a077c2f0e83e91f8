"""How a Workflow document becomes a workflow: checked, named, stored, or only as if (`dryRun`, `serverDryRun`).

Argo: server/workflow/workflow_server.go, CreateWorkflow, and Kubernetes' own checks of names, as recorded in
conformance/api/plain/create-variants.json and create-name-lengths.json.
"""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass
from typing import Final

from tiphys.errors import AlreadyExists
from tiphys.jsons import JsonObject, as_object
from tiphys.server import checks, objects, shape
from tiphys.server.failures import Code, Failure
from tiphys.server.parts import Parts

_SUBDOMAIN: Final = r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*"


@dataclass(frozen=True, slots=True)
class Order:
    """A Workflow document with its namespace, who wants it, and whether it is meant."""

    manifest: JsonObject
    actor: str
    dry_run: bool = False
    server_dry_run: bool = False


def with_namespace(document: JsonObject, namespace: str) -> JsonObject:
    """The document as one of the path's namespace; a document that names another is refused."""
    metadata = as_object(document.get("metadata"))
    if metadata.get("namespace") not in (None, "", namespace):
        raise Failure(
            Code.INVALID_ARGUMENT,
            "the namespace of the provided object does not match the namespace sent on the request",
        )
    if metadata.get("resourceVersion"):
        raise Failure(Code.INTERNAL, "resourceVersion should not be set on objects to be created")
    kept = {key: value for key, value in metadata.items() if key not in ("uid", "creationTimestamp")}
    return {"metadata": {**kept, "namespace": namespace}, "spec": as_object(document.get("spec"))}


async def place(parts: Parts, order: Order) -> JsonObject:
    """Carries out an order and returns the Workflow object that answers it."""
    namespace = order.manifest["metadata"]["namespace"]
    manifest = await checks.check_document(parts.store, order.manifest, "Workflow", namespace, lint=False)
    if order.dry_run:
        return shape.workflow_object(manifest)
    name = str(manifest["metadata"].get("name", ""))
    _check_name(name, str(manifest["metadata"].get("generateName", "")))
    if order.server_dry_run:
        return shape.workflow_object(_as_if_created(parts, manifest))
    try:
        row = await parts.backend.submit(manifest, actor=order.actor)
    except AlreadyExists as error:
        raise Failure(Code.ALREADY_EXISTS, f'workflows.argoproj.io "{name}" already exists') from error
    return objects.created_workflow(row, parts.history)


def _check_name(name: str, prefix: str) -> None:
    """What Kubernetes asks of a name, or of a prefix that five letters are added to."""
    if not name and prefix:
        name = f"{prefix}xxxxx"
    if not name:
        raise Failure(
            Code.INVALID_ARGUMENT,
            'Workflow.argoproj.io "" is invalid: [metadata.name: Required value: name or generateName is required,'
            " <nil>: Invalid value: null: some validation rules were not checked because the object was invalid;"
            " correct the existing errors to complete validation]",
        )
    if not re.fullmatch(_SUBDOMAIN, name):
        raise Failure(
            Code.INVALID_ARGUMENT,
            f'Workflow.argoproj.io "{name}" is invalid: metadata.name: Invalid value: "{name}": a lowercase RFC 1123'
            " subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an"
            f" alphanumeric character (e.g. 'example.com', regex used for validation is '{_SUBDOMAIN}')",
        )


def _as_if_created(parts: Parts, manifest: JsonObject) -> JsonObject:
    metadata, uid = manifest["metadata"], uuid.uuid4()
    created = {
        "name": metadata.get("name") or f"{metadata['generateName']}{uid.hex[-5:]}",
        "uid": str(uid),
        "generation": 1,
        "creationTimestamp": parts.clock.now().strftime("%Y-%m-%dT%H:%M:%SZ"),
    }
    return {**manifest, "metadata": {**metadata, **created}}
