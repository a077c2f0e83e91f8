"""The stage of the demo: a practice cluster with services, Tiphys in the same process, and whoever raises alerts.

Everything is real and thrown away: pods are processes, Tiphys is what `tiphys up` runs, alerts arrive by HTTP with a
token, approvals go through the API. Only the scenes break things.
"""

from __future__ import annotations

import asyncio
import os
import tempfile
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import httpx

from tiphys import shipped
from tiphys.controllers.ports import StateRow
from tiphys.demo.ports import free_ports
from tiphys.demo.story import Story
from tiphys.errors import Unavailable
from tiphys.jsons import JsonObject
from tiphys.manifest.documents import Document, read_documents
from tiphys.notify.log import LineNotifier
from tiphys.sandbox import demo_shop
from tiphys.sandbox.accounts import load_documents
from tiphys.sandbox.monitoring import MonitoringSettings, run_monitoring
from tiphys.sandbox.pace import Pace
from tiphys.sandbox.prober import Prober, ProberSettings
from tiphys.sandbox.server import Sandbox
from tiphys.server.token import ensure_token
from tiphys.server.whole import serving_tiphys
from tiphys.settings import ExecutorSettings, ImageSettings, RemediationSettings, Settings
from tiphys.sources.secrets import made_token
from tiphys.wiring import Tiphys, open_tiphys

STEPS_IMAGE = "tiphys/steps:0.1.0"
"""The image of the catalog's step programs; here it means this Python and the practice cluster."""
PORTS: Sequence[str] = ("12000", "12001")
"""The ports of the shipped EventSources; the demo takes free ones in their place."""
PATIENCE_S = 90.0
"""Seconds that a scene waits for something promised before it says that it did not happen."""

Found = TypeVar("Found")


@dataclass(frozen=True, slots=True)
class Stage:
    """What the scenes play on. `alerts_url` takes notifications with `alerts_token`; `api` is the server's client."""

    story: Story
    directory: Path
    cluster: Sandbox
    tiphys: Tiphys
    api: httpx.AsyncClient
    alerts_url: str
    alerts_token: str

    @property
    def database(self) -> Path:
        """The file with the state and the audit log."""
        return self.tiphys.engine.settings.data_dir / "state.db"

    async def bring_up(self, name: str, *, strategy: str = "RollingUpdate") -> None:
        """A service with its deployment, until it answers."""
        self.cluster.create(demo_shop.deployment(name, strategy=strategy))
        self.cluster.create(demo_shop.service(name))
        await self.until(f"{name} answers", lambda: self.answers(name))

    async def answers(self, name: str) -> bool:
        """Whether the service answers its front page with 200."""
        url = self.cluster.service_url(demo_shop.NAMESPACE, name)
        try:
            async with httpx.AsyncClient(timeout=1.0, trust_env=False) as http:
                return (await http.get(url)).is_success
        except httpx.HTTPError:
            return False

    async def wedge(self, name: str) -> None:
        """Breaks every pod of a service until it is restarted."""
        await demo_shop.wedge(self.cluster.pod_addresses(demo_shop.NAMESPACE, f"app={name}"))

    async def kube(self, method: str, path: str, *, body: JsonObject | None = None) -> JsonObject:
        """One request to the practice cluster as its administrator; a body is a strategic merge patch."""
        headers = {"authorization": f"Bearer {self.cluster.admin_token}"}
        if body is not None:
            headers["content-type"] = "application/strategic-merge-patch+json"
        async with httpx.AsyncClient(trust_env=False, base_url=self.cluster.url, headers=headers) as http:
            return (await http.request(method, path, json=body)).raise_for_status().json()

    async def release(self, name: str, image: str) -> None:
        """Brings out another image of a service."""
        path = f"/apis/apps/v1/namespaces/{demo_shop.NAMESPACE}/deployments/{name}"
        await self.kube("PATCH", path, body=demo_shop.release(image))

    async def pods(self, name: str) -> list[JsonObject]:
        """The pods of a service."""
        path = f"/api/v1/namespaces/{demo_shop.NAMESPACE}/pods?labelSelector=app%3D{name}"
        return (await self.kube("GET", path))["items"]

    async def notify(self, body: JsonObject) -> int:
        """Posts a notification as Alertmanager does; the HTTP status."""
        headers = {"authorization": f"Bearer {self.alerts_token}"}
        async with httpx.AsyncClient(trust_env=False) as http:
            return (await http.post(self.alerts_url, json=body, headers=headers)).status_code

    async def incidents(self, service: str) -> list[StateRow]:
        """The incidents about a service, oldest first."""
        rows = await self.tiphys.engine.store.states("incident")
        about = [row for row in rows if service in str(row.body["group"])]
        return sorted(about, key=lambda row: row.body["opened_at"])

    async def incident_in(self, service: str, *phases: str) -> StateRow:
        """The incident about a service, once one is in one of these phases."""

        async def look() -> StateRow | None:
            return next((row for row in await self.incidents(service) if row.phase in phases), None)

        return await self.until(f"an incident about {service} is {' or '.join(phases)}", look)

    async def workflow_of(self, incident: StateRow) -> JsonObject:
        """The finished Workflow that an incident started, as the API gives it."""
        name = incident.body["workflow_name"]
        reply = await self.api.get(f"/api/v1/workflows/argo-events/{name}")
        return reply.raise_for_status().json()

    async def until(self, what: str, look: Callable[[], Awaitable[Found | None]]) -> Found:
        """What `look` finds, as soon as it finds something; raises `Unavailable` when it takes too long."""
        try:
            async with asyncio.timeout(PATIENCE_S):
                while not (found := await look()):  # noqa: ASYNC110 - what is awaited lies in other programs
                    await asyncio.sleep(0.05)
                return found
        except TimeoutError as error:
            raise Unavailable(f"{what}: this did not happen within {PATIENCE_S:g} s") from error


@asynccontextmanager
async def open_stage(story: Story, *, fast: bool, prometheus: bool) -> AsyncGenerator[Stage]:
    """Everything up and empty; at the end all of it is gone. `fast` makes the practice cluster's seconds shorter."""
    async with AsyncExitStack() as stack:
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="tiphys-demo-")))
        rbac = load_documents(shipped.path_of("deploy") / "rbac")
        cluster = Sandbox(directory / "cluster", rbac=rbac, pace=Pace(0.1 if fast else 0.3))
        await stack.enter_async_context(cluster)
        settings = _settings(directory, cluster)
        ports = dict(zip(PORTS, map(str, free_ports(len(PORTS))), strict=True))
        tiphys = await stack.enter_async_context(open_tiphys(settings, LineNotifier(story.tell), environ={}))
        await tiphys.apply(_documents(ports))
        address = await stack.enter_async_context(serving_tiphys(tiphys, port=0))
        headers = {"authorization": f"Bearer {ensure_token(settings.data_dir)}", "x-tiphys-actor": "demo-operator"}
        api = await stack.enter_async_context(httpx.AsyncClient(base_url=address, headers=headers, trust_env=False))
        token_file = settings.data_dir / "keys" / "alertmanager-webhook.token"
        alerts_url = f"http://127.0.0.1:{ports[PORTS[0]]}/alerts"
        stage = Stage(story, directory, cluster, tiphys, api, alerts_url, made_token(token_file))
        await _watch(stage, token_file, stack, fast=fast, prometheus=prometheus)
        story.tell(f"practice cluster on {cluster.url}, Tiphys on {address}, alerts to {alerts_url}")
        yield stage


async def _watch(stage: Stage, token_file: Path, stack: AsyncExitStack, *, fast: bool, prometheus: bool) -> None:
    """Starts whoever looks at the services and raises alerts: the real pair, or our prober in its place."""
    if prometheus:
        configuration = shipped.path_of("deploy") / "monitoring"
        monitoring = MonitoringSettings(
            configuration, stage.directory / "monitoring", stage.cluster.url, stage.alerts_url, token_file
        )
        running = await stack.enter_async_context(run_monitoring(monitoring))
        stage.story.tell(f"Prometheus on {running.prometheus_url}, Alertmanager on {running.alertmanager_url}")
        return
    token = (stage.cluster.token_directory / "prober").read_text()
    prober = Prober(
        ProberSettings(
            stage.cluster.url, token, stage.alerts_url, stage.alerts_token, period_s=0.1 if fast else 0.3, threshold=3
        )
    )
    task = asyncio.create_task(prober.run())
    stack.push_async_callback(_cancelled, task)


async def _cancelled(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.wait([task])


def _settings(directory: Path, cluster: Sandbox) -> Settings:
    python = ImageSettings(env=cluster.step_environment)
    return Settings(
        data_dir=directory / "tiphys",
        executor=ExecutorSettings(shared_paths=(str(directory),)),
        remediation=RemediationSettings(
            catalog=str(shipped.path_of("catalog") / "actions.yaml"),
            kube_url=cluster.url,
            kube_token_file=str(cluster.token_directory / "evidence-reader"),
        ),
        images={STEPS_IMAGE: python},
    )


def _documents(ports: Mapping[str, str]) -> Sequence[Document]:
    """The shipped manifests, with free ports in place of their own."""
    found: list[Document] = []
    for directory in (shipped.path_of("deploy") / "remediation", shipped.path_of("catalog") / "templates"):
        for path in sorted(directory.glob("*.yaml")):
            text = path.read_text()
            for shown, free in ports.items():
                text = text.replace(shown, free)
            found += read_documents(text, file=os.fspath(path))
    return found
