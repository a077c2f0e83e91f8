"""The templates that a validation may look at, each with the places of its file.

`Owner` is Argo's template base: the document in whose scope a template name is looked up. Argo:
workflow/templateresolution/context.go; pkg/apiclient/offline-client.go, v4.1.2.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from tiphys.errors import NotFound, Position
from tiphys.jsons import as_list, as_object
from tiphys.manifest.documents import Document
from tiphys.manifest.model import Json
from tiphys.manifest.nearest import did_you_mean
from tiphys.manifest.positions import Path, Places
from tiphys.manifest.resolve import CLUSTER_KIND


@dataclass(frozen=True, slots=True)
class Owner:
    """A document that owns templates: `level` is `local`, `namespaced` or `cluster`, `root` the path of its spec."""

    level: str
    name: str
    spec: Json
    root: Path
    places: Places

    @property
    def scope(self) -> str:
        """Argo's scope, under which a template is validated once."""
        return f"{self.level}/{self.name}"

    @property
    def template_names(self) -> list[str]:
        """The names of its templates."""
        return [str(as_object(template).get("name", "")) for template in as_list(self.spec.get("templates"))]

    def template(self, name: str) -> tuple[Json, Path] | None:
        """The first template of that name, with its path."""
        for index, template in enumerate(as_list(self.spec.get("templates"))):
            if as_object(template).get("name", "") == name:
                return as_object(template), (*self.root, "templates", index)
        return None

    def position(self, path: Path) -> Position | None:
        """Where a part of the document stands."""
        return self.places.position(path)


class Missing(NotFound):
    """What is referred to is not there; `is_resource` tells a missing resource from a missing template of it."""

    def __init__(self, message: str, hint: str = "", *, is_resource: bool = False) -> None:
        super().__init__(message)
        self.hint = hint
        self.is_resource = is_resource


@dataclass(frozen=True, slots=True)
class Library:
    """WorkflowTemplates by namespace and name, ClusterWorkflowTemplates by name.

    `offline`: what is missing is said in the words of `argo lint --offline`, else in those of the API server.
    """

    templates: Mapping[tuple[str, str], Owner] = field(default_factory=dict[tuple[str, str], Owner])
    cluster_templates: Mapping[str, Owner] = field(default_factory=dict[str, Owner])
    offline: bool = True

    def find(self, ref: Json, namespace: str) -> Owner:
        """The owner that a `templateRef` or `workflowTemplateRef` names; raises `Missing`."""
        name = str(ref.get("name", ""))
        if ref.get("clusterScope"):
            found = self.cluster_templates.get(name)
            names = list(self.cluster_templates)
            offline, online = f'couldn\'t find cluster workflow template "{name}"', "clusterworkflowtemplates"
        else:
            found = self.templates.get((namespace, name))
            names = [known for space, known in self.templates if space == namespace]
            offline = f'couldn\'t find workflow template "{name}" in namespace "{namespace}"'
            online = "workflowtemplates"
        if found is None:
            message = offline if self.offline else f'{online}.argoproj.io "{name}" not found'
            raise Missing(message, did_you_mean(name, names), is_resource=True)
        return found


def library_of(documents: Iterable[Document], *, namespace: str = "", offline: bool = True) -> Library:
    """The templates among the documents; those without a namespace are taken to be in `namespace`."""
    templates: dict[tuple[str, str], Owner] = {}
    cluster: dict[str, Owner] = {}
    for document in documents:
        name = document.resource.metadata.name
        if document.kind == CLUSTER_KIND:
            cluster[name] = owner_of(document, "cluster")
        elif document.kind == "WorkflowTemplate":
            templates[(document.resource.metadata.namespace or namespace, name)] = owner_of(document, "namespaced")
    return Library(templates, cluster, offline)


def owner_of(document: Document, level: str = "local", root: Path = ("spec",)) -> Owner:
    """A document as owner of the templates under `root`."""
    spec = document.json
    for part in root:
        spec = as_object(spec.get(str(part)))
    return Owner(level, document.resource.metadata.name, spec, root, document.places)
