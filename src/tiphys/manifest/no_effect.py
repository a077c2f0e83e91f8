"""What only a cluster can honour: such fields are taken, told once as having no effect here, and never block a run.

A row is a field's name, by what holds it. Whether a field that could mean something on one machine is done yet is not
said here: that is the engine's table.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from tiphys.errors import Problem
from tiphys.manifest.documents import Document
from tiphys.manifest.positions import Path, format_path
from tiphys.manifest.walk import find_containers, find_parts, find_specs, find_templates

RULE = "no-effect-here"

_PLACEMENT = frozenset(
    {
        "affinity",
        "automountServiceAccountToken",
        "executor",
        "hostAliases",
        "nodeSelector",
        "podResources",
        "resourceClaims",
        "schedulerName",
        "securityContext",
        "serviceAccountName",
        "tolerations",
    }
)
SPEC_FIELDS = _PLACEMENT | {
    "dnsConfig",
    "dnsPolicy",
    "hostNetwork",
    "imagePullSecrets",
    "podDisruptionBudget",
    "podGC",
    "podMetadata",
    "podPriorityClassName",
    "volumeClaimGC",
}
"""Of a workflow's spec."""
TEMPLATE_FIELDS = _PLACEMENT | {"metadata", "priorityClassName"}
"""Of a template; `metadata` is that of its pod."""
CONTAINER_FIELDS = frozenset(
    {
        "imagePullPolicy",
        "ports",
        "resizePolicy",
        "resources",
        "securityContext",
        "terminationMessagePath",
        "terminationMessagePolicy",
    }
)
"""Of a container or script."""
EVENTS_FIELDS = {
    "Sensor": ("template", "replicas", "revisionHistoryLimit"),
    "EventSource": ("template", "replicas", "service"),
}
"""Of the spec of Argo Events' kinds: how their pods are deployed."""
_ANNOTATIONS = frozenset({"events.argoproj.io/leader-election"})


def find_no_effect(*documents: Document) -> list[Problem]:
    """A warning for each field that has no effect here, at the first place where it stands in the documents."""
    first: dict[str, tuple[Document, Path]] = {}
    for document in documents:
        for path in _fields(document):
            first.setdefault(str(path[-1]), (document, path))
    return [
        Problem(
            f"{name} has no effect here: only a cluster can honour it",
            format_path(path),
            document.places.position(path),
            rule=RULE,
            severity="warning",
        )
        for name, (document, path) in first.items()
    ]


def _fields(document: Document) -> Iterator[Path]:
    json = document.json
    for name in EVENTS_FIELDS.get(document.kind, ()):
        yield from (path for path, value in find_parts(json, f"spec.{name}") if _says_something(value))
    for path, noted in find_parts(json, "metadata.annotations"):
        yield from ((*path, name) for name in noted if name in _ANNOTATIONS)
    if document.kind in EVENTS_FIELDS:
        return
    for path, spec in find_specs(json):
        yield from _named(spec, path, SPEC_FIELDS)
        for at, template in find_templates(spec, path):
            yield from _named(template, at, TEMPLATE_FIELDS)
            for inner, container in find_containers(template, at):
                yield from _named(container, inner, CONTAINER_FIELDS)


def _named(holder: Mapping[str, object], path: Path, names: frozenset[str]) -> Iterator[Path]:
    for name, value in holder.items():
        if name in names and _says_something(value):
            yield (*path, name)
    yield from (at for at, value in find_parts(holder, "retryStrategy.affinity", path) if _says_something(value))


def _says_something(value: object) -> bool:
    return value not in (None, False, "", [], {})
