"""`tiphys switch`: the kill switch. While it is on, nothing in its scope is dispatched, whatever was approved."""

from __future__ import annotations

import asyncio
from typing import Final
from urllib.parse import quote

import click

from tiphys.cli import output
from tiphys.cli.places import Connection, connection_options
from tiphys.jsons import JsonObject, as_list

_SCOPES: Final = "What it is about: all, action:NAME, service:NAME or namespace:NAME."


@click.group(short_help="The kill switch: forbid every remediation.", epilog="Example: tiphys switch on --reason drill")
def switch() -> None:
    """The kill switch: while it is on, nothing in its scope is remediated."""


@switch.command(epilog="Example: tiphys switch on --scope action:restart_pods --reason 'it makes things worse'")
@connection_options
@click.option("--scope", default="all", show_default=True, help=_SCOPES)
@click.option("--reason", default="", help="Why; kept in the audit log.")
@output.output_option("json")
def on(connection: Connection, scope: str, reason: str, output: str | None) -> None:
    """Forbid remediation from now on."""
    _print(asyncio.run(_set(connection, scope, {"on": True, "reason": reason})), output)


@switch.command(epilog="Example: tiphys switch off")
@connection_options
@click.option("--scope", default="all", show_default=True, help=_SCOPES)
@click.option("--reason", default="", help="Why; kept in the audit log.")
@output.output_option("json")
def off(connection: Connection, scope: str, reason: str, output: str | None) -> None:
    """Allow remediation again."""
    _print(asyncio.run(_set(connection, scope, {"on": False, "reason": reason})), output)


@switch.command("list", epilog="Example: tiphys switch list")
@connection_options
@output.output_option("json")
def list_(connection: Connection, output: str | None) -> None:
    """List the switches that are on."""
    _print_list(as_list(asyncio.run(_list(connection)).get("items")), output)


async def _set(connection: Connection, scope: str, body: JsonObject) -> JsonObject:
    from tiphys.cli.client import Client

    async with Client(connection) as client:
        return await client.call("PUT", f"/tiphys/v1/switches/{quote(scope, safe=':')}", body=body)


async def _list(connection: Connection) -> JsonObject:
    from tiphys.cli.client import Client

    async with Client(connection) as client:
        return await client.call("GET", "/tiphys/v1/switches")


def _print(state: JsonObject, form: str | None) -> None:
    if form == "json":
        output.print_json(state)
    else:
        click.echo(f"the kill switch for {state['scope']} is {'on' if state['on'] else 'off'}")


def _print_list(items: list[JsonObject], form: str | None) -> None:
    if form == "json":
        output.print_json(items)
    elif items:
        output.print_table(("SCOPE", "REASON"), [(item["scope"], str(item.get("reason", ""))) for item in items])
    else:
        click.echo("no kill switch is on")
