"""`tiphys run` as its users call it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import yaml

from tiphys.cli.main import invoke
from tiphys.store.audit_reader import verify_file

HELLO = """
apiVersion: argoproj.io/v1alpha1
kind: Workflow
metadata: {name: hello}
spec:
  entrypoint: main
  arguments: {parameters: [{name: message, value: hi}]}
  templates:
  - name: main
    container: {image: busybox, command: [echo, "{{workflow.parameters.message}}"]}
  - name: fails
    container: {image: busybox, command: [sh, -c, "echo oops; exit 3"]}
  - name: broken
    container: {image: nothing-is-known-of-it}
  - name: hangs
    container: {image: busybox, command: [sh, -c, "trap '' TERM; echo ready; while :; do sleep 0.1; done"]}
"""


@pytest.fixture
def data_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("TIPHYS_DATA", raising=False)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "share"))
    return tmp_path / "share" / "tiphys"


@pytest.fixture
def hello(tmp_path: Path) -> str:
    (tmp_path / "hello.yaml").write_text(HELLO)
    return "hello.yaml"


def logs(data_dir: Path) -> list[str]:
    return sorted(path.read_text() for path in data_dir.glob("logs/*/*.log"))


def test_json_is_one_object_on_a_line_and_nothing_else(hello: str, data_dir: Path, capsys: pytest.CaptureFixture[str]):
    assert invoke(["run", hello, hello.replace("hello", "./hello"), "-o", "json"]) == 2
    assert 'duplicate Workflow found: "hello"' in capsys.readouterr().err
    assert invoke(["run", hello, "-o", "json", "-p", "message=you"]) == 0
    (line,) = capsys.readouterr().out.splitlines()
    workflow = json.loads(line)
    assert workflow["status"]["phase"] == "Succeeded"
    assert workflow["status"]["nodes"]["hello"]["type"] == "Pod"
    assert logs(data_dir) == ["you\n"]
    assert verify_file(data_dir / "state.db") == []


def test_a_file_can_be_run_again(hello: str, data_dir: Path, capsys: pytest.CaptureFixture[str]):
    assert invoke(["run", hello, "-o", "name"]) == 0
    assert invoke(["run", hello, "-o", "name"]) == 0
    shown = capsys.readouterr()
    assert shown.out == "hello\nhello\n"
    assert "default/hello is replaced" in shown.err


@pytest.mark.parametrize(("entrypoint", "status"), [("main", 0), ("fails", 1), ("broken", 2), ("nothing", 2)])
def test_the_exit_status_tells_the_end(
    hello: str, data_dir: Path, entrypoint: str, status: int, capsys: pytest.CaptureFixture[str]
):
    assert invoke(["run", hello, "--entrypoint", entrypoint]) == status
    shown = capsys.readouterr()
    if entrypoint == "fails":
        assert "hello Failed: main: Error (exit code 3)" in shown.out
        assert f"log of hello: {data_dir}/logs/" in shown.err
    if entrypoint == "nothing":
        assert "hello.yaml:6:3: spec.entrypoint: template name 'nothing' undefined" in shown.err


def test_the_worst_of_several_is_the_status(tmp_path: Path, hello: str, data_dir: Path):
    failing = HELLO.replace("name: hello", "name: other").replace("entrypoint: main", "entrypoint: fails")
    (tmp_path / "other.yaml").write_text(failing)
    assert invoke(["run", hello, "other.yaml", "-o", "name"]) == 1
    assert invoke(["run", hello, "other.yaml", "--name", "x"]) == 2


def test_other_documents_of_the_files_are_stored_first(
    tmp_path: Path, data_dir: Path, capsys: pytest.CaptureFixture[str]
):
    workflow = HELLO.partition("  entrypoint:")[0] + "  workflowTemplateRef: {name: greeting}\n"
    template = HELLO.replace("kind: Workflow", "kind: WorkflowTemplate").replace("name: hello", "name: greeting")
    account = "apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: sa}\n"
    (tmp_path / "all.yaml").write_text(f"{workflow}---\n{template}---\n{account}")
    assert invoke(["run", "all.yaml", "-n", "team", "-o", "yaml"]) == 0
    shown = capsys.readouterr()
    assert yaml.safe_load(shown.out)["metadata"]["namespace"] == "team"
    assert "ServiceAccount sa is stored, but not run" in shown.err


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("kind: [", "bad.yaml:"),
        ("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\n", "no Workflow found in bad.yaml"),
        (HELLO.replace("container:", "http:", 1).replace("image: busybox, command:", "url:", 1), "bad.yaml:"),
        (HELLO.replace("entrypoint", "entrypiont"), "entrypiont"),
        (
            HELLO.replace("  entrypoint: main", "  workflowTemplateRef: {name: x}").partition("  templates")[0],
            '"x" not',
        ),
    ],
)
def test_what_cannot_be_run_is_told_and_nothing_is_begun(
    tmp_path: Path, data_dir: Path, text: str, message: str, capsys: pytest.CaptureFixture[str]
):
    (tmp_path / "bad.yaml").write_text(text)
    assert invoke(["run", "bad.yaml"]) == 2
    assert message in capsys.readouterr().err
    assert logs(data_dir) == []


def test_a_busy_default_directory_is_left_alone_and_a_chosen_one_is_refused(
    hello: str, data_dir: Path, capsys: pytest.CaptureFixture[str]
):
    with started(hello) as other:
        wait_for_log(data_dir)
        assert invoke(["run", hello, "--name", "second", "-o", "name"]) == 0
        assert invoke(["run", hello, "--name", "third", "-o", "name", "--data-dir", str(data_dir)]) == 2
        shown = capsys.readouterr()
        assert shown.out == "second\n"
        assert "another tiphys" in shown.err
        interrupt(other, times=2)


def test_the_first_interrupt_stops_and_the_second_kills(hello: str, data_dir: Path):
    with started(hello) as process:
        wait_for_log(data_dir)
        interrupt(process, times=2)
        out, err = process.communicate(timeout=20)
    assert process.returncode == 1
    assert "workflow shutdown with strategy" in out
    assert "once more to kill" in err


def started(file: str) -> subprocess.Popen[str]:
    source = Path(__file__).parents[2] / "src"
    return subprocess.Popen(
        [sys.executable, "-c", "from tiphys.cli.main import main; main()", "run", file, "--entrypoint", "hangs"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(source)},
    )


def wait_for_log(data_dir: Path) -> None:
    deadline = time.monotonic() + 20
    while "ready\n" not in logs(data_dir):
        assert time.monotonic() < deadline
        time.sleep(0.02)


def interrupt(process: subprocess.Popen[str], *, times: int) -> None:
    for _ in range(times):
        process.send_signal(signal.SIGINT)
        time.sleep(0.3)
