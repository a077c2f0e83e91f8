"""`tiphys delete`, with the flags of `argo delete`."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

import click

from tiphys.cli.places import Connection, connection_options


@dataclass(frozen=True, slots=True)
class _Flags:
    all: bool
    all_namespaces: bool
    dry_run: bool
    force: bool
    query_chunk_size: int


@click.command(short_help="Delete workflows.", epilog="Example: tiphys delete --completed --older 7d")
@connection_options
@click.argument("names", metavar="[WORKFLOW...]", nargs=-1)
@click.option("--all", is_flag=True, help="All of the namespace.")
@click.option("-A", "--all-namespaces", is_flag=True, help="Choose from all namespaces.")
@click.option("--completed", is_flag=True, help="Those that have finished.")
@click.option("--resubmitted", is_flag=True, help="Those that were resubmitted.")
@click.option("--status", default="", help="Those in these phases (Failed,Error).")
@click.option("--prefix", default="", help="Those whose names begin so.")
@click.option("--older", default="", help="Those that finished longer ago than this (7d).")
@click.option("-l", "--selector", default="", help="Those that match this label selector.")
@click.option("--field-selector", default="", help="Those that match this field selector.")
@click.option("--force", is_flag=True, help="Also when something still holds it.")
@click.option("--dry-run", is_flag=True, help="Only say what would be deleted.")
@click.option("--query-chunk-size", type=int, default=0, help="Workflows to ask for at a time; 0 is all.")
def delete(connection: Connection, names: tuple[str, ...], **flags: Any) -> None:
    """Delete each WORKFLOW, or those that the flags choose; what still runs is ended."""
    own = _Flags(**{name: flags.pop(name) for name in _Flags.__slots__})
    if not names and not own.all and not any(flags.values()):
        raise click.UsageError("name workflows, or choose them by --all, --completed, -l and the like")
    asyncio.run(_delete(connection, names, own, flags))


async def _delete(connection: Connection, names: tuple[str, ...], flags: _Flags, choice: dict[str, Any]) -> None:
    from tiphys.cli.client import Client

    async with Client(connection) as client:
        targets = [(connection.namespace, name) for name in names]
        if flags.all or any(choice.values()):
            targets += await _chosen(client, flags, choice)
        for namespace, name in targets:
            await _delete_one(client, namespace, name, flags)
        if not targets:
            click.echo("No resources found")


async def _delete_one(client: Any, namespace: str, name: str, flags: _Flags) -> None:
    from tiphys.cli.client import RpcError, workflows_path

    if flags.dry_run:
        click.echo(f"Workflow '{name}' deleted (dry-run)")
        return
    try:
        await client.call("DELETE", workflows_path(namespace, name), query={"force": "true" if flags.force else ""})
    except RpcError as error:
        if not error.is_not_found:
            raise
        click.echo(f"Workflow '{name}' not found")
        return
    click.echo(f"Workflow '{name}' deleted")


async def _chosen(client: Any, flags: _Flags, choice: dict[str, Any]) -> list[tuple[str, str]]:
    from tiphys.cli.choosing import NAMES_ONLY, fetch_chosen, parse_choice
    from tiphys.cli.output import now

    found = await fetch_chosen(
        client,
        parse_choice(choice),
        now(),
        namespace="" if flags.all_namespaces else client.namespace,
        fields=NAMES_ONLY,
        chunk_size=flags.query_chunk_size,
    )
    return [(item["metadata"]["namespace"], item["metadata"]["name"]) for item in found]
