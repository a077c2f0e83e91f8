"""`tiphys events`: puts an event on the bus, lists what is on it, and shows what came of one."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import Any
from urllib.parse import quote

import click

from tiphys.cli import output
from tiphys.cli.places import Connection, connection_options
from tiphys.errors import Refused
from tiphys.jsons import JsonObject, as_list


@click.group(short_help="Send events, list them, and see what came of one.", epilog="Example: tiphys events list")
def events() -> None:
    """Events on the bus."""


@events.command(epilog='Example: tiphys events send --source github --event push --data \'{"body": {"ref": "main"}}\'')
@connection_options
@click.option("--source", required=True, help="Name of the event source.")
@click.option("--event", "subject", required=True, help="Name of the event in that source.")
@click.option("--data", default="null", help="JSON, or @FILE (`@-` is standard input).")
@click.option("--id", "id_", default="", help="Id of the event; the same id twice is one event.")
@output.output_option("json", "name")
def send(connection: Connection, *, source: str, subject: str, data: str, id_: str, output: str | None) -> None:
    """Put an event on the bus; it is durable when the command returns."""
    body = {"source": source, "subject": subject, "data": _parse_data(data), "id": id_}
    _print_sent(asyncio.run(_call(connection, "POST", "", body=body)), output)


@events.command("list", epilog="Example: tiphys events list --source alertmanager --limit 10")
@connection_options
@click.option("--source", default="", help="Only of this source.")
@click.option("--event", "subject", default="", help="Only with this name.")
@click.option("--after", type=int, default=0, help="Only those after this sequence number.")
@click.option("--limit", type=int, default=100, show_default=True, help="At most so many.")
@output.output_option("json", "name", "wide")
def list_(connection: Connection, *, source: str, subject: str, after: int, limit: int, output: str | None) -> None:
    """List events in the order of the bus."""
    query = {"source": source, "subject": subject, "after": str(after), "limit": str(limit)}
    _print_list(as_list(asyncio.run(_call(connection, "GET", "", query=query)).get("items")), output)


@events.command(epilog="Example: tiphys events trace 2f6d0c1e")
@connection_options
@click.argument("id_", metavar="ID")
@output.output_option("json", "wide")
def trace(connection: Connection, id_: str, output: str | None) -> None:
    """Show an event and everything that the audit log holds about what came of it."""
    _print_trace(asyncio.run(_call(connection, "GET", f"/{quote(id_, safe='')}/trace")), output)


async def _call(
    connection: Connection,
    method: str,
    path: str,
    *,
    query: dict[str, str] | None = None,
    body: JsonObject | None = None,
) -> JsonObject:
    from tiphys.cli.client import Client

    async with Client(connection) as client:
        return await client.call(method, f"/tiphys/v1/events{path}", query=query, body=body)


def _parse_data(text: str) -> Any:
    if text.startswith("@"):
        text = sys.stdin.read() if text == "@-" else Path(text[1:]).read_text(encoding="utf-8")
    try:
        return json.loads(text)
    except ValueError as error:
        raise Refused(f"--data is not JSON: {error}") from error


def _print_sent(event: JsonObject, form: str | None) -> None:
    if form == "json":
        output.print_json(event)
    else:
        click.echo(event["id"] if form == "name" else f"event {event['id']} is on the bus")


def _print_list(items: list[JsonObject], form: str | None) -> None:
    if form == "json":
        output.print_json(items)
    elif form == "name":
        for item in items:
            click.echo(item["id"])
    else:
        rows = [(str(i["seq"]), i["id"], i["source"], i["subject"], i["type"], i["time"]) for i in items]
        output.print_table(("SEQ", "ID", "SOURCE", "EVENT", "TYPE", "TIME"), rows)


def _print_trace(trace: JsonObject, form: str | None) -> None:
    if form == "json":
        output.print_json(trace)
        return
    event = trace["event"]
    click.echo(f"{event['time']}  {event['source']}/{event['subject']}  {event['id']}")
    for record in as_list(trace.get("records")):
        entry = record["entry"]
        click.echo(f"{entry['at']}  {entry['kind']:<24} {entry['subject']}")
    if not trace.get("records"):
        click.echo("nothing has come of it yet")
