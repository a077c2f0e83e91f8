"""`retryStrategy` of a trigger: how often, and how long between.

Argo: pkg/shared/util/backoff.go, v1.9.11: no strategy is one attempt, an empty one five; whole numbers are nanoseconds.
"""

from __future__ import annotations

from collections.abc import Callable

from tiphys.events import rawjson
from tiphys.events.findings import Findings
from tiphys.events.plan import RetryStrategy
from tiphys.lang import durations
from tiphys.manifest.events_model import Backoff

DEFAULT_STEPS = 5
DEFAULT_DURATION_S = 1.0
DEFAULT_FACTOR = 1.0
"""What Argo Events takes where a strategy says nothing; seconds for the duration."""
NANOSECONDS = 1_000_000_000
"""In a second."""
MAX_STEPS = 1000
"""Attempts; a trigger that has failed so often is a matter for a person."""


def read_retry(given: Backoff | None, path: str, found: Findings) -> RetryStrategy | None:
    """The strategy; None when there is none, or when it cannot be read, which is then among the findings."""
    if given is None:
        return None
    duration = _read(given.duration, DEFAULT_DURATION_S, _seconds, f"{path}.duration", found)
    factor = _read(given.factor, DEFAULT_FACTOR, rawjson.parse_go_float, f"{path}.factor", found)
    steps = given.steps or DEFAULT_STEPS
    if not 0 < steps <= MAX_STEPS:
        found.error(f"{path}.steps", f"steps must lie between 1 and {MAX_STEPS}")
    return RetryStrategy(steps, duration, factor)


def _read(text: str | None, default: float, read: Callable[[str], float], path: str, found: Findings) -> float:
    if text is None:
        return default
    try:
        return read(text)
    except ValueError as error:
        found.error(path, str(error), rule="bad-value")
        return default


def _seconds(text: str) -> float:
    """A Go duration (`1m30s`) or nanoseconds."""
    try:
        nanoseconds = int(text) if text.isdecimal() else durations.parse_nanoseconds(text)
    except durations.InvalidDuration as error:
        raise ValueError(str(error)) from error
    if nanoseconds < 0:
        raise ValueError(f"the duration {text} is negative")
    return nanoseconds / NANOSECONDS
