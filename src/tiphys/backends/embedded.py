"""Whole workflows on the engine of this process.

Gives a document its identity, has it checked, and hands it to the controller; Argo's verbs become facts. Another
backend would send the same documents to a real Argo.
"""

from __future__ import annotations

import copy
import random
import uuid
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tiphys.audit.record import Record
from tiphys.controllers.admission import Admitted, InvalidSpec, admit
from tiphys.controllers.ports import Clock, JsonObject, Store, WorkflowRow
from tiphys.controllers.workflow import Verb, WorkflowController
from tiphys.engine.facts import Fact, ResumeRequested, ShutdownRequested, SuspendRequested
from tiphys.errors import AlreadyExists, InvalidManifest, NotFound, Problem, Refused
from tiphys.jsons import as_object
from tiphys.lang import selectors
from tiphys.manifest.resolve import MissingTemplate

NAME_ALPHABET = "bcdfghjklmnpqrstvwxz2456789"
"""Letters of generated names: no vowels, nothing that is misread (Kubernetes: apimachinery pkg/util/rand)."""
NAME_LETTERS = 5
"""Random letters after `generateName`; also what Kubernetes adds."""
MAX_GENERATED_NAME = 63
"""Characters; a longer `generateName` is cut (Kubernetes: apiserver pkg/storage/names)."""
NAME_TRIES = 8
"""How often another name is made up when one is taken (Kubernetes: 8)."""
DEFAULT_NAMESPACE = "default"

Admission = Callable[[Store, JsonObject], Awaitable[Admitted]]
"""Decides whether a document may run, and resolves it; raises `InvalidManifest` or `NotFound`."""


@dataclass(frozen=True, slots=True)
class _Asked:
    """A verb: its word, its line in the log, who asked, and the fields of the spec that it sets (None: removes)."""

    verb: str
    kind: str
    actor: str
    spec: Mapping[str, object] = field(default_factory=dict[str, object])

    def edit(self, manifest: JsonObject) -> JsonObject:
        """The document with the spec's fields changed."""
        merged = {**as_object(manifest.get("spec")), **self.spec}
        return {**manifest, "spec": {key: value for key, value in merged.items() if value is not None}}


class EmbeddedBackend:
    """`Backend` over a `WorkflowController`; `admission` is the check at the door."""

    def __init__(
        self, controller: WorkflowController, store: Store, clock: Clock, *, admission: Admission = admit
    ) -> None:
        self._controller = controller
        self._store = store
        self._clock = clock
        self._admission = admission

    async def submit(self, manifest: JsonObject, *, actor: str) -> WorkflowRow:
        """See `Backend`."""
        for tries_left in reversed(range(NAME_TRIES)):
            document = self._identified(manifest)
            admitted = await self._admission(self._store, document)
            try:
                return await self._controller.submit(
                    document, admitted.resolved, actor=actor, config_maps=admitted.config_maps
                )
            except AlreadyExists:
                if as_object(manifest["metadata"]).get("name") or not tries_left:
                    raise
        raise AssertionError

    async def check(self, manifest: JsonObject) -> None:
        """Whether `submit` would take it; raises what `submit` would. Nothing is written."""
        await self._admission(self._store, self._identified(manifest))

    async def create(self, manifest: JsonObject, *, actor: str) -> WorkflowRow:
        """Accepts a document past `submit`'s check, as a cluster's API does: what cannot run ends at once and says why.

        Raises `InvalidManifest` all the same for what is no Workflow or uses what this engine lacks.
        Argo: workflow/controller/operator.go, setExecWorkflow, v4.1.2.
        """
        document = self._identified(manifest)
        try:
            admitted = await admit(self._store, document)
        except MissingTemplate as missing:
            return await self._controller.refuse(document, phase="Error", message=str(missing), actor=actor)
        except InvalidSpec as invalid:
            message = f"invalid spec: {invalid.problems[0].message}"
            return await self._controller.refuse(document, phase="Failed", message=message, actor=actor)
        return await self._controller.submit(document, admitted.resolved, actor=actor, config_maps=admitted.config_maps)

    async def shutdown(self, namespace: str, name: str, strategy: str, *, actor: str, message: str = "") -> None:
        """See `Backend`."""
        asked = _Asked("shutdown", "workflow.shutdown-requested", actor, {"shutdown": strategy})
        await self._ask(namespace, name, ShutdownRequested(self._clock.now(), strategy, message=message), asked)

    async def stop_nodes(self, namespace: str, name: str, node_selector: str, *, actor: str, message: str) -> None:
        """Fails the suspend nodes that `node_selector` means, with the message; nothing else is stopped."""
        selectors.parse_fields(node_selector)
        fact = ShutdownRequested(self._clock.now(), "Stop", node_selector, message)
        await self._ask(namespace, name, fact, _Asked("stop nodes of", "workflow.nodes-stopped", actor))

    async def suspend(self, namespace: str, name: str, *, actor: str) -> None:
        """See `Backend`."""
        asked = _Asked("suspend", "workflow.suspended", actor, {"suspend": True})
        await self._ask(namespace, name, SuspendRequested(self._clock.now()), asked)

    async def resume(self, namespace: str, name: str, *, node_selector: str = "", actor: str) -> None:
        """See `Backend`; one that has finished is left as it is, without complaint, as Argo does."""
        selectors.parse_fields(node_selector)
        if (await self._row(namespace, name)).finished_at is None:
            asked = _Asked("resume", "workflow.resumed", actor, {} if node_selector else {"suspend": None})
            await self._ask(namespace, name, ResumeRequested(self._clock.now(), node_selector), asked)

    async def delete(self, namespace: str, name: str, *, actor: str) -> None:
        """See `Backend`."""
        await self._controller.delete(await self._row(namespace, name), actor=actor)

    async def _ask(self, namespace: str, name: str, fact: Fact, asked: _Asked) -> None:
        row = await self._row(namespace, name)
        record = Record(asked.kind, f"{namespace}/{name}", asked.actor, self._clock.now(), {"uid": row.uid})
        try:
            await self._controller.ask(row.uid, Verb(fact, record, asked.edit if asked.spec else None))
        except NotFound as error:
            raise Refused(f'cannot {asked.verb} a completed workflow: "{namespace}/{name}"') from error

    async def _row(self, namespace: str, name: str) -> WorkflowRow:
        row = await self._store.workflow(namespace, name)
        if row is None:
            raise NotFound(f'workflows.argoproj.io "{name}" not found')
        return row

    def _identified(self, manifest: JsonObject) -> dict[str, Any]:
        """The document with its final name, namespace, uid and time of creation."""
        document = copy.deepcopy(dict(manifest))
        document.pop("status", None)
        metadata = document["metadata"] = as_object(document.get("metadata"))
        if not metadata.get("name"):
            if not metadata.get("generateName"):
                raise InvalidManifest(Problem("name or generateName is required", "metadata.name", rule="name"))
            metadata["name"] = metadata["generateName"][: MAX_GENERATED_NAME - NAME_LETTERS] + random_letters()
        metadata["namespace"] = metadata.get("namespace") or DEFAULT_NAMESPACE
        metadata["uid"] = str(uuid.uuid4())
        metadata["creationTimestamp"] = self._clock.now().strftime("%Y-%m-%dT%H:%M:%SZ")
        return document


def random_letters() -> str:
    """What Kubernetes appends to `generateName`."""
    return "".join(random.choices(NAME_ALPHABET, k=NAME_LETTERS))  # noqa: S311 - a name, not a secret
