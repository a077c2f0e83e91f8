"""The ASGI application: every route, what becomes of an error, and the gate before it all.

Argo: what is unknown below `/api/`, and a wrong method, is 501 and never 404 or 405
(conformance/api/README.md, 3.2); there, no method is given for free (no HEAD, no OPTIONS).
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from functools import partial
from typing import TypeAlias

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match, Route
from starlette.types import ASGIApp, Scope

from tiphys.errors import Bug, Unavailable
from tiphys.server import about, audit, events, logs, remediation, submit, templates, verbs, watch, workflows
from tiphys.server.failures import HTTP_STATUS, Code, Failure, as_failure
from tiphys.server.gate import Admission, Gate
from tiphys.server.parts import Parts
from tiphys.server.replies import refusal

Handler: TypeAlias = Callable[[Parts, Request], Awaitable[Response]]
Table: TypeAlias = Sequence[tuple[str, str, Handler]]
"""Method, path and handler."""

_log = logging.getLogger(__name__)

ARGO: Table = (
    ("GET", "/api/v1/info", about.get_info),
    ("GET", "/api/v1/version", about.get_version),
    ("GET", "/api/v1/userinfo", about.get_userinfo),
    ("GET", "/api/v1/workflow-events/", watch.watch_workflows),
    ("GET", "/api/v1/workflow-events/{namespace}", watch.watch_workflows),
    ("GET", "/api/v1/workflows/", workflows.list_workflows),
    ("GET", "/api/v1/workflows/{namespace}", workflows.list_workflows),
    ("POST", "/api/v1/workflows/{namespace}", workflows.create_workflow),
    ("POST", "/api/v1/workflows/{namespace}/lint", workflows.lint_workflow),
    ("POST", "/api/v1/workflows/{namespace}/submit", submit.submit_workflow),
    ("GET", "/api/v1/workflows/{namespace}/", workflows.get_workflow),
    ("GET", "/api/v1/workflows/{namespace}/{name}", workflows.get_workflow),
    ("DELETE", "/api/v1/workflows/{namespace}/{name}", workflows.delete_workflow),
    ("GET", "/api/v1/workflows/{namespace}/{name}/log", logs.workflow_logs),
    ("GET", "/api/v1/workflows/{namespace}/{name}/{pod}/log", logs.workflow_logs),
    ("PUT", "/api/v1/workflows/{namespace}/{name}/suspend", verbs.suspend_workflow),
    ("PUT", "/api/v1/workflows/{namespace}/{name}/resume", verbs.resume_workflow),
    ("PUT", "/api/v1/workflows/{namespace}/{name}/stop", verbs.stop_workflow),
    ("PUT", "/api/v1/workflows/{namespace}/{name}/terminate", verbs.terminate_workflow),
)
OURS: Table = (
    ("GET", "/healthz", about.get_healthz),
    ("GET", "/readyz", about.get_readyz),
    ("GET", "/metrics", about.get_metrics),
    ("GET", "/tiphys/v1/incidents", remediation.list_incidents),
    ("GET", "/tiphys/v1/incidents/{id}", remediation.get_incident),
    ("GET", "/tiphys/v1/incidents/{id}/explain", remediation.explain_incident),
    ("GET", "/tiphys/v1/approvals", remediation.list_approvals),
    ("GET", "/tiphys/v1/approvals/{id}", remediation.get_approval),
    ("POST", "/tiphys/v1/approvals/{id}/grant", remediation.grant_approval),
    ("POST", "/tiphys/v1/approvals/{id}/deny", remediation.deny_approval),
    ("POST", "/tiphys/v1/deployments/start", remediation.start_deployment),
    ("POST", "/tiphys/v1/deployments/end", remediation.end_deployment),
    ("GET", "/tiphys/v1/switches", remediation.list_switches),
    ("PUT", "/tiphys/v1/switches/{scope}", remediation.set_switch),
    ("GET", "/tiphys/v1/audit/records", audit.list_records),
    ("GET", "/tiphys/v1/audit/verify", audit.verify_records),
    ("GET", "/tiphys/v1/events", events.list_events),
    ("POST", "/tiphys/v1/events", events.send_event),
    ("GET", "/tiphys/v1/events/{id}/trace", events.trace_event),
)


def build_app(parts: Parts, admission: Admission) -> ASGIApp:
    """The application over `parts`, for whoever `admission` lets in."""
    routes = [_route(parts, *entry) for entry in (*ARGO, *_template_table(), *OURS)]

    @contextlib.asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncGenerator[None]:
        keeper = asyncio.create_task(_keep_history(parts))
        try:
            yield
        finally:
            keeper.cancel()

    inner = Starlette(
        routes=routes,
        lifespan=lifespan,
        exception_handlers={HTTPException: _unknown},
    )
    inner.router.redirect_slashes = False
    return Gate(inner, admission, known=partial(_is_known, routes))


def _template_table() -> Table:
    """The routes of both kinds of templates: the same verbs at two places."""
    places = (
        (templates.NAMESPACED, "/api/v1/workflow-templates/{namespace}"),
        (templates.CLUSTER, "/api/v1/cluster-workflow-templates"),
    )
    table: list[tuple[str, str, Handler]] = []
    for resource, base in places:
        table += [
            ("GET", base, partial(templates.list_templates, resource)),
            ("POST", base, partial(templates.create_template, resource)),
            ("POST", f"{base}/lint", partial(templates.lint_template, resource)),
            ("PUT", f"{base}/", partial(templates.update_template, resource)),
            ("GET", base + "/{name}", partial(templates.get_template, resource)),
            ("PUT", base + "/{name}", partial(templates.update_template, resource)),
            ("DELETE", base + "/{name}", partial(templates.delete_template, resource)),
        ]
    all_namespaces = partial(templates.list_templates, templates.NAMESPACED)
    return [("GET", "/api/v1/workflow-templates/", all_namespaces), *table]


def _route(parts: Parts, method: str, path: str, handler: Handler) -> Route:
    async def endpoint(request: Request) -> Response:
        try:
            return await handler(parts, request)
        except Exception as error:  # noqa: BLE001 - the edge: whatever went wrong, the client gets an answer
            return _failed(request, error)

    route = Route(path, endpoint, methods=[method])
    route.methods = {method}
    return route


def _is_known(routes: Sequence[Route], scope: Scope) -> bool:
    """Whether a handler would answer; what has none is refused without asking who it was."""
    return any(route.matches(scope)[0] is Match.FULL for route in routes)


async def _keep_history(parts: Parts) -> None:
    """Takes every commit into the history; after a gap the history begins anew, and so do all who watch."""
    while True:
        with parts.store.changes() as changes:
            parts.history.forget()
            try:
                async for change in changes:
                    parts.history.take(change)
            except Unavailable as error:
                _log.warning("the history of changes has a gap: %s", error)


async def _unknown(request: Request, error: Exception) -> Response:
    """No handler: Argo's word for it below `/api/`, 404 elsewhere."""
    if not isinstance(error, HTTPException):
        raise Bug(f"{error!r} came to the handler of unknown routes")
    if request.url.path.startswith("/api/") or request.url.path == "/api":
        return refusal(Failure(Code.UNIMPLEMENTED, "Not Implemented"))
    return refusal(Failure(Code.NOT_FOUND, f"there is nothing at {request.method} {request.url.path}"))


def _failed(request: Request, error: Exception) -> Response:
    failure = as_failure(error)
    if error is not failure and HTTP_STATUS[failure.code] >= 500:
        _log.error("%s %s failed", request.method, request.url.path, exc_info=error)
    return refusal(failure)
