from __future__ import annotations

import asyncio
import json

import httpx
import pytest

EVENTS = "/api/v1/workflow-events/argo"
SSE = {"Accept": "text/event-stream"}


class Stream:
    """A stream that a test reads event by event."""

    def __init__(self, response) -> None:
        self.response = response
        self._lines = response.aiter_lines()

    async def next(self):
        async with asyncio.timeout(5):
            async for line in self._lines:
                text = line.removeprefix("data:").strip()
                if text and text != ":":
                    return json.loads(text)
        return None

    async def kinds(self, count):
        events = [(await self.next())["result"] for _ in range(count)]
        return [(event["type"], event["object"]["metadata"]["name"]) for event in events]


@pytest.fixture
async def open_stream(floor):
    opened = []

    async def open_(path, headers=None, **query):
        context = floor.http.stream("GET", path, params=query, headers=headers or {})
        opened.append(context)
        return Stream(await context.__aenter__())

    yield open_
    for context in opened:
        await context.__aexit__(None, None, None)


@pytest.fixture
def submit(floor, workflow):
    async def submit_(name):
        response = await floor.http.post(
            "/api/v1/workflows/argo", json={"workflow": {**workflow, "metadata": {"name": name}}}
        )
        assert response.status_code == 200, response.text

    return submit_


async def test_a_watch_begins_with_what_exists_and_goes_on(floor, open_stream, submit):
    await submit("a")
    stream = await open_stream(EVENTS, SSE)
    assert stream.response.headers["Content-Type"] == "text/event-stream"
    assert stream.response.headers["X-Content-Type-Options"] == "nosniff"
    assert await stream.kinds(1) == [("ADDED", "a")]
    await submit("b")
    assert await stream.kinds(1) == [("ADDED", "b")]
    await floor.backend.move("argo", "a", "Running")
    assert await stream.kinds(1) == [("MODIFIED", "a")]
    await floor.backend.delete("argo", "a", actor="human:x")
    assert await stream.kinds(1) == [("DELETED", "a")]


async def test_a_watch_goes_on_from_a_version(floor, open_stream, submit):
    await submit("a")
    listed = (await floor.http.get("/api/v1/workflows/argo")).json()
    await submit("b")
    stream = await open_stream(EVENTS, SSE, **{"listOptions.resourceVersion": listed["metadata"]["resourceVersion"]})
    assert await stream.kinds(1) == [("ADDED", "b")]


async def test_a_watch_of_one_sees_only_that_one(open_stream, submit):
    await submit("a")
    await submit("b")
    stream = await open_stream(EVENTS, SSE, **{"listOptions.fieldSelector": "metadata.name=b"})
    assert await stream.kinds(1) == [("ADDED", "b")]
    await submit("c")
    await submit("d")
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.3):
            await stream.next()


async def test_latest_is_resolved_once(floor, open_stream, submit):
    await submit("a")
    floor.clock.advance(1)
    await submit("b")
    stream = await open_stream(EVENTS, SSE, **{"listOptions.fieldSelector": "metadata.name=@latest"})
    assert await stream.kinds(1) == [("ADDED", "b")]


async def test_a_watch_of_all_namespaces(open_stream, submit):
    await submit("a")
    stream = await open_stream("/api/v1/workflow-events/", SSE)
    assert await stream.kinds(1) == [("ADDED", "a")]


async def test_fields_clean_the_envelope(open_stream, submit):
    await submit("a")
    stream = await open_stream(EVENTS, SSE, fields="result.type,result.object.metadata.name")
    assert await stream.next() == {"result": {"type": "ADDED", "object": {"metadata": {"name": "a"}}}}


async def test_framing_is_argos(floor, submit):
    await submit("a")
    query = {"fields": "result.type"}
    async with floor.http.stream("GET", EVENTS, headers=SSE, params=query) as response:
        chunks = response.aiter_raw()
        first = await anext(chunks)
        assert first == b'data: {"result":{"type":"ADDED"}} \n\n\n'
        assert await anext(chunks) == b":\n"
    async with floor.http.stream("GET", EVENTS, params=query) as response:
        assert response.headers["Content-Type"] == "application/json"
        assert await anext(response.aiter_raw()) == b'{"result":{"type":"ADDED"}}\n'


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ({"listOptions.resourceVersion": "1"}, 400, 3),
        ({"listOptions.resourceVersion": "nonsense"}, 500, 13),
        ({"listOptions.fieldSelector": "metadata.name=nope"}, 404, 5),
        ({"listOptions.fieldSelector": "status.phase=x"}, 400, 3),
        ({"listOptions.labelSelector": "a=b=c"}, 400, 3),
    ],
)
async def test_a_watch_that_cannot_begin_is_one_error(floor, query, status, code):
    response = await floor.http.get(EVENTS, params=query, headers=SSE)
    assert response.status_code == status
    assert response.headers["Content-Type"] == "text/event-stream"
    error = json.loads(response.text.removeprefix("data:"))["error"]
    assert (error["grpc_code"], error["http_code"]) == (code, status)
    assert error.keys() == {"grpc_code", "http_code", "message", "http_status"}


async def test_a_watch_that_missed_changes_ends_with_an_error(floor, open_stream, submit):
    await submit("a")
    stream = await open_stream(EVENTS, SSE)
    await stream.kinds(1)
    floor.parts.history.forget()
    assert "too old resource version" in (await stream.next())["error"]["message"]
    assert await stream.next() is None


async def test_a_client_that_leaves_stops_nothing(floor, submit):
    with pytest.raises(httpx.ReadTimeout):
        await floor.http.get(EVENTS, timeout=0.2)
    await submit("a")
    assert (await floor.http.get("/api/v1/workflows/argo/a")).status_code == 200


# --- logs ---


@pytest.fixture
async def logged(floor, submit, tmp_path):
    """A running workflow of two pods with something in their logs."""
    await submit("two")
    nodes = [
        {"id": "two", "name": "two", "type": "Steps", "phase": "Running", "startedAt": "2026-01-01T00:00:00Z"},
        {
            "id": "two-2",
            "name": "two[1].b",
            "type": "Pod",
            "templateName": "t",
            "phase": "Running",
            "startedAt": "2026-01-01T00:00:02Z",
        },
        {
            "id": "two-1",
            "name": "two[0].a",
            "type": "Pod",
            "templateName": "t",
            "phase": "Succeeded",
            "startedAt": "2026-01-01T00:00:01Z",
        },
        {"id": "two-3", "name": "two[2].c", "type": "Pod", "templateName": "t", "phase": "Pending", "startedAt": None},
    ]
    row = await floor.backend.move("argo", "two", "Running", nodes)
    for node, text in (("two-1", "first\nsecond\n"), ("two-2", "third\nunfinished")):
        path = floor.parts.executor.log_path(row.uid, node)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return floor.parts.executor.log_path(row.uid, "two-2")


LOG = "/api/v1/workflows/argo/two/log"


async def contents(floor, **query):
    response = await floor.http.get(LOG, params={"logOptions.container": "main", **query})
    assert response.status_code == 200, response.text
    return [json.loads(line)["result"]["content"] for line in response.text.splitlines()]


async def test_logs_come_pod_by_pod_in_the_order_of_their_start(floor, logged):
    assert await contents(floor) == ["first", "second", "third", "unfinished"]


async def test_logs_are_chosen_by_pod_pattern_and_tail(floor, logged):
    (pod,) = {
        json.loads(line)["result"]["podName"]
        for line in (
            await floor.http.get(LOG, params={"logOptions.container": "main", "grep": "first"})
        ).text.splitlines()
    }
    assert await contents(floor, podName=pod) == ["first", "second"]
    response = await floor.http.get(f"/api/v1/workflows/argo/two/{pod}/log", params={"logOptions.container": "main"})
    assert len(response.text.splitlines()) == 2
    assert await contents(floor, podName="nopod") == []
    assert await contents(floor, grep="^(first|third)$") == ["first", "third"]
    assert await contents(floor, **{"logOptions.tailLines": "1"}) == ["second", "unfinished"]
    assert await contents(floor, selector="workflows.argoproj.io/workflow=two,!x") != []
    assert await contents(floor, selector="x=y") == []


@pytest.mark.parametrize(
    "query", [{"logOptions.container": ""}, {"logOptions.container": "nope"}, {"logOptions.previous": "true"}]
)
async def test_what_there_is_not_is_an_empty_stream(floor, logged, query):
    assert await contents(floor, **query) == []


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ({"grep": "["}, 500),
        ({"selector": "a===b"}, 400),
        ({"logOptions.tailLines": "abc"}, 400),
        ({"logOptions.timestamps": "true"}, 501),
        ({"logOptions.sinceSeconds": "5"}, 501),
    ],
)
async def test_log_options_that_cannot_be_met_are_refused(floor, logged, query, status):
    response = await floor.http.get(LOG, params={"logOptions.container": "main", **query})
    assert response.status_code == status


async def test_logs_of_nothing_are_not_found(floor):
    response = await floor.http.get(LOG, params={"logOptions.container": "main"})
    assert response.status_code == 404
    assert response.json()["error"]["grpc_code"] == 5


async def test_following_sees_what_is_written_and_ends_with_the_workflow(floor, logged, open_stream):
    stream = await open_stream(LOG, SSE, **{"logOptions.container": "main", "logOptions.follow": "True"})
    lines = [(await stream.next())["result"]["content"] for _ in range(3)]
    assert lines == ["first", "second", "third"]
    with logged.open("a") as file:
        file.write(" no more\n")
    assert (await stream.next())["result"]["content"] == "unfinished no more"
    with logged.open("a") as file:
        file.write("last")
    await floor.backend.move("argo", "two", "Succeeded", finished=True)
    assert (await stream.next())["result"]["content"] == "last"
    assert await stream.next() is None
