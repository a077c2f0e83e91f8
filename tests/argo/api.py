"""Replays recorded exchanges against a fresh server: `python -m tests.argo.api DIR…`.

For each file it prints `file: passed/total` and, for each exchange that differs, where. Ends 0 only if all agree.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
import tempfile
from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from tests.argo.exchanges import Bindings, differences, stream_differences

from tiphys.controllers.documents import apply_documents
from tiphys.server.app import build_app
from tiphys.server.gate import Admission
from tiphys.server.history import History
from tiphys.server.parts import Parts
from tiphys.server.serve import serving
from tiphys.settings import Settings
from tiphys.wiring import Engine, open_engine

NAMESPACE = "argo"
TOKEN = "replayed"
STREAM_S = 3.0
"""Seconds after which a stream that its client closed is taken to have no more events."""
WAIT_S = 20.0
"""Seconds that a workflow of the setup may take."""
_COLLECTIONS = {
    "Workflow": (f"/api/v1/workflows/{NAMESPACE}", "workflow"),
    "WorkflowTemplate": (f"/api/v1/workflow-templates/{NAMESPACE}", "template"),
    "ClusterWorkflowTemplate": ("/api/v1/cluster-workflow-templates", "template"),
    "CronWorkflow": (f"/api/v1/cron-workflows/{NAMESPACE}", "cronWorkflow"),
}


@dataclass
class Result:
    """How one file fared: the differences of each exchange, by its number; 0 is the setup."""

    file: Path
    total: int
    problems: dict[int, list[str]] = field(default_factory=dict)

    @property
    def passed(self) -> int:
        """Exchanges without a difference."""
        return self.total - len(self.problems.keys() - {0})


@contextlib.asynccontextmanager
async def fresh_server(*, with_token: bool) -> AsyncIterator[tuple[Engine, str]]:
    """A server over an empty data directory, and its address."""
    with tempfile.TemporaryDirectory() as directory:
        async with open_engine(Settings(data_dir=Path(directory))) as engine:
            parts = Parts(
                clock=engine.clock,
                store=engine.store,
                bus=engine.bus,
                backend=engine.backend,
                executor=engine.executor,
                history=History(engine.clock.now()),
            )
            admission = Admission(TOKEN if with_token else None)
            async with serving(build_app(parts, admission), "127.0.0.1", 0) as url:
                yield engine, url


async def replay(file: Path) -> Result:
    """Sends every request of a scenario in order and compares the answers."""
    scenario = json.loads(file.read_text())
    exchanges = sorted(scenario["exchanges"], key=lambda exchange: exchange["request"]["order"])
    result = Result(file, len(exchanges))
    refused = any(exchange["response"]["status"] == 401 for exchange in exchanges)
    async with (
        fresh_server(with_token=refused) as (engine, url),
        httpx.AsyncClient(base_url=url, timeout=WAIT_S) as http,
    ):
        trouble = [trouble async for trouble in _set_up(engine, http, scenario.get("setup", ()))]
        if trouble:
            result.problems[0] = trouble
        others = asyncio.create_task(_meanwhile(http, scenario.get("meanwhile", ())))
        try:
            await _run(http, exchanges, result, token="nonsense" if refused else TOKEN)
        finally:
            others.cancel()
            await asyncio.gather(others, return_exceptions=True)
    return result


async def _set_up(engine: Engine, http: httpx.AsyncClient, setup: Sequence[dict[str, Any]]) -> AsyncIterator[str]:
    """Makes what existed before; says what could not be made."""
    headers = {"Authorization": f"Bearer {TOKEN}"}
    for step in setup:
        if "waitedUntil" in step:
            if not await _waited(http, step["workflow"], step["waitedUntil"]):
                yield f"setup: workflow {step['workflow']} is not {step['waitedUntil']}"
        elif "unrecordedRequest" in step:
            method, path = step["unrecordedRequest"]
            await http.request(method, path, json=step.get("body"), headers=headers)
        elif step["kind"] in _COLLECTIONS:
            path, key = _COLLECTIONS[step["kind"]]
            response = await http.post(path, json={key: step}, headers=headers)
            if response.status_code != 200:
                yield f"setup: {step['kind']}: {response.status_code} {response.text}"
        else:
            await apply_documents(engine.store, [step], NAMESPACE)


async def _waited(http: httpx.AsyncClient, name: str, until: str) -> bool:
    wanted = {"done": {"Succeeded", "Failed", "Error"}, "running": {"Running"}}[until]
    path = f"/api/v1/workflows/{NAMESPACE}/{name}"
    deadline = asyncio.get_running_loop().time() + WAIT_S
    while asyncio.get_running_loop().time() < deadline:
        got = await http.get(path, headers={"Authorization": f"Bearer {TOKEN}"})
        if got.status_code == 404 or got.json().get("status", {}).get("phase") in wanted:
            return got.status_code != 404
        await asyncio.sleep(0.02)
    return False


async def _meanwhile(http: httpx.AsyncClient, requests: Sequence[dict[str, Any]]) -> None:
    """What others did while the client's requests were under way, sooner than it was recorded."""
    for request in requests:
        await asyncio.sleep(min(request["afterSeconds"], 0.5))
        method, path = request["unrecordedRequest"]
        body = {} if request.get("body") is None else request["body"]
        await http.request(method, path, json=body, headers={"Authorization": f"Bearer {TOKEN}"})


async def _run(http: httpx.AsyncClient, exchanges: Sequence[dict[str, Any]], result: Result, *, token: str) -> None:
    bindings = Bindings()
    bindings.bind("token", token)
    under_way: list[asyncio.Task[None]] = []
    for number, exchange in enumerate(exchanges, 1):
        task = asyncio.create_task(_exchange(http, exchange, bindings, result, number))
        finished = exchange["response"].get("finishOrder", number)
        if any(later["response"].get("finishOrder", 0) < finished for later in exchanges[number:]):
            under_way.append(task)
            await asyncio.sleep(0.1)
        else:
            await task
    await asyncio.gather(*under_way)


async def _exchange(
    http: httpx.AsyncClient, exchange: dict[str, Any], bindings: Bindings, result: Result, number: int
) -> None:
    request = bindings.fill(exchange["request"])
    recorded = exchange["response"]
    headers = {key: request["headers"][key] for key in ("Accept", "Authorization") if key in request["headers"]}
    content = request["body"].get("text") if _is_text(request.get("body")) else json.dumps(request.get("body"))
    query = [(key, value) for key, value in request.get("query", ())]
    ends = recorded.get("closedBy") == "server"
    try:
        async with asyncio.timeout(WAIT_S if ends else STREAM_S + 1):
            async with http.stream(
                request["method"],
                request["path"],
                params=query or None,
                headers=headers,
                content=content if "body" in request else None,
            ) as response:
                raw = await _read(response, recorded, ends=ends)
                problems = list(_compare(recorded, response, raw, bindings))
    except (TimeoutError, httpx.HTTPError) as error:
        problems = [f"no answer: {error!r}"]
    if problems:
        result.problems[number] = problems


def _is_text(body: Any) -> bool:
    return isinstance(body, dict) and body.keys() == {"text"}


async def _read(response: httpx.Response, recorded: dict[str, Any], *, ends: bool) -> bytes:
    """The body; of a stream that the client closed, as long as events come, and at least as many as recorded."""
    if ends:
        return await response.aread()
    raw = b""
    wanted = len(recorded.get("events", ()))
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(STREAM_S):
            async for piece in response.aiter_raw():
                raw += piece
                if len(_events(raw)) >= wanted:
                    break
    return raw


def _events(raw: bytes) -> list[Any]:
    texts = (line.removeprefix("data:").strip() for line in raw.decode().splitlines())
    return [json.loads(text) for text in texts if text and text != ":"]


def _compare(recorded: dict[str, Any], response: httpx.Response, raw: bytes, bindings: Bindings) -> Iterable[str]:
    if recorded["status"] != response.status_code:
        answered = raw[:300].decode(errors="replace")
        yield f"status: {recorded['status']} recorded, {response.status_code} here: {answered}"
        return
    if recorded.get("contentType") != response.headers.get("content-type"):
        yield f"content type: {recorded.get('contentType')} recorded, {response.headers.get('content-type')} here"
    if "events" in recorded:
        framing = recorded.get("framing")
        if raw and (framing == "sse") != raw.lstrip(b":\n").startswith(b"data: "):
            yield f"framing: {framing} recorded, {raw[:40]!r} here"
        yield from stream_differences(recorded["events"], _events(raw), bindings)
        return
    expected = recorded.get("body")
    if expected is None:
        if raw:
            yield f"body: empty recorded, {raw[:100]!r} here"
    elif _is_text(expected):
        yield from differences(expected["text"], raw.decode(errors="replace"), bindings, "body")
    else:
        yield from differences(expected, json.loads(raw or b"null"), bindings)


def files_of(names: Iterable[str]) -> list[Path]:
    """The scenarios of directories and files, in order."""
    return [
        file for name in names for file in (sorted(Path(name).rglob("*.json")) if Path(name).is_dir() else [Path(name)])
    ]


def main(arguments: Sequence[str]) -> int:
    """Prints how each file fared."""
    results = [asyncio.run(replay(file)) for file in files_of(arguments)]
    for result in results:
        print(f"{result.file}: {result.passed}/{result.total}")  # noqa: T201 - a program for the terminal
        for number, problems in sorted(result.problems.items()):
            for problem in problems:
                print(f"  exchange {number}: {problem}")  # noqa: T201 - as above
    whole = sum(not result.problems for result in results)
    passed, total = sum(result.passed for result in results), sum(result.total for result in results)
    print(f"{whole}/{len(results)} files, {passed}/{total} exchanges")  # noqa: T201 - as above
    return 0 if whole == len(results) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
