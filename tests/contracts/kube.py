"""A Kubernetes API under test: the practice cluster, or a real one named by the environment.

`TIPHYS_TEST_KUBE_URL` and `TIPHYS_TEST_KUBE_TOKEN` name a real API server and a token that may do everything in
namespaces that it makes; `TIPHYS_TEST_KUBE_LIMITED_TOKEN` one that may only list pods in no namespace of ours;
`TIPHYS_TEST_KUBE_IMAGE` an image with a shell whose default command serves HTTP on `TIPHYS_TEST_KUBE_PORT` (80).
"""

import asyncio
import os
import secrets
import time
from collections.abc import Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from tiphys.jsons import JsonObject
from tiphys.sandbox import demo_shop
from tiphys.sandbox.pace import Pace
from tiphys.sandbox.server import Sandbox

LIMITED = "limited"
RBAC = [
    {"kind": "ServiceAccount", "metadata": {"name": LIMITED, "namespace": "ops"}},
    {
        "kind": "Role",
        "metadata": {"name": LIMITED, "namespace": "elsewhere"},
        "rules": [{"apiGroups": [""], "resources": ["pods"], "verbs": ["list"]}],
    },
    {
        "kind": "RoleBinding",
        "metadata": {"name": LIMITED, "namespace": "elsewhere"},
        "roleRef": {"kind": "Role", "name": LIMITED},
        "subjects": [{"kind": "ServiceAccount", "name": LIMITED, "namespace": "ops"}],
    },
]
STRATEGIC = "application/strategic-merge-patch+json"
MERGE = "application/merge-patch+json"
JSON = "application/json-patch+json"


@dataclass
class Kube:
    """One namespace of the API under test, with the few words that the suite needs."""

    http: httpx.AsyncClient
    namespace: str
    image: str
    port: int
    path: str
    limited_token: str
    patience_s: float

    @property
    def pods(self):
        return f"/api/v1/namespaces/{self.namespace}/pods"

    @property
    def deployments(self):
        return f"/apis/apps/v1/namespaces/{self.namespace}/deployments"

    @property
    def replica_sets(self):
        return f"/apis/apps/v1/namespaces/{self.namespace}/replicasets"

    def deployment(self, name: str = "web", *, replicas: int = 2, **container: object):
        probe = {"httpGet": {"path": self.path, "port": self.port}, "periodSeconds": 1, "failureThreshold": 1}
        web = {"name": "web", "image": self.image, "ports": [{"containerPort": self.port}], "readinessProbe": probe}
        return {
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "metadata": {"name": name, "labels": {"app": name}},
            "spec": {
                "replicas": replicas,
                "selector": {"matchLabels": {"app": name}},
                "template": {
                    "metadata": {"labels": {"app": name}},
                    "spec": {"containers": [{**web, **container}], "terminationGracePeriodSeconds": 5},
                },
            },
        }

    async def get(self, path: str, **params: str | int):
        response = await self.http.get(path, params=params)
        assert response.status_code == 200, response.text
        return response.json()

    async def items(self, path: str, **params: str | int):
        return (await self.get(path, **params))["items"]

    async def create(self, path: str, document: JsonObject):
        response = await self.http.post(path, json=document)
        assert response.status_code == 201, response.text
        return response.json()

    async def patch(self, path: str, patch: object, media_type: str = STRATEGIC):
        return await self.http.patch(path, json=patch, headers={"content-type": media_type})

    async def until(self, read: Callable[[], Awaitable[Any]], holds: Callable[[Any], bool]):
        """What `read` gives once `holds` is true of it; fails when patience ends."""
        end = time.monotonic() + self.patience_s
        while True:
            seen = await read()
            if holds(seen):
                return seen
            assert time.monotonic() < end, f"did not come true: {seen}"
            await asyncio.sleep(self.patience_s / 500)

    async def start(self, name: str = "web", *, replicas: int = 2, **container: object):
        """A deployment whose pods are all ready."""
        await self.create(self.deployments, self.deployment(name, replicas=replicas, **container))
        return await self.until_rolled_out(name)

    async def until_rolled_out(self, name: str = "web"):
        return await self.until(lambda: self.get(f"{self.deployments}/{name}"), is_rolled_out)

    async def until_pods(self, holds: Callable[[Any], bool], selector: str = "app=web"):
        return await self.until(lambda: self.items(self.pods, labelSelector=selector), holds)


def is_rolled_out(deployment: JsonObject):
    status, wanted = deployment["status"], deployment["spec"]["replicas"]
    counts = [status.get(key, 0) for key in ("replicas", "updatedReplicas", "readyReplicas", "availableReplicas")]
    return counts == [wanted] * 4 and status["observedGeneration"] == deployment["metadata"]["generation"]


def uids(documents: Iterable[JsonObject]):
    return {document["metadata"]["uid"] for document in documents}


@asynccontextmanager
async def kube_under_test(tmp_path: Path):
    """A fresh namespace of a real API server when the environment names one, else of a practice cluster."""
    if url := os.environ.get("TIPHYS_TEST_KUBE_URL"):
        image = os.environ["TIPHYS_TEST_KUBE_IMAGE"], int(os.environ.get("TIPHYS_TEST_KUBE_PORT", "80")), "/"
        limited = os.environ.get("TIPHYS_TEST_KUBE_LIMITED_TOKEN", "")
        async with _namespace(url, os.environ["TIPHYS_TEST_KUBE_TOKEN"], image, limited, patience_s=120) as kube:
            yield kube
        return
    async with Sandbox(tmp_path, pace=Pace(0.05), rbac=RBAC) as sandbox:
        image = demo_shop.GOOD, demo_shop.PORT, "/healthz"
        limited = (sandbox.token_directory / LIMITED).read_text()
        async with _namespace(sandbox.url, sandbox.admin_token, image, limited, patience_s=20) as kube:
            yield kube


@asynccontextmanager
async def _namespace(url: str, token: str, image: tuple[str, int, str], limited: str, *, patience_s: float):
    headers = {"authorization": f"Bearer {token}"}
    async with httpx.AsyncClient(base_url=url, headers=headers, verify=False, trust_env=False, timeout=30) as http:
        kube = Kube(http, f"contract-{secrets.token_hex(4)}", *image, limited, patience_s)
        await kube.create("/api/v1/namespaces", {"metadata": {"name": kube.namespace}})
        try:
            yield kube
        finally:
            await http.delete(f"/api/v1/namespaces/{kube.namespace}")
