"""`tiphys failure-modes`: the table of what can go wrong, printed."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

import click

from tiphys.cli import output


@click.command(
    "failure-modes",
    short_help="Say for each step what fails and what is left.",
    epilog="Example: tiphys failure-modes deploy.yaml",
)
@click.argument("files", metavar="FILE|DIR|-...", nargs=-1, required=True)
@click.option("-n", "--namespace", envvar="ARGO_NAMESPACE", default="default", help="Namespace of the documents.")
@output.output_option("json", "wide")
def failure_modes(files: tuple[str, ...], namespace: str, output: str | None) -> None:
    """For each step of the Workflows and templates in FILEs: what fails, retries, deadline, who cleans up, what is
    left behind, and whether it is safe to repeat. Nothing is run.
    """  # noqa: D205 - click prints the first paragraph whole
    _print(_tables(files, namespace), output)


def _tables(files: tuple[str, ...], namespace: str) -> list[tuple[str, Sequence[Any]]]:
    """The name of each document, and its rows."""
    from tiphys.cli.documents import read_texts
    from tiphys.errors import Refused
    from tiphys.manifest import documents, resolve
    from tiphys.manifest.failure_modes import failure_modes as modes_of
    from tiphys.manifest.model import Workflow

    read = [d for file, text in read_texts(files) for d in documents.read_documents(text, file=file)]
    catalogue = resolve.catalogue_of((document.resource for document in read), namespace=namespace)
    tables: list[tuple[str, Sequence[Any]]] = [
        (f"{document.kind} {document.name}", modes_of(document.resource, catalogue, namespace=namespace))
        for document in read
        if isinstance(document.resource, Workflow)
    ]
    if not tables:
        raise Refused(f"no Workflow and no template found in {', '.join(files)}")
    return tables


def _print(tables: list[tuple[str, Sequence[Any]]], form: str | None) -> None:
    if form == "json":
        output.print_json(
            [{"document": name, "steps": [dataclasses.asdict(row) for row in rows]} for name, rows in tables]
        )
        return
    header = ("STEP", "WHAT FAILS", "RETRY", "DEADLINE", "WHO CLEANS UP", "LEFT BEHIND", "SAFE TO REPEAT?")
    for name, rows in tables:
        click.echo(f"{name}:")
        output.print_table(header, [dataclasses.astuple(row) for row in rows])
        click.echo()
