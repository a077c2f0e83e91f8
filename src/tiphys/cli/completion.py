"""`tiphys completion`: the script that a shell sources to complete our commands."""

from __future__ import annotations

import click


@click.command(
    short_help="Print the completion script for a shell.",
    epilog="Example: source <(tiphys completion bash)",
)
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> None:
    """Print the completion script for SHELL to standard output."""
    from click.shell_completion import get_completion_class

    from tiphys.cli.main import cli

    kind = get_completion_class(shell)
    if kind is None:
        raise click.UsageError(f"there is no completion for {shell}")
    click.echo(kind(cli, {}, "tiphys", "_TIPHYS_COMPLETE").source())
