"""A blackbox prober for the demo: asks every service, looks for crash loops, and posts alerts as Alertmanager does.

It stands where Prometheus and Alertmanager stand in earnest (`monitoring.py`), with the same alert names, labels,
grouping and body, so that whoever receives them cannot tell the difference. It reaches the cluster over its API only.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import httpx

from tiphys import jsons
from tiphys.jsons import JsonObject
from tiphys.sandbox import metrics, probes
from tiphys.sandbox.alerts import AlertBook, Finding


@dataclass(frozen=True, slots=True)
class ProberSettings:
    """Where to look, whom to tell, and how fast. `period_s` in real seconds; `repeat_s` as the source has it (4 h)."""

    cluster_url: str
    cluster_token: str
    webhook_url: str
    webhook_token: str
    period_s: float = 1.0
    threshold: int = 3
    timeout_s: float = 1.0
    repeat_s: float = 4 * 3600


class Prober:
    """Looks in rounds; what has to be told and could not be delivered is told again in the next round."""

    def __init__(self, settings: ProberSettings) -> None:
        self._settings = settings
        repeat = timedelta(seconds=settings.repeat_s)
        self._book = AlertBook(settings.threshold, repeat, external_url=settings.cluster_url)

    async def run(self) -> None:
        """Rounds until cancelled."""
        settings = self._settings
        async with httpx.AsyncClient(timeout=settings.timeout_s, trust_env=False) as http:
            while True:
                await self.round(http)
                await asyncio.sleep(settings.period_s)

    async def round(self, http: httpx.AsyncClient) -> None:
        """One look at everything; a cluster that does not answer is no finding about its services."""
        try:
            findings = await self._look(http)
        except httpx.HTTPError:
            return
        now = datetime.now(UTC)
        self._book.note(findings, now)
        headers = {"authorization": f"Bearer {self._settings.webhook_token}"}
        for key, body in self._book.due(now):
            try:
                response = await http.post(self._settings.webhook_url, json=body, headers=headers)
            except httpx.HTTPError:
                continue
            if response.is_success:
                self._book.delivered(key, now)

    async def _look(self, http: httpx.AsyncClient) -> list[Finding]:
        services, pods = await self._list(http, "services"), await self._list(http, "pods")
        problems = await asyncio.gather(*(probes.ask(http, metrics.service_url(service)) for service in services))
        down = [_unresponsive(one, problem) for one, problem in zip(services, problems, strict=True) if problem]
        return [*down, *_crash_loops(pods, services)]

    async def _list(self, http: httpx.AsyncClient, plural: str) -> list[JsonObject]:
        headers = {"authorization": f"Bearer {self._settings.cluster_token}"}
        response = await http.get(f"{self._settings.cluster_url}/api/v1/{plural}", headers=headers)
        response.raise_for_status()
        return jsons.as_list(jsons.as_object(response.json()).get("items"))


def _unresponsive(service: JsonObject, problem: str) -> Finding:
    labels = {"alertname": "ServiceUnresponsive", **metrics.service_labels(service), "severity": "critical"}
    summary = f"Service {labels['namespace']}/{labels['service']} does not answer."
    return Finding(labels, {"summary": summary, "description": problem})


def _crash_loops(pods: list[JsonObject], services: list[JsonObject]) -> Iterator[Finding]:
    for pod in pods:
        for status in jsons.as_list(pod["status"].get("containerStatuses")):
            if jsons.as_object(status["state"].get("waiting")).get("reason") == "CrashLoopBackOff":
                yield _crash_loop(pod, status["name"], services)


def _crash_loop(pod: JsonObject, container: str, services: list[JsonObject]) -> Finding:
    metadata = pod["metadata"]
    labels = {
        "alertname": "KubePodCrashLooping",
        "namespace": metadata["namespace"],
        "pod": metadata["name"],
        "container": container,
        "reason": "CrashLoopBackOff",
        "severity": "warning",
        **metrics.service_of(pod, services),
    }
    where = f"{labels['namespace']}/{labels['pod']} ({container})"
    summary, text = "Pod is crash looping.", f'Pod {where} is in waiting state (reason: "CrashLoopBackOff").'
    return Finding(labels, {"summary": summary, "description": text})
