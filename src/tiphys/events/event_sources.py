"""What can be wrong with EventSources: each by itself, and all together on the ports of one machine.

Argo: pkg/reconciler/eventsource and pkg/eventsources/common/webhook/validate.go, v1.9.11.
Differs: an empty or unusable method, two events at one endpoint, and TLS are found here when the document is loaded
(tests/unit/events/test_event_sources.py).
"""

from __future__ import annotations

from collections.abc import Iterable

from tiphys.errors import Problem
from tiphys.events.dependencies import check_carried
from tiphys.events.findings import Findings
from tiphys.events.own_sources import OWN_SOURCES
from tiphys.manifest.events_model import DEFAULT_BUS, EventSource, WebhookEventSource

METHODS = ("GET", "POST")
"""The methods whose requests Argo Events turns into events."""
HEALTH = "/health"
"""The path that every port answers itself."""
MAX_PORT = 65535


def validate_event_source(source: EventSource) -> list[Problem]:
    """Everything that is wrong with one EventSource."""
    found = Findings()
    name = source.metadata.name
    check_carried(name, "metadata.name", "an EventSource", found)
    if name in OWN_SOURCES:
        found.error("metadata.name", f"the name {name!r} is that of a built-in source", hint="take another name")
    if source.spec.event_bus_name not in ("", DEFAULT_BUS):
        found.not_yet("spec.eventBusName", "a bus other than 'default'")
    for kind in source.spec.others:
        found.not_yet(f"spec.{kind}", f"an event source of type {kind}", hint="use webhook")
    if not source.spec.webhook and not source.spec.others:
        found.error("spec", "the EventSource has no event")
    for event, webhook in source.spec.webhook.items():
        path = f"spec.webhook.{event}"
        check_carried(event, path, "an event", found)
        _check_place(webhook, path, found)
        _check_refused(webhook, path, found)
    return found.problems


def validate_together(sources: Iterable[EventSource]) -> list[Problem]:
    """Events of any of the sources that listen at the same port and endpoint; names in the message, not in the path."""
    found = Findings()
    taken: dict[tuple[str, str], str] = {}
    for source in sources:
        for event, webhook in source.spec.webhook.items():
            here = f"{source.metadata.name}/{event}"
            place = (webhook.port, endpoint_path(webhook))
            first = taken.setdefault(place, here)
            if first != here:
                message = f"{here} and {first} both listen at port {webhook.port}, endpoint {place[1]}"
                found.error(f"spec.webhook.{event}.endpoint", message, hint="give one another endpoint", rule="clash")
    return found.problems


def endpoint_path(webhook: WebhookEventSource) -> str:
    """The path of the endpoint, which may be written without its first slash."""
    return webhook.endpoint if webhook.endpoint.startswith("/") else f"/{webhook.endpoint}"


def _check_place(webhook: WebhookEventSource, path: str, found: Findings) -> None:
    if not webhook.endpoint:
        found.error(f"{path}.endpoint", "endpoint can't be empty")
    elif endpoint_path(webhook) == HEALTH:
        found.error(f"{path}.endpoint", f"{HEALTH} is answered by the server itself", hint="use another endpoint")
    elif "{" in webhook.endpoint:
        found.not_yet(f"{path}.endpoint", "a variable in an endpoint")
    if not webhook.port:
        found.error(f"{path}.port", "port can't be empty")
    elif not (webhook.port.isascii() and webhook.port.isdecimal() and int(webhook.port) <= MAX_PORT):
        found.error(f"{path}.port", f"{webhook.port!r} is no port", hint=f"use a number up to {MAX_PORT}")
    if webhook.method not in METHODS:
        found.error(f"{path}.method", f"no request of method {webhook.method!r} becomes an event", hint="use GET, POST")
    if webhook.max_payload_size is not None and webhook.max_payload_size < 0:
        found.error(f"{path}.maxPayloadSize", "maxPayloadSize can't be negative")


def _check_refused(webhook: WebhookEventSource, path: str, found: Findings) -> None:
    if webhook.filter is not None and webhook.filter.expression:
        found.not_yet(f"{path}.filter", "a filter of an event source", hint="filter in the Sensor's dependency")
    for name, secret in (
        ("serverCertSecret", webhook.server_cert_secret),
        ("serverKeySecret", webhook.server_key_secret),
    ):
        if secret is not None:
            found.not_yet(f"{path}.{name}", "TLS", hint="the server is on loopback: put a proxy with TLS before it")
    if webhook.auth_secret is not None and not (webhook.auth_secret.name and webhook.auth_secret.key):
        found.error(f"{path}.authSecret", "authSecret needs a name and a key")
