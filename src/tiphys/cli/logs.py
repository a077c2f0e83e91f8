"""`tiphys logs`, with the flags of `argo logs`."""

from __future__ import annotations

import asyncio

import click

from tiphys.cli.places import Connection, connection_options


@click.command(short_help="Print or follow the logs of a workflow.", epilog="Example: tiphys logs @latest --follow")
@connection_options
@click.argument("name", metavar="WORKFLOW")
@click.argument("pod", metavar="[POD]", required=False)
@click.option("-c", "--container", default="main", show_default=True, help="Container.")
@click.option("-f", "--follow", is_flag=True, help="Go on until the workflow has ended.")
@click.option("-p", "--previous", is_flag=True, help="Of the container that ran before.")
@click.option("--grep", default="", help="Only lines that match this regular expression.")
@click.option("-l", "--selector", default="", help="Only pods with these labels.")
@click.option("--tail", type=int, default=-1, help="Only the last so many lines of each pod.")
def logs(
    connection: Connection, *, name: str, pod: str | None, follow: bool, previous: bool, tail: int, **texts: str
) -> None:
    """Print the log of WORKFLOW, or of one POD of it, as `pod: line`."""
    query = {
        "logOptions.container": texts["container"],
        "logOptions.follow": "true" if follow else "",
        "logOptions.previous": "true" if previous else "",
        "logOptions.tailLines": str(tail) if tail >= 0 else "",
        "podName": pod or "",
        "grep": texts["grep"],
        "selector": texts["selector"],
    }
    asyncio.run(_logs(connection, name, query))


async def _logs(connection: Connection, name: str, query: dict[str, str]) -> None:
    from tiphys.cli.client import Client
    from tiphys.cli.following import print_logs

    async with Client(connection) as client:
        await print_logs(client, name, query)
