"""`tiphys submit`, with the flags of `argo submit`."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from tiphys.cli.output import output_option
from tiphys.cli.places import Connection, connection_options


@dataclass(frozen=True, slots=True)
class _Flags:
    files: tuple[str, ...]
    from_: str | None
    parameter: tuple[str, ...]
    parameter_file: Path | None
    labels: str
    name: str
    generate_name: str
    entrypoint: str
    serviceaccount: str
    priority: int | None
    dry_run: bool
    server_dry_run: bool
    wait: bool
    watch: bool
    log: bool
    output: str | None


@click.command(
    short_help="Create workflows from files or from a stored template.",
    epilog="Example: tiphys submit hello.yaml -p message=hi --watch",
)
@connection_options
@click.argument("files", metavar="[FILE...]", nargs=-1)
@click.option("--from", "from_", metavar="KIND/NAME", help="From a stored template (workflowtemplate/NAME).")
@click.option("-p", "--parameter", multiple=True, metavar="NAME=VALUE", help="Set a parameter; may be repeated.")
@click.option("-f", "--parameter-file", type=click.Path(path_type=Path), help="YAML or JSON file with parameters.")
@click.option("-l", "--labels", default="", help="Labels to add (a=b,c=d).")
@click.option("--name", default="", help="Name of the workflow.")
@click.option("--generate-name", default="", help="Prefix of a generated name.")
@click.option("--entrypoint", default="", help="Template to begin with.")
@click.option("--serviceaccount", default="", help="Service account of the pods.")
@click.option("--priority", type=int, help="Priority.")
@click.option("--dry-run", is_flag=True, help="Only check and print it, unnamed.")
@click.option("--server-dry-run", is_flag=True, help="Only check and print it, as the server would store it.")
@click.option("-w", "--wait", is_flag=True, help="Wait for the end; the exit status tells.")
@click.option("--watch", is_flag=True, help="Show the workflow until it ends.")
@click.option("--log", is_flag=True, help="Follow the logs until it ends.")
@output_option("json", "yaml", "name", "wide")
def submit(connection: Connection, **flags: Any) -> int:
    """Create workflows from the Workflow documents of FILEs (`-` is standard input), or from a stored template."""
    given = _Flags(**flags)
    if bool(given.files) == bool(given.from_):
        raise click.UsageError("give either FILEs or --from KIND/NAME")
    return asyncio.run(_submit(connection, given))


async def _submit(connection: Connection, flags: _Flags) -> int:
    from tiphys.cli.client import Client
    from tiphys.cli.following import follow_all

    names: list[str] = []
    async with Client(connection) as client:
        for path, body in _requests(connection, flags):
            names.append(await _send(client, path, body, flags))
        if flags.dry_run or flags.server_dry_run:
            return 0
        return await follow_all(client, names, wait=flags.wait, watch=flags.watch, log=flags.log)


def _requests(connection: Connection, flags: _Flags) -> Sequence[tuple[str, dict[str, Any]]]:
    """Path and body of each request, all built before the first is sent: a bad file stops them all."""
    from tiphys.cli.client import workflows_path
    from tiphys.cli.documents import read_manifests

    overrides = _overrides(flags)
    if flags.from_:
        kind, separator, name = flags.from_.partition("/")
        if not separator:
            raise click.UsageError("--from is KIND/NAME, for instance workflowtemplate/hello")
        options = overrides.submit_options()
        options |= {"dryRun": True} if flags.dry_run else {}
        options |= {"serverDryRun": True} if flags.server_dry_run else {}
        body = {"namespace": connection.namespace, "resourceKind": kind, "resourceName": name, "submitOptions": options}
        return [(workflows_path(connection.namespace, "submit"), body)]
    requests: list[tuple[str, dict[str, Any]]] = []
    for manifest in read_manifests(flags.files, "Workflow"):
        changed = overrides.apply(manifest)
        namespace = changed["metadata"].setdefault("namespace", connection.namespace)
        body = {"namespace": namespace, "workflow": changed, "serverDryRun": flags.server_dry_run}
        body["createOptions"] = {"dryRun": ["All"]} if flags.dry_run else {}
        requests.append((workflows_path(namespace), body))
    return requests


def _overrides(flags: _Flags) -> Any:
    from tiphys.cli.documents import read_one
    from tiphys.cli.overrides import Overrides, parameter_texts, parse_pairs

    file = flags.parameter_file
    from_file = parameter_texts(read_one(file), str(file)) if file else {}
    return Overrides(
        name=flags.name,
        generate_name=flags.generate_name,
        entrypoint=flags.entrypoint,
        service_account=flags.serviceaccount,
        priority=flags.priority,
        labels=parse_pairs(tuple(filter(None, flags.labels.split(","))), "labels"),
        parameters={**from_file, **parse_pairs(flags.parameter, "parameter")},
    )


async def _send(client: Any, path: str, body: dict[str, Any], flags: _Flags) -> str:
    from tiphys.cli.client import RpcError
    from tiphys.cli.showing import print_workflow

    try:
        workflow = await client.call("POST", path, body=body)
    except RpcError as error:
        raise error.during("failed to submit workflow") from error
    print_workflow(workflow, flags.output)
    return str(workflow["metadata"].get("name", ""))
