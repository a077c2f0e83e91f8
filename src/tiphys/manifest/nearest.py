"""The name that somebody probably meant."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

_CUTOFF = 0.6
"""difflib's own default."""


def nearest(name: str, known: Iterable[str], *, likeness: float = _CUTOFF) -> str:
    """The known name most like `name` (case aside), or an empty text when none is near; `likeness` from 0 to 1."""
    folded = {candidate.lower(): candidate for candidate in sorted(known, reverse=True)}
    matches = get_close_matches(name.lower(), list(folded), n=1, cutoff=likeness)
    return folded[matches[0]] if matches else ""


def did_you_mean(name: str, known: Iterable[str], *, likeness: float = _CUTOFF) -> str:
    """`did you mean X?` for a hint, or an empty text."""
    match = nearest(name, known, likeness=likeness)
    return f"did you mean {match}?" if match else ""
