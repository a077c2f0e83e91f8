"""The `when` of steps and tasks, judged once for each text. Pure."""

from __future__ import annotations

from functools import lru_cache

from tiphys.engine.failures import CallFailed
from tiphys.lang.govaluate import when


@lru_cache(maxsize=4096)
def holds(text: str) -> bool:
    """Whether a condition is true; raises `CallFailed` in Argo's words when it cannot be judged."""
    try:
        return when.evaluate_when(text)
    except when.InvalidExpression as error:
        raise CallFailed(str(error)) from error
