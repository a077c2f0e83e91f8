"""HTTP probes of containers: the kubelet's rhythm of asking and its patience before it changes its mind.

Kubernetes: pkg/kubelet/prober/worker.go; defaults of pkg/apis/core/v1/defaults.go.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

import httpx

from tiphys import jsons
from tiphys.jsons import JsonObject
from tiphys.sandbox.pace import Pace


@dataclass(frozen=True, slots=True)
class HttpProbe:
    """A probe with its defaults filled in; all times in seconds of the manifest, `timeout_s` in real ones."""

    url: str
    initial_delay: float
    period: float
    timeout_s: float
    failure_threshold: int
    success_threshold: int


def parse_probe(probe: JsonObject, container: JsonObject, address: str) -> HttpProbe:
    """The probe of a container that lives at `address`."""
    get = probe["httpGet"]
    port = get["port"]
    if isinstance(port, str):
        named = [one["containerPort"] for one in jsons.as_list(container.get("ports")) if one.get("name") == port]
        port = named[0] if named else 0
    return HttpProbe(
        url=f"http://{address}:{port}{get.get('path', '/')}",
        initial_delay=probe.get("initialDelaySeconds", 0),
        period=probe.get("periodSeconds", 10),
        timeout_s=probe.get("timeoutSeconds", 1),
        failure_threshold=probe.get("failureThreshold", 3),
        success_threshold=probe.get("successThreshold", 1),
    )


async def watch(probe: HttpProbe, pace: Pace, report: Callable[[bool, str], None]) -> None:
    """Asks until cancelled; reports each time enough answers in a row agree: healthy or not, and why not."""
    await asyncio.sleep(pace.real_s(probe.initial_delay))
    healthy, in_a_row = False, 0
    async with httpx.AsyncClient(timeout=probe.timeout_s, trust_env=False) as client:
        while True:
            problem = await ask(client, probe.url)
            in_a_row = in_a_row + 1 if healthy == (not problem) else 1
            healthy = not problem
            if in_a_row == (probe.success_threshold if healthy else probe.failure_threshold):
                report(healthy, problem)
            await asyncio.sleep(pace.real_s(probe.period))


async def ask(client: httpx.AsyncClient, url: str) -> str:
    """What is wrong with an endpoint; empty when it answers with 200 to 399."""
    try:
        response = await client.get(url)
    except httpx.HTTPError as error:
        return f'Get "{url}": {str(error) or type(error).__name__}'
    return "" if 200 <= response.status_code < 400 else f"HTTP probe failed with statuscode: {response.status_code}"
