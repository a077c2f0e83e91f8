"""An executor that runs nothing: outcomes are given in advance or by the test, at once or when it says so."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from tiphys.controllers.ports import Attempt, Clock, Outcome


@dataclass(frozen=True, slots=True)
class Plan:
    """How an attempt is to end. `held` ones end when the test says so (`release`) or when they are stopped."""

    exit_code: int = 0
    parameters: Mapping[str, str] = field(default_factory=dict[str, str])
    result: str = ""
    error: str = ""
    held: bool = False


class FakeExecutor:
    """`Executor` by plan: `plans` are keyed by template name; what has none succeeds. `started` holds every attempt."""

    def __init__(self, clock: Clock, plans: Mapping[str, Plan] | None = None) -> None:
        self.plans: dict[str, Plan] = dict(plans or {})
        self.started: list[Attempt] = []
        self.stopped: list[str] = []
        self._clock = clock
        self._outcomes: dict[str, asyncio.Future[Outcome]] = {}
        self._attempts: dict[str, tuple[Attempt, datetime]] = {}
        self._lost: set[str] = set()

    async def recover(self, tokens: Collection[str]) -> None:
        """See `Executor`; an attempt that this very object has started is lost, as it would be in a new process."""
        self._lost = {token for token in tokens if token in self._attempts}

    async def start(self, attempt: Attempt) -> datetime:
        """See `Executor`."""
        if attempt.token in self._lost:
            return self._clock.now()
        if attempt.token not in self._attempts:
            self.started.append(attempt)
            self._attempts[attempt.token] = attempt, self._clock.now()
            self._outcomes[attempt.token] = asyncio.get_running_loop().create_future()
            plan = self.plans.get(attempt.template_name, Plan())
            if not plan.held:
                self._end(attempt.token, plan, plan.exit_code)
        return self._attempts[attempt.token][1]

    async def stop(self, token: str) -> None:
        """See `Executor`."""
        if token in self._outcomes and not self._outcomes[token].done():
            self.stopped.append(token)
            self._end(token, Plan(), 143)

    async def wait(self, token: str) -> Outcome:
        """See `Executor`."""
        if token not in self._outcomes or token in self._lost:
            return Outcome(None, self._clock.now(), self._clock.now(), lost=True)
        return await asyncio.shield(self._outcomes[token])

    async def forget(self, token: str) -> None:
        """See `Executor`."""
        self._outcomes.pop(token, None)
        self._lost.discard(token)

    def log_path(self, workflow_uid: str, node_id: str) -> Path:
        """See `Executor`; there is no such file."""
        return Path("/nonexistent") / workflow_uid / f"{node_id}.log"

    async def close(self) -> None:
        """See `Executor`."""
        for token in tuple(self._outcomes):
            await self.stop(token)

    def release(self, token: str) -> None:
        """Ends a held attempt as planned."""
        plan = self.plans.get(self._attempts[token][0].template_name, Plan())
        self._end(token, plan, plan.exit_code)

    def _end(self, token: str, plan: Plan, exit_code: int) -> None:
        attempt, started_at = self._attempts[token]
        outputs = attempt.outputs
        self._outcomes[token].set_result(
            Outcome(
                exit_code,
                started_at,
                self._clock.now(),
                parameters={name: plan.parameters[name] for name in outputs.parameters if name in plan.parameters},
                missing={name: path for name, path in outputs.parameters.items() if name not in plan.parameters},
                result=plan.result if outputs.result else None,
                error=plan.error,
            )
        )
