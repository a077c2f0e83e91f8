"""A `Change` as the statements that write it: made ready on the caller's side, so that the transaction stays short."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from tiphys.audit.chain import Head, entry_bytes, extended, time_text
from tiphys.audit.record import Record
from tiphys.controllers.ports import Change, DocumentRow, StateRow, WorkflowRow
from tiphys.errors import AlreadyExists
from tiphys.store import rows
from tiphys.store.rows import Columns
from tiphys.store.statements import load_statements

_WRITE = load_statements("write.sql")


@dataclass(frozen=True, slots=True)
class Writes:
    """What one change does to the database.

    `deletions` and `statements` are SQL with the rows to run it for; `created` are workflows that must be new, with
    their names. `records` are the plain columns of audit records with their canonical bytes.
    """

    deletions: Sequence[tuple[str, Columns]]
    statements: Sequence[tuple[str, Sequence[Columns]]]
    created: Sequence[tuple[str, Columns]]
    records: Sequence[tuple[bytes, Columns]]


def prepare(change: Change, *, is_same_manifest: Callable[[WorkflowRow], bool]) -> Writes:
    """Encodes a change; raises `Refused` when a record has no canonical form.

    A workflow of which `is_same_manifest` says that its manifest is stored already is written without it.
    """
    whole, moved = _split(change.workflows, is_same_manifest)
    groups = [
        ("put_workflow", [rows.workflow_columns(row) for row in whole]),
        ("move_workflow", [rows.moved_workflow_columns(row) for row in moved]),
        ("put_node", [rows.node_columns(row) for row in change.nodes]),
        ("put_document", [rows.document_columns(row) for row in change.documents]),
        ("put_state", [rows.state_columns(row) for row in change.states]),
        ("add_event", [rows.event_columns(event) for event in change.events]),
        ("move_cursor", [(cursor.consumer, cursor.seq) for cursor in change.cursors]),
    ]
    return Writes(
        deletions=[(_WRITE[name], key) for name, key in _deletions(change.deleted)],
        statements=[(_WRITE[name], columns) for name, columns in groups if columns],
        created=[(f"{row.namespace}/{row.name}", rows.workflow_columns(row)) for row in change.created],
        records=[(entry_bytes(record), _record_columns(record)) for record in change.records],
    )


def write(connection: sqlite3.Connection, writes: Writes) -> None:
    """Carries the writes out within the transaction that is open; raises `AlreadyExists`."""
    for statement, key in writes.deletions:
        connection.execute(statement, key)
    for name, columns in writes.created:
        try:
            connection.execute(_WRITE["create_workflow"], columns)
        except sqlite3.IntegrityError as error:
            raise AlreadyExists(f"workflow {name} already exists; choose another name or delete it first") from error
    for statement, columns in writes.statements:
        connection.executemany(statement, columns)
    if writes.records:
        _seal(connection, writes.records)


def _split(
    workflows: Iterable[WorkflowRow], is_same_manifest: Callable[[WorkflowRow], bool]
) -> tuple[list[WorkflowRow], list[WorkflowRow]]:
    whole: list[WorkflowRow] = []
    moved: list[WorkflowRow] = []
    for row in workflows:
        (moved if is_same_manifest(row) else whole).append(row)
    return whole, moved


def _seal(connection: sqlite3.Connection, records: Iterable[tuple[bytes, Columns]]) -> None:
    head = Head(*connection.execute(_WRITE["audit_head"]).fetchone())
    for entry, columns in records:
        after = extended(head, entry)
        connection.execute(_WRITE["add_record"], (head.size, head.hash, after.hash, entry, *columns))
        head = after
    connection.execute(_WRITE["move_audit_head"], (head.size, head.hash))


def _record_columns(record: Record) -> Columns:
    return record.kind, record.subject, record.actor, time_text(record.at)


def _deletions(deleted: Iterable[WorkflowRow | DocumentRow | StateRow]) -> Iterator[tuple[str, Columns]]:
    for row in deleted:
        match row:
            case WorkflowRow():
                yield "delete_workflow", (row.uid,)
                yield "delete_nodes", (row.uid,)
            case DocumentRow():
                yield "delete_document", (row.kind, row.namespace, row.name)
            case StateRow():
                yield "delete_state", (row.machine, row.key)
