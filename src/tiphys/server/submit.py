"""`POST …/submit`: a workflow from a stored template, with the caller's overrides.

Argo: server/workflow/workflow_server.go, SubmitWorkflow, and workflow/util/util.go, ApplySubmitOpts, v4.1.2.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from tiphys.controllers.ports import DocumentRow
from tiphys.jsons import JsonObject, as_list, as_object
from tiphys.server import asked, shape, submission
from tiphys.server.failures import Code, Failure
from tiphys.server.parts import Parts
from tiphys.server.replies import answer
from tiphys.server.templates import CLUSTER, NAMESPACED, Resource

_KINDS: Final[Mapping[str, Resource]] = {
    **dict.fromkeys(("workflowtemplate", "workflowtemplates", "wftmpl"), NAMESPACED),
    **dict.fromkeys(("clusterworkflowtemplate", "clusterworkflowtemplates", "cwftmpl"), CLUSTER),
}
"""Argo's spellings, in any case. Cron workflows are not among them yet and are refused by name."""
_CRON_KINDS: Final = frozenset({"cronworkflow", "cronworkflows", "cronwf"})
_UNDONE_OPTIONS: Final = ("artifacts", "ownerReference")
_LABELS: Final[Mapping[str, str]] = {
    NAMESPACED.kind: "workflows.argoproj.io/workflow-template",
    CLUSTER.kind: "workflows.argoproj.io/cluster-workflow-template",
}


async def submit_workflow(parts: Parts, request: Request) -> Response:
    """`POST /api/v1/workflows/{namespace}/submit`."""
    body = await asked.body_of(request)
    resource = _resource(asked.text(body, "resourceKind"))
    name = asked.text(body, "resourceName")
    namespace = request.path_params["namespace"]
    stored = await resource.find(parts.store, namespace, name)
    options = as_object(asked.member(body, "submitOptions"))
    order = submission.Order(
        submission.with_namespace(_manifest(resource, name, options), namespace),
        str(asked.actor_of(request)),
        dry_run=asked.flag(options, "dryRun"),
        server_dry_run=asked.flag(options, "serverDryRun"),
    )
    placed = await submission.place(parts, order)
    placed["status"]["storedTemplates"] = _stored_templates(resource, stored)
    if order.dry_run:
        del placed["metadata"]["namespace"]
    return answer(placed)


def _stored_templates(resource: Resource, row: DocumentRow) -> JsonObject:
    """The templates that the workflow will run, under the names that Argo keeps them by."""
    templates = as_list(shape.template_object(row.body)["spec"].get("templates"))
    scope = "cluster" if resource is CLUSTER else "namespaced"
    return {f"{scope}/{row.name}/{template.get('name', '')}": template for template in templates}


def _resource(kind: str) -> Resource:
    if kind.lower() in _CRON_KINDS:
        raise Failure(Code.UNIMPLEMENTED, "submitting from a CronWorkflow is not done yet")
    resource = _KINDS.get(kind.lower())
    if resource is None:
        raise Failure(Code.INVALID_ARGUMENT, f"Resource kind '{kind}' is not supported for submitting")
    return resource


def _manifest(resource: Resource, name: str, options: JsonObject) -> JsonObject:
    for option in _UNDONE_OPTIONS:
        if asked.member(options, option):
            raise Failure(Code.UNIMPLEMENTED, f"submitOptions.{option} is not done yet")
    return {"metadata": _metadata(resource, name, options), "spec": _spec(resource, name, options)}


def _metadata(resource: Resource, name: str, options: JsonObject) -> JsonObject:
    labels = {**_pairs(asked.text(options, "labels"), "labels"), _LABELS[resource.kind]: name}
    metadata: JsonObject = {
        "name": asked.text(options, "name"),
        "generateName": asked.text(options, "generateName") or f"{name}-",
        "labels": labels,
        "annotations": _pairs(asked.text(options, "annotations"), "annotations"),
    }
    return {key: value for key, value in metadata.items() if value}


def _spec(resource: Resource, name: str, options: JsonObject) -> JsonObject:
    reference = {"name": name, "clusterScope": True} if resource is CLUSTER else {"name": name}
    parameters = [_parameter(item) for item in as_list(asked.member(options, "parameters"))]
    spec: JsonObject = {
        "arguments": {"parameters": parameters} if parameters else {},
        "workflowTemplateRef": reference,
        "entrypoint": asked.text(options, "entryPoint"),
        "serviceAccountName": asked.text(options, "serviceAccount"),
        "podPriorityClassName": asked.text(options, "podPriorityClassName"),
        "priority": asked.member(options, "priority"),
    }
    return {key: value for key, value in spec.items() if value not in ("", None)}


def _parameter(text: object) -> JsonObject:
    name, separator, value = str(text).partition("=")
    if not separator:
        raise Failure(Code.INTERNAL, f"expected parameter of the form: NAME=VALUE. Received: {text}")
    return {"name": name, "value": value}


def _pairs(text: str, what: str) -> dict[str, str]:
    pairs: dict[str, str] = {}
    for item in filter(None, text.split(",")):
        key, separator, value = item.partition("=")
        if not separator:
            raise Failure(
                Code.INTERNAL,
                f"expected {what} of the form: NAME1=VALUE2,NAME2=VALUE2. Received: {text}:"
                f" unexpected label spec: {item}",
            )
        pairs[key.strip()] = value
    return pairs
