"""`tiphys stop`, `terminate`, `suspend` and `resume`, with the flags of `argo`."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

import click

from tiphys.cli.places import Connection, connection_options

_F = TypeVar("_F", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class _Verb:
    """What is asked of each workflow, and how the answer is told; `failing` begins the message of a refusal."""

    name: str
    done: str
    body: dict[str, str] = field(default_factory=dict[str, str])
    dry_run: bool = False
    failing: str = ""


def _selectors(function: _F) -> _F:
    """The flags that choose workflows by label or field."""
    for option in (
        click.option("--dry-run", is_flag=True, help="Only say what would be done."),
        click.option("--field-selector", default="", help="Those that match this field selector."),
        click.option("-l", "--selector", default="", help="Those that match this label selector."),
    ):
        function = option(function)
    return function


@click.command(short_help="Stop workflows; their exit handlers run.", epilog="Example: tiphys stop build-x7k2p")
@connection_options
@click.argument("names", metavar="WORKFLOW...", nargs=-1)
@_selectors
@click.option("--message", default="", help="Why; shown in the status.")
@click.option("--node-field-selector", default="", help="Fail only the suspend nodes that match, and stop nothing.")
def stop(
    connection: Connection,
    *,
    names: tuple[str, ...],
    message: str,
    node_field_selector: str,
    dry_run: bool,
    **choice: str,
) -> None:
    """Stop each WORKFLOW: nothing new begins, what runs is ended, exit handlers run."""
    body = {"message": message, "nodeFieldSelector": node_field_selector}
    asyncio.run(_each(connection, names, choice, _Verb("stop", "stopped", body, dry_run=dry_run)))


@click.command(short_help="End workflows at once; no exit handler runs.", epilog="Example: tiphys terminate -l app=x")
@connection_options
@click.argument("names", metavar="WORKFLOW...", nargs=-1)
@_selectors
def terminate(connection: Connection, *, names: tuple[str, ...], dry_run: bool, **choice: str) -> None:
    """End each WORKFLOW at once; no exit handler runs."""
    asyncio.run(_each(connection, names, choice, _Verb("terminate", "terminated", dry_run=dry_run)))


@click.command(short_help="Start nothing new in workflows until they are resumed.", epilog="Example: tiphys suspend w")
@connection_options
@click.argument("names", metavar="WORKFLOW...", nargs=-1, required=True)
def suspend(connection: Connection, names: tuple[str, ...]) -> None:
    """Suspend each WORKFLOW: what runs goes on, nothing new begins."""
    asyncio.run(_each(connection, names, {}, _Verb("suspend", "suspended", failing="failed to suspend")))


@click.command(
    short_help="Let suspended workflows go on.", epilog="Example: tiphys resume w --node-field-selector id=n"
)
@connection_options
@click.argument("names", metavar="WORKFLOW...", nargs=-1, required=True)
@click.option("--node-field-selector", default="", help="Only the suspend nodes that match (displayName=approve).")
def resume(connection: Connection, names: tuple[str, ...], node_field_selector: str) -> None:
    """Let each suspended WORKFLOW go on."""
    body = {"nodeFieldSelector": node_field_selector}
    asyncio.run(_each(connection, names, {}, _Verb("resume", "resumed", body, failing="failed to resume")))


async def _each(connection: Connection, names: tuple[str, ...], choice: dict[str, str], verb: _Verb) -> None:
    from tiphys.cli.client import Client, RpcError, workflows_path

    async with Client(connection) as client:
        for name in [*names, *await _chosen(client, choice)]:
            if not verb.dry_run:
                body = {"name": name, "namespace": client.namespace, **{k: v for k, v in verb.body.items() if v}}
                try:
                    await client.call("PUT", workflows_path(client.namespace, name, verb.name), body=body)
                except RpcError as error:
                    raise error.during(f"{verb.failing} {name}" if verb.failing else "") from error
            click.echo(f"workflow {name} {verb.done}{' (dry-run)' if verb.dry_run else ''}")


async def _chosen(client: Any, choice: dict[str, str]) -> list[str]:
    from tiphys.cli.choosing import NAMES_ONLY, fetch_chosen, parse_choice
    from tiphys.cli.output import now

    if not any(choice.values()):
        return []
    found = await fetch_chosen(client, parse_choice(choice), now(), namespace=client.namespace, fields=NAMES_ONLY)
    return [item["metadata"]["name"] for item in found]
