"""`tiphys version`, with the flags of `argo version`."""

from __future__ import annotations

import asyncio

import click

from tiphys.cli import output
from tiphys.cli.places import Connection, connection_options
from tiphys.jsons import JsonObject

_LINES = (
    ("BuildDate", "buildDate"),
    ("GitCommit", "gitCommit"),
    ("GitTreeState", "gitTreeState"),
    ("GitTag", "gitTag"),
    ("GoVersion", "goVersion"),
    ("Compiler", "compiler"),
    ("Platform", "platform"),
)


@click.command(
    short_help="Print the versions of this command and of the server.", epilog="Example: tiphys version --short"
)
@connection_options
@click.option("--short", is_flag=True, help="Only the version numbers.")
@output.output_option("json")
def version(connection: Connection, *, short: bool, output: str | None) -> None:
    """Print the version of this command, and of the server when one answers."""
    from tiphys.server.about import version_object

    found = {"tiphys": version_object()}
    server = asyncio.run(_of_server(connection))
    if server is not None:
        found["tiphys-server"] = server
    _print(found, output, short=short)


async def _of_server(connection: Connection) -> JsonObject | None:
    from tiphys.cli.client import Client
    from tiphys.errors import Unavailable

    try:
        async with Client(connection) as client:
            return await client.call("GET", "/api/v1/version")
    except Unavailable as error:
        click.echo(str(error), err=True)
        return None


def _print(found: dict[str, JsonObject], form: str | None, *, short: bool) -> None:
    if form == "json":
        output.print_json(found)
        return
    for name, value in found.items():
        click.echo(f"{name}: {value.get('version')} ({value.get('gitCommit')})")
        for label, key in () if short else _LINES:
            click.echo(f"  {label}: {value.get(key)}")
