from __future__ import annotations

import pytest

WORKFLOWS = "/api/v1/workflows/argo"


async def create(floor, workflow, **metadata):
    response = await floor.http.post(
        WORKFLOWS, json={"workflow": {**workflow, "metadata": {**workflow["metadata"], **metadata}}}
    )
    assert response.status_code == 200, response.text
    return response.json()


async def test_a_created_workflow_is_answered_as_argo_does(floor, workflow):
    created = await create(floor, workflow)
    assert created["metadata"] | {"uid": "u", "resourceVersion": "1"} == {
        "name": "noop",
        "namespace": "argo",
        "uid": "u",
        "resourceVersion": "1",
        "generation": 1,
        "creationTimestamp": "2026-01-01T00:00:00Z",
        "labels": {"app": "demo"},
    }
    assert created["spec"]["templates"] == [
        {"name": "main", "suspend": {}, "inputs": {}, "outputs": {}, "metadata": {}}
    ]
    assert created["status"] == {"startedAt": None, "finishedAt": None}
    assert floor.backend.asked == [("submit", "noop", "human:api")]


async def test_a_generated_name_has_five_letters_behind_its_prefix(floor, workflow):
    created = await create(floor, workflow, name=None, generateName="gn-")
    assert created["metadata"]["generateName"] == "gn-"
    assert len(created["metadata"]["name"]) == len("gn-") + 5


async def test_a_dry_run_stores_nothing_and_names_nothing(floor, workflow):
    body = {"workflow": workflow, "createOptions": {"dryRun": ["All"]}}
    answered = (await floor.http.post(WORKFLOWS, json=body)).json()
    assert answered["metadata"] == {"name": "noop", "namespace": "argo", "labels": {"app": "demo"}}
    assert floor.backend.asked == []


async def test_a_server_dry_run_stores_nothing_and_names_everything(floor, workflow):
    answered = (await floor.http.post(WORKFLOWS, json={"workflow": workflow, "serverDryRun": True})).json()
    assert {"uid", "creationTimestamp", "generation"} <= answered["metadata"].keys()
    assert "resourceVersion" not in answered["metadata"]
    assert floor.backend.asked == []


@pytest.mark.parametrize(
    ("body", "status", "code", "message"),
    [
        (b"", 400, 3, "workflow body not specified"),
        (b"null", 400, 3, "workflow body not specified"),
        (b"{}", 400, 3, "workflow body not specified"),
        (b'{"workflow": {}}', 400, 3, "workflow body not specified"),
        (b"{", 400, 3, "the body is not JSON"),
        (b'{"workflow": NaN}', 400, 3, "not JSON"),
        (b"[1]", 400, 3, "must be a JSON object"),
        (b"\xff\xfe", 400, 3, "not JSON"),
        (b"[" * 100_000, 400, 3, "not JSON"),
        (b'{"workflow": {"metadata": {"name": "a", "resourceVersion": "5"}, "spec": {}}}', 500, 13, "resourceVersion"),
        (b'{"workflow": {"metadata": {"name": "a", "namespace": "b"}, "spec": {}}}', 400, 3, "does not match"),
        (b'{"workflow": {"metadata": {"name": "a"}}, "serverDryRun": "yes"}', 400, 3, "cannot unmarshal string"),
    ],
)
async def test_bad_bodies_are_refused_in_argos_shape(floor, body, status, code, message):
    response = await floor.http.post(WORKFLOWS, content=body)
    assert response.status_code == status
    answered = response.json()
    assert answered.keys() == {"code", "message"}
    assert answered["code"] == code
    assert message in answered["message"]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("a" * 64, "must not be more than 63 characters long (currently 64)"),
        ("A", "RFC 1123"),
        ("-a", "RFC 1123"),
        ("a b", "RFC 1123"),
        ("", "name or generateName is required"),
    ],
)
async def test_bad_names_are_refused(floor, workflow, name, message):
    response = await floor.http.post(WORKFLOWS, json={"workflow": {**workflow, "metadata": {"name": name}}})
    assert response.status_code == 400
    assert message in response.json()["message"]


async def test_keys_are_matched_without_case(floor, workflow):
    assert (await floor.http.post(WORKFLOWS, json={"Workflow": workflow})).status_code == 200


async def test_a_taken_name_is_a_conflict(floor, workflow):
    await create(floor, workflow)
    response = await floor.http.post(WORKFLOWS, json={"workflow": workflow})
    assert response.status_code == 409
    assert response.json() == {"code": 6, "message": 'workflows.argoproj.io "noop" already exists'}


async def test_who_did_it_is_told_to_the_engine(floor, workflow):
    await floor.http.post(WORKFLOWS, json={"workflow": workflow}, headers={"Tiphys-Actor": "ada"})
    assert floor.backend.asked[0][2] == "human:ada"
    response = await floor.http.delete(f"{WORKFLOWS}/noop", headers={"Tiphys-Actor": "controller:x"})
    assert response.status_code == 400


async def test_get_answers_with_what_was_asked_for(floor, workflow):
    await create(floor, workflow)
    await floor.backend.move("argo", "noop", "Running", [{"id": "noop", "type": "Suspend", "phase": "Running"}])
    whole = (await floor.http.get(f"{WORKFLOWS}/noop")).json()
    assert whole["status"]["nodes"]["noop"]["phase"] == "Running"
    some = (await floor.http.get(f"{WORKFLOWS}/noop", params={"fields": "status.phase"})).json()
    assert some == {
        "metadata": {},
        "spec": {"arguments": {}},
        "status": {"phase": "Running", "startedAt": None, "finishedAt": None},
    }


async def test_latest_is_the_one_created_last(floor, workflow):
    assert (await floor.http.get(f"{WORKFLOWS}/@latest")).json() == {"code": 5, "message": "no workflows found"}
    await create(floor, workflow, name="a")
    floor.clock.advance(1)
    await create(floor, workflow, name="b")
    assert (await floor.http.get(f"{WORKFLOWS}/@latest")).json()["metadata"]["name"] == "b"


async def test_delete_takes_it_away(floor, workflow):
    await create(floor, workflow)
    assert (await floor.http.delete(f"{WORKFLOWS}/noop", params={"force": "true"})).json() == {}
    for method in ("GET", "DELETE"):
        response = await floor.http.request(method, f"{WORKFLOWS}/noop")
        assert response.status_code == 404
        assert response.json() == {"code": 5, "message": 'workflows.argoproj.io "noop" not found'}


async def names(floor, **query):
    response = await floor.http.get(WORKFLOWS, params={"fields": "metadata,items.metadata.name", **query})
    assert response.status_code == 200, response.text
    body = response.json()
    return [item["metadata"]["name"] for item in body["items"] or []], body["metadata"]


async def test_an_empty_list_has_null_items(floor):
    body = (await floor.http.get(WORKFLOWS)).json()
    assert body["items"] is None
    assert body["metadata"].keys() == {"resourceVersion"}


async def test_a_list_shows_running_ones_first_then_the_latest_end(floor, workflow):
    for name in ("one", "two", "three"):
        await create(floor, workflow, name=name)
        floor.clock.advance(1)
    for name in ("two", "one"):
        floor.clock.advance(1)
        await floor.backend.move("argo", name, "Succeeded", finished=True)
    assert (await names(floor))[0] == ["three", "one", "two"]


async def test_a_list_is_paged_to_its_end(floor, workflow):
    for name in ("a", "b", "c"):
        await create(floor, workflow, name=name)
        floor.clock.advance(1)
    first, metadata = await names(floor, **{"listOptions.limit": "2"})
    assert first == ["c", "b"]
    assert metadata["continue"] == "2"
    last, metadata = await names(floor, **{"listOptions.limit": "2", "listOptions.continue": "2"})
    assert last == ["a"]
    assert "continue" not in metadata
    assert (await names(floor, **{"listOptions.limit": "-1"}))[0] == ["c", "b", "a"]
    assert (await names(floor, **{"listOptions.continue": "9"}))[0] == []


async def test_what_is_left_is_counted_when_asked(floor, workflow):
    for name in ("a", "b", "c"):
        await create(floor, workflow, name=name)
    query = {"listOptions.limit": "1", "listOptions.fieldSelector": "ext.showRemainingItemCount=true"}
    assert (await names(floor, **query))[1]["remainingItemCount"] == 2


async def test_a_list_is_selected_by_labels_and_names(floor, workflow):
    await create(floor, workflow)
    await create(floor, workflow, name="other", labels={"app": "shop"})
    assert (await names(floor, **{"listOptions.labelSelector": "app=shop"}))[0] == ["other"]
    assert (await names(floor, **{"listOptions.fieldSelector": "metadata.name=noop"}))[0] == ["noop"]
    everywhere = (await floor.http.get("/api/v1/workflows/")).json()
    assert len(everywhere["items"]) == 2
    assert (await floor.http.get("/api/v1/workflows/elsewhere")).json()["items"] is None


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ({"listOptions.continue": "x"}, "listOptions.continue must be int"),
        ({"listOptions.limit": "abc"}, 'strconv.ParseInt: parsing "abc": invalid syntax'),
        ({"listOptions.fieldSelector": "status.phase=x"}, "unsupported requirement status.phase=x"),
        ({"listOptions.labelSelector": "a=b=c"}, "found '='"),
    ],
)
async def test_bad_queries_are_refused(floor, query, message):
    response = await floor.http.get(WORKFLOWS, params=query)
    assert response.status_code == 400
    assert response.json()["code"] == 3
    assert message in response.json()["message"]


async def test_lint_says_what_is_wrong_and_stores_nothing(floor, workflow):
    response = await floor.http.post(f"{WORKFLOWS}/lint", json={"workflow": workflow})
    assert response.json()["metadata"] == workflow["metadata"]
    broken = {**workflow, "spec": {**workflow["spec"], "entrypoint": "nope"}}
    response = await floor.http.post(f"{WORKFLOWS}/lint", json={"workflow": broken})
    assert (response.status_code, response.json()) == (500, {"code": 2, "message": "template name 'nope' undefined"})
    response = await floor.http.post(f"{WORKFLOWS}/lint", json={})
    assert (response.status_code, response.json()) == (500, {"code": 2, "message": "unable to get a workflow"})
    assert floor.store.commits == []


async def test_answers_are_written_as_go_writes_them(floor, workflow):
    response = await floor.http.post(
        WORKFLOWS, json={"workflow": workflow | {"metadata": {"name": "x", "annotations": {"a": "<&>"}}}}
    )
    assert rb"\u003c\u0026\u003e" in response.content
    assert response.headers["Content-Type"] == "application/json"
    assert response.headers["Grpc-Metadata-Content-Type"] == "application/grpc"
    assert not response.content.endswith(b"\n")
