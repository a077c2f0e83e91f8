"""`tiphys approval`: a human's answer to what waits for one."""

from __future__ import annotations

import asyncio

import click

from tiphys.cli import output
from tiphys.cli.places import Connection, connection_options
from tiphys.jsons import JsonObject, as_list, as_object


@click.group(short_help="Answer what waits for a human.", epilog="Example: tiphys approval list")
def approval() -> None:
    """Approvals: each is a yes or no to one action with exactly these parameters, valid once and for a while."""


@approval.command("list", epilog="Example: tiphys approval list --phase granted")
@connection_options
@click.option("--phase", default="pending", show_default=True, help="Only those in this phase; `all` for every one.")
@output.output_option("json", "name", "wide")
def list_(connection: Connection, phase: str, output: str | None) -> None:
    """List approvals; those that wait for an answer unless told otherwise."""
    page = asyncio.run(_call(connection, "GET", "", query={"phase": "" if phase == "all" else phase}))
    _print_list(as_list(page.get("items")), output)


@approval.command(epilog="Example: tiphys approval get apr-0d3f5c2a11b7")
@connection_options
@click.argument("id_", metavar="ID")
@output.output_option("json", "yaml", default="yaml")
def get(connection: Connection, id_: str, output: str) -> None:
    """Print one approval: what would be done, to what, with which parameters, and until when it can be answered."""
    _print_value(asyncio.run(_call(connection, "GET", f"/{id_}")), output)


@approval.command(epilog="Example: tiphys approval grant apr-0d3f5c2a11b7 --reason 'seen with Ada'")
@connection_options
@click.argument("id_", metavar="ID")
@click.option("--reason", default="", help="Why; kept in the audit log.")
@output.output_option("json")
def grant(connection: Connection, id_: str, reason: str, output: str | None) -> None:
    """Say yes."""
    _print_answer(asyncio.run(_call(connection, "POST", f"/{id_}/grant", reason=reason)), output)


@approval.command(epilog="Example: tiphys approval deny apr-0d3f5c2a11b7 --reason 'wrong service'")
@connection_options
@click.argument("id_", metavar="ID")
@click.option("--reason", default="", help="Why; kept in the audit log.")
@output.output_option("json")
def deny(connection: Connection, id_: str, reason: str, output: str | None) -> None:
    """Say no; the incident is escalated."""
    _print_answer(asyncio.run(_call(connection, "POST", f"/{id_}/deny", reason=reason)), output)


async def _call(
    connection: Connection, method: str, path: str, *, query: dict[str, str] | None = None, reason: str = ""
) -> JsonObject:
    from tiphys.cli.client import Client

    async with Client(connection) as client:
        body = {"reason": reason} if method == "POST" else None
        return await client.call(method, f"/tiphys/v1/approvals{path}", query=query, body=body)


def _print_list(items: list[JsonObject], form: str | None) -> None:
    if form == "json":
        output.print_json(items)
        return
    if form == "name":
        for item in items:
            click.echo(item["id"])
        return
    rows = [
        (item["id"], item["phase"], terms.get("action", ""), terms.get("target", ""), terms.get("expires_at", ""))
        for item in items
        for terms in (as_object(item.get("terms")),)
    ]
    output.print_table(("ID", "PHASE", "ACTION", "TARGET", "EXPIRES"), rows)


def _print_value(value: JsonObject, form: str) -> None:
    (output.print_json if form == "json" else output.print_yaml)(value)


def _print_answer(answered: JsonObject, form: str | None) -> None:
    if form == "json":
        output.print_json(answered)
    else:
        click.echo(f"approval {answered['id']} {answered['phase']}")
