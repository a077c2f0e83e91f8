"""Starts, signals and awaits the processes of pods through the keeper, which kills them all when we are gone."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from tiphys import errors, jsons

KEEPER = Path(__file__).with_name("keeper.py")
KEEPER_GONE = "the process keeper of the practice cluster has ended: start the sandbox again"


@dataclass(slots=True)
class Process:
    """One child: `exit_code` is settled when it has ended, as a shell would show it (128 + signal when killed)."""

    name: str
    started: asyncio.Future[int] = field(default_factory=asyncio.Future[int])
    exit_code: asyncio.Future[int] = field(default_factory=asyncio.Future[int])


class Processes:
    """The children of one sandbox; use as an async context manager, at whose end every one of them is dead."""

    def __init__(self) -> None:
        self._keeper: asyncio.subprocess.Process | None = None
        self._reader: asyncio.Task[None] | None = None
        self._children: dict[str, Process] = {}
        self._count = 0

    async def __aenter__(self) -> Self:
        self._keeper = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-I", "-S", str(KEEPER)),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,
        )
        self._reader = asyncio.create_task(self._read())
        return self

    async def __aexit__(self, *_: object) -> None:
        keeper, reader = self._keeper, self._reader
        if keeper is None or keeper.stdin is None or reader is None:
            return
        keeper.stdin.close()
        await keeper.wait()
        await reader

    async def wait(self) -> None:
        """Returns never; raises `Unavailable` when the keeper has ended, and with it every child."""
        if self._reader is not None:
            await asyncio.shield(self._reader)
        raise errors.Unavailable(KEEPER_GONE)

    async def start(self, argv: Sequence[str], env: Mapping[str, str], log: Path) -> Process:
        """Starts a program in a session of its own; raises `Unavailable` when it cannot be started."""
        self._count += 1
        child = Process(name=str(self._count))
        self._children[child.name] = child
        self._send({"start": child.name, "argv": list(argv), "env": dict(env), "log": str(log)})
        await child.started
        return child

    def signal(self, child: Process, number: signal.Signals) -> None:
        """Sends a signal to the whole process group of a child; one that has ended is left alone."""
        if not child.exit_code.done():
            self._send({"signal": int(number), "to": child.name})

    def _send(self, message: jsons.JsonObject) -> None:
        keeper = self._keeper
        if keeper is None or keeper.stdin is None or keeper.stdin.is_closing():
            raise errors.Unavailable(KEEPER_GONE)
        keeper.stdin.write(json.dumps(message).encode() + b"\n")

    async def _read(self) -> None:
        keeper = self._keeper
        if keeper is None or keeper.stdout is None:
            return
        async for line in keeper.stdout:
            self._note(jsons.as_object(json.loads(line)))
        ended_by_order = await keeper.wait() == 0
        for child in self._children.values():
            if child.started.done() and not ended_by_order:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(child.started.result(), signal.SIGKILL)
            _settle(child, KEEPER_GONE)

    def _note(self, message: jsons.JsonObject) -> None:
        if "started" in message:
            child = self._children[message["started"]]
            if not child.started.done():
                child.started.set_result(message["pid"])
        elif "failed" in message:
            _settle(self._children.pop(message["failed"]), message["why"])
        else:
            child, code = self._children.pop(message["ended"]), message["code"]
            if not child.exit_code.done():
                child.exit_code.set_result(code if code >= 0 else 128 - code)


def _settle(child: Process, why: str) -> None:
    """Ends the waiting for a child that never started, or of which nothing more will be heard (as if killed)."""
    if not child.started.done():
        child.started.set_exception(errors.Unavailable(why))
    if not child.exit_code.done():
        child.exit_code.set_result(128 + signal.SIGKILL)
