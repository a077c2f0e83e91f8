"""One child process: started without fork, watched by a file descriptor, ended with everything that it started.

`subprocess` without `preexec_fn` uses vfork, so a large engine spawns as fast as a small one. The descriptor of the
process tells the event loop of the end: no signal handler, no thread, and no number that could be someone else's.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path


class Child:
    """A running process that leads a process group of its own."""

    def __init__(
        self, argv: Sequence[str], *, env: Mapping[str, str], cwd: Path, stdin: int, stdout: int, stderr: int
    ) -> None:
        """Starts it; raises `OSError` when the system refuses."""
        self._process = subprocess.Popen(  # noqa: S603 - running the manifest's command is what an executor is for
            argv, env=env, cwd=cwd, stdin=stdin, stdout=stdout, stderr=stderr, start_new_session=True
        )
        self._descriptor = os.pidfd_open(self._process.pid)

    async def wait(self) -> int:
        """Waits for its end and that of its group; the exit code as a shell shows it (128 + signal)."""
        loop = asyncio.get_running_loop()
        ended = loop.create_future()
        loop.add_reader(self._descriptor, ended.set_result, None)
        try:
            await ended
        finally:
            loop.remove_reader(self._descriptor)
        self.signal(signal.SIGKILL)  # what is left of the group: in a container it would die with its first process
        code = self._process.wait()
        os.close(self._descriptor)
        return code if code >= 0 else 128 - code

    def signal(self, number: signal.Signals) -> None:
        """Sends a signal to the whole group; does nothing once it has ended."""
        if self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, number)
