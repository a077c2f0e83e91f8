"""Runs attempts as processes of this host: the default executor.

Everything of an attempt lies in one directory below `run/attempts`: its working directory, its private `/tmp`, its
script. The directory is made before the program is started and removed when the outcome is durable, so one that an
engine finds at its start tells of an attempt that may have run. The log is written by the program itself, straight to
its file. It knows nothing of workflows beyond what an `Attempt` says.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import hashlib
import os
import shutil
import signal
import subprocess
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from tiphys.controllers.ports import Attempt, Clock, Outcome
from tiphys.errors import Unavailable
from tiphys.executors import program as programs
from tiphys.executors import view as views
from tiphys.executors.child import Child
from tiphys.executors.handover import read_parameters, read_result
from tiphys.executors.leftovers import kill_leftovers
from tiphys.executors.program import CannotRun, Program
from tiphys.executors.view import View
from tiphys.settings import ImageSettings

COPY_S = 1.0
"""Seconds that the copy of standard output may take after the program has ended and its group was killed."""


@dataclass(slots=True)
class _Run:
    """One attempt in this process's hands."""

    attempt: Attempt
    directory: Path
    started_at: datetime
    view: View = field(default_factory=View)
    child: Child | None = None
    copy: Child | None = None
    ending: bool = False
    timers: list[asyncio.TimerHandle] = field(default_factory=list[asyncio.TimerHandle])
    outcome: asyncio.Task[Outcome] | None = None


class ProcessExecutor:
    """`Executor` over processes; `data_dir` holds logs and attempts, `base_env` is what every program starts with."""

    def __init__(
        self,
        data_dir: Path,
        clock: Clock,
        *,
        images: Mapping[str, ImageSettings],
        base_env: Mapping[str, str],
        shared_paths: Collection[Path] = (),
    ) -> None:
        self._logs = data_dir.absolute() / "logs"
        self._attempts = data_dir.absolute() / "run" / "attempts"
        self._clock = clock
        self._images = images
        self._base_env = base_env
        self._shared = tuple(shared_paths)
        self._attempts.mkdir(parents=True, exist_ok=True)
        self._namespaces = views.find_namespaces(self._attempts.parent / "trial")
        self._runs: dict[str, _Run] = {}
        self._lost: set[str] = set()
        self._alone = asyncio.Lock()

    @property
    def has_namespaces(self) -> bool:
        """Whether this host gives steps private paths; without, steps that need them run one at a time."""
        return self._namespaces is not None

    async def recover(self, tokens: Collection[str]) -> None:
        """See `Executor`; after a restart of the host nothing is known of any of them."""
        kill_leftovers(self._attempts)
        rebooted = _note_boot(self._attempts.parent / "boot")
        self._lost = {token for token in tokens if rebooted or self._directory(token).exists()}
        for directory in self._attempts.iterdir():
            await asyncio.to_thread(shutil.rmtree, directory, ignore_errors=True)

    async def start(self, attempt: Attempt) -> datetime:
        """See `Executor`."""
        if attempt.token in self._lost:
            return self._clock.now()
        if attempt.token not in self._runs:
            run = _Run(attempt, self._directory(attempt.token), self._clock.now())
            self._runs[attempt.token] = run
            await self._start(run)
        return self._runs[attempt.token].started_at

    async def stop(self, token: str) -> None:
        """See `Executor`."""
        run = self._runs.get(token)
        if run and not (run.outcome and run.outcome.done()):
            self._end(run)

    async def wait(self, token: str) -> Outcome:
        """See `Executor`."""
        run = self._runs.get(token)
        if run is None or run.outcome is None:
            now = self._clock.now()
            return Outcome(None, now, now, lost=True)
        return await asyncio.shield(run.outcome)

    async def forget(self, token: str) -> None:
        """See `Executor`."""
        self._lost.discard(token)
        run = self._runs.pop(token, None)
        if run and not _removed(run.directory):
            await asyncio.to_thread(shutil.rmtree, run.directory, ignore_errors=True)

    def log_path(self, workflow_uid: str, node_id: str) -> Path:
        """See `Executor`."""
        return self._logs / workflow_uid / f"{node_id}.log"

    async def close(self) -> None:
        """See `Executor`."""
        open_runs = [run for run in self._runs.values() if run.outcome and not run.outcome.done()]
        for run in open_runs:
            self._end(run)
        await asyncio.gather(*(run.outcome for run in open_runs if run.outcome), return_exceptions=True)

    def kill(self) -> None:
        """KILL to everything that runs, without grace."""
        for run in self._runs.values():
            if run.child:
                run.child.signal(signal.SIGKILL)

    def _directory(self, token: str) -> Path:
        return self._attempts / hashlib.sha256(token.encode()).hexdigest()[:24]

    async def _start(self, run: _Run) -> None:
        run.view = views.plan_view(run.attempt, run.directory)
        alone = bool(run.view.binds) and self._namespaces is None
        if alone:
            await self._alone.acquire()
        try:
            self._spawn(run)
            run.outcome = asyncio.ensure_future(self._finish(run, alone=alone))
        except CannotRun as reason:
            run.outcome = asyncio.ensure_future(self._refuse(run, reason))
        except Unavailable:
            del self._runs[run.attempt.token]
            raise
        finally:
            if alone and run.child is None:
                self._alone.release()

    def _spawn(self, run: _Run) -> None:
        """Makes the attempt's files and starts its program; raises `CannotRun`, `Unavailable` when the disk refuses."""
        attempt, directory = run.attempt, run.directory
        if run.ending:
            raise CannotRun("stopped before it was started", 128 + signal.SIGTERM)
        program = programs.resolve_program(attempt, self._images, self._base_env, directory)
        try:
            scratch = directory / "work"
            scratch.mkdir(parents=True)
            if attempt.source is not None:
                programs.script_path(directory).write_text(programs.script_text(attempt), errors="replace")
            log = self._open_log(attempt)
        except OSError as error:
            raise Unavailable(f"{directory}: the files of {attempt.node_name} cannot be written: {error}") from error
        try:
            self._spawn_with_log(run, program, scratch, log)
        finally:
            os.close(log)

    def _spawn_with_log(self, run: _Run, program: Program, scratch: Path, log: int) -> None:
        attempt = run.attempt
        argv, cwd = self._command_line(run, program, scratch)
        stdout = log
        try:
            if attempt.outputs.result:
                run.copy, stdout = _start_copy(run.directory, program.env, log)
            run.child = Child(argv, env=program.env, cwd=cwd, stdin=subprocess.DEVNULL, stdout=stdout, stderr=log)
        except (OSError, ValueError) as error:
            raise _refusal(error, program.argv[0], log) from error
        finally:
            if stdout != log:
                os.close(stdout)
        run.started_at = self._clock.now()
        if attempt.deadline:
            left = (attempt.deadline - run.started_at).total_seconds()
            run.timers.append(asyncio.get_running_loop().call_later(max(left, 0), self._end, run))

    def _command_line(self, run: _Run, program: Program, scratch: Path) -> tuple[list[str], Path]:
        working_dir = scratch / run.attempt.working_dir if run.attempt.working_dir else scratch
        if run.view.binds and self._namespaces:
            try:
                views.prepare_view(run.view, run.attempt)
            except Unavailable as error:
                raise CannotRun(str(error), None) from error
            programs.find_executable(program, scratch)
            chosen = [Path(run.attempt.working_dir)] if run.attempt.working_dir else []
            shared = [path for path in (run.directory, *self._shared, *chosen) if path.exists()]
            return self._namespaces.wrap(run.view, program.argv, str(working_dir), shared), scratch
        if run.view.binds:
            _check_free(run)
        working_dir.mkdir(parents=True, exist_ok=True)
        executable = programs.find_executable(program, working_dir)
        return [executable if "/" in program.argv[0] else program.argv[0], *program.argv[1:]], working_dir

    def _open_log(self, attempt: Attempt) -> int:
        path = self.log_path(attempt.workflow_uid, attempt.node_id)
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND | os.O_CLOEXEC
        try:
            return os.open(path, flags, 0o640)
        except FileNotFoundError:
            path.parent.mkdir(parents=True, exist_ok=True)
            return os.open(path, flags, 0o640)

    def _end(self, run: _Run) -> None:
        """TERM now, KILL after the grace period; asking again changes nothing."""
        was_ending, run.ending = run.ending, True
        if run.child and not was_ending:
            run.child.signal(signal.SIGTERM)
            later = asyncio.get_running_loop().call_later
            run.timers.append(later(run.attempt.grace_s, run.child.signal, signal.SIGKILL))

    async def _finish(self, run: _Run, *, alone: bool) -> Outcome:
        assert run.child  # noqa: S101 - it is set before this task is made
        exit_code = await run.child.wait()
        outcome = Outcome(exit_code, run.started_at, self._clock.now())
        for timer in run.timers:
            timer.cancel()
        spec = run.attempt.outputs
        if run.copy:
            await _end_of(run.copy)
            outcome = replace(outcome, result=read_result(run.directory / "stdout"))
        if spec.parameters:
            handover = read_parameters(spec.parameters, View() if alone else run.view)
            outcome = replace(outcome, parameters=handover.parameters, missing=handover.missing)
        if alone:
            _free(spec.parameters.values())
            self._alone.release()
        return outcome

    async def _refuse(self, run: _Run, reason: CannotRun) -> Outcome:
        if run.copy:
            await _end_of(run.copy)
        return Outcome(reason.exit_code, run.started_at, self._clock.now(), error=str(reason))


def _start_copy(directory: Path, env: Mapping[str, str], log: int) -> tuple[Child, int]:
    """A process that copies standard output to a file and to the log, and the end of a pipe to write it to.

    The engine never touches the bytes, however many there are.
    """
    source, target = os.pipe()
    try:
        argv = [shutil.which("tee") or "/usr/bin/tee", "-a", str(directory / "stdout")]
        return Child(argv, env=env, cwd=directory, stdin=source, stdout=log, stderr=log), target
    except OSError:
        os.close(target)
        raise
    finally:
        os.close(source)


async def _end_of(copy: Child) -> None:
    """Waits for the copy to see the end; a process that hides from its group and holds the pipe is not waited for."""
    timer = asyncio.get_running_loop().call_later(COPY_S, copy.signal, signal.SIGKILL)
    await copy.wait()
    timer.cancel()


def _refusal(error: OSError | ValueError, name: str, log: int) -> CannotRun:
    """The system's refusal to execute, as Argo's executor tells it."""
    if not isinstance(error, OSError):
        return CannotRun(f"fork/exec {name}: invalid argument", programs.EXIT_EXECUTOR_ERROR)
    reason = (error.strerror or str(error)).lower()
    if error.errno == errno.E2BIG:
        os.write(log, f"exec {name}: {reason}\n".encode())
        return CannotRun("", 1)
    return CannotRun(f"fork/exec {name}: {reason}", programs.EXIT_EXECUTOR_ERROR)


def _check_free(run: _Run) -> None:
    """Without private paths an output file must not be there before: it would be taken for this attempt's, and lost."""
    for path in run.attempt.outputs.parameters.values():
        if Path(path).exists():
            raise CannotRun(
                f"{path} is there already, and this host offers no mount namespaces to keep steps apart; "
                "remove it, or run where `unshare -m` works",
                None,
            )


def _free(paths: Collection[str]) -> None:
    for path in paths:
        with contextlib.suppress(OSError):
            Path(path).unlink()


def _note_boot(file: Path) -> bool:
    """Writes down which boot of the host this is; true when the last note was of another."""
    boot = Path("/proc/sys/kernel/random/boot_id").read_text()
    before = file.read_text() if file.exists() else boot
    file.write_text(boot)
    return before != boot


def _removed(directory: Path) -> bool:
    """Removes a directory in which nothing was written, the usual one, without a thread."""
    try:
        (directory / "work").rmdir()
        directory.rmdir()
    except FileNotFoundError:
        return not directory.exists()
    except OSError:
        return False
    return True
