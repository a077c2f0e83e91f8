"""`tiphys list` and `tiphys get`, with the flags of `argo`."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any, Final

import click

from tiphys.cli import output
from tiphys.cli.places import Connection, connection_options
from tiphys.jsons import JsonObject, as_object

LIST_FIELDS: Final = (
    "metadata,items.metadata,items.spec,items.status.phase,items.status.message,items.status.finishedAt,"
    "items.status.startedAt,items.status.estimatedDuration,items.status.progress"
)
"""What a plain list needs; no nodes, which are most of a workflow."""


@dataclass(frozen=True, slots=True)
class _ListFlags:
    all_namespaces: bool
    chunk_size: int
    no_headers: bool
    output: str | None


@click.command("list", short_help="List workflows.", epilog="Example: tiphys list --running -l team=data")
@connection_options
@click.option("-A", "--all-namespaces", is_flag=True, help="Of all namespaces.")
@click.option("--completed", is_flag=True, help="Only finished ones.")
@click.option("--running", is_flag=True, help="Only those that have not finished.")
@click.option("--resubmitted", is_flag=True, help="Only resubmitted ones.")
@click.option("--status", default="", help="Only those in these phases (Failed,Error).")
@click.option("-l", "--selector", default="", help="Label selector.")
@click.option("--field-selector", default="", help="Field selector.")
@click.option("--prefix", default="", help="Only names that begin so.")
@click.option("--since", default="", help="Only those created within this time (1h30m).")
@click.option("--older", default="", help="Only those that finished longer ago than this (1h30m).")
@click.option("--chunk-size", type=int, default=0, help="Workflows to ask for at a time; 0 is all.")
@click.option("--no-headers", is_flag=True, help="No header line.")
@output.output_option("json", "yaml", "name", "wide")
def list_(
    connection: Connection, *, all_namespaces: bool, chunk_size: int, no_headers: bool, output: str, **choice: Any
) -> None:
    """List workflows, running ones first."""
    flags = _ListFlags(all_namespaces, chunk_size, no_headers, output)
    _print_list(asyncio.run(_fetch(connection, flags, choice)), flags)


async def _fetch(connection: Connection, flags: _ListFlags, choice: dict[str, Any]) -> list[JsonObject]:
    from tiphys.cli.choosing import fetch_chosen, parse_choice
    from tiphys.cli.client import Client

    async with Client(connection) as client:
        return await fetch_chosen(
            client,
            parse_choice(choice),
            output.now(),
            namespace="" if flags.all_namespaces else connection.namespace,
            fields="" if flags.output in ("json", "yaml", "wide") else LIST_FIELDS,
            chunk_size=flags.chunk_size,
        )


def _print_list(items: list[JsonObject], flags: _ListFlags) -> None:
    match flags.output:
        case "json":
            output.print_json(items)
        case "yaml":
            output.print_yaml(items)
        case "name":
            for item in items:
                click.echo(item["metadata"]["name"])
        case _ if not items:
            click.echo("No workflows found")
        case _:
            _print_lines(items, flags)


def _print_lines(items: list[JsonObject], flags: _ListFlags) -> None:
    from tiphys.cli.workflow_text import LIST_HEADER, WIDE_HEADER, list_row

    wide, now = flags.output == "wide", output.now()
    header: list[str] = [*(WIDE_HEADER if wide else LIST_HEADER)]
    rows = [list(list_row(item, now, wide=wide)) for item in items]
    if flags.all_namespaces:
        header.insert(0, "NAMESPACE")
        for row, item in zip(rows, items, strict=True):
            row.insert(0, item["metadata"].get("namespace", ""))
    output.print_table([] if flags.no_headers else header, rows)


@click.command(short_help="Show workflows as trees.", epilog="Example: tiphys get hello-world -o yaml")
@connection_options
@click.argument("names", metavar="WORKFLOW...", nargs=-1, required=True)
@click.option("--no-color", is_flag=True, help="No colours.")
@click.option("--no-utf8", is_flag=True, help="Only ASCII characters.")
@click.option("--node-field-selector", default="", help="Only nodes that match (displayName=x,phase!=Failed).")
@click.option("--status", default="", help="Only nodes in these phases (Failed,Error).")
@output.output_option("json", "yaml", "wide", "name")
def get(
    connection: Connection,
    *,
    names: tuple[str, ...],
    no_color: bool,
    no_utf8: bool,
    node_field_selector: str,
    status: str,
    output: str | None,
) -> None:
    """Show workflows: what is known of each, and the tree of its nodes. `@latest` is the one created last."""
    from tiphys.cli.showing import NodeFilter, Style

    style = Style(utf8=not no_utf8, colour=not no_color, nodes=NodeFilter.parse(node_field_selector, status))
    asyncio.run(_get(connection, names, output, style))


async def _get(connection: Connection, names: tuple[str, ...], form: str | None, style: Any) -> None:
    from tiphys.cli.client import Client, workflows_path
    from tiphys.cli.showing import print_workflow

    async with Client(connection) as client:
        for name in names:
            workflow = await client.call("GET", workflows_path(connection.namespace, name))
            print_workflow(workflow, form, style)


def name_of(item: JsonObject) -> str:
    """The name of an object of the API."""
    return str(as_object(item.get("metadata")).get("name", ""))
