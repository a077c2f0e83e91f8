"""Looking again and again until something is well or the time is up; and when a rollout is."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

from tiphys import errors
from tiphys.cluster.objects import Workload


async def until_well(look: Callable[[], Awaitable[str]], *, within_s: float, poll_s: float) -> None:
    """Returns once `look` finds nothing wrong; raises `Refused` with what it found last.

    An API server that is away for a while (`Unavailable`) is one more thing that is wrong, until the time is up.
    """
    end = time.monotonic() + within_s
    while True:
        try:
            problem = await look()
        except errors.Unavailable as error:
            problem = str(error)
        if not problem:
            return
        if time.monotonic() >= end:
            raise errors.Refused(f"after {within_s:g} s: {problem}")
        await asyncio.sleep(poll_s)


def incompleteness(deployment: Workload) -> str:
    """What a rollout still lacks, as `kubectl rollout status` has it; empty when it is complete."""
    wanted = deployment.replicas
    if deployment.observed < deployment.generation:
        return "its controller has not seen the newest spec yet"
    counts = {"updated": deployment.updated, "available": deployment.available, "in all": deployment.total}
    wrong = [f"{count} {name}" for name, count in counts.items() if count != wanted]
    return f"of {wanted} wanted: {', '.join(wrong)}" if wrong else ""
