"""Every command that a paper shows is run: README, CONTRIBUTING and docs/, each fence in one environment."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAPERS = sorted([ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").rglob("*.md")])
FENCE = re.compile(r"```console\n(.*?)```", re.DOTALL)
ENDS_WITH_1 = ("-p fail=yes",)
"""Commands whose paper says that they end with status 1."""
RUN_ELSEWHERE = ("make ", ".venv/bin/pytest ", ".venv/bin/tiphys up ", "tiphys sandbox")
"""The two commands and the linters run in CI itself; servers have tests of their own (tests/e2e)."""


def commands() -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for paper in PAPERS:
        for fence in FENCE.findall(paper.read_text()):
            shown = (line[2:].split("  #")[0].strip() for line in fence.splitlines() if line.startswith("$ "))
            found += [(paper.name, command) for command in shown]
    return found


SHOWN = [(paper, command) for paper, command in commands() if not command.startswith(RUN_ELSEWHERE)]


def test_the_papers_show_the_two_commands() -> None:
    shown = {
        command.split()[1] for paper, command in commands() if paper == "README.md" and command.startswith("make ")
    }
    assert shown == {"demo", "test"}


@pytest.mark.parametrize(("paper", "command"), SHOWN, ids=[f"{paper}: {command}" for paper, command in SHOWN])
def test_a_shown_command_works(paper: str, command: str, tmp_path: Path) -> None:
    argv = shlex.split(command)
    assert argv[0] == ".venv/bin/tiphys", f"{paper} shows a command that this test cannot run: {command}"
    ended = subprocess.run(
        [sys.executable, "-m", "tiphys", *argv[1:]],
        cwd=ROOT,
        env={**os.environ, "TIPHYS_DATA": str(tmp_path), "PYTHONPATH": str(ROOT / "src")},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    expected = 1 if any(mark in command for mark in ENDS_WITH_1) else 0
    assert ended.returncode == expected, f"{command}\n{ended.stdout}\n{ended.stderr}"
