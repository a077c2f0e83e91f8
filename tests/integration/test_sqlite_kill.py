"""A process that commits is killed at any moment: what was acknowledged is there, and nothing is there by half."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tiphys.controllers.ports import WorkflowQuery
from tiphys.errors import Unavailable
from tiphys.store.audit_reader import verify_file
from tiphys.store.sqlite import open_sqlite


def start(path: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "tests.integration.commit_until_killed", str(path)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
        env={"PYTHONPATH": "src"},
    )


def run_until_killed(path: Path, after: int) -> list[int]:
    with start(path) as process:
        assert process.stdout
        acknowledged = [int(process.stdout.readline()) for _ in range(after)]
        process.kill()
        rest = [line for line in process.stdout.read().splitlines(keepends=True) if line.endswith("\n")]
        return acknowledged + [int(line) for line in rest]


@pytest.mark.parametrize("after", [1, 2, 7, 40, 333])
async def test_what_was_acknowledged_survives_kill(tmp_path: Path, after: int):
    path = tmp_path / "state.db"
    acknowledged = run_until_killed(path, after)
    store = await open_sqlite(path)
    names = {row.name for row in await store.workflows(WorkflowQuery())}
    assert names >= {f"w{number}" for number in acknowledged}
    for name in names:
        number = int(name[1:])
        assert len(await store.nodes(f"uid-of-argo-{name}")) == 1
        assert await store.event(str(number))
        assert await store.cursor(f"c{number}") == number + 1
    records = [record async for record in store.records()]
    assert len(records) == len(names)
    await store.close()
    assert verify_file(path) == []


async def test_two_engines_cannot_work_in_one_directory(tmp_path: Path):
    path = tmp_path / "state.db"
    store = await open_sqlite(path)
    with start(path) as process:
        assert process.wait() != 0
    with pytest.raises(Unavailable, match="another tiphys"):
        await open_sqlite(path)
    await store.close()
    again = await open_sqlite(path)
    assert again.epoch == store.epoch + 1
    await again.close()
