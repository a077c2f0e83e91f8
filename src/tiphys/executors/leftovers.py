"""What an engine that died left running, found by the variable that every attempt carries in its environment.

Process numbers are reused and files about them can be older than the truth; the environment of a process is its own.
"""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Iterator
from pathlib import Path

MARK = "TIPHYS_ATTEMPT_DIR"
"""The variable; its value is the attempt's own directory."""


def kill_leftovers(attempts: Path) -> int:
    """Kills every process that belongs to an attempt with a directory in `attempts`; returns how many there were."""
    mark = f"{MARK}={attempts}/".encode()
    killed = 0
    for pid in _processes():
        if any(entry.startswith(mark) for entry in _environment(pid)):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
                killed += 1
    return killed


def _processes() -> Iterator[int]:
    numbers = (int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit())
    return (number for number in numbers if number != os.getpid())


def _environment(pid: int) -> list[bytes]:
    try:
        return Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    except OSError:  # it has ended, or is another user's
        return []
