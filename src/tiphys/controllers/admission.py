"""Whether a Workflow document may be run here: it is decoded, resolved, held against Argo's rules and against ours."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from tiphys.controllers.ports import DocumentRow, Store
from tiphys.engine.supported import find_unsupported
from tiphys.errors import InvalidManifest, Position, Problem
from tiphys.jsons import JsonObject, as_list, as_object
from tiphys.manifest.decode import decode_document
from tiphys.manifest.documents import Document
from tiphys.manifest.library import library_of
from tiphys.manifest.model import Workflow
from tiphys.manifest.positions import Places
from tiphys.manifest.resolve import Resolved, catalogue_of, resolve_workflow
from tiphys.manifest.validate import validate_document

TEMPLATE_KINDS = ("WorkflowTemplate", "ClusterWorkflowTemplate")
"""Documents that a Workflow may refer to."""


class InvalidSpec(InvalidManifest):
    """The spec breaks a rule of Argo's controller, which ends such a workflow as Failed with the first problem."""


@dataclass(frozen=True, slots=True)
class Admitted:
    """What the machine begins with."""

    resolved: Resolved
    config_maps: Mapping[str, Mapping[str, str]]


async def admit(store: Store, document: Mapping[str, Any]) -> Admitted:
    """Checks and resolves a Workflow against what is stored.

    Raises `InvalidManifest` with everything that is wrong (`InvalidSpec` where Argo would take it and let it fail),
    `MissingTemplate` for its `workflowTemplateRef`.
    """
    decoded = decode(document)
    workflow = decoded.resource
    if type(workflow) is not Workflow:
        raise InvalidManifest(Problem(f"a Workflow is needed, not a {workflow.kind}", "kind"))
    _refuse(_schema_problems(decoded.json))
    _refuse(find_unsupported(decoded.json, nowhere))
    templates = [decode(row.body) for kind in TEMPLATE_KINDS for row in await store.documents(kind)]
    resolved = _resolved(decoded, workflow, templates)
    _refuse(_unsupported_references(resolved))
    return Admitted(resolved, config_maps_of(await store.documents("ConfigMap", resolved.namespace)))


def decode(document: Mapping[str, Any]) -> Document:
    """A typed document that came without a file; raises `InvalidManifest`."""
    decoded = decode_document(dict(document))
    _refuse(decoded.problems)
    return Document(decoded.resource, decoded.json, Places(""), decoded.problems)


def config_maps_of(rows: Iterable[DocumentRow]) -> dict[str, dict[str, str]]:
    """The data of ConfigMaps by name."""
    return {row.name: dict(as_object(row.body.get("data"))) for row in rows}


def nowhere(_: str) -> Position | None:
    """The place of a part of a document that came in a request: none."""
    return None


def _resolved(document: Document, workflow: Workflow, templates: Sequence[Document]) -> Resolved:
    """Argo's words for what is wrong with the spec come before ours."""
    namespace = workflow.metadata.namespace
    catalogue = catalogue_of(template.resource for template in templates)
    missing: Sequence[Problem] = ()
    resolved: Resolved | None = None
    try:
        resolved = resolve_workflow(workflow, catalogue, namespace=namespace)
    except InvalidManifest as error:
        missing = error.problems
    faults = validate_document(document, library_of(templates, offline=False), lint=False, namespace=namespace)
    errors = [problem for problem in faults or missing if problem.severity == "error"]
    if errors or resolved is None:
        raise InvalidSpec(errors)
    return resolved


def _schema_problems(document: JsonObject) -> Iterable[Problem]:
    """What the API server refuses by the schema of the resource, although the linter takes it."""
    for index, template in enumerate(as_list(as_object(document.get("spec")).get("templates"))):
        if as_object(template).get("steps") == []:
            path = f"spec.templates[{index}].steps"
            yield Problem(f"{path}: Invalid value: 0: {path} in body should have at least 1 items", path, rule="schema")


def _refuse(problems: Iterable[Problem]) -> None:
    errors = [problem for problem in problems if problem.severity == "error"]
    if errors:
        raise InvalidManifest(errors)


def _unsupported_references(resolved: Resolved) -> Iterable[Problem]:
    """What the templates that are really referred to use beyond this engine."""
    for scope in sorted({scope for scope, _ in resolved.templates}):
        level, _, name = scope.partition("/")
        if level == "namespaced":
            owner = resolved.catalogue.templates[resolved.namespace, name]
        elif level == "cluster":
            owner = resolved.catalogue.cluster_templates[name]
        else:
            continue
        body = owner.model_dump(mode="json", by_alias=True, exclude_unset=True)
        yield from (
            replace(problem, path=f"{owner.kind} {name}: {problem.path}") for problem in find_unsupported(body, nowhere)
        )
