"""An engine of fakes for tests of the workflow controller."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tiphys.backends.embedded import EmbeddedBackend
from tiphys.controllers.endings import render_workflow
from tiphys.controllers.ports import Change, WorkflowRow
from tiphys.controllers.workflow import WorkflowController
from tiphys.errors import Unavailable
from tiphys.testing.clock import FakeClock
from tiphys.testing.executor import FakeExecutor, Plan
from tiphys.testing.store import MemoryStore


class FailingStore(MemoryStore):
    """Takes `commits_left` more commits and then none, as a disk that is full; None is no limit."""

    commits_left: int | None = None

    async def commit(self, change: Change) -> None:
        if self.commits_left is not None:
            if not self.commits_left:
                raise Unavailable("the disk is full")
            self.commits_left -= 1
        await super().commit(change)


@dataclass
class Bench:
    """The parts of one engine; `store`, `executor` and `clock` outlive it."""

    store: FailingStore
    executor: FakeExecutor
    clock: FakeClock
    controller: WorkflowController
    backend: EmbeddedBackend

    async def submit(self, spec: Mapping[str, Any], *, name: str = "wf") -> WorkflowRow:
        document = {
            "apiVersion": "argoproj.io/v1alpha1",
            "kind": "Workflow",
            "metadata": {"name": name, "namespace": "argo"},
            "spec": spec,
        }
        return await self.backend.submit(document, actor="human:test")

    async def ended(self, row: WorkflowRow) -> dict[str, Any]:
        """The status of the workflow at its end."""
        async with asyncio.timeout(5):
            return await self.status(await self.controller.wait_ended(row.uid))

    async def status(self, row: WorkflowRow) -> dict[str, Any]:
        now = await self.store.workflow_by_uid(row.uid)
        assert now
        return render_workflow(now, [node.body for node in await self.store.nodes(row.uid)])["status"]

    async def phases(self, row: WorkflowRow) -> dict[str, str]:
        return {node["displayName"]: node["phase"] for node in (await self.status(row))["nodes"].values()}


async def engine(
    *,
    store: FailingStore | None = None,
    executor: FakeExecutor | None = None,
    plans: Mapping[str, Plan] | None = None,
    parallelism: int = 10,
) -> Bench:
    """A started engine; with the `store` and `executor` of another it is that one's successor."""
    clock = FakeClock()
    store = store or FailingStore()
    executor = executor or FakeExecutor(clock, plans)
    controller = WorkflowController(store, executor, clock, parallelism=parallelism, grace_s=30)
    await controller.recover()
    return Bench(store, executor, clock, controller, EmbeddedBackend(controller, store, clock))


async def settle() -> None:
    """Lets everything run that can."""
    for _ in range(200):
        await asyncio.sleep(0)


POD = {"image": "busybox", "command": ["true"]}


def steps(*groups: list[str]) -> dict[str, Any]:
    """A workflow of step groups; each name is a step and its template."""
    names = dict.fromkeys(name for group in groups for name in group)
    leaves = [{"name": name, "container": POD} for name in names]
    main = {"name": "main", "steps": [[{"name": name, "template": name} for name in group] for group in groups]}
    return {"entrypoint": "main", "templates": [main, *leaves]}
