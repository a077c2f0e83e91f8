"""The seeds' corrected manifests in examples/ run to the end that each of them promises, failures included."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tiphys.sandbox import demo_shop
from tiphys.sandbox.pace import Pace
from tiphys.sandbox.server import Sandbox

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


@pytest.fixture
def cloud() -> Iterator[Path]:
    """A directory that all steps share: their `/tmp` is private."""
    with tempfile.TemporaryDirectory(dir="/dev/shm") as directory:
        yield Path(directory) / "cloud"


def phases(workflow: dict[str, Any]) -> dict[str, str]:
    return {node["displayName"]: node["phase"] for node in workflow["status"]["nodes"].values()}


def test_hello(tmp_path: Path) -> None:
    code, workflow = run("hello.yaml", "-p", "name=Argo", data_dir=tmp_path)
    assert (code, workflow["status"]["phase"]) == (0, "Succeeded")


@pytest.mark.parametrize(
    ("fail", "code", "phase", "published"), [("no", 0, "Succeeded", "Succeeded"), ("yes", 1, "Failed", "Omitted")]
)
def test_the_volume_is_gone_however_it_ends(
    fail: str, code: int, phase: str, published: str, cloud: Path, tmp_path: Path
) -> None:
    arguments = ("-p", f"root={cloud}", "-p", f"fail={fail}")
    status, workflow = run("provision-and-process.yaml", *arguments, data_dir=tmp_path / "state")
    assert (status, workflow["status"]["phase"]) == (code, phase)
    seen = phases(workflow)
    assert seen["publish"] == published
    assert [p for name, p in seen.items() if name.endswith(".onExit")] == ["Succeeded"]
    assert not (cloud / "scratch-volume").exists()
    assert cloud.exists(), "provisioning never happened"


def test_a_deliberate_failure_is_not_retried(cloud: Path, tmp_path: Path) -> None:
    _, workflow = run(
        "provision-and-process.yaml", "-p", f"root={cloud}", "-p", "fail=yes", data_dir=tmp_path / "state"
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


async def test_the_pods_of_a_deployment_are_restarted_on_the_practice_cluster(tmp_path: Path) -> None:
    async with Sandbox(tmp_path / "cluster", pace=Pace(0.1)) as cluster:
        cluster.create(demo_shop.deployment("web"))
        before = await replaced(cluster, set())
        images = {"tiphys/steps:0.1.0": {"env": {**cluster.step_environment, "TIPHYS_KUBE_ACCOUNT": "admin"}}}
        settings = tmp_path / "tiphys.yaml"
        settings.write_text(json.dumps({"images": images, "executor": {"shared_paths": [str(tmp_path)]}}))
        arguments = ("--config", str(settings), "-p", "namespace=shop", "-p", "deployment=web")
        code, workflow = await asyncio.to_thread(run, "pod-restart.yaml", *arguments, data_dir=tmp_path / "state")
        assert (code, workflow["status"]["phase"]) == (0, "Succeeded")
        assert not before & await replaced(cluster, before)


async def replaced(cluster: Sandbox, old: set[str]) -> set[str]:
    """The uids of the three pods, once none of them is among the old ones."""
    headers = {"authorization": f"Bearer {cluster.admin_token}"}
    async with httpx.AsyncClient(base_url=cluster.url, headers=headers, trust_env=False) as http, asyncio.timeout(40):
        while True:
            items = (await http.get("/api/v1/namespaces/shop/pods")).json()["items"]
            uids = {pod["metadata"]["uid"] for pod in items}
            if len(uids) == 3 and not uids & old:
                return uids
            await asyncio.sleep(0.1)
