"""How many steps a second go through the whole durable path: `python -m bench.steps`.

A loop of 1,000 times `/bin/true`: each with its intent and its result in SQLite (`synchronous=FULL`), a log file and a
process, driven by the engine of `tiphys run`. `make -j2` runs 1,000 times `/bin/true` in the same minute as the
yardstick of this machine, and keeps nothing.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tiphys.settings import ExecutorSettings, Settings
from tiphys.wiring import open_engine

STEPS = 1000
PARALLELISM = 4
"""Attempts at a time: twice the cores of the machine that the target is for."""
ROUNDS = 3
FLOOR = 500
"""Steps a second that must be reached on two cores."""

WORKFLOW = {
    "apiVersion": "argoproj.io/v1alpha1",
    "kind": "Workflow",
    "metadata": {"generateName": "bench-"},
    "spec": {
        "entrypoint": "main",
        "templates": [
            {"name": "main", "steps": [[{"name": "s", "template": "pod", "withSequence": {"count": str(STEPS)}}]]},
            {"name": "pod", "container": {"image": "busybox", "command": ["/bin/true"]}},
        ],
    },
}


async def run_workflow(directory: Path) -> float:
    """Seconds from submission to the durable end."""
    settings = Settings(data_dir=directory, executor=ExecutorSettings(parallelism=PARALLELISM))
    async with open_engine(settings) as engine:
        begun = time.perf_counter()
        row = await engine.backend.submit(WORKFLOW, actor="human:bench")
        ended = await engine.controller.wait_ended(row.uid)
        lasted = time.perf_counter() - begun
    if ended.phase != "Succeeded":
        sys.exit(f"the workflow ended as {ended.phase}")
    return lasted


def run_make(directory: Path) -> float:
    """Seconds that `make -j2` takes for as many commands."""
    targets = " ".join(f"t{number}" for number in range(STEPS))
    makefile = directory / "Makefile"
    makefile.write_text(f".PHONY: {targets}\nall: {targets}\n{targets}:\n\t@/bin/true\n")
    begun = time.perf_counter()
    subprocess.run(["make", "-s", "-j2", "-f", str(makefile)], check=True)
    return time.perf_counter() - begun


def main() -> int:
    """Prints the best of some rounds of each, and their ratio; 1 when the floor was not reached."""
    ours: list[float] = []
    yardstick: list[float] = []
    for _ in range(ROUNDS):
        with tempfile.TemporaryDirectory() as directory:
            yardstick.append(run_make(Path(directory)))
            ours.append(asyncio.run(run_workflow(Path(directory) / "data")))
    rate, make_rate = STEPS / min(ours), STEPS / min(yardstick)
    print(f"tiphys: {rate:6.0f} durable steps/s  (best of {ROUNDS}; {min(ours):.2f} s for {STEPS})")
    print(f"make -j2: {make_rate:4.0f} commands/s")
    print(f"ratio:  {rate / make_rate:6.2f}")
    return 0 if rate >= FLOOR else 1


if __name__ == "__main__":
    sys.exit(main())
