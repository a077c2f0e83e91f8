"""The HTTP face of a practice cluster: who asks, may they, what do they want; errors as Status objects."""

from __future__ import annotations

from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from tiphys.sandbox import discovery, metrics, statuses
from tiphys.sandbox.accounts import Accounts
from tiphys.sandbox.kinds import POD
from tiphys.sandbox.pods import Node
from tiphys.sandbox.podstatus import container_status
from tiphys.sandbox.registry import Registry
from tiphys.sandbox.requests import ApiRequest, parse_request
from tiphys.sandbox.resources import Call, Resources

MAX_BODY_BYTES = 3 * 1024 * 1024
"""Kubernetes: the limit of a resource request (`MaxRequestBodyBytes`, apiserver/pkg/server/config.go)."""
METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]


def build_app(registry: Registry, resources: Resources, node: Node, accounts: Accounts) -> Starlette:
    """The application of one cluster."""

    async def health(_: Request) -> Response:
        return PlainTextResponse("ok")

    async def scrape(_: Request) -> Response:
        return PlainTextResponse(await metrics.render(registry), media_type="text/plain; version=0.0.4")

    async def serve(request: Request) -> Response:
        try:
            user = accounts.authenticate(request.headers.get("authorization", ""))
            if request.method == "GET" and (document := discovery.answer(request.url.path)) is not None:
                return JSONResponse(document)
            asked = parse_request(request.method, request.url.path)
            accounts.authorize(user, asked)
            if asked.subresource == "log":
                return PlainTextResponse(_read_log(registry, node, asked, dict(request.query_params)))
            return JSONResponse(resources.answer(await _read_call(request, asked)), _success_code(asked))
        except statuses.ApiError as error:
            return JSONResponse(error.body, error.code)

    open_paths = [Route(path, health) for path in ("/healthz", "/readyz", "/livez")]
    return Starlette(routes=[*open_paths, Route("/metrics", scrape), Route("/{path:path}", serve, methods=METHODS)])


async def _read_call(request: Request, asked: ApiRequest) -> Call:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BODY_BYTES:
            message = f"Request entity too large: limit is {MAX_BODY_BYTES}"
            raise statuses.ApiError(413, "RequestEntityTooLarge", message)
    if request.query_params.get("watch") in ("1", "true"):
        raise statuses.bad_request("watch is not offered by the practice cluster: list again instead")
    media_type = request.headers.get("content-type", "").partition(";")[0].strip()
    return Call(asked, dict(request.query_params), media_type, bytes(body))


def _success_code(asked: ApiRequest) -> int:
    return 201 if asked.verb == "create" else 200


def _read_log(registry: Registry, node: Node, asked: ApiRequest, query: dict[str, str]) -> str:
    pod = registry.get(POD, asked.namespace, asked.name)
    name = pod["spec"]["containers"][0]["name"]
    if query.get("container", name) != name:
        raise statuses.bad_request(f"container {query['container']} is not valid for pod {asked.name}")
    start = container_status(pod)["restartCount"] if "containerStatuses" in pod["status"] else 0
    if query.get("previous") == "true":
        start -= 1
    path: Path = node.log_directory(pod) / f"{start}.log"
    if not path.is_file():
        which = "previous terminated " if query.get("previous") == "true" else ""
        raise statuses.bad_request(f'{which}container "{name}" in pod "{asked.name}" not found')
    lines = path.read_text(errors="replace").splitlines(keepends=True)
    tail = query.get("tailLines", "")
    return "".join(lines[-int(tail) :] if tail.isdecimal() and int(tail) else lines)
