"""The shop of the demo: a service in a good release and in flawed ones, its manifests, and how it is broken."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

import httpx

from tiphys.jsons import JsonObject
from tiphys.sandbox.pace import Image

_COMMAND = (sys.executable, "-I", "-S", str(Path(__file__).with_name("demo_service.py")))
NAMESPACE = "shop"
GOOD = "tiphys/demo-service:1.0.0"
CRASHING = "tiphys/demo-service:1.1.0-crash"
SICK = "tiphys/demo-service:1.1.0-sick"
IMAGES = {
    GOOD: Image(_COMMAND),
    CRASHING: Image(_COMMAND, {"FLAW": "crash"}),
    SICK: Image(_COMMAND, {"FLAW": "sick"}),
}
PORT = 7411
"""The port of the service in its pods and of its Service; unassigned, so that hardly anything else listens on it."""


def deployment(name: str, *, replicas: int = 3, image: str = GOOD, strategy: str = "RollingUpdate") -> JsonObject:
    """A Deployment of the demo service, probed each second."""
    probe = {"httpGet": {"path": "/healthz", "port": PORT}, "periodSeconds": 1, "failureThreshold": 2}
    container = {
        "name": "web",
        "image": image,
        "ports": [{"name": "http", "containerPort": PORT}],
        "readinessProbe": probe,
    }
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name, "namespace": NAMESPACE, "labels": {"app": name}},
        "spec": {
            "replicas": replicas,
            "selector": {"matchLabels": {"app": name}},
            "strategy": {"type": strategy},
            "template": {
                "metadata": {"labels": {"app": name}},
                "spec": {"containers": [container], "terminationGracePeriodSeconds": 5},
            },
        },
    }


def service(name: str) -> JsonObject:
    """The Service in front of that deployment."""
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": name, "namespace": NAMESPACE, "labels": {"app": name}},
        "spec": {"selector": {"app": name}, "ports": [{"port": PORT, "targetPort": "http"}]},
    }


def release(image: str) -> JsonObject:
    """A strategic merge patch that brings out another image."""
    return {"spec": {"template": {"spec": {"containers": [{"name": "web", "image": image}]}}}}


async def wedge(addresses: Iterable[str], mode: str = "error") -> None:
    """Breaks the pods at these addresses until they are restarted; `mode` is `error` or `hang`."""
    async with httpx.AsyncClient(trust_env=False) as http:
        for address in addresses:
            response = await http.post(f"http://{address}:{PORT}/wedge", params={"mode": mode})
            response.raise_for_status()
