"""`/tiphys/v1/audit`: the records as they were sealed, with their hashes."""

from __future__ import annotations

import json
from collections import deque

from starlette.requests import Request
from starlette.responses import Response

from tiphys.audit import verifier
from tiphys.audit.chain import Head
from tiphys.audit.verifier import RawRow
from tiphys.controllers.ports import SealedRecord
from tiphys.jsons import JsonObject
from tiphys.server import asked
from tiphys.server.parts import Parts
from tiphys.server.replies import answer


async def list_records(parts: Parts, request: Request) -> Response:
    """`GET …/records?subject=&after=&limit=`: in order; with a limit, the latest so many."""
    query = request.query_params
    after = asked.query_int(query, "after")
    limit = asked.query_int(query, "limit")
    found = parts.store.records(after=-1 if after is None else after, subject=query.get("subject", ""))
    kept: deque[JsonObject] = deque(maxlen=limit or None)
    async for record in found:
        kept.append(record_object(record))
    return answer({"items": list(kept)})


async def verify_records(parts: Parts, _request: Request) -> Response:
    """`GET …/verify`: whether the chain that this server hands out is whole; `tiphys audit verify` trusts no server."""
    rows = [_raw(record) async for record in parts.store.records()]
    head = Head(rows[-1].seq + 1, rows[-1].hash) if rows else Head()
    findings = [
        {"kind": item.kind.value, "seq": item.seq, "expected": item.expected, "found": item.found}
        for item in verifier.verify(rows, head)
    ]
    return answer({"records": len(rows), "findings": findings})


def _raw(record: SealedRecord) -> RawRow:
    entry = json.loads(record.entry)
    columns = (str(entry.get(name, "")) for name in ("kind", "subject", "actor", "at"))
    return RawRow(record.seq, record.prev_hash, record.hash, record.entry, *columns)


def record_object(record: SealedRecord) -> JsonObject:
    """A sealed record as JSON; `entry` is the decoded text of the canonical bytes that `hash` covers."""
    return {
        "seq": record.seq,
        "prev_hash": record.prev_hash.hex(),
        "hash": record.hash.hex(),
        "entry": json.loads(record.entry),
    }
