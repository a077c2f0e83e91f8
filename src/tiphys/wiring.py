"""The one place that knows which concrete adapters exist: settings in, connected parts out."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from tiphys.agents.rules import RulesPlanner
from tiphys.backends.embedded import EmbeddedBackend
from tiphys.cluster.blind import NoEvidence
from tiphys.cluster.client import ClusterAccess, KubeClient
from tiphys.cluster.evidence import KubeEvidence
from tiphys.controllers.clock import SystemClock
from tiphys.controllers.documents import apply_documents, document_row
from tiphys.controllers.incident import IncidentController, Outside
from tiphys.controllers.operations import Operations
from tiphys.controllers.ports import Change, Evidence, Notifier, Planner
from tiphys.controllers.sensor import SensorController
from tiphys.controllers.supervisor import Health
from tiphys.controllers.workflow import WorkflowController
from tiphys.errors import InvalidManifest, Problem
from tiphys.events.compiling import compile_sensor
from tiphys.events.validating import validate_sensor
from tiphys.executors.process import ProcessExecutor
from tiphys.manifest.documents import Document, document_of
from tiphys.manifest.events_model import EventSource, Sensor
from tiphys.manifest.model import WorkflowTemplate
from tiphys.remediation.catalog import Catalog
from tiphys.remediation.catalog_text import read_catalog
from tiphys.settings import Settings
from tiphys.sources.secrets import Secrets
from tiphys.sources.webhook import WebhookSources
from tiphys.store.bus import StoreBus
from tiphys.store.sqlite import SqliteStore, open_sqlite

NAMESPACE = "default"
"""Where documents go that name no namespace."""
NOT_APPLIED = frozenset({"Workflow", "CronWorkflow", "WorkflowEventBinding"})
"""Kinds that a directory of manifests may hold and that applying leaves aside, with a warning."""
REFERRED_TO = ("EventSource", "Sensor", "WorkflowTemplate", "ClusterWorkflowTemplate")
OUR_OWN = (Path(sys.prefix), Path(__file__).parents[1])
"""Our Python and our package: steps see them also where they lie below a `/tmp` that is private otherwise."""
SQLITE_SCHEME = "sqlite:///"
PASSED_ON = ("HOME", "USER", "LOGNAME", "SHELL", "LANG", "TZ", "TMPDIR", "PYTHONPATH", "SSL_CERT_FILE", "KUBECONFIG")
"""Variables of this process that steps see; the others, with the secrets among them, stay here."""
PASSED_ON_PREFIXES = ("LC_", "TIPHYS_STEP_")
PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "ALL_PROXY")
"""Passed on in either case of letters."""


@dataclass(frozen=True, slots=True)
class Engine:
    """Everything that runs workflows, connected."""

    settings: Settings
    clock: SystemClock
    store: SqliteStore
    bus: StoreBus
    executor: ProcessExecutor
    controller: WorkflowController
    backend: EmbeddedBackend


@asynccontextmanager
async def open_engine(settings: Settings) -> AsyncGenerator[Engine]:
    """The engine over a data directory, with the workflows that are open there taken up again.

    At the end running steps are ended; workflows that are open stay so. Raises `Unavailable` when another engine has
    the directory.
    """
    clock = SystemClock()
    store = await open_sqlite(database_path(settings))
    try:
        executor = ProcessExecutor(
            settings.data_dir,
            clock,
            images=settings.images,
            base_env=step_environment(os.environ),
            shared_paths=[*OUR_OWN, *(Path(path) for path in settings.executor.shared_paths)],
        )
        parallelism = settings.executor.parallelism or 2 * (os.cpu_count() or 1)
        controller = WorkflowController(
            store, executor, clock, parallelism=parallelism, grace_s=settings.executor.grace_s
        )
        await controller.recover()
        try:
            backend = EmbeddedBackend(controller, store, clock)
            yield Engine(settings, clock, store, StoreBus(store), executor, controller, backend)
        finally:
            await controller.close()
            await executor.close()
    finally:
        await store.close()


@dataclass(frozen=True, slots=True)
class Tiphys:
    """Everything in one process: the engine, event sources, sensors and, with a catalog, remediation."""

    engine: Engine
    sensors: SensorController
    sources: WebhookSources
    incidents: IncidentController | None
    operations: Operations | None

    async def apply(self, documents: Sequence[Document], gone: Sequence[Document] = ()) -> list[Problem]:
        """Makes these documents known, and their sensors and sources run; forgets those that are `gone`.

        Returns warnings. Raises `InvalidManifest` with everything that is wrong, and then nothing has changed.
        """
        kept = [document for document in documents if document.kind not in NOT_APPLIED]
        known = {kind: await self._known(kind, kept, gone) for kind in REFERRED_TO}
        sources = [document.resource for document in known["EventSource"] if isinstance(document.resource, EventSource)]
        sensors = [document for document in known["Sensor"] if isinstance(document.resource, Sensor)]
        templates = [
            document.resource
            for kind in ("WorkflowTemplate", "ClusterWorkflowTemplate")
            for document in known[kind]
            if isinstance(document.resource, WorkflowTemplate)
        ]
        problems = [problem for sensor in sensors for problem in _judged(sensor, sources, templates)]
        if errors := [problem for problem in problems if problem.severity == "error"]:
            raise InvalidManifest(errors)
        rows = tuple(document_row(document.json, NAMESPACE) for document in gone if document.kind not in NOT_APPLIED)
        await self.engine.store.commit(Change(deleted=rows))
        await apply_documents(self.engine.store, [document.json for document in kept], NAMESPACE)
        await self.sensors.apply(
            [compile_sensor(each.resource) for each in sensors if isinstance(each.resource, Sensor)]
        )
        await self.sources.apply(sources)
        return [*problems, *_not_applied(documents), *self._without_template(templates)]

    def health(self) -> list[Health]:
        """How every long-running part is."""
        return [*self.sensors.health(), *self.sources.health()]

    async def _known(self, kind: str, given: Sequence[Document], gone: Sequence[Document]) -> list[Document]:
        """The documents of a kind as they will be: those stored, replaced by those given, without those gone."""
        stored = await self.engine.store.documents(kind)
        found = {(row.namespace, row.name): document_of(dict(row.body)) for row in stored}
        for document in gone:
            found.pop(_key(document), None)
        found |= {_key(document): document for document in given if document.kind == kind}
        return list(found.values())

    def _without_template(self, templates: Sequence[WorkflowTemplate]) -> list[Problem]:
        names = {template.metadata.name for template in templates}
        actions = self.incidents.catalog.actions if self.incidents else ()
        return [
            Problem(
                f"action {action.name}: there is no WorkflowTemplate {action.template}; choosing it would fail",
                rule="catalog-template",
                severity="warning",
            )
            for action in actions
            if action.template not in names
        ]


@asynccontextmanager
async def open_tiphys(
    settings: Settings,
    notifier: Notifier,
    *,
    planner: Planner | None = None,
    environ: Mapping[str, str] = os.environ,
) -> AsyncGenerator[Tiphys]:
    """Everything connected and running, with nothing applied yet; raises as `open_engine` does.

    Remediation runs when the catalog of the settings is there; without a `planner` the rules decide.
    """
    async with AsyncExitStack() as stack:
        engine = await stack.enter_async_context(open_engine(settings))
        sensors = SensorController(engine.store, engine.bus, engine.backend, engine.clock)
        stack.push_async_callback(sensors.close)
        sources = WebhookSources(engine.bus, engine.clock, Secrets(engine.store, environ, settings.data_dir / "keys"))
        stack.push_async_callback(sources.close)
        catalog = load_catalog(settings)
        if catalog is None:
            yield Tiphys(engine, sensors, sources, None, None)
            return
        evidence = await _evidence(settings, engine.clock, stack)
        outside = Outside(engine.store, engine.bus, engine.clock, planner or RulesPlanner(), evidence, notifier)
        incidents = IncidentController(outside, catalog, settings.remediation)
        stack.push_async_callback(_end, asyncio.create_task(incidents.run()))
        yield Tiphys(engine, sensors, sources, incidents, Operations(incidents))


def load_catalog(settings: Settings) -> Catalog | None:
    """The catalog of the settings, or None when there is no such file; raises `InvalidManifest` for one that is bad."""
    path = Path(settings.remediation.catalog)
    return read_catalog(path.read_text(), file=str(path)) if path.is_file() else None


async def _evidence(settings: Settings, clock: SystemClock, stack: AsyncExitStack) -> Evidence:
    if not settings.remediation.kube_url:
        return NoEvidence()
    access = ClusterAccess(settings.remediation.kube_url, Path(settings.remediation.kube_token_file))
    return KubeEvidence(await stack.enter_async_context(KubeClient(access)), clock)


async def _end(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.wait([task])


def _key(document: Document) -> tuple[str, str]:
    row = document_row(document.json, NAMESPACE)
    return row.namespace, row.name


def _judged(sensor: Document, sources: Sequence[EventSource], templates: Sequence[WorkflowTemplate]) -> list[Problem]:
    if not isinstance(sensor.resource, Sensor):
        return []
    return [
        replace(problem, position=problem.position or sensor.position_of(problem.path))
        for problem in validate_sensor(sensor.resource, sources, templates)
    ]


def _not_applied(documents: Sequence[Document]) -> list[Problem]:
    """Kinds that would be expected to run by themselves, and do not here."""
    return [
        Problem(
            f"{document.kind} {document.name} is not run from a directory",
            position=document.position_of(),
            hint="submit it with: tiphys submit" if document.kind == "Workflow" else "schedules are not supported yet",
            rule="not-applied",
            severity="warning",
        )
        for document in documents
        if document.kind in NOT_APPLIED
    ]


def database_path(settings: Settings) -> Path:
    """The SQLite file that `store.url` means; raises `InvalidManifest` for another kind of database."""
    url = settings.store.url
    if not url:
        return settings.data_dir / "state.db"
    if not url.startswith(SQLITE_SCHEME):
        raise InvalidManifest(f"store.url: {url} is not supported yet; use sqlite:///PATH")
    return Path(url.removeprefix(SQLITE_SCHEME))


def step_environment(environ: Mapping[str, str]) -> dict[str, str]:
    """What every step starts with: a few variables of ours, and a PATH that ends with the directory of our Python.

    So `python` is found also where the host has only `python3`.
    """
    kept = {
        name: value
        for name, value in environ.items()
        if name in PASSED_ON or name.startswith(PASSED_ON_PREFIXES) or name.upper() in PROXIES
    }
    path = environ.get("PATH", os.defpath)
    return {**kept, "PATH": f"{path}{os.pathsep}{Path(sys.executable).parent}"}
