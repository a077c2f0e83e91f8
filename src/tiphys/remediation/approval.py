"""An approval: a sealed contract over exactly what was shown, valid once and for a while. Pure.

The seal covers the action, the resolved parameters with their sources, the target, the catalog, the verdicts, the
expiry and a nonce. It is checked when a human answers and again when the action is dispatched; whatever has changed in
between breaks it, and an approval that has expired means no.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import pydantic

from tiphys import ids
from tiphys.remediation import digests
from tiphys.remediation.provenance import Resolved
from tiphys.remediation.routing import Verdict


class ApprovalPhase(StrEnum):
    """How an approval stands; each but `pending` is final. `withdrawn` means that the alert ended by itself."""

    PENDING = "pending"
    GRANTED = "granted"
    DENIED = "denied"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Terms:
    """What is approved, word for word."""

    incident_id: str
    decision_id: str
    action: str
    template: str
    target: str
    params: tuple[Resolved, ...]
    verdicts: tuple[Verdict, ...]
    catalog_digest: str
    expires_at: datetime
    nonce: str


@dataclass(frozen=True, slots=True)
class Approval:
    """Terms under their seal, and the answer. `decided_by` is an actor as text, `seal` SHA-256 as hex."""

    id: str
    terms: Terms
    seal: str
    phase: ApprovalPhase = ApprovalPhase.PENDING
    requested_at: datetime | None = None
    decided_at: datetime | None = None
    decided_by: str = ""
    reason: str = ""


_TERMS = pydantic.TypeAdapter(Terms)


def seal_of(terms: Terms) -> str:
    """The digest over all terms."""
    return digests.digest_of(_TERMS.dump_python(terms, mode="json"))


def request(terms: Terms, at: datetime) -> Approval:
    """A new approval that waits for an answer."""
    return Approval(ids.derived_name("apr", terms.decision_id), terms, seal_of(terms), requested_at=at)


def decide(approval: Approval, phase: ApprovalPhase, at: datetime, actor: str, reason: str) -> Approval:
    """The approval with its answer."""
    return dataclasses.replace(approval, phase=phase, decided_at=at, decided_by=actor, reason=reason)


def fault(approval: Approval, phase: ApprovalPhase, at: datetime) -> str:
    """Why an approval that should be in `phase` is not valid at `at`; empty when it is."""
    if approval.phase is not phase:
        return f"it is {approval.phase}, not {phase}"
    if at >= approval.terms.expires_at:
        return f"it expired at {approval.terms.expires_at.isoformat()}"
    return "" if seal_of(approval.terms) == approval.seal else "its seal is broken: the terms are not the ones shown"
