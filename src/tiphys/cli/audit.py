"""`tiphys audit`: reads the log from the server, and checks a state file with a reader of its own."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import click

from tiphys.cli import output
from tiphys.cli.places import Connection, connection_options, data_dir_option


@click.group(short_help="Read, verify and export the audit log.", epilog="Example: tiphys audit verify")
def audit() -> None:
    """The log of everything that was decided and done; it shows when it was tampered with."""


@audit.command("list", epilog="Example: tiphys audit list --subject inc-4f2a --limit 20")
@connection_options
@click.option("--subject", default="", help="Only what is about this incident or namespace/workflow.")
@click.option("--limit", type=int, default=100, show_default=True, help="At most so many of the latest; 0 is all.")
@output.output_option("json", "wide")
def list_(connection: Connection, subject: str, limit: int, output: str | None) -> None:
    """List records, oldest first."""
    _print_records(asyncio.run(_records(connection, subject, limit)), output)


@audit.command(epilog="Example: tiphys audit export > audit.jsonl")
@connection_options
@click.option("--subject", default="", help="Only what is about this incident or namespace/workflow.")
def export(connection: Connection, subject: str) -> None:
    """Print every record with its hashes as JSON, one a line: `seq`, `prev_hash`, `hash`, `entry`."""
    import json

    for record in asyncio.run(_records(connection, subject, 0)):
        click.echo(json.dumps(record, ensure_ascii=False))


async def _records(connection: Connection, subject: str, limit: int) -> list[dict[str, Any]]:
    from tiphys.cli.client import Client

    query = {"subject": subject, "limit": str(limit or "")}
    async with Client(connection) as client:
        return (await client.call("GET", "/tiphys/v1/audit/records", query=query))["items"]


def _print_records(records: list[dict[str, Any]], form: str | None) -> None:
    if form == "json":
        output.print_json(records)
        return
    rows = [
        (str(record["seq"]), entry["at"], entry["kind"], entry["subject"], entry["actor"])
        for record in records
        for entry in (record["entry"],)
    ]
    output.print_table(("SEQ", "AT", "KIND", "SUBJECT", "ACTOR"), rows)


@audit.command(epilog="Example: tiphys audit verify --db /backup/state.db")
@data_dir_option
@click.option("--db", type=click.Path(dir_okay=False, path_type=Path), help="State file; else the data directory's.")
@output.output_option("json")
def verify(data_dir: Path, db: Path | None, output: str | None) -> int:
    """Check the whole chain in a state file, also of one that a server has open.

    One line per finding: its kind, the first bad sequence number, what was expected. The exit status is 0 when the
    chain is whole, else the code of the first finding's kind (10 modified, 11 linked-wrong, 12 gap,
    13 column-differs-from-bytes, 14 truncated, 15 head-differs).
    """
    from tiphys.audit.verifier import exit_code
    from tiphys.store.audit_reader import verify_file

    findings = verify_file(db or data_dir / "state.db")
    _print_findings(findings, output)
    return exit_code(findings)


def _print_findings(findings: list[Any], form: str | None) -> None:
    if form == "json":
        output.print_json(
            [{"kind": f.kind.value, "seq": f.seq, "expected": f.expected, "found": f.found} for f in findings]
        )
        return
    for finding in findings:
        click.echo(str(finding))
    if not findings:
        click.echo("the audit log is whole")
