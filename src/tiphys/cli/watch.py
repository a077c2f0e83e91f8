"""`tiphys watch` and `tiphys wait`, with the flags of `argo`."""

from __future__ import annotations

import asyncio

import click

from tiphys.cli.places import Connection, connection_options


@click.command(short_help="Watch a workflow until it ends.", epilog="Example: tiphys watch @latest")
@connection_options
@click.argument("name", metavar="WORKFLOW")
@click.option("--node-field-selector", default="", help="Only nodes that match (displayName=x,phase!=Failed).")
@click.option("--status", default="", help="Only nodes in these phases (Failed,Error).")
def watch(connection: Connection, *, name: str, node_field_selector: str, status: str) -> int:
    """Show WORKFLOW after every change, until it ends."""
    return asyncio.run(_watch(connection, name, node_field_selector, status))


async def _watch(connection: Connection, name: str, selector: str, status: str) -> int:
    from tiphys.cli.client import Client
    from tiphys.cli.following import watch_one
    from tiphys.cli.showing import NodeFilter, Style

    async with Client(connection) as client:
        return await watch_one(client, name, Style(nodes=NodeFilter.parse(selector, status)))


@click.command(short_help="Wait for workflows to end.", epilog="Example: tiphys wait build-x7k2p && echo done")
@connection_options
@click.argument("names", metavar="WORKFLOW...", nargs=-1, required=True)
@click.option("--ignore-not-found", is_flag=True, help="Do not stop at one that does not exist.")
def wait(connection: Connection, *, names: tuple[str, ...], ignore_not_found: bool) -> int:
    """Wait until every WORKFLOW has ended; the exit status is 1 unless all have succeeded."""
    return asyncio.run(_wait(connection, names, ignore_not_found=ignore_not_found))


async def _wait(connection: Connection, names: tuple[str, ...], *, ignore_not_found: bool) -> int:
    from tiphys.cli.client import Client
    from tiphys.cli.following import wait_for

    async with Client(connection) as client:
        return await wait_for(client, names, ignore_not_found=ignore_not_found)
