"""Services: one listening address for the ready pods behind a selector, as kube-proxy makes it.

A TCP connection goes to the next ready pod in turn; with none ready it is closed at once, so a prober sees an outage.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
from collections.abc import Iterator

from tiphys import jsons
from tiphys.jsons import JsonObject
from tiphys.sandbox.conditions import is_ready
from tiphys.sandbox.kinds import POD, SERVICE
from tiphys.sandbox.recorder import Recorder
from tiphys.sandbox.registry import Registry

CONNECT_TIMEOUT_S = 2.0


class ServiceProxies:
    """Listens for every service of the registry, on its cluster address and ports."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._recorder = Recorder(registry)
        self._servers: dict[str, list[asyncio.Server]] = {}
        self._turns: Iterator[int] = itertools.count()

    async def run(self) -> None:
        """Follows the registry until cancelled; then stops listening."""
        changed = self._registry.subscribe()
        try:
            while await changed.wait():
                changed.clear()
                await self._sync()
        finally:
            for servers in self._servers.values():
                _close(servers)

    async def _sync(self) -> None:
        services = {service["metadata"]["uid"]: service for service in self._registry.list(SERVICE)}
        for uid in self._servers.keys() - services.keys():
            _close(self._servers.pop(uid))
        for uid in services.keys() - self._servers.keys():
            servers = self._servers[uid] = []
            try:
                for port in services[uid]["spec"]["ports"]:
                    servers.append(await self._listen(services[uid], port))  # noqa: PERF401 - what listens is kept
            except OSError as error:
                self._recorder.record(services[uid], "Warning", "FailedToListen", str(error))

    async def _listen(self, service: JsonObject, port: JsonObject) -> asyncio.Server:
        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            try:
                await self._connect(service, port, reader, writer)
            except OSError:
                writer.transport.abort()

        return await asyncio.start_server(serve, service["spec"]["clusterIP"], port["port"])

    async def _connect(
        self, service: JsonObject, port: JsonObject, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        endpoint = self._next_endpoint(service, port)
        if endpoint is None:
            writer.transport.abort()
            return
        async with asyncio.timeout(CONNECT_TIMEOUT_S):
            pod_reader, pod_writer = await asyncio.open_connection(*endpoint)
        await asyncio.gather(_pump(reader, pod_writer), _pump(pod_reader, writer))

    def _next_endpoint(self, service: JsonObject, port: JsonObject) -> tuple[str, int] | None:
        found = endpoints(self._registry, service)
        if not found:
            return None
        pod = found[next(self._turns) % len(found)]
        return pod["status"]["podIP"], target_port(pod, port)


def endpoints(registry: Registry, service: JsonObject) -> list[JsonObject]:
    """The ready pods behind a service."""
    selector = ",".join(f"{key}={value}" for key, value in service["spec"]["selector"].items())
    return [pod for pod in registry.list(POD, service["metadata"]["namespace"], labels=selector) if is_ready(pod)]


def target_port(pod: JsonObject, port: JsonObject) -> int:
    """The number of the pod's port that a service port leads to (a number, or the name of a container port)."""
    target = port.get("targetPort", port["port"])
    for listed in jsons.as_list(pod["spec"]["containers"][0].get("ports")):
        if listed.get("name") == target:
            return listed["containerPort"]
    return int(target)


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Copies until the end of one direction; the other end learns of it."""
    with contextlib.suppress(OSError):
        while chunk := await reader.read(65536):
            writer.write(chunk)
            await writer.drain()
    writer.close()


def _close(servers: list[asyncio.Server]) -> None:
    for server in servers:
        server.close()
