"""A backend that runs nothing: it stores workflows, keeps what it was asked, and lets a test write how they go on."""

from __future__ import annotations

import dataclasses
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from tiphys.controllers.ports import Change, Clock, JsonObject, NodeRow, Store, WorkflowRow
from tiphys.errors import NotFound
from tiphys.jsons import as_object


class FakeBackend:
    """`Backend` over any store; `asked` holds every verb with its workflow and actor, in order."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self.asked: list[tuple[str, str, str]] = []
        self._store = store
        self._clock = clock

    async def submit(self, manifest: JsonObject, *, actor: str) -> WorkflowRow:
        """See `Backend`; generated names are numbered."""
        metadata = as_object(manifest.get("metadata"))
        labels: Mapping[str, str] = as_object(metadata.get("labels"))
        row = WorkflowRow(
            uid=str(uuid.uuid4()),
            namespace=metadata["namespace"],
            name=metadata.get("name") or f"{metadata['generateName']}{len(self.asked):05}",
            phase="",
            created_at=self._clock.now(),
            manifest=manifest,
            state={},
            labels=labels,
        )
        await self._store.commit(Change(created=(row,)))
        self.asked.append(("submit", row.name, actor))
        return row

    async def shutdown(self, namespace: str, name: str, strategy: str, *, actor: str, message: str = "") -> None:
        """See `Backend`."""
        await self._change(namespace, name, f"shutdown {strategy} {message}".strip(), actor, {"shutdown": strategy})

    async def suspend(self, namespace: str, name: str, *, actor: str) -> None:
        """See `Backend`."""
        await self._change(namespace, name, "suspend", actor, {"suspend": True})

    async def resume(self, namespace: str, name: str, *, node_selector: str = "", actor: str) -> None:
        """See `Backend`."""
        await self._change(namespace, name, f"resume {node_selector}".strip(), actor, {"suspend": None})

    async def delete(self, namespace: str, name: str, *, actor: str) -> None:
        """See `Backend`."""
        row = await self._row(namespace, name)
        self.asked.append(("delete", name, actor))
        await self._store.commit(Change(deleted=(row,)))

    async def move(
        self, namespace: str, name: str, phase: str, nodes: Sequence[Mapping[str, Any]] = (), *, finished: bool = False
    ) -> WorkflowRow:
        """Writes that the workflow is in `phase` now, with these nodes (`id` and `phase` are needed)."""
        row = await self._row(namespace, name)
        now = self._clock.now()
        label = "workflows.argoproj.io"
        moved = dataclasses.replace(
            row,
            phase=phase,
            state={"phase": phase},
            labels={**row.labels, f"{label}/phase": phase, f"{label}/completed": str(finished).lower()},
            started_at=row.started_at or now,
            finished_at=now if finished else None,
        )
        rows = tuple(NodeRow(row.uid, node["id"], node["phase"], dict(node)) for node in nodes)
        await self._store.commit(Change(workflows=(moved,), nodes=rows))
        return moved

    async def _change(self, namespace: str, name: str, verb: str, actor: str, spec: Mapping[str, Any]) -> None:
        row = await self._row(namespace, name)
        self.asked.append((verb, name, actor))
        changed = {
            key: value for key, value in {**as_object(row.manifest["spec"]), **spec}.items() if value is not None
        }
        await self._store.commit(
            Change(workflows=(dataclasses.replace(row, manifest={**row.manifest, "spec": changed}),))
        )

    async def _row(self, namespace: str, name: str) -> WorkflowRow:
        row = await self._store.workflow(namespace, name)
        if row is None:
            raise NotFound(f"workflow {namespace}/{name} does not exist")
        return row
