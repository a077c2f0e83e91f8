"""The server over a whole Tiphys: its parts connected to the handlers, for `up` and for the demo."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncGenerator

from tiphys.server.app import build_app
from tiphys.server.gate import LOOPBACK_HOSTS, Admission
from tiphys.server.history import History
from tiphys.server.parts import Parts
from tiphys.server.serve import serving
from tiphys.server.token import ensure_token
from tiphys.wiring import Tiphys


@contextlib.asynccontextmanager
async def serving_tiphys(tiphys: Tiphys, *, port: int | None = None) -> AsyncGenerator[str]:
    """The address where it answers, as the settings say; `port` takes the place of theirs."""
    engine = tiphys.engine
    server = engine.settings.server
    token = ensure_token(engine.settings.data_dir)
    admission = Admission(token if server.auth_mode == "token" else None, LOOPBACK_HOSTS | {server.host})
    parts = Parts(
        clock=engine.clock,
        store=engine.store,
        bus=engine.bus,
        backend=engine.backend,
        executor=engine.executor,
        history=History(engine.clock.now()),
        operations=tiphys.operations,
    )
    async with serving(build_app(parts, admission), server.host, server.port if port is None else port) as address:
        yield address
