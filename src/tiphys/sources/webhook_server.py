"""One HTTP server for one port, on loopback, run inside this program's event loop.

The socket is bound here and not by the server library, so that a port that is taken is an error with a name and not
the end of the program.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Callable, Generator

import uvicorn
from starlette.applications import Starlette

from tiphys.errors import Unavailable

LOOPBACK = "127.0.0.1"
"""Webhooks carry events that start workflows: who wants them from outside puts a proxy in front."""
KEEP_ALIVE_S = 75
"""Seconds that an idle connection stays open; longer than the usual minute between two alerts of a group."""
GRACE_S = 5
"""Seconds that requests have to end when the server is stopped."""


async def serve(application: Starlette, port: int, started: Callable[[], None]) -> None:
    """Serves until cancelled, then lets open requests end; raises `Unavailable` when the port cannot be had."""
    listener = _bind(port)
    config = uvicorn.Config(
        application,
        log_config=None,
        access_log=False,
        lifespan="off",
        server_header=False,
        timeout_keep_alive=KEEP_ALIVE_S,
        timeout_graceful_shutdown=GRACE_S,
    )
    server = _Server(config, started)
    serving = asyncio.ensure_future(server.serve(sockets=[listener]))
    try:
        await asyncio.shield(serving)
    finally:
        server.should_exit = True
        await serving
        listener.close()


class _Server(uvicorn.Server):
    """Says when it listens, and leaves signals to the program."""

    def __init__(self, config: uvicorn.Config, started: Callable[[], None]) -> None:
        super().__init__(config)
        self._when_started = started

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """See `uvicorn.Server`."""
        await super().startup(sockets)
        self._when_started()

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None]:
        """See `uvicorn.Server`."""
        yield


def _bind(port: int) -> socket.socket:
    try:
        return socket.create_server((LOOPBACK, port), backlog=128)
    except OSError as error:
        raise Unavailable(
            f"cannot listen on {LOOPBACK}:{port}: {error.strerror or error}; stop what uses the port, or change `port`"
            " in the EventSource"
        ) from error
