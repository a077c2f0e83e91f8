"""The audit record: what happened, to which incident or workflow, who did it, with which facts.

A record is made by a pure machine; its sequence number and hashes are given where it is stored. Only strings, booleans,
null, lists, objects and integers within ±(2**53 - 1) may stand in `data`: everything else has no single text form.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeAlias

Canonical: TypeAlias = "str | int | bool | list[Canonical] | dict[str, Canonical] | None"


@dataclass(frozen=True, slots=True)
class Record:
    """One line of the log before it is sealed.

    `kind` is dotted, past tense (`incident.routed`, `workflow.submitted`); `subject` is the id of what it is about
    (incident id, or `namespace/workflow`); `actor` is `kind:name` (`human:ada`, `planner:rules`);
    `at` is an aware datetime, stored as RFC 3339 UTC with six digits of microseconds.
    """

    kind: str
    subject: str
    actor: str
    at: datetime
    data: Mapping[str, Canonical] = field(default_factory=dict[str, Canonical])
