"""`tiphys up`: everything in one process, until it is told to stop."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Iterable
from pathlib import Path

import click

from tiphys.cli.configuration import load_settings, settings_options
from tiphys.cli.documents import read_texts, stamps
from tiphys.errors import Problem, TiphysError
from tiphys.manifest.documents import Document, read_documents
from tiphys.settings import Settings
from tiphys.wiring import Tiphys, open_tiphys

WATCH_S = 1.0
"""Seconds between two looks at the directories: an editor saves, and it is there."""


@click.command(short_help="Run everything in one process.", epilog="Example: tiphys up manifests/ --port 2746")
@click.argument("directories", metavar="[DIR...]", nargs=-1, type=click.Path(exists=True))
@settings_options
@click.option("--host", help="Address to listen on.  [127.0.0.1]")
@click.option("--port", type=int, help="Port to listen on; 0 takes a free one.  [2746]")
@click.option("--auth-mode", type=click.Choice(["token", "none"]), help="Who may call: holders of the token, or all.")
def up(
    directories: tuple[str, ...],
    config: Path | None,
    data_dir: Path | None,
    host: str | None,
    port: int | None,
    auth_mode: str | None,
) -> None:
    """Run engine, event sources, sensors, remediation and server, with the manifests of the directories.

    The directories are watched. The address is printed when it listens; tokens are made in the data directory.
    """
    overrides = {"data_dir": data_dir, "server.host": host, "server.port": port, "server.auth_mode": auth_mode}
    settings, _ = load_settings(config, overrides)
    asyncio.run(_up(settings, directories))


async def _up(settings: Settings, directories: tuple[str, ...]) -> None:
    from tiphys.notify.log import LineNotifier
    from tiphys.server.whole import serving_tiphys

    stopped = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    async with open_tiphys(settings, LineNotifier(_say)) as tiphys:
        loaded = _read(directories)
        _report(await tiphys.apply(loaded))
        if tiphys.incidents is None:
            _say(f"no remediation: there is no catalog {settings.remediation.catalog}")
        async with serving_tiphys(tiphys) as address:
            click.echo(address)
            watching = asyncio.create_task(_watch(tiphys, directories, loaded))
            await stopped.wait()
            watching.cancel()


async def _watch(tiphys: Tiphys, directories: tuple[str, ...], loaded: list[Document]) -> None:
    """Applies the directories anew whenever a file in them changes; a set that is bad is reported and left out."""
    seen = stamps(directories)
    while True:
        await asyncio.sleep(WATCH_S)
        now = stamps(directories)
        if now == seen:
            continue
        seen = now
        try:
            wanted = _read(directories)
            kept = {(document.kind, document.name) for document in wanted}
            gone = [document for document in loaded if (document.kind, document.name) not in kept]
            _report(await tiphys.apply(wanted, gone))
        except (TiphysError, OSError) as error:
            _say(f"the change was not taken over: {error}")
        else:
            loaded = wanted
            _say(f"{len(loaded)} documents loaded anew")


def _read(directories: tuple[str, ...]) -> list[Document]:
    return [d for file, text in read_texts(directories) for d in read_documents(text, file=file)]


def _report(problems: Iterable[Problem]) -> None:
    for problem in problems:
        _say(str(problem))


def _say(text: str) -> None:
    click.echo(text, err=True)
