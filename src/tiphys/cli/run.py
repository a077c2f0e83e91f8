"""`tiphys run`: the workflows of files, run to their end in this process, without a server.

State, logs and the audit log are kept in the data directory. While another engine works in the default one (a server,
another `run`), a directory of its own is taken, which is kept only when something did not succeed.
"""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import click

from tiphys.cli.configuration import load_settings, settings_options
from tiphys.cli.output import output_option
from tiphys.settings import Settings

NOT_RUNNABLE = 2
"""Exit status for what could not be run, as for a workflow that ended in Error; 1 is a Failed one."""
_STATUSES = {"Succeeded": 0, "Failed": 1}


@dataclass(frozen=True, slots=True)
class _Flags:
    files: tuple[str, ...]
    parameter: tuple[str, ...]
    parameter_file: Path | None
    entrypoint: str
    name: str
    namespace: str
    output: str | None


@click.command(
    short_help="Run the workflows of files to their end, without a server.",
    epilog="Example: tiphys run hello.yaml -p message=hi",
)
@click.argument("files", metavar="FILE...", nargs=-1, required=True)
@settings_options
@click.option("-p", "--parameter", multiple=True, metavar="NAME=VALUE", help="Set a parameter; may be repeated.")
@click.option("-f", "--parameter-file", type=click.Path(path_type=Path), help="YAML or JSON file with parameters.")
@click.option("--entrypoint", default="", help="Template to begin with.")
@click.option("--name", default="", help="Name of the workflow.")
@click.option("-n", "--namespace", envvar="ARGO_NAMESPACE", default="default", show_default=True, help="Namespace.")
@output_option("json", "yaml", "wide", "name")
def run(config: Path | None, data_dir: Path | None, **flags: Any) -> int:
    """Run every Workflow of the FILEs (`-` is standard input) to its end and show it.

    All other documents of the files (templates, ConfigMaps …) are stored first. The exit status is 0 when all have
    Succeeded, 1 when one has Failed, 2 when one ended in Error or could not be run. Ctrl-C stops the workflows, whose
    exit handlers then run; a second one kills everything.
    """
    from tiphys.cli.failures import report
    from tiphys.errors import TiphysError

    try:
        settings, told = load_settings(config, {"data_dir": data_dir} if data_dir else {})
        chosen = told[0].origin != "default"
        return asyncio.run(_run_in_directory(settings, _Flags(**flags), chosen=chosen))
    except (TiphysError, OSError) as error:
        report(error)
        return NOT_RUNNABLE


async def _run_in_directory(settings: Settings, flags: _Flags, *, chosen: bool) -> int:
    from tiphys.cli.running import Files
    from tiphys.store.lock import DirectoryInUse

    files = Files.read(flags.files)
    try:
        return await _run(settings, files, flags)
    except DirectoryInUse:
        if chosen:
            raise
    own = Path(tempfile.mkdtemp(prefix="tiphys-run-"))
    status = await _run(replace(settings, data_dir=own), files, flags)
    if status:
        click.echo(f"{settings.data_dir} is in use; state and logs of this run are kept in {own}", err=True)
    else:
        shutil.rmtree(own, ignore_errors=True)
    return status


async def _run(settings: Settings, files: Any, flags: _Flags) -> int:
    from tiphys.cli.running import Session
    from tiphys.wiring import open_engine

    async with open_engine(settings) as engine:
        session = Session(engine, files, flags.namespace)
        await session.prepare(_overrides(flags, len(files.workflows)))
        ended = await session.run(show=flags.output in (None, "wide"))
        _print(ended, flags.output)
        session.point_to_logs(ended)
    return max(_STATUSES.get(workflow["status"]["phase"], NOT_RUNNABLE) for workflow in ended)


def _overrides(flags: _Flags, workflows: int) -> Any:
    from tiphys.cli.documents import read_one
    from tiphys.cli.overrides import Overrides, parameter_texts, parse_pairs
    from tiphys.errors import Refused

    if flags.name and workflows > 1:
        raise Refused(f"--name names one workflow, and there are {workflows} in these files")
    file = flags.parameter_file
    from_file = parameter_texts(read_one(file), str(file)) if file else {}
    parameters = {**from_file, **parse_pairs(flags.parameter, "parameter")}
    return Overrides(name=flags.name, entrypoint=flags.entrypoint, parameters=parameters)


def _print(workflows: Sequence[dict[str, Any]], form: str | None) -> None:
    """The finished workflows; as JSON each on one line, so that many can be read one by one."""
    import json

    from tiphys.cli.showing import print_workflow

    for index, workflow in enumerate(workflows):
        if form == "json":
            click.echo(json.dumps(workflow, ensure_ascii=False))
            continue
        if index and form == "yaml":
            click.echo("---")
        elif index and form != "name":
            click.echo()
        print_workflow(workflow, form)
