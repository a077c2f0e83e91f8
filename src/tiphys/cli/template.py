"""`tiphys template` and `tiphys cluster-template`: one code for both kinds, with the verbs and flags of `argo`."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import click

from tiphys.cli import output
from tiphys.cli.places import Connection, connection_options
from tiphys.jsons import JsonObject, as_list


@dataclass(frozen=True, slots=True)
class _Kind:
    """One of the two kinds, and how its commands speak of it."""

    kind: str
    command: str
    phrase: str
    namespaced: bool

    def path(self, namespace: str, *parts: str) -> str:
        """Its collection, or something in it; an empty namespace means all and keeps its slash."""
        base = (
            f"/api/v1/workflow-templates/{quote(namespace, safe='')}"
            if self.namespaced
            else "/api/v1/cluster-workflow-templates"
        )
        return "/".join([base, *(quote(part, safe="") for part in parts)])


_NAMESPACED = _Kind("WorkflowTemplate", "template", "workflow template", namespaced=True)
_CLUSTER = _Kind("ClusterWorkflowTemplate", "cluster-template", "cluster workflow template", namespaced=False)


def _group(kind: _Kind) -> click.Group:
    @click.group(
        kind.command,
        short_help=f"Work with {kind.kind}s.",
        help=f"Create, show, list, update, check and delete {kind.kind}s.",
        epilog=f"Example: tiphys {kind.command} list",
    )
    def group() -> None:
        pass

    for command in (_create(kind), _update(kind), _list(kind), _get(kind), _delete(kind), _lint(kind)):
        group.add_command(command)
    return group


def _create(kind: _Kind) -> click.Command:
    @click.command(epilog=f"Example: tiphys {kind.command} create steps.yaml", help=f"Store the {kind.kind}s of FILEs.")
    @connection_options
    @click.argument("files", metavar="FILE...", nargs=-1, required=True)
    @output.output_option("json", "yaml", "name", "wide")
    def create(connection: Connection, files: tuple[str, ...], output: str | None) -> None:
        asyncio.run(_send_all(connection, kind, files, output, update=False))

    return create


def _update(kind: _Kind) -> click.Command:
    @click.command(
        epilog=f"Example: tiphys {kind.command} update steps.yaml", help=f"Replace the stored {kind.kind}s by FILEs."
    )
    @connection_options
    @click.argument("files", metavar="FILE...", nargs=-1, required=True)
    @output.output_option("json", "yaml", "name", "wide")
    def update(connection: Connection, files: tuple[str, ...], output: str | None) -> None:
        asyncio.run(_send_all(connection, kind, files, output, update=True))

    return update


async def _send_all(
    connection: Connection, kind: _Kind, files: tuple[str, ...], form: str | None, *, update: bool
) -> None:
    from tiphys.cli.client import Client, RpcError
    from tiphys.cli.documents import read_manifests

    manifests = read_manifests(files, kind.kind)
    async with Client(connection) as client:
        for manifest in manifests:
            try:
                stored = await _send(client, kind, manifest, update=update)
            except RpcError as error:
                what = f"failed to {'update' if update else 'create'} {kind.phrase}"
                raise error.during(what if kind.namespaced else f"{what}: {manifest['metadata']['name']}, ") from error
            _print(stored, form)


async def _send(client: Any, kind: _Kind, manifest: JsonObject, *, update: bool) -> JsonObject:
    namespace = manifest["metadata"].get("namespace") or client.namespace
    body: JsonObject = {"namespace": namespace, "template": manifest} if kind.namespaced else {"template": manifest}
    if not update:
        return await client.call("POST", kind.path(namespace), body=body)
    old = await client.call("GET", kind.path(namespace, manifest["metadata"]["name"]))
    manifest["metadata"]["resourceVersion"] = old["metadata"].get("resourceVersion", "")
    return await client.call("PUT", kind.path(namespace) + "/", body=body)


def _list(kind: _Kind) -> click.Command:
    @click.command("list", epilog=f"Example: tiphys {kind.command} list -o name", help=f"List {kind.kind}s by name.")
    @connection_options
    @click.option("-A", "--all-namespaces", is_flag=True, help="Of all namespaces.")
    @click.option("-l", "--selector", default="", help="Label selector.")
    @output.output_option("json", "yaml", "name", "wide")
    def list_(connection: Connection, *, all_namespaces: bool, selector: str, output: str | None) -> None:
        items = asyncio.run(_fetch(connection, kind, selector, all_namespaces=all_namespaces))
        _print_list(items, output, with_namespace=all_namespaces and kind.namespaced)

    return list_


async def _fetch(connection: Connection, kind: _Kind, selector: str, *, all_namespaces: bool) -> list[JsonObject]:
    from tiphys.cli.client import Client

    path = kind.path("" if all_namespaces else connection.namespace)
    async with Client(connection) as client:
        page = await client.call("GET", path, query={"listOptions.labelSelector": selector})
        return as_list(page.get("items"))


def _print_list(items: Sequence[JsonObject], form: str | None, *, with_namespace: bool) -> None:
    match form:
        case "json":
            output.print_json(items)
        case "yaml":
            output.print_yaml(items)
        case "name":
            for item in items:
                click.echo(item["metadata"]["name"])
        case _ if with_namespace:
            rows = [(item["metadata"]["namespace"], item["metadata"]["name"]) for item in items]
            output.print_table(("NAMESPACE", "NAME"), rows)
        case _:
            output.print_table(("NAME",), [(item["metadata"]["name"],) for item in items])


def _get(kind: _Kind) -> click.Command:
    @click.command(epilog=f"Example: tiphys {kind.command} get restart-pods -o yaml", help=f"Show {kind.kind}s.")
    @connection_options
    @click.argument("names", metavar="NAME...", nargs=-1, required=True)
    @output.output_option("json", "yaml", "name", "wide")
    def get(connection: Connection, names: tuple[str, ...], output: str | None) -> None:
        asyncio.run(_get_all(connection, kind, names, output))

    return get


async def _get_all(connection: Connection, kind: _Kind, names: tuple[str, ...], form: str | None) -> None:
    from tiphys.cli.client import Client

    async with Client(connection) as client:
        for name in names:
            _print(await client.call("GET", kind.path(connection.namespace, name)), form)


def _delete(kind: _Kind) -> click.Command:
    @click.command(epilog=f"Example: tiphys {kind.command} delete restart-pods", help=f"Delete {kind.kind}s.")
    @connection_options
    @click.argument("names", metavar="[NAME...]", nargs=-1)
    @click.option("--all", "every", is_flag=True, help="All of them.")
    def delete(connection: Connection, *, names: tuple[str, ...], every: bool) -> None:
        if not names and not every:
            raise click.UsageError("name what to delete, or give --all")
        asyncio.run(_delete_all(connection, kind, names, every=every))

    return delete


async def _delete_all(connection: Connection, kind: _Kind, names: tuple[str, ...], *, every: bool) -> None:
    from tiphys.cli.client import Client

    if every:
        names = tuple(item["metadata"]["name"] for item in await _fetch(connection, kind, "", all_namespaces=False))
    async with Client(connection) as client:
        for name in names:
            await client.call("DELETE", kind.path(connection.namespace, name))
            click.echo(f"{kind.kind} '{name}' deleted")


def _lint(kind: _Kind) -> click.Command:
    @click.command(epilog=f"Example: tiphys {kind.command} lint steps.yaml", help=f"Check the {kind.kind}s of FILEs.")
    @click.argument("files", metavar="FILE...", nargs=-1, required=True)
    @click.option(
        "-o", "--output", type=click.Choice(["pretty", "simple", "json", "sarif", "github"]), default="pretty"
    )
    @click.option("--no-warnings", is_flag=True, help="Only errors.")
    def lint(*, files: tuple[str, ...], output: str, no_warnings: bool) -> int:
        from tiphys.cli.linting import lint_files

        return lint_files(files, output, warnings=not no_warnings, kinds=(kind.kind,))

    return lint


def _print(item: JsonObject, form: str | None) -> None:
    match form:
        case "json":
            output.print_json(item)
        case "yaml":
            output.print_yaml(item)
        case "name":
            click.echo(item["metadata"]["name"])
        case _:
            _print_text(item)


def _print_text(item: JsonObject) -> None:
    metadata, now = item["metadata"], output.now()
    click.echo(f"{'Name:':<20} {metadata['name']}")
    if metadata.get("namespace"):
        click.echo(f"{'Namespace:':<20} {metadata['namespace']}")
    created = output.parse_time(metadata.get("creationTimestamp"))
    if created:
        click.echo(f"{'Created:':<20} {output.time_and_age(created, now)}")


template = _group(_NAMESPACED)
cluster_template = _group(_CLUSTER)
