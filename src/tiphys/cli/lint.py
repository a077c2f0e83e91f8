"""`tiphys lint`: what `argo lint --offline` does, with our warnings."""

from __future__ import annotations

import click


@click.command(
    short_help="Check manifests of any kind, offline.",
    epilog="Example: tiphys lint flows/ -o github --no-warnings",
)
@click.argument("files", metavar="FILE|DIR|-...", nargs=-1, required=True)
@click.option(
    "-o",
    "--output",
    type=click.Choice(["pretty", "simple", "json", "sarif", "github"]),
    default="pretty",
    show_default=True,
    help="Form of the report.",
)
@click.option("--no-warnings", is_flag=True, help="Only errors.")
@click.option("--kinds", default="", help="Only these kinds (Workflow,Sensor); all when empty.")
def lint(*, files: tuple[str, ...], output: str, no_warnings: bool, kinds: str) -> int:
    """Check every document of FILEs and directories; they are checked together, so that one may refer to another.

    The exit status is 1 when there is any error; warnings do not count.
    """
    from tiphys.cli.linting import lint_files

    return lint_files(files, output, warnings=not no_warnings, kinds=tuple(filter(None, kinds.split(","))))
