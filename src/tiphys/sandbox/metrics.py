"""Metrics of a practice cluster in Prometheus' text format, read at each scrape and kept nowhere.

Object states as kube-state-metrics names them; the answer of each service to an HTTP request as the blackbox exporter
gives it (`probe_success`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Mapping

import httpx

from tiphys import jsons
from tiphys.jsons import JsonObject
from tiphys.sandbox import probes
from tiphys.sandbox.conditions import is_ready
from tiphys.sandbox.kinds import DEPLOYMENT, POD, SERVICE
from tiphys.sandbox.registry import Registry

PROBE_TIMEOUT_S = 1.0

Sample = tuple[str, Mapping[str, str], float]
"""Name, labels, value."""


async def render(registry: Registry) -> str:
    """All samples, one a line, by name."""
    services = registry.list(SERVICE)
    async with httpx.AsyncClient(timeout=PROBE_TIMEOUT_S, trust_env=False) as client:
        problems = await asyncio.gather(*(probes.ask(client, service_url(service)) for service in services))
    samples = [*_pod_samples(registry), *_deployment_samples(registry)]
    for service, problem in zip(services, problems, strict=True):
        samples.append(("probe_success", service_labels(service), float(not problem)))
    lines = (f"{name}{{{_format(labels)}}} {value:g}\n" for name, labels, value in sorted(samples, key=_by_name))
    return "".join(lines)


def service_url(service: JsonObject) -> str:
    """The address at which a service is asked for its front page."""
    return f"http://{service['spec']['clusterIP']}:{service['spec']['ports'][0]['port']}/"


def service_labels(service: JsonObject) -> dict[str, str]:
    """What an alert about a service says of it: its name, its namespace, and the deployment that its label names."""
    metadata = service["metadata"]
    labels = {"service": metadata["name"], "namespace": metadata["namespace"]}
    if deployment := jsons.as_object(metadata.get("labels")).get("app"):
        labels["deployment"] = deployment
    return labels


def service_of(pod: JsonObject, services: Iterable[JsonObject]) -> dict[str, str]:
    """The label that names the service in front of a pod; none when no service selects it."""
    labels = jsons.as_object(pod["metadata"].get("labels")).items()
    for service in services:
        same_place = service["metadata"]["namespace"] == pod["metadata"]["namespace"]
        if same_place and service["spec"]["selector"].items() <= labels:
            return {"service": service["metadata"]["name"]}
    return {}


def _pod_samples(registry: Registry) -> Iterator[Sample]:
    services = registry.list(SERVICE)
    for pod in registry.list(POD):
        labels = {
            "namespace": pod["metadata"]["namespace"],
            "pod": pod["metadata"]["name"],
            **service_of(pod, services),
        }
        yield "kube_pod_status_ready", {**labels, "condition": "true"}, float(is_ready(pod))
        for status in jsons.as_list(pod["status"].get("containerStatuses")):
            container = {**labels, "container": status["name"]}
            yield "kube_pod_container_status_restarts_total", container, status["restartCount"]
            reason = jsons.as_object(jsons.as_object(status.get("state")).get("waiting")).get("reason")
            if reason:
                yield "kube_pod_container_status_waiting_reason", {**container, "reason": reason}, 1.0


def _deployment_samples(registry: Registry) -> Iterator[Sample]:
    for deployment in registry.list(DEPLOYMENT):
        metadata, status = deployment["metadata"], jsons.as_object(deployment.get("status"))
        labels = {"namespace": metadata["namespace"], "deployment": metadata["name"]}
        yield "kube_deployment_spec_replicas", labels, deployment["spec"]["replicas"]
        yield "kube_deployment_status_replicas_available", labels, status.get("availableReplicas", 0)


def _by_name(sample: Sample) -> tuple[str, list[tuple[str, str]]]:
    return sample[0], sorted(sample[1].items())


def _format(labels: Mapping[str, str]) -> str:
    return ",".join(f'{name}="{_escape(value)}"' for name, value in labels.items())


def _escape(value: str) -> str:
    return value.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
