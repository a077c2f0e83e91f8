"""From the text of a file to its typed documents: the entry of this room.

`read_documents` is for whoever wants to use them: it raises, once, with everything that is wrong. `parse_documents` is
for whoever reports on them (lint): it gives back what could be read, with the problems beside it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from tiphys.errors import InvalidManifest, Position, Problem
from tiphys.jsons import as_list, as_object
from tiphys.manifest.decode import Resource, decode_document
from tiphys.manifest.model import Json
from tiphys.manifest.parse import Parsed, parse_text
from tiphys.manifest.positions import Places

R = TypeVar("R", bound=Resource)


@dataclass(frozen=True, slots=True)
class Document:
    """One document: typed, as JSON the way Argo stores it, with its places; `problems` hold its warnings too.

    `listed` tells that it stood in a `kind: List`.
    """

    resource: Resource
    json: Json
    places: Places
    problems: tuple[Problem, ...] = ()
    listed: bool = False

    @property
    def kind(self) -> str:
        """Its kind, also where one type stands for several (WorkflowTemplate, ClusterWorkflowTemplate)."""
        return self.resource.kind

    @property
    def name(self) -> str:
        """`metadata.name`, else `metadata.generateName`."""
        return self.resource.metadata.name or self.resource.metadata.generate_name

    @property
    def is_valid(self) -> bool:
        """Whether it was read without an error."""
        return all(problem.severity != "error" for problem in self.problems)

    def position_of(self, path: Sequence[str | int] | str = ()) -> Position | None:
        """Line and column of a part (`spec.templates[0].name`), or of the nearest part around it."""
        return self.places.position(path)


@dataclass(frozen=True, slots=True)
class Documents:
    """The documents of a text in its order; `unreadable` are the problems of parts that are no documents at all."""

    documents: tuple[Document, ...]
    unreadable: tuple[Problem, ...] = ()

    def __iter__(self) -> Iterator[Document]:
        return iter(self.documents)

    def __len__(self) -> int:
        return len(self.documents)

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Everything that was found, errors and warnings, in the order of the text."""
        found = [*self.unreadable, *(problem for document in self.documents for problem in document.problems)]
        return tuple(sorted(found, key=_order))

    @property
    def errors(self) -> tuple[Problem, ...]:
        """The problems that make the text unusable."""
        return tuple(problem for problem in self.problems if problem.severity == "error")

    def resources(self, model: type[R]) -> tuple[R, ...]:
        """The documents of exactly one type, typed."""
        return tuple(document.resource for document in self.documents if type(document.resource) is model)


def read_documents(text: str, *, file: str, strict: bool = True) -> Documents:
    """The documents of a YAML or JSON text; raises `InvalidManifest` with all errors of the text.

    Warnings stay in `Documents.problems`. `file` is how the user named it, for positions.
    """
    documents = parse_documents(text, file=file, strict=strict)
    errors = [*documents.errors, *find_duplicates(documents)]
    if errors:
        raise InvalidManifest(sorted(errors, key=_order))
    return documents


def parse_documents(text: str, *, file: str, strict: bool = True) -> Documents:
    """The same, but nothing is raised: a document with errors is there with what could be read of it."""
    documents: list[Document] = []
    unreadable: list[Problem] = []
    for parsed in parse_text(text, file=file, strict=strict):
        if parsed.problems:
            unreadable += parsed.problems
        else:
            documents += _decode(parsed, strict=strict)
    return Documents(tuple(documents), tuple(unreadable))


def find_duplicates(documents: Iterable[Document]) -> list[Problem]:
    """Named documents that stand twice: of one kind, namespace and name. Argo refuses it for templates."""
    seen: dict[tuple[str, str, str, str], Document] = {}
    problems: list[Problem] = []
    for document in documents:
        meta = document.resource.metadata
        if not meta.name:
            continue
        key = (document.resource.api_version, document.kind, meta.namespace, meta.name)
        first = seen.setdefault(key, document)
        if first is not document:
            message = f'duplicate {document.kind} found: "{meta.name}"'
            position = document.position_of("metadata.name")
            problems.append(Problem(message, "metadata.name", position, f"first at {first.position_of()}", "duplicate"))
    return problems


def document_of(tree: Json, places: Places | None = None, *, strict: bool = True, listed: bool = False) -> Document:
    """A document from JSON that is decoded already, a request's body for instance; nothing is raised."""
    places = places or Places("")
    decoded = decode_document(tree, places, strict=strict)
    return Document(decoded.resource, decoded.json, places, decoded.problems, listed)


def _decode(parsed: Parsed, *, strict: bool) -> Iterator[Document]:
    if parsed.tree.get("kind") != "List":
        yield document_of(parsed.tree, parsed.places, strict=strict)
        return
    for index, item in enumerate(as_list(parsed.tree.get("items"))):
        yield document_of(as_object(item), parsed.places.below(("items", index)), strict=strict, listed=True)


def _order(problem: Problem) -> tuple[int, int]:
    return (problem.position.line, problem.position.column) if problem.position else (0, 0)
