"""`tiphys incident`: what happened, and why it was or was not acted on."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator

import click

from tiphys.cli import output
from tiphys.cli.places import Connection, connection_options
from tiphys.jsons import JsonObject, as_list, as_object, is_object

_MARKS = {True: "yes", False: "no", None: "-"}


@click.group(short_help="What happened, and why it was or was not acted on.", epilog="Example: tiphys incident list")
def incident() -> None:
    """Incidents: what came in, what was decided about it, and what was done."""


@incident.command("list", epilog="Example: tiphys incident list --phase escalated")
@connection_options
@click.option("--phase", default="", help="Only those in this phase.")
@output.output_option("json", "name", "wide")
def list_(connection: Connection, phase: str, output: str | None) -> None:
    """List incidents, the newest first."""
    _print_list(asyncio.run(_call(connection, "/tiphys/v1/incidents", phase)), output)


@incident.command(epilog="Example: tiphys incident get inc-4f2a")
@connection_options
@click.argument("id_", metavar="ID")
@output.output_option("json", "yaml", default="yaml")
def get(connection: Connection, id_: str, output: str) -> None:
    """Print the whole state of one incident."""
    _print_value(asyncio.run(_call(connection, f"/tiphys/v1/incidents/{id_}")), output)


@incident.command(epilog="Example: tiphys incident explain inc-4f2a")
@connection_options
@click.argument("id_", metavar="ID")
@output.output_option("json", "yaml", "wide")
def explain(connection: Connection, id_: str, output: str | None) -> None:
    """Print every gate that an incident passed or did not, with what it was judged by."""
    told = asyncio.run(_call(connection, f"/tiphys/v1/incidents/{id_}/explain"))
    if output in ("json", "yaml"):
        _print_value(told, output)
        return
    for line in story_lines(told, inputs=True):
        click.echo(line)


async def _call(connection: Connection, path: str, phase: str = "") -> JsonObject:
    from tiphys.cli.client import Client

    async with Client(connection) as client:
        return await client.call("GET", path, query={"phase": phase})


def _print_list(page: JsonObject, form: str | None) -> None:
    items = as_list(page.get("items"))
    if form == "json":
        output.print_json(items)
    elif form == "name":
        for item in items:
            click.echo(item["id"])
    else:
        rows = [(item["id"], item["phase"], item["opened_at"], item["alert"], item["reason"]) for item in items]
        output.print_table(("ID", "PHASE", "OPENED", "ALERT", "REASON"), rows)


def _print_value(value: JsonObject, form: str) -> None:
    (output.print_json if form == "json" else output.print_yaml)(value)


def story_lines(told: JsonObject, *, inputs: bool) -> Iterator[str]:
    """An explanation as text: where it stands, each gate with its reason and inputs, what was run, every move."""
    yield f"{told.get('id')}  {told.get('phase')}: {told.get('reason')}"
    yield ""
    for gate in as_list(told.get("gates")):
        yield f"  {_MARKS[gate.get('passed')]:<4}{gate.get('gate'):<22}{gate.get('reason')}"
        if inputs:
            yield from _input_lines(gate.get("inputs"))
    execution = {key: value for key, value in as_object(told.get("execution")).items() if value not in (None, "")}
    yield ""
    yield f"  execution: {json.dumps(execution, ensure_ascii=False)}"
    for move in as_list(told.get("moves")):
        yield f"  {move.get('at')}  {move.get('phase')}: {move.get('reason')}"


def _input_lines(inputs: object) -> Iterator[str]:
    named = as_object(inputs).items() if is_object(inputs) else enumerate(as_list(inputs))
    for name, value in named:
        if value not in (None, "", [], {}):
            yield f"        {name}: {value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)}"
