"""Runs the application on a TCP port, for as long as the caller's block lasts."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncGenerator, Generator

import uvicorn
from starlette.types import ASGIApp

from tiphys.errors import Unavailable

STOP_S = 3
"""Seconds that open requests may take when the server stops; a watch never ends by itself."""


class _Server(uvicorn.Server):
    """uvicorn without its own signal handlers: whoever opened the block decides when it ends."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.listening = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Tells that it listens."""
        await super().startup(sockets)
        self.listening.set()

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None]:
        """Leaves the signals alone."""
        yield


@contextlib.asynccontextmanager
async def serving(app: ASGIApp, host: str, port: int) -> AsyncGenerator[str]:
    """The address under which `app` answers, from now until the block is left; port 0 takes a free one."""
    listener = _listen(host, port)
    address = f"http://{_bracketed(host)}:{listener.getsockname()[1]}"
    config = uvicorn.Config(
        app, log_config=None, access_log=False, server_header=False, lifespan="on", timeout_graceful_shutdown=STOP_S
    )
    server = _Server(config)
    task = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        await _listening(server, task)
        yield address
    finally:
        server.should_exit = True
        await task
        listener.close()


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=2048)
    except OSError as error:
        raise Unavailable(
            f"port {port} of {host} cannot be used: {error.strerror}; choose another with --port, or stop what has it"
        ) from error


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


async def _listening(server: _Server, task: asyncio.Task[None]) -> None:
    listening = asyncio.create_task(server.listening.wait())
    await asyncio.wait({listening, task}, return_when=asyncio.FIRST_COMPLETED)
    listening.cancel()
    if task.done():
        await task
        raise Unavailable("the server ended while it started; its log says why")
