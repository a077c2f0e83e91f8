from __future__ import annotations

import pytest

NOOP = "/api/v1/workflows/argo/noop"


@pytest.fixture
async def running(floor, workflow):
    await floor.http.post("/api/v1/workflows/argo", json={"workflow": workflow})
    nodes = [{"id": "noop", "displayName": "approve", "type": "Suspend", "phase": "Running"}]
    await floor.backend.move("argo", "noop", "Running", nodes)
    floor.backend.asked.clear()
    return floor


@pytest.mark.parametrize(
    ("verb", "body", "asked"),
    [
        ("suspend", {}, "suspend"),
        ("resume", {"name": "noop", "namespace": "argo"}, "resume"),
        (
            "resume",
            {"nodeFieldSelector": "displayName=approve,phase=Running"},
            "resume displayName=approve,phase=Running",
        ),
        ("stop", {"message": "enough"}, "shutdown Stop enough"),
        ("terminate", {}, "shutdown Terminate"),
    ],
)
async def test_a_verb_reaches_the_engine_and_answers_with_the_workflow(running, verb, body, asked):
    response = await running.http.put(f"{NOOP}/{verb}", json=body)
    assert response.status_code == 200
    assert response.json()["metadata"]["name"] == "noop"
    assert running.backend.asked == [(asked, "noop", "human:api")]


async def test_the_answer_shows_the_change(running):
    assert (await running.http.put(f"{NOOP}/suspend")).json()["spec"]["suspend"] is True
    assert "suspend" not in (await running.http.put(f"{NOOP}/resume")).json()["spec"]
    assert (await running.http.put(f"{NOOP}/stop")).json()["spec"]["shutdown"] == "Stop"


@pytest.mark.parametrize(
    ("verb", "status", "code", "message"),
    [
        ("suspend", 400, 3, "timed out waiting for the condition: cannot suspend completed workflows"),
        ("stop", 500, 13, 'cannot shutdown a completed workflow: workflow: "noop", namespace: "argo"'),
        ("terminate", 500, 13, 'cannot shutdown a completed workflow: workflow: "noop", namespace: "argo"'),
    ],
)
async def test_what_has_ended_cannot_be_ended_again(running, verb, status, code, message):
    await running.backend.move("argo", "noop", "Succeeded", finished=True)
    response = await running.http.put(f"{NOOP}/{verb}")
    assert (response.status_code, response.json()) == (status, {"code": code, "message": message})
    assert running.backend.asked == []


@pytest.mark.parametrize("verb", ["suspend", "resume", "stop", "terminate"])
async def test_what_is_not_there_is_not_found(floor, verb):
    response = await floor.http.put(f"{NOOP}/{verb}")
    assert response.status_code == 404
    assert response.json() == {"code": 5, "message": 'workflows.argoproj.io "noop" not found'}


async def test_what_is_not_done_is_refused_by_name(running):
    response = await running.http.put(f"{NOOP}/stop", json={"nodeFieldSelector": "displayName=a"})
    assert response.status_code == 501
    assert "nodeFieldSelector" in response.json()["message"]
    for verb in ("retry", "resubmit", "set"):
        assert (await running.http.put(f"{NOOP}/{verb}")).status_code == 501


@pytest.mark.parametrize(
    ("selector", "message"),
    [
        (
            "displayName=zzz",
            "currently, set only targets suspend nodes: no suspend nodes matching nodeFieldSelector: displayName=zzz",
        ),
        ("a==b=c", "invalid"),
    ],
)
async def test_a_selector_that_chooses_no_waiting_node_is_refused(running, selector, message):
    response = await running.http.put(f"{NOOP}/resume", json={"nodeFieldSelector": selector})
    assert response.status_code == 500
    assert response.json()["code"] == 13
    assert message in response.json()["message"]
    assert running.backend.asked == []
