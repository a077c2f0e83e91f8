"""A small client of the Kubernetes API: the few verbs that our resolvers and steps need, errors in our own words.

Why not a library: a handful of paths does not justify one that knows every kind of every version. It asks with one
token and never more than it is told; what it gives are decoded objects, which `objects.py` turns into values.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import httpx

from tiphys import errors, jsons
from tiphys.jsons import JsonObject

IN_CLUSTER = Path("/var/run/secrets/kubernetes.io/serviceaccount")
"""Where a pod finds its token and the certificate of the API server (Kubernetes: client-go/rest/config.go)."""
RETRY_AFTER_S = (0.3, 1.0)
"""Seconds before the second and the third try of a request that the server could not take."""
BUSY = (429, 502, 503, 504)
MERGE_PATCH = "application/merge-patch+json"
JSON_PATCH = "application/json-patch+json"


class Conflict(errors.Refused):
    """The object has changed since it was read, or is another one than was meant: read again, then decide again."""


@dataclass(frozen=True, slots=True)
class Resource:
    """A kind of object and where it lives in the API."""

    kind: str
    plural: str
    group: str = ""
    version: str = "v1"

    def path(self, namespace: str, name: str = "", subresource: str = "") -> str:
        """The path of a collection, an object or a part of one."""
        root = f"/apis/{self.group}/{self.version}" if self.group else f"/api/{self.version}"
        parts = [root, "namespaces", namespace, self.plural, name, subresource]
        return "/".join(part for part in parts if part)


PODS = Resource("Pod", "pods")
SERVICES = Resource("Service", "services")
DEPLOYMENTS = Resource("Deployment", "deployments", "apps")
REPLICA_SETS = Resource("ReplicaSet", "replicasets", "apps")
STATEFUL_SETS = Resource("StatefulSet", "statefulsets", "apps")
DAEMON_SETS = Resource("DaemonSet", "daemonsets", "apps")
AUTOSCALERS = Resource("HorizontalPodAutoscaler", "horizontalpodautoscalers", "autoscaling", "v2")


@dataclass(frozen=True, slots=True)
class ClusterAccess:
    """Where the API is and who asks; `ca_file` is empty for plain HTTP and for the system's certificates."""

    url: str
    token_file: Path
    ca_file: str = ""


def resolve_access(environ: Mapping[str, str]) -> ClusterAccess:
    """How to reach the API from a step: by the environment, else as a pod in a cluster does; raises `Refused`.

    `TIPHYS_KUBE_URL` with `TIPHYS_KUBE_TOKEN_FILE`, or with `TIPHYS_KUBE_TOKEN_DIR` (a file for each account) and
    `TIPHYS_KUBE_ACCOUNT`, which the catalog's templates set to their own service account.
    """
    account, directory = environ.get("TIPHYS_KUBE_ACCOUNT", ""), environ.get("TIPHYS_KUBE_TOKEN_DIR", "")
    token = environ.get("TIPHYS_KUBE_TOKEN_FILE", "") or (f"{directory}/{account}" if directory and account else "")
    ca_file = environ.get("TIPHYS_KUBE_CA_FILE", "")
    if url := environ.get("TIPHYS_KUBE_URL"):
        if not token:
            raise errors.Refused(
                "TIPHYS_KUBE_URL is set, but no token: set TIPHYS_KUBE_TOKEN_FILE, or TIPHYS_KUBE_TOKEN_DIR and "
                "TIPHYS_KUBE_ACCOUNT"
            )
        return ClusterAccess(url, Path(token), ca_file)
    if host := environ.get("KUBERNETES_SERVICE_HOST"):
        port = environ.get("KUBERNETES_SERVICE_PORT", "443")
        address = f"[{host}]" if ":" in host else host
        return ClusterAccess(f"https://{address}:{port}", IN_CLUSTER / "token", str(IN_CLUSTER / "ca.crt"))
    raise errors.Refused("no cluster to talk to: set TIPHYS_KUBE_URL and TIPHYS_KUBE_TOKEN_FILE, or run in a pod")


class KubeClient:
    """Asks one API server; an async context manager. The token is read anew for each request, since it may rotate.

    `timeout_s` bounds each try, `max_bytes` each answer. Every method raises `NotFound`, `Forbidden`, `Unauthorized`,
    `Conflict`, `AlreadyExists` or `Refused` as the server says, `Unavailable` when it cannot be reached or is too busy.
    """

    def __init__(
        self,
        access: ClusterAccess,
        *,
        timeout_s: float = 10.0,
        max_bytes: int = 16 * 1024 * 1024,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._access = access
        self._max_bytes = max_bytes
        verify = httpx.create_ssl_context(access.ca_file) if access.ca_file else True
        self._http = httpx.AsyncClient(
            base_url=access.url, timeout=timeout_s, verify=verify, trust_env=False, transport=transport
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._http.aclose()

    async def get(self, resource: Resource, namespace: str, name: str) -> JsonObject:
        """One object."""
        return await self._ask("GET", resource.path(namespace, name))

    async def list(self, resource: Resource, namespace: str, *, labels: str = "") -> list[JsonObject]:
        """The objects of a namespace that match a label selector; all of them when it is empty."""
        params = {"labelSelector": labels} if labels else {}
        answer = await self._ask("GET", resource.path(namespace), params=params)
        return [item for item in jsons.as_list(answer.get("items")) if jsons.is_object(item)]

    async def delete(self, resource: Resource, namespace: str, name: str, *, uid: str, grace_s: int) -> None:
        """Deletes the object of that name if it still is the one with that uid, else raises `Conflict`."""
        options = {"gracePeriodSeconds": grace_s, "preconditions": {"uid": uid}}
        await self._ask("DELETE", resource.path(namespace, name), body=options)

    async def merge(
        self, resource: Resource, namespace: str, name: str, patch: JsonObject, *, subresource: str = ""
    ) -> JsonObject:
        """Changes parts of an object; a `metadata.resourceVersion` in the patch must be the present one."""
        path = resource.path(namespace, name, subresource)
        return await self._ask("PATCH", path, body=patch, media_type=MERGE_PATCH)

    async def edit(self, resource: Resource, namespace: str, name: str, operations: list[JsonObject]) -> JsonObject:
        """Changes an object by JSON patch operations (RFC 6902)."""
        return await self._ask("PATCH", resource.path(namespace, name), body=operations, media_type=JSON_PATCH)

    async def _ask(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        body: JsonObject | list[JsonObject] | None = None,
        media_type: str = "application/json",
    ) -> JsonObject:
        headers = {"authorization": f"Bearer {self._read_token()}", "accept": "application/json"}
        content = None if body is None else json.dumps(body).encode()
        if content is not None:
            headers["content-type"] = media_type
        request = self._http.build_request(method, path, params=params, content=content, headers=headers)
        for delay_s in (*RETRY_AFTER_S, None):
            try:
                return await self._send(request)
            except errors.Unavailable:
                if delay_s is None:
                    raise
                await asyncio.sleep(delay_s)
        raise errors.Bug("the last try of a request neither answered nor failed")

    async def _send(self, request: httpx.Request) -> JsonObject:
        try:
            response = await self._http.send(request, stream=True)
            try:
                received = bytearray()
                async for chunk in response.aiter_bytes():
                    received += chunk
                    if len(received) > self._max_bytes:
                        raise errors.Refused(f"{request.url}: the answer is larger than {self._max_bytes} bytes")
            finally:
                await response.aclose()
        except httpx.HTTPError as error:
            what = str(error) or type(error).__name__
            raise errors.Unavailable(f"the Kubernetes API at {self._access.url} does not answer: {what}") from error
        return _judge(response.status_code, bytes(received), request)

    def _read_token(self) -> str:
        try:
            return self._access.token_file.read_text().strip()
        except OSError as error:
            raise errors.Unauthorized(f"no token for the Kubernetes API: {error}") from error


def _judge(code: int, received: bytes, request: httpx.Request) -> JsonObject:
    """The answer of a success; raises what the Status object of a failure means."""
    try:
        answer = jsons.as_object(json.loads(received))
    except ValueError:
        answer = {}
    if 200 <= code < 300 and answer:
        return answer
    message = f"{answer.get('message') or 'no Kubernetes Status'} ({request.method} {request.url.path}: HTTP {code})"
    if code in BUSY or code >= 500 or code < 400:
        raise errors.Unavailable(message)
    kinds: dict[int, type[errors.Refused]] = {
        401: errors.Unauthorized,
        403: errors.Forbidden,
        404: errors.NotFound,
        409: errors.AlreadyExists if answer.get("reason") == "AlreadyExists" else Conflict,
    }
    raise kinds.get(code, errors.Refused)(message)
