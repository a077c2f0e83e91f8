"""`tiphys catalog`: checks the catalog of remediation actions."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from tiphys.cli import output


@click.group(short_help="Check the catalog of remediation actions.", epilog="Example: tiphys catalog lint actions.yaml")
def catalog() -> None:
    """The catalog: everything that may ever be done about an alert."""


@catalog.command(epilog="Example: tiphys catalog lint catalog/actions.yaml")
@click.argument("file", metavar="CATALOG", type=click.Path(path_type=Path))
@output.output_option("json")
def lint(file: Path, output: str | None) -> int:
    """Check every rule of a catalog: runbook, timeout, approval for what destroys, sources of parameters.

    The exit status is 1 when it breaks any; a catalog that does is not loaded.
    """
    from tiphys.errors import InvalidManifest

    try:
        found = _load(file)
    except InvalidManifest as error:
        if output is None:
            raise
        _print_problems(error)
        return 1
    _print(found, output)
    return 0


def _load(file: Path) -> Any:
    from tiphys.cli.documents import read_texts
    from tiphys.remediation.catalog_text import read_catalog

    ((_, text),) = read_texts([str(file)])
    return read_catalog(text, file=str(file))


def _print_problems(error: Any) -> None:
    output.print_json(
        [
            {"where": str(problem.position or ""), "path": problem.path, "message": problem.message}
            for problem in error.problems
        ]
    )


def _print(found: Any, form: str | None) -> None:
    names = [action.name for action in found.actions]
    if form == "json":
        output.print_json([])
    else:
        click.echo(f"✔ {len(names)} actions: {', '.join(names)}")
