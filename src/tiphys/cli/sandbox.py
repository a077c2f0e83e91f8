"""`tiphys sandbox`: the practice cluster in a program of its own."""

from __future__ import annotations

import asyncio
import contextlib
from pathlib import Path

import click

from tiphys.cli.documents import read_texts
from tiphys.cli.places import data_dir_option
from tiphys.manifest import documents
from tiphys.sandbox.server import Sandbox


@click.command(
    short_help="Run the practice cluster: real processes as pods.",
    epilog="Example: tiphys sandbox --port 6443 --rbac rbac.yaml",
)
@data_dir_option
@click.option("--port", type=int, default=0, help="Port on 127.0.0.1; 0 takes a free one.")
@click.option(
    "--rbac", multiple=True, type=click.Path(), metavar="FILE|DIR", help="Accounts, roles and bindings to begin with."
)
def sandbox(data_dir: Path, port: int, rbac: tuple[str, ...]) -> None:
    """Offer the part of the Kubernetes API that our steps use, with real processes as pods, until interrupted.

    Its address and the files with the tokens are printed when it listens.
    """
    accounts = [item.json for file, text in read_texts(rbac) for item in documents.read_documents(text, file=file)]
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_serve(Sandbox(data_dir / "sandbox", port=port, rbac=accounts)))


async def _serve(cluster: Sandbox) -> None:
    async with cluster:
        click.echo(f"{cluster.url}  tokens in {cluster.token_directory}")
        await cluster.wait()
