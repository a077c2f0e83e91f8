"""The judgement of a Retry node after an attempt: it ends, waits, or tries again. Pure.

Argo: workflow/controller/operator.go (processNodeRetries), v4.1.2.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from tiphys.engine import phases
from tiphys.engine.failures import CallFailed
from tiphys.engine.humanize import duration_text
from tiphys.engine.node import Node
from tiphys.engine.texts import Fill, fill_tree
from tiphys.lang import durations, gotext
from tiphys.manifest.model import RetryStrategy

TRANSIENT: Final = (
    "client rate limiter Wait returned an error", "etcdserver: leader changed", "etcdserver: request timed out",
    "etcdserver: too many requests", "unexpected error when reading response body",
    "stream error when reading response body", "Connection closed by foreign host", "net/http: TLS handshake timeout",
    "i/o timeout", "connection timed out", "connection reset by peer", "http2: client connection lost",
    "http2: server sent GOAWAY and closed the connection", "request did not complete within requested timeout",
    "connect: connection refused", "invalid connection", "upper: no more rows in",
)  # fmt: skip
"""What a message says that OnTransientError repeats (Argo: util/errors/errors.go)."""
_LONGEST: Final = timedelta(microseconds=2**63 // 1000)
"""What a signed 64-bit number of nanoseconds can hold, some 292 years."""
_FOR_EVER: Final = timedelta(days=36500)
"""How far ahead a timer may be set: a date must exist."""
_POLICIES: Final = {
    "Always": phases.UNHAPPY,
    "OnFailure": frozenset((phases.FAILED,)),
    "OnError": frozenset((phases.ERROR,)),
    "OnTransientError": frozenset[str](),
}


@dataclass(frozen=True, slots=True)
class Verdict:
    """What becomes of a Retry node: it ends in `phase` with `message`, waits until `wait_until`, or tries again.

    `not_after` is when the next attempt must have ended.
    """

    phase: str = ""
    message: str | None = None
    wait_until: datetime | None = None
    not_after: datetime | None = None


def judge(
    strategy: RetryStrategy, attempts: Sequence[Node], now: datetime, *, shutdown: str, deadline: datetime | None
) -> Verdict:
    """Judges ended attempts, of which there is at least one; `strategy` has its tags filled.

    Raises `CallFailed` for a strategy that makes no sense, in Argo's words.
    """
    last = attempts[-1]
    if not last.unhappy:
        return Verdict(phases.SUCCEEDED)
    if shutdown:
        return Verdict(last.phase, f"Stopped with strategy '{shutdown}'")
    if deadline is not None and now > deadline:
        text = deadline.strftime("%Y-%m-%d %H:%M:%S +0000 UTC")
        return Verdict(last.phase, f"retry exceeded workflow deadline {text}")
    waiting = _back_off(strategy, attempts, now)
    if waiting is not None and (waiting.phase or waiting.wait_until):
        return waiting
    return _limited(strategy, attempts) or waiting or Verdict()


def _back_off(strategy: RetryStrategy, attempts: Sequence[Node], now: datetime) -> Verdict | None:
    backoff = strategy.backoff
    if backoff is None:
        return None
    last = attempts[-1]
    assert last.finished_at is not None  # noqa: S101 - the attempts have ended
    latest = not_after(strategy, attempts)
    if latest is not None and now > latest:
        return Verdict(last.phase, "Max duration limit exceeded")
    if not backoff.duration:
        raise CallFailed("no base duration specified for retryStrategy")
    wait = _wait(_duration(backoff.duration), _int(backoff.factor), len(attempts))
    if backoff.cap:
        wait = min(wait, _duration(backoff.cap))
    until = last.finished_at + min(wait, _FOR_EVER)
    if latest is not None and until > latest:
        return Verdict(last.phase, "Backoff would exceed max duration limit")
    limit = _loose_int(strategy.limit)
    if now < until and limit is not None and len(attempts) <= limit:
        return Verdict(message=f"Backoff for {duration_text(wait)}", wait_until=until)
    return Verdict(message="", not_after=latest)


def not_after(strategy: RetryStrategy, attempts: Sequence[Node]) -> datetime | None:
    """When the next attempt must have ended: `maxDuration` counts from the beginning of the first."""
    started = attempts[0].started_at
    if strategy.backoff is None or not strategy.backoff.max_duration or started is None:
        return None
    return started + _duration(strategy.backoff.max_duration)


def _limited(strategy: RetryStrategy, attempts: Sequence[Node]) -> Verdict | None:
    last = attempts[-1]
    policy = strategy.retry_policy or "OnFailure"
    if policy not in _POLICIES:
        raise CallFailed(f"{policy} is not a valid RetryPolicy")
    repeated = _POLICIES[policy]
    if policy == "OnTransientError" and any(text in last.message for text in TRANSIENT):
        repeated = phases.UNHAPPY
    if last.phase not in repeated:
        return Verdict(last.phase, last.message)
    limit = _int(strategy.limit)
    if limit is not None and len(attempts) > limit:
        return Verdict(last.phase, "No more retries left")
    return None


def _wait(base: timedelta, factor: int | None, attempts: int) -> timedelta:
    if factor is None or factor <= 0:
        return base
    try:
        return min(base * float(factor) ** (attempts - 1), _LONGEST)
    except OverflowError:
        return _LONGEST


def _duration(text: str) -> timedelta:
    try:
        return durations.parse(text)
    except durations.InvalidDuration as error:
        raise CallFailed(str(error)) from error


def _int(text: str | None) -> int | None:
    if text is None:
        return None
    value = gotext.parse_int(text)
    if value is None:
        raise CallFailed(f"value '{text}' cannot be resolved to an int")
    return value


def _loose_int(text: str | None) -> int | None:
    return None if text is None else gotext.parse_int(text) or 0


def fill_strategy(strategy: RetryStrategy, fill: Fill) -> RetryStrategy:
    """The strategy with its tags filled."""
    body = strategy.model_dump(mode="json", by_alias=True, exclude_none=True)
    filled = fill_tree(body, fill)
    return strategy if filled == body else RetryStrategy.model_validate(filled)
