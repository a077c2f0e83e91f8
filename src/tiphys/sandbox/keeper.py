"""Owns the processes of a practice cluster and outlives whoever asked for them, so that nothing is ever left behind.

Why a process of its own: when the sandbox is killed there is nobody to stop its pods, and a child that was started
but not yet written down would be lost. Here every child is started by the one who stops it; the end of standard input
(however the sandbox ended) is the order to kill all of them. Standard library only, and run with `python -I -S`, so
that it starts in a few milliseconds. It knows nothing of pods or Kubernetes.

In, one JSON object a line: `{"start": ID, "argv": […], "env": {…}, "log": PATH}`, `{"signal": NUMBER, "to": ID}`.
Out: `{"started": ID, "pid": N}`, `{"failed": ID, "why": TEXT}`, `{"ended": ID, "code": N}` (negative: a signal).
"""

from __future__ import annotations

import contextlib
import json
import os
import selectors
import signal
import subprocess
import sys
from types import FrameType
from typing import Any


def main() -> None:
    """Serves requests from standard input until it ends, then kills every process group that is left."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    children: dict[int, str] = {}
    try:
        _serve(children)
    finally:
        for pid in children:
            _signal_group(pid, signal.SIGKILL)


def _serve(children: dict[int, str]) -> None:
    wake_read, wake_write = os.pipe()
    os.set_blocking(wake_write, False)
    os.set_blocking(wake_read, False)
    signal.signal(signal.SIGCHLD, _wake)
    signal.set_wakeup_fd(wake_write, warn_on_full_buffer=False)
    pending = b""
    with selectors.DefaultSelector() as selector:
        selector.register(0, selectors.EVENT_READ)
        selector.register(wake_read, selectors.EVENT_READ)
        while True:
            for key, _ in selector.select():
                received = os.read(key.fd, 65536)
                if key.fd == wake_read:
                    _collect(children)
                    continue
                if not received:
                    return
                *lines, pending = (pending + received).split(b"\n")
                for line in lines:
                    _obey(json.loads(line), children)


def _wake(_number: int, _frame: FrameType | None) -> None:
    """Nothing: that there is a handler makes the interpreter write to the wake-up pipe."""


def _obey(request: dict[str, Any], children: dict[int, str]) -> None:
    if "start" in request:
        _start(request, children)
        return
    for pid, name in children.items():
        if name == request["to"]:
            _signal_group(pid, request["signal"])


def _start(request: dict[str, Any], children: dict[int, str]) -> None:
    name = request["start"]
    try:
        with open(request["log"], "ab") as log:  # noqa: PTH123 - pathlib would double the start-up time
            child = subprocess.Popen(  # noqa: S603 - an argument list of a pod template, never a shell
                request["argv"],
                env=request["env"],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
    except OSError as error:
        _report({"failed": name, "why": str(error)})
        return
    child.returncode = 0  # waited for below, with its process group, and never through this object
    children[child.pid] = name
    _report({"started": name, "pid": child.pid})


def _collect(children: dict[int, str]) -> None:
    """Reports every child that has ended; what it leaves in its group dies with it, as in a container.

    The group is signalled while its dead leader is not yet reaped: until then its number cannot be given away.
    """
    while children:
        ended = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        if ended is None:
            return
        _signal_group(ended.si_pid, signal.SIGKILL)
        _, status = os.waitpid(ended.si_pid, 0)
        _report({"ended": children.pop(ended.si_pid), "code": os.waitstatus_to_exitcode(status)})


def _signal_group(pid: int, number: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(pid, number)


def _report(message: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
