"""A whole practice cluster: one object to start and stop, in a program of its own (`serve`), in a demo or in a test."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import socket
import sys
from collections.abc import Generator, Iterable, Mapping
from pathlib import Path
from typing import Self

import uvicorn

from tiphys import errors
from tiphys.jsons import JsonObject
from tiphys.sandbox import demo_shop
from tiphys.sandbox.accounts import Accounts
from tiphys.sandbox.api import build_app
from tiphys.sandbox.controllers import Controllers
from tiphys.sandbox.kinds import KINDS, NAMESPACE, POD, SERVICE
from tiphys.sandbox.metrics import service_url
from tiphys.sandbox.network import Network
from tiphys.sandbox.pace import Image, Pace
from tiphys.sandbox.pods import Node
from tiphys.sandbox.processes import Processes
from tiphys.sandbox.recorder import Recorder
from tiphys.sandbox.registry import Registry
from tiphys.sandbox.requests import ApiRequest
from tiphys.sandbox.resources import Call, Resources
from tiphys.sandbox.services import ServiceProxies
from tiphys.sandbox.statuses import ApiError


class _Server(uvicorn.Server):
    """A server inside a program of others: signals are theirs, and they can wait until it listens."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.listening = asyncio.Event()

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None]:
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.listening.set()


class Sandbox:
    """A practice cluster on loopback; an async context manager, at whose end all of its processes are dead.

    `directory` takes logs and tokens; `rbac` are RBAC documents; `images` are added to those of the demo. With port 0
    any free port is taken. On entry it answers requests.
    """

    def __init__(
        self,
        directory: Path,
        *,
        port: int = 0,
        rbac: Iterable[JsonObject] = (),
        images: Mapping[str, Image] | None = None,
        pace: Pace | None = None,
    ) -> None:
        self.directory = directory
        self.accounts = Accounts(rbac)
        self._socket = _listen(port)
        self.port: int = self._socket.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self._registry = Registry()
        self._processes = Processes()
        network = Network(self.port)
        known = {**demo_shop.IMAGES, **(images or {})}
        node = Node(self._registry, self._processes, network, directory / "logs", known, pace or Pace())
        controllers = Controllers(self._registry, Recorder(self._registry), node.delete)
        self._resources = Resources(self._registry, node, network)
        app = build_app(self._registry, self._resources, node, self.accounts)
        config = uvicorn.Config(
            app, log_config=None, access_log=False, ws="none", lifespan="off", timeout_graceful_shutdown=2
        )
        self._server = _Server(config)
        self._loops = (controllers.run, node.run, ServiceProxies(self._registry).run)
        self._tasks: list[asyncio.Task[None]] = []
        self._serving: asyncio.Task[None] | None = None

    @property
    def token_directory(self) -> Path:
        """One file for each account (`TIPHYS_KUBE_TOKEN_DIR` of the step programs), and `admin`."""
        return self.directory / "tokens"

    @property
    def step_environment(self) -> dict[str, str]:
        """What the image of the catalog's step programs stands for here: this Python, this cluster, a token for each.

        A step whose `/tmp` is private sees the tokens only if `token_directory` lies elsewhere or is shared with it.
        """
        return {
            "TIPHYS_KUBE_URL": self.url,
            "TIPHYS_KUBE_TOKEN_DIR": str(self.token_directory),
            "PATH": os.pathsep.join((str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath))),
        }

    @property
    def admin_token(self) -> str:
        """The token that may do everything."""
        return (self.token_directory / "admin").read_text()

    def service_url(self, namespace: str, name: str) -> str:
        """The address of a service; raises `NotFound`."""
        for service in self._registry.list(SERVICE, namespace):
            if service["metadata"]["name"] == name:
                return service_url(service)
        raise errors.NotFound(f"service {namespace}/{name} does not exist in the practice cluster")

    def pod_addresses(self, namespace: str, labels: str) -> list[str]:
        """The addresses of the pods that a label selector finds."""
        pods = self._registry.list(POD, namespace, labels=labels)
        return [pod["status"]["podIP"] for pod in pods if "podIP" in pod["status"]]

    def create(self, document: JsonObject) -> JsonObject:
        """Creates an object as a request of the administrator would, and its namespace if need be; raises `Refused`."""
        metadata = document["metadata"]
        namespace = metadata.get("namespace", "default")
        kind = next((kind for kind in KINDS if kind.kind == document["kind"] and "create" in kind.verbs), None)
        if kind is None:
            raise errors.Refused(f"{document['kind']} {metadata['name']}: the practice cluster takes no such objects")
        try:
            if kind.namespaced and not self._registry.list(NAMESPACE, fields=f"metadata.name={namespace}"):
                self.create({"kind": "Namespace", "metadata": {"name": namespace}})
            request = ApiRequest("create", kind, namespace if kind.namespaced else "", "")
            return self._resources.answer(Call(request, {}, "application/json", json.dumps(document).encode()))
        except ApiError as error:
            raise errors.Refused(str(error)) from error

    async def __aenter__(self) -> Self:
        self.accounts.write_tokens(self.token_directory)
        try:
            await self._processes.__aenter__()
            self._tasks = [asyncio.create_task(loop()) for loop in self._loops]
            self._serving = asyncio.create_task(self._server.serve(sockets=[self._socket]))
            await self._server.listening.wait()
        except BaseException:
            await self.__aexit__()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.should_exit = True
        for task in self._tasks:
            task.cancel()
        if self._serving is not None:
            await asyncio.gather(self._serving, *self._tasks, return_exceptions=True)
        await self._processes.__aexit__()
        self._socket.close()

    async def wait(self) -> None:
        """Returns when the cluster has stopped by itself, raising what stopped it."""
        keeping = asyncio.create_task(self._processes.wait())
        parts = [keeping, *self._tasks, *([self._serving] if self._serving else [])]
        try:
            done, _ = await asyncio.wait(parts, return_when=asyncio.FIRST_COMPLETED)
        finally:
            keeping.cancel()
        for task in done:
            task.result()


def _listen(port: int) -> socket.socket:
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(("127.0.0.1", port))
    except OSError as error:
        listener.close()
        raise errors.Unavailable(f"127.0.0.1:{port} is taken: choose another port for the practice cluster") from error
    return listener


async def serve(sandbox: Sandbox) -> None:
    """Runs a cluster until cancelled."""
    async with sandbox:
        await sandbox.wait()
