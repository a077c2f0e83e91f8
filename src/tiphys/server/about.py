"""What the server says of itself: info, version, the caller, whether it lives and is ready, and a few numbers."""

from __future__ import annotations

import platform
from collections import Counter
from collections.abc import Iterable

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from tiphys.controllers.ports import WorkflowQuery
from tiphys.jsons import JsonObject
from tiphys.server.parts import Parts
from tiphys.server.release import ARGO_VERSION, RELEASE
from tiphys.server.replies import answer

PHASES = ("", "Pending", "Running", "Succeeded", "Failed", "Error")


async def get_info(_parts: Parts, _request: Request) -> Response:
    """`GET /api/v1/info`: what Argo's page asks first."""
    return answer({"modals": {"feedback": True, "firstTimeUser": True, "newVersion": True}})


async def get_version(_parts: Parts, _request: Request) -> Response:
    """`GET /api/v1/version`: the API's version is Argo's, the rest is ours."""
    return answer(version_object())


def version_object() -> JsonObject:
    """The eight texts of Argo's version."""
    return {
        "version": ARGO_VERSION,
        "buildDate": "1970-01-01T00:00:00Z",
        "gitCommit": f"tiphys-{RELEASE}",
        "gitTag": ARGO_VERSION,
        "gitTreeState": "clean",
        "goVersion": f"python{platform.python_version()}",
        "compiler": platform.python_implementation().lower(),
        "platform": f"{platform.system().lower()}/{platform.machine()}",
    }


async def get_userinfo(_parts: Parts, _request: Request) -> Response:
    """`GET /api/v1/userinfo`: one shared token carries no claims."""
    return answer({})


async def get_healthz(_parts: Parts, _request: Request) -> Response:
    """`GET /healthz`: the event loop turns."""
    return PlainTextResponse("ok\n")


async def get_readyz(parts: Parts, _request: Request) -> Response:
    """`GET /readyz`: the store answers; a store that does not makes this fail as everything else would."""
    await parts.store.workflows(WorkflowQuery(limit=1))
    return PlainTextResponse("ok\n")


async def get_metrics(parts: Parts, _request: Request) -> Response:
    """`GET /metrics`: Prometheus' text form, counted from the store at the moment of asking."""
    workflows = Counter(row.phase for row in await parts.store.workflows(WorkflowQuery()))
    incidents = Counter(row.phase for row in await parts.store.states("incident"))
    approvals = Counter(row.phase for row in await parts.store.states("approval"))
    lines = [
        *_gauge("tiphys_workflows", "Workflows in the store.", "phase", [(p, workflows[p]) for p in PHASES]),
        *_gauge("tiphys_incidents", "Incidents in the store.", "phase", sorted(incidents.items())),
        *_gauge("tiphys_approvals", "Approvals in the store.", "phase", sorted(approvals.items())),
    ]
    return PlainTextResponse("\n".join(lines) + "\n", media_type="text/plain; version=0.0.4")


def _gauge(name: str, text: str, label: str, values: Iterable[tuple[str, int]]) -> list[str]:
    samples = [f'{name}{{{label}="{key}"}} {value}' for key, value in values]
    return [f"# HELP {name} {text}", f"# TYPE {name} gauge", *samples]
