"""The chain: what bytes a record is, and how each one is bound to all before it.

Each hash covers a version tag, the hash before it and the entry with its length, so that no byte can slide from one
field into the next. Sequence numbers start at 0 and have no gap. Where entries are kept is not known here.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime

from tiphys.audit.canonical import canonical_bytes
from tiphys.audit.record import Record

GENESIS = bytes(32)
"""The hash before the first entry."""
VERSION_TAG = b"tiphys audit 1\n"
"""Separates these hashes from all others; another framing gets another tag."""


@dataclass(frozen=True, slots=True)
class Head:
    """The end of a chain: how many entries it has, and the hash of the last one."""

    size: int = 0
    hash: bytes = GENESIS


def entry_bytes(record: Record) -> bytes:
    """The canonical bytes of a record; raises `Refused` when its data has none."""
    return canonical_bytes(
        {
            "actor": record.actor,
            "at": time_text(record.at),
            "data": record.data,
            "kind": record.kind,
            "subject": record.subject,
        }
    )


def time_text(at: datetime) -> str:
    """RFC 3339 in UTC, always with six digits of microseconds, so that text order is time order."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def entry_hash(prev_hash: bytes, entry: bytes) -> bytes:
    """SHA-256 over version tag, previous hash (32 bytes), length of the entry (8 bytes, big endian) and the entry."""
    return hashlib.sha256(VERSION_TAG + prev_hash + len(entry).to_bytes(8) + entry).digest()


def extended(head: Head, entry: bytes) -> Head:
    """The head after `entry` was added, whose sequence number is `head.size`."""
    return Head(head.size + 1, entry_hash(head.hash, entry))
