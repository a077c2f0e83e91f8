"""The process executor with real processes."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.contracts.attempts import attempt, shell

from tiphys.controllers.clock import SystemClock
from tiphys.controllers.ports import Attempt, Outcome
from tiphys.executors.handover import MAX_RESULT
from tiphys.executors.process import ProcessExecutor
from tiphys.settings import ImageSettings

ENV = {"PATH": "/usr/local/bin:/usr/bin:/bin"}
IMAGES = {
    "argosay": ImageSettings(command=("echo",), args=("hello",), env={"FROM_IMAGE": "yes", "BOTH": "image"}),
    "registry:5000/tool": ImageSettings(command=("echo", "tool")),
}


@pytest.fixture
async def executor(tmp_path: Path) -> AsyncIterator[ProcessExecutor]:
    made = ProcessExecutor(tmp_path, SystemClock(), images=IMAGES, base_env=ENV)
    yield made
    await made.close()


async def run(executor: ProcessExecutor, wanted: Attempt) -> Outcome:
    await executor.start(wanted)
    outcome = await executor.wait(wanted.token)
    await executor.forget(wanted.token)
    return outcome


def log(executor: ProcessExecutor, wanted: Attempt) -> str:
    return executor.log_path(wanted.workflow_uid, wanted.node_id).read_text()


@pytest.mark.parametrize(
    ("command", "error"),
    [
        ("no-such", 'failed to find name in PATH: exec: "no-such": executable file not found in $PATH'),
        ("/no/such", 'failed to find name in PATH: exec: "/no/such": stat /no/such: no such file or directory'),
        ("/etc/passwd/x", 'failed to find name in PATH: exec: "/etc/passwd/x": stat /etc/passwd/x: not a directory'),
        ("/etc", 'failed to find name in PATH: exec: "/etc": is a directory'),
        ("/etc/passwd", 'failed to find name in PATH: exec: "/etc/passwd": permission denied'),
    ],
)
async def test_a_command_that_cannot_be_found_ends_in_argos_words(executor: ProcessExecutor, command: str, error: str):
    outcome = await run(executor, attempt("main", command=(command,), args=()))
    assert (outcome.exit_code, outcome.error) == (64, error)


async def test_an_unknown_image_without_command_is_refused_by_name(executor: ProcessExecutor):
    outcome = await run(executor, attempt("main", image="mystery:1", command=()))
    assert outcome.exit_code is None
    assert "mystery:1" in outcome.error
    assert "images" in outcome.error


async def test_a_text_that_is_no_program_is_refused(tmp_path: Path):
    executor = ProcessExecutor(tmp_path, SystemClock(), images={}, base_env={"PATH": str(tmp_path)})
    script = tmp_path / "nonsense"
    script.write_text("\x7fnot a program")
    script.chmod(0o755)
    outcome = await run(executor, attempt("main", command=("nonsense",), args=()))
    assert (outcome.exit_code, outcome.error) == (64, "fork/exec nonsense: exec format error")


async def test_an_argument_that_is_too_long_fails_as_on_argo(executor: ProcessExecutor):
    wanted = attempt("main", command=("echo", "x" * 200_000), args=(), outputs=shell("", result=True).outputs)
    outcome = await run(executor, wanted)
    assert (outcome.exit_code, outcome.error) == (1, "")
    assert "argument list too long" in log(executor, wanted)


async def test_an_entrypoint_comes_from_the_images_setting(executor: ProcessExecutor):
    for image, args, expected in (
        ("argosay:v2", (), "hello\n"),
        ("argosay@sha256:00", ("me",), "me\n"),
        ("registry:5000/tool", (), "tool\n"),
        ("registry:5000/tool:1", ("x",), "tool x\n"),
    ):
        wanted = attempt("main", image=image, command=(), args=args)
        assert (await run(executor, wanted)).exit_code == 0
        assert log(executor, wanted) == expected


async def test_environment_is_that_of_image_then_argo_then_template(executor: ProcessExecutor):
    wanted = attempt(
        "main",
        image="argosay",
        node="node(1)",
        command=("sh", "-c"),
        args=("env; [ -z ${HOME+x} ] && echo no home",),
        env=(("BOTH", "template"), ("ONE", "1"), ("TWO", "$(ONE)$$ $(THREE) $$(ONE)"), ("THREE", "3")),
    )
    await run(executor, wanted)
    lines = log(executor, wanted).splitlines()
    for line in (
        "FROM_IMAGE=yes",
        "BOTH=template",
        "TWO=1$ $(THREE) $(ONE)",
        "ARGO_NODE_ID=wf-node(1)",
        "ARGO_WORKFLOW_NAME=wf",
        "ARGO_DEADLINE=0001-01-01T00:00:00Z",
        "ARGO_INCLUDE_SCRIPT_OUTPUT=false",
        "no home",
    ):
        assert line in lines
    names = {line.partition("=")[0] for line in lines if line.startswith("ARGO_")}
    assert names == {
        "ARGO_CONTAINER_NAME",
        "ARGO_DEADLINE",
        "ARGO_INCLUDE_SCRIPT_OUTPUT",
        "ARGO_NODE_ID",
        "ARGO_PROGRESS_FILE",
        "ARGO_PROGRESS_FILE_TICK_DURATION",
        "ARGO_PROGRESS_PATCH_TICK_DURATION",
        "ARGO_WORKFLOW_NAME",
    }


async def test_the_idempotency_key_is_the_same_for_every_attempt_of_a_step(executor: ProcessExecutor):
    keys: set[str] = set()
    for number in range(2):
        wanted = shell("echo $TIPHYS_IDEMPOTENCY_KEY", node=f"step({number})", node_name=f"wf.step({number})")
        await run(executor, wanted)
        keys.add(log(executor, wanted))
    assert len(keys) == 1


async def test_dollars_in_arguments_are_kubernetes_own_escapes(executor: ProcessExecutor):
    wanted = attempt(
        "main", command=("echo", "[$$] [$(BASE)] [$$(BASE)] [$(NO)] [$BASE]"), args=(), env=(("BASE", "b"),)
    )
    await run(executor, wanted)
    assert log(executor, wanted) == "[$] [b] [$(BASE)] [$(NO)] [$BASE]\n"


async def test_a_script_is_a_file_after_the_arguments(executor: ProcessExecutor):
    source = "echo $1 [$$] [$(ARGO_WORKFLOW_NAME)] [$(ARGO_CONTAINER_NAME)] [$(echo hi)]\ncat $0 | wc -l"
    wanted = attempt("main", command=("sh",), args=("-e",), source=source)
    assert (await run(executor, wanted)).exit_code == 0
    assert log(executor, wanted) == "[$] [wf] [init] [hi]\n1\n"


async def test_output_goes_to_the_log_in_order_and_only_stdout_to_the_result(executor: ProcessExecutor):
    wanted = shell("echo one; echo two >&2; sleep 0.05; printf 'three\\n\\n'", result=True)
    outcome = await run(executor, wanted)
    assert outcome.result == "one\nthree\n"
    assert sorted(log(executor, wanted).split()) == ["one", "three", "two"]


async def test_of_a_long_result_the_end_is_kept(executor: ProcessExecutor):
    outcome = await run(executor, shell("seq -f %09.0f 0 29999", result=True))
    assert outcome.result
    assert len(outcome.result) == MAX_RESULT - 1
    assert outcome.result.endswith("000029999")


async def test_bytes_that_are_no_text_are_replaced_one_by_one(executor: ProcessExecutor):
    outcome = await run(executor, shell("printf 'a\\377\\342\\202b'", result=True))
    assert outcome.result == "a\ufffd\ufffd\ufffdb"


async def test_parallel_attempts_do_not_meet_in_tmp(executor: ProcessExecutor):
    assert executor.has_namespaces
    text = "[ -e /tmp/x ] && exit 9; echo {} > /tmp/x; sleep 0.2; cat /tmp/x > /tmp/deep; rm /tmp/x"
    wanted = [shell(text.format(number), node=f"n{number}", parameters={"o": "/tmp/deep"}) for number in range(4)]
    outcomes = await asyncio.gather(*(run(executor, one) for one in wanted))
    assert [(o.exit_code, o.parameters) for o in outcomes] == [(0, {"o": f"{number}\n"}) for number in range(4)]
    assert not Path("/tmp/deep").exists()


async def test_a_script_and_its_directory_are_seen_in_a_private_tmp(executor: ProcessExecutor):
    source = 'echo hi > here; pwd > /tmp/pwd; cat "$(cat /tmp/pwd)/here"; ls /tmp | wc -l'
    wanted = attempt("main", command=("sh",), args=(), source=source)
    outcome = await run(executor, wanted)
    assert (outcome.exit_code, log(executor, wanted).split()[0]) == (0, "hi")


async def test_other_absolute_output_paths_are_private_too(executor: ProcessExecutor):
    paths = {"deep": "/tiphys-test-out/a/deep", "root": "/tiphys-test-file", "no": "/tiphys-test-none"}
    text = "mkdir -p /tiphys-test-out/a; echo deep > /tiphys-test-out/a/deep; echo root > /tiphys-test-file"
    try:
        outcome = await run(executor, shell(text, parameters=paths))
        assert outcome.parameters == {"deep": "deep\n", "root": "root\n"}
        assert outcome.missing == {"no": "/tiphys-test-none"}
        assert list(Path("/tiphys-test-out").iterdir()) == []
        assert Path("/tiphys-test-file").read_text() == ""
    finally:
        for path in ("/tiphys-test-file", "/tiphys-test-none"):
            Path(path).unlink(missing_ok=True)
        Path("/tiphys-test-out").rmdir()


async def test_a_missing_working_directory_is_made(executor: ProcessExecutor):
    wanted = shell("pwd; echo x > file; cat /var/tmp/tiphys-made/file", working_dir="/var/tmp/tiphys-made")
    assert (await run(executor, wanted)).exit_code == 0
    assert log(executor, wanted) == "/var/tmp/tiphys-made\nx\n"
    assert not Path("/var/tmp/tiphys-made").exists()


async def test_shared_paths_stay_the_hosts(tmp_path: Path):
    shared = tmp_path / "shared"
    shared.mkdir()
    executor = ProcessExecutor(tmp_path / "data", SystemClock(), images={}, base_env=ENV, shared_paths=[shared])
    await run(executor, shell(f"echo x > {shared}/file; echo y > {tmp_path}/other", parameters={"o": "/tmp/o"}))
    await executor.close()
    assert (shared / "file").read_text() == "x\n"
    assert not (tmp_path / "other").exists()


async def test_without_namespaces_steps_that_would_collide_run_one_at_a_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("PATH", str(tmp_path))
    executor = ProcessExecutor(tmp_path, SystemClock(), images={}, base_env=ENV)
    assert not executor.has_namespaces
    out = "/tmp/tiphys-test-alone"
    text = f"[ -e {out} ] && exit 9; echo {{}} > {out}; sleep 0.05"
    wanted = [shell(text.format(number), node=f"n{number}", parameters={"o": out}) for number in range(3)]
    outcomes = await asyncio.gather(*(run(executor, one) for one in wanted))
    assert [(o.exit_code, o.parameters) for o in outcomes] == [(0, {"o": f"{number}\n"}) for number in range(3)]
    Path(out).write_text("someone's")
    refused = await run(executor, shell("exit 0", node="late", parameters={"o": out}))
    assert out in refused.error
    assert Path(out).read_text() == "someone's"
    Path(out).unlink()
    await executor.close()


@pytest.mark.parametrize(("name", "code"), [("TERM", 143), ("KILL", 137), ("SEGV", 139)])
async def test_a_signal_is_an_exit_code(executor: ProcessExecutor, name: str, code: int):
    assert (await run(executor, shell(f"kill -{name} $$$$"))).exit_code == code


async def test_what_ignores_term_is_killed_after_its_grace(executor: ProcessExecutor):
    wanted = shell("trap '' TERM; echo ready; while :; do sleep 0.05; done", grace_s=0.2)
    await executor.start(wanted)
    await until(lambda: "ready" in log(executor, wanted))
    await executor.stop(wanted.token)
    assert (await executor.wait(wanted.token)).exit_code == 137


async def test_a_program_may_end_itself_at_term(executor: ProcessExecutor):
    wanted = shell("trap 'echo bye; exit 5' TERM; echo ready; while :; do sleep 0.05; done")
    await executor.start(wanted)
    await until(lambda: "ready" in log(executor, wanted))
    await executor.stop(wanted.token)
    assert (await executor.wait(wanted.token)).exit_code == 5
    assert "bye" in log(executor, wanted)


async def test_a_deadline_ends_the_attempt(executor: ProcessExecutor):
    outcome = await run(executor, shell("sleep 600", deadline=datetime.now(UTC) + timedelta(seconds=0.1)))
    assert (outcome.exit_code, outcome.error) == (143, "")


async def test_children_end_with_their_program(executor: ProcessExecutor):
    wanted = shell("sleep 600 & echo $!", result=True)
    outcome = await run(executor, wanted)
    assert outcome.result
    await until(lambda: not is_alive(int(outcome.result or "")))


async def test_nothing_is_left_of_an_attempt_but_its_log(executor: ProcessExecutor, tmp_path: Path):
    for wanted in (shell("exit 0", node="a"), shell("echo > file; echo > /tmp/x", node="b", result=True)):
        await run(executor, wanted)
    assert list((tmp_path / "run" / "attempts").iterdir()) == []
    assert sorted(path.name for path in (tmp_path / "logs" / "uid").iterdir()) == ["wf-a.log", "wf-b.log"]
    children = Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()
    assert not any("Z" in Path(f"/proc/{child}/stat").read_text().split(")")[-1][:3] for child in children)


async def test_what_a_killed_engine_left_running_is_killed_and_lost(tmp_path: Path):
    engine = subprocess.Popen(
        [sys.executable, "-m", "tests.integration.start_and_hang", str(tmp_path)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
        env={"PYTHONPATH": "src", "PATH": os.environ["PATH"]},
    )
    assert engine.stdout
    pid = int(engine.stdout.readline())
    engine.kill()
    engine.wait()
    engine.stdout.close()
    assert is_alive(pid)
    executor = ProcessExecutor(tmp_path, SystemClock(), images={}, base_env=ENV)
    await executor.recover(["uid/wf-hangs/0", "uid/wf-succeeds/0"])
    await until(lambda: not is_alive(pid))
    await executor.start(attempt("hangs"))
    assert (await executor.wait("uid/wf-hangs/0")).lost
    assert (await run(executor, attempt("succeeds"))).exit_code == 0
    await executor.close()


async def test_after_a_restart_of_the_host_everything_open_is_lost(tmp_path: Path):
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "boot").write_text("another boot\n")
    executor = ProcessExecutor(tmp_path, SystemClock(), images={}, base_env=ENV)
    await executor.recover(["uid/wf-succeeds/0"])
    await executor.start(attempt("succeeds"))
    assert (await executor.wait("uid/wf-succeeds/0")).lost
    assert (await run(executor, attempt("succeeds", generation=1))).exit_code == 0
    await executor.close()


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, signal.SIG_DFL)
    except ProcessLookupError:
        return False
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"


async def until(condition: object, within_s: float = 10) -> None:
    async with asyncio.timeout(within_s):
        while not condition():  # pyright: ignore[reportCallIssue]
            await asyncio.sleep(0.01)
