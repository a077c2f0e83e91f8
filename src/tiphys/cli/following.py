"""Stays with workflows until they end: waits, redraws the tree, or follows the logs."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Sequence

import click

from tiphys.cli.client import Client, RpcError, workflows_path
from tiphys.cli.showing import Style, print_workflow
from tiphys.cli.workflow_text import finished_line
from tiphys.errors import Unavailable
from tiphys.jsons import JsonObject, as_object

_RETRY_S = 1.0
"""Seconds before a stream that broke off is opened again."""


async def follow_all(client: Client, names: Sequence[str], *, wait: bool, watch: bool, log: bool) -> int:
    """What `--wait`, `--watch` and `--log` of a command ask for; the exit status tells of the end."""
    if log:
        for name in names:
            await print_logs(client, name, {"logOptions.follow": "true", "logOptions.container": "main"})
    if watch:
        return max([await watch_one(client, name, Style()) for name in names], default=0)
    if wait:
        return await wait_for(client, names, ignore_not_found=False)
    return 0


async def wait_for(client: Client, names: Sequence[str], *, ignore_not_found: bool) -> int:
    """Waits for all; 1 unless every one has succeeded."""
    ends = await asyncio.gather(*(_wait_one(client, name, ignore_not_found=ignore_not_found) for name in names))
    return 0 if all(ends) else 1


async def _wait_one(client: Client, name: str, *, ignore_not_found: bool) -> bool:
    try:
        async for workflow in changes_of(client, name):
            if is_finished(workflow):
                click.echo(finished_line(workflow))
                return phase_of(workflow) == "Succeeded"
    except RpcError as error:
        if ignore_not_found and error.is_not_found:
            return False
        raise
    click.echo(f"{name} deleted", err=True)
    return False


async def watch_one(client: Client, name: str, style: Style) -> int:
    """Shows a workflow again after every change, until it ends; on a terminal in the same place."""
    async for workflow in changes_of(client, name):
        if sys.stdout.isatty():
            click.clear()
        print_workflow(workflow, None, style)
        if is_finished(workflow):
            return 0
    raise Unavailable(f"workflow {name} was deleted")


async def print_logs(client: Client, name: str, query: dict[str, str]) -> None:
    """Prints `pod: line` for every line of a workflow."""
    async for entry in client.stream(workflows_path(client.namespace, name, "log"), query):
        click.echo(f"{click.style(entry.get('podName', ''), fg='cyan')}: {entry.get('content', '')}")


async def changes_of(client: Client, name: str) -> AsyncIterator[JsonObject]:
    """The workflow now and after every change; ends when it is deleted, and survives a stream that breaks off."""
    query = {"listOptions.fieldSelector": f"metadata.name={name}", "listOptions.resourceVersion": "0"}
    while True:
        try:
            async for event in client.stream(f"/api/v1/workflow-events/{client.namespace}", query):
                if event.get("type") == "DELETED":
                    return
                yield as_object(event.get("object"))
        except Unavailable:
            await client.call("GET", "/api/v1/info")
        await asyncio.sleep(_RETRY_S)


def phase_of(workflow: JsonObject) -> str:
    """The phase; empty before there is one."""
    return str(as_object(workflow.get("status")).get("phase", ""))


def is_finished(workflow: JsonObject) -> bool:
    """Whether it has ended."""
    return as_object(workflow.get("status")).get("finishedAt") is not None
