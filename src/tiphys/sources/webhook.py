"""The webhook event source: EventSource documents to running servers, one for each port.

Whoever applies a changed set of documents calls `apply` again; only ports whose endpoints changed are restarted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from tiphys.controllers.ports import Bus, Clock
from tiphys.controllers.supervisor import Health, Run, Supervisor
from tiphys.errors import InvalidManifest
from tiphys.events.compiling import DEFAULT_NAMESPACE
from tiphys.events.event_sources import endpoint_path, validate_event_source, validate_together
from tiphys.manifest.events_model import EventSource, WebhookEventSource
from tiphys.sources import webhook_server
from tiphys.sources.secrets import Secrets
from tiphys.sources.webhook_app import MAX_PAYLOAD_BYTES, Endpoint, application


class WebhookSources:
    """All webhook servers of this program."""

    def __init__(self, bus: Bus, clock: Clock, secrets: Secrets) -> None:
        self._bus = bus
        self._clock = clock
        self._secrets = secrets
        self._supervisor = Supervisor(clock)
        self._running: dict[int, tuple[Endpoint, ...]] = {}

    async def apply(self, sources: Sequence[EventSource]) -> None:
        """Makes these the sources that listen; raises `InvalidManifest`, and then nothing has changed.

        A port that cannot be had is no error here: it is tried again, and `health` says so.
        """
        problems = [problem for source in sources for problem in validate_event_source(source)]
        errors = [problem for problem in (*problems, *validate_together(sources)) if problem.severity == "error"]
        if errors:
            raise InvalidManifest(errors)
        wanted = await self._endpoints(sources)
        for port in [port for port, endpoints in self._running.items() if wanted.get(port) != endpoints]:
            await self._supervisor.stop(_server_name(port))
            del self._running[port]
        for port in wanted.keys() - self._running.keys():
            self._supervisor.start(_server_name(port), self._server(port, wanted[port]))
            self._running[port] = wanted[port]

    def health(self) -> list[Health]:
        """Every port's server."""
        return self._supervisor.health()

    async def close(self) -> None:
        """Ends all servers; requests that are being answered are answered."""
        await self._supervisor.close()
        self._running.clear()

    async def _endpoints(self, sources: Iterable[EventSource]) -> dict[int, tuple[Endpoint, ...]]:
        """The endpoints by port, with their secrets looked up."""
        by_port: dict[int, tuple[Endpoint, ...]] = {}
        for source in sources:
            for event, webhook in source.spec.webhook.items():
                port = int(webhook.port)
                by_port[port] = (*by_port.get(port, ()), await self._endpoint(source, event, webhook))
        return by_port

    async def _endpoint(self, source: EventSource, event: str, webhook: WebhookEventSource) -> Endpoint:
        namespace = source.metadata.namespace or DEFAULT_NAMESPACE
        secret = webhook.auth_secret
        return Endpoint(
            source=source.metadata.name,
            event=event,
            path=endpoint_path(webhook),
            method=webhook.method,
            token=await self._secrets.value(namespace, secret.name, secret.key) if secret else None,
            max_bytes=webhook.max_payload_size or MAX_PAYLOAD_BYTES,
            metadata=webhook.metadata,
        )

    def _server(self, port: int, endpoints: Sequence[Endpoint]) -> Run:
        async def run(started: Callable[[], None]) -> None:
            await webhook_server.serve(application(endpoints, self._bus, self._clock), port, started)

        return run


def _server_name(port: int) -> str:
    return f"webhook port {port}"
