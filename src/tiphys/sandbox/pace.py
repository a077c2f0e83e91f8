"""How fast a practice cluster lives, and what its image names stand for: what whoever starts one may choose."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Pace:
    """`second_s`: how many real seconds a second of a manifest lasts (probe periods, back-off, grace periods).

    1.0 is a real cluster's pace; a demo takes less. Probe time-outs are never shortened: they measure real work.
    """

    second_s: float = 1.0

    def real_s(self, seconds: float) -> float:
        """Real seconds for seconds of a manifest."""
        return seconds * self.second_s


@dataclass(frozen=True, slots=True)
class Image:
    """What an image name stands for: the entrypoint and environment that it has."""

    command: tuple[str, ...]
    env: Mapping[str, str] = field(default_factory=dict[str, str])
