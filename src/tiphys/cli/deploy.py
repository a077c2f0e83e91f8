"""`tiphys deploy`: the marker that CI sets around a deployment; alerts within it are judged differently."""

from __future__ import annotations

import asyncio

import click

from tiphys.cli import output
from tiphys.cli.places import Connection, connection_options
from tiphys.jsons import JsonObject


@click.group(short_help="Mark the start and end of a deployment.", epilog="Example: tiphys deploy start --service shop")
def deploy() -> None:
    """Tell that a service is being deployed."""


@deploy.command(epilog="Example: tiphys deploy start --service shop --release 2026.11.25-1")
@connection_options
@click.option("--service", required=True, help="Which service.")
@click.option("--release", default="", help="Which release.")
@output.output_option("json")
def start(connection: Connection, service: str, release: str, output: str | None) -> None:
    """A deployment begins."""
    _print(asyncio.run(_mark(connection, "start", service, release)), output, f"deployment of {service} started")


@deploy.command(epilog="Example: tiphys deploy end --service shop")
@connection_options
@click.option("--service", required=True, help="Which service.")
@click.option("--release", default="", help="Taken for symmetry with `start`; a service has one deployment at a time.")
@output.output_option("json")
def end(connection: Connection, service: str, release: str, output: str | None) -> None:
    """A deployment has ended."""
    _print(asyncio.run(_mark(connection, "end", service, release)), output, f"deployment of {service} ended")


async def _mark(connection: Connection, what: str, service: str, release: str) -> JsonObject:
    from tiphys.cli.client import Client

    async with Client(connection) as client:
        body = {"service": service, "release": release}
        return await client.call("POST", f"/tiphys/v1/deployments/{what}", body=body)


def _print(answered: JsonObject, form: str | None, text: str) -> None:
    if form == "json":
        output.print_json(answered)
    else:
        click.echo(text)
