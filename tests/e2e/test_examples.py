"""The seeds' corrected manifests in examples/ run to the end that each of them promises, failures included."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]


def run(example: str, *arguments: str, data_dir: Path) -> tuple[int, dict[str, Any]]:
    ended = subprocess.run(
        [
            sys.executable,
            "-m",
            "tiphys",
            "run",
            f"examples/{example}",
            "-o",
            "json",
            "--data-dir",
            str(data_dir),
            *arguments,
        ],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )
    assert ended.stdout, ended.stderr
    return ended.returncode, json.loads(ended.stdout)


def phases(workflow: dict[str, Any]) -> dict[str, str]:
    return {node["displayName"]: node["phase"] for node in workflow["status"]["nodes"].values()}


def test_hello(tmp_path: Path) -> None:
    code, workflow = run("hello.yaml", "-p", "name=Argo", data_dir=tmp_path)
    assert (code, workflow["status"]["phase"]) == (0, "Succeeded")


@pytest.mark.parametrize(
    ("fail", "code", "phase", "published"), [("no", 0, "Succeeded", "Succeeded"), ("yes", 1, "Failed", "Omitted")]
)
def test_the_volume_is_gone_however_it_ends(fail: str, code: int, phase: str, published: str, tmp_path: Path) -> None:
    root = tmp_path / "cloud"
    arguments = ("-p", f"root={root}", "-p", f"fail={fail}")
    status, workflow = run("provision-and-process.yaml", *arguments, data_dir=tmp_path / "state")
    assert (status, workflow["status"]["phase"]) == (code, phase)
    seen = phases(workflow)
    assert seen["publish"] == published
    assert [p for name, p in seen.items() if name.endswith(".onExit")] == ["Succeeded"]
    assert not (root / "scratch-volume").exists()
    assert root.exists(), "provisioning never happened"


def test_a_deliberate_failure_is_not_retried(tmp_path: Path) -> None:
    _, workflow = run(
        "provision-and-process.yaml", "-p", f"root={tmp_path / 'cloud'}", "-p", "fail=yes", data_dir=tmp_path / "state"
    )
    attempts = [name for name in phases(workflow) if name.startswith("process(")]
    assert attempts == ["process(0)"]


def test_the_agent_s_report_is_checked_before_it_is_used(tmp_path: Path) -> None:
    code, workflow = run("cve-remediation.yaml", "-p", "review-time=0", data_dir=tmp_path / "careful")
    assert (code, phases(workflow)["deploy"]) == (0, "Succeeded")
    code, workflow = run("cve-remediation.yaml", "-p", "agent=careless", data_dir=tmp_path / "careless")
    seen = phases(workflow)
    assert (code, seen["discover"], seen["check"]) == (1, "Succeeded", "Failed")
    assert not [name for name in seen if name.startswith(("package", "deploy"))]


def test_the_quality_gate_lets_only_a_good_model_through(tmp_path: Path) -> None:
    code, workflow = run("train-model.yaml", data_dir=tmp_path / "good")
    assert (code, phases(workflow)["register"]) == (0, "Succeeded")
    trained = [name for name in phases(workflow) if name.startswith("train(")]
    assert len(trained) == 3
    code, workflow = run("train-model.yaml", "-p", "noise=0.4", data_dir=tmp_path / "noisy")
    assert (code, phases(workflow)["register"]) == (0, "Skipped")
