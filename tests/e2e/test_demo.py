"""The demo's scenes, each on a stage of its own, and all promises kept."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tiphys.demo.scenes import SCENES

ROOT = Path(__file__).parents[2]


def demo(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tiphys", "demo", "--fast", *arguments],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT / "src"), "COLUMNS": "160"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
    )


@pytest.mark.parametrize("scene", [name for name in SCENES if name != "altered-log"])
def test_a_scene_keeps_its_promises(scene: str) -> None:
    ended = demo("--scene", scene)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "✗" not in ended.stdout


def test_an_altered_log_is_named_after_a_scene_that_filled_it() -> None:
    ended = demo("--scene", "hostile", "--scene", "altered-log")
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "modified: seq" in ended.stdout


def test_an_unknown_scene_is_refused_with_the_known_ones() -> None:
    ended = demo("--scene", "nonsense")
    assert ended.returncode != 0
    assert "wedged" in ended.stderr


@pytest.mark.service("prometheus")
def test_the_real_prometheus_and_alertmanager_raise_the_alert() -> None:
    ended = demo("--prometheus", "--scene", "wedged")
    assert ended.returncode == 0, ended.stdout + ended.stderr
