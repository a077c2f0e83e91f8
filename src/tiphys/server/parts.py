"""What the handlers work with: the ports, handed in by whoever starts the server. No handler knows an adapter."""

from __future__ import annotations

from dataclasses import dataclass

from tiphys.controllers.operations import Operations
from tiphys.controllers.ports import Backend, Bus, Clock, Executor, Store
from tiphys.server.history import History
from tiphys.server.streams import HEARTBEAT_S


@dataclass(frozen=True, slots=True)
class Parts:
    """Everything that a request may touch; the server itself keeps `history` up with what `store` commits.

    `operations` are what people do to incidents; a server that runs workflows only has none.
    """

    clock: Clock
    store: Store
    bus: Bus
    backend: Backend
    executor: Executor
    history: History
    operations: Operations | None = None
    heartbeat_s: float = HEARTBEAT_S
