"""Judge the engine by cases of a real Argo: `python -m tests.argo.cases DIR…`.

Each case is run with the engine of `tiphys run` and compared by `conformance/compare.py`. Printed are, for each
directory, `dir: passed/total`, how many were refused because they use what this engine does not do yet, and then the
cases that differ, with every difference, and those that were refused, with what for. Ends 0 only if all agree.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path

from tests.argo.case import Verdict, judge

AT_A_TIME = 48
"""Cases that run side by side; nearly all of their time is waiting."""


async def judge_all(outcome_files: Sequence[Path]) -> list[Verdict]:
    """The verdicts in the order of the files."""
    places = asyncio.Semaphore(AT_A_TIME)

    async def in_turn(file: Path) -> Verdict:
        async with places:
            return await judge(file)

    return await asyncio.gather(*(in_turn(file) for file in outcome_files))


def report(directory: Path, verdicts: Sequence[Verdict]) -> list[str]:
    """The lines to print for one directory."""
    refused = [verdict for verdict in verdicts if verdict.refused]
    agreeing = sum(verdict.agrees for verdict in verdicts)
    lines = [f"{directory}: {agreeing}/{len(verdicts)}" + (f" ({len(refused)} refused)" if refused else "")]
    for verdict in verdicts:
        lines += [f"  {verdict.case}: {line}" for line in verdict.lines]
    lines += [f"  {verdict.case}: refused: {', '.join(verdict.refused)}" for verdict in refused]
    return lines


def main(directories: Sequence[str]) -> int:
    """Judges the directories and prints; 0 only if every case agrees."""
    if not directories:
        sys.stderr.write(f"{__doc__}\n")
        return 2
    agree = True
    for directory in map(Path, directories):
        verdicts = asyncio.run(judge_all(sorted(directory.glob("*.json"))))
        sys.stdout.write("\n".join(report(directory, verdicts)) + "\n")
        agree = agree and all(verdict.agrees for verdict in verdicts)
    return 0 if agree else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
