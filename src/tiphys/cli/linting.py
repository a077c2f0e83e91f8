"""Checks files together, offline, and prints the report: what `lint` and `template lint` do.

Argo: cmd/argo/lint and `argo lint --offline`, v4.1.2: all documents are one universe of templates.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import click

from tiphys.cli.documents import read_texts
from tiphys.cli.lint_reports import REPORTS, Finding, Report
from tiphys.manifest import documents, library, no_effect, validate
from tiphys.manifest.documents import Document, Documents

NAMESPACE = "default"
"""Where documents are taken to be that do not say."""


def lint_files(names: Sequence[str], form: str, *, warnings: bool, kinds: tuple[str, ...] = ()) -> int:
    """Prints what was found in files, directories and standard input; 1 when there is any error."""
    files = [(file, documents.parse_documents(text, file=file)) for file, text in read_texts(names)]
    found = [finding for finding in _findings(files, kinds) if warnings or finding.is_error]
    report = Report(found, sum(len(parsed) for _, parsed in files))
    text = REPORTS[form](report)
    if text:
        click.echo(text)
    return 1 if report.errors else 0


def _findings(files: Sequence[tuple[str, Documents]], kinds: tuple[str, ...]) -> Iterator[Finding]:
    everything = [document for _, parsed in files for document in parsed]
    known = library.library_of((document for document in everything if document.is_valid), namespace=NAMESPACE)
    judged = [document for document in everything if not kinds or document.kind in kinds]
    notes = [*documents.find_duplicates(everything), *no_effect.find_no_effect(*judged)]
    for file, parsed in files:
        yield from (Finding(file, "", problem) for problem in parsed.unreadable)
        yield from (Finding(file, "", item) for item in notes if item.position and item.position.file == file)
        for document in parsed:
            if not kinds or document.kind in kinds:
                yield from _document_findings(file, document, known)


def _document_findings(file: str, document: Document, known: library.Library) -> Iterator[Finding]:
    name = f'"{document.name}" ({document.kind})'
    problems = list(document.problems)
    if document.is_valid:
        problems += validate.validate_document(document, known, namespace=NAMESPACE)
    yield from (Finding(file, name, problem) for problem in problems)
