from __future__ import annotations

import pytest

NAMESPACED = "/api/v1/workflow-templates/argo"
CLUSTER = "/api/v1/cluster-workflow-templates"


@pytest.fixture
def template(workflow) -> dict:
    return {"metadata": {"name": "tmpl", "labels": {"kind": "demo"}}, "spec": workflow["spec"]}


@pytest.mark.parametrize("base", [NAMESPACED, CLUSTER])
async def test_a_template_is_stored_read_listed_and_deleted(floor, template, base):
    created = (await floor.http.post(base, json={"template": template})).json()
    assert created["metadata"].keys() >= {"name", "uid", "resourceVersion", "creationTimestamp", "generation"}
    assert created["metadata"].get("namespace") == ("argo" if base == NAMESPACED else None)
    assert "status" not in created
    assert (await floor.http.get(f"{base}/tmpl")).json() == created
    listed = (await floor.http.get(base)).json()
    assert listed["items"] == [created]
    assert (await floor.http.delete(f"{base}/tmpl")).json() == {}
    assert (await floor.http.get(base)).json()["items"] is None
    assert [record.kind for change in floor.store.commits for record in change.records] == [
        "template.written",
        "template.deleted",
    ]


@pytest.mark.parametrize(("base", "plural"), [(NAMESPACED, "workflowtemplates"), (CLUSTER, "clusterworkflowtemplates")])
async def test_errors_are_argos(floor, template, base, plural):
    await floor.http.post(base, json={"template": template})
    taken = await floor.http.post(base, json={"template": template})
    assert (taken.status_code, taken.json()["message"]) == (409, f'{plural}.argoproj.io "tmpl" already exists')
    for method in ("GET", "DELETE"):
        missing = await floor.http.request(method, f"{base}/nope")
        assert missing.status_code == 404
        assert missing.json() == {"code": 5, "message": f'{plural}.argoproj.io "nope" not found'}
    empty = await floor.http.post(base, json={})
    assert empty.status_code == 400
    assert empty.json()["message"].endswith("workflow template was not found in the request body")


async def test_a_template_that_cannot_work_is_not_stored(floor, template):
    template["spec"] = {**template["spec"], "entrypoint": "nope"}
    for path in (NAMESPACED, f"{NAMESPACED}/lint"):
        response = await floor.http.post(path, json={"template": template})
        assert (response.status_code, response.json()) == (
            400,
            {"code": 3, "message": "template name 'nope' undefined"},
        )
    assert floor.store.commits == []


async def test_lint_answers_with_the_template_and_stores_nothing(floor, template):
    answered = (await floor.http.post(f"{NAMESPACED}/lint", json={"template": template})).json()
    assert answered["metadata"] == template["metadata"]
    assert floor.store.commits == []


@pytest.mark.parametrize("path", [f"{NAMESPACED}/", f"{NAMESPACED}/tmpl"])
async def test_an_update_names_the_version_that_it_was_made_from(floor, template, path):
    created = (await floor.http.post(NAMESPACED, json={"template": template})).json()

    async def update(version):
        template["metadata"]["resourceVersion"] = version
        return await floor.http.put(path, json={"template": template})

    unversioned = await update("")
    assert unversioned.status_code == 400
    assert "must be specified for an update" in unversioned.json()["message"]
    updated = (await update(created["metadata"]["resourceVersion"])).json()
    assert updated["metadata"]["uid"] == created["metadata"]["uid"]
    assert updated["metadata"]["resourceVersion"] != created["metadata"]["resourceVersion"]
    stale = await update(created["metadata"]["resourceVersion"])
    assert stale.status_code == 409
    assert stale.json()["code"] == 6
    assert "the object has been modified" in stale.json()["message"]


async def test_an_update_of_nothing_is_not_found(floor, template):
    response = await floor.http.put(f"{NAMESPACED}/tmpl", json={"template": template})
    assert response.status_code == 404


async def test_a_list_is_selected_sorted_and_paged(floor, template):
    for name in ("b", "a", "c"):
        body = {**template, "metadata": {"name": name, "labels": {"only": name}}}
        await floor.http.post(NAMESPACED, json={"template": body})

    async def names(path=NAMESPACED, **query):
        body = (await floor.http.get(path, params=query)).json()
        return [item["metadata"]["name"] for item in body["items"] or []]

    assert await names() == ["a", "b", "c"]
    assert await names("/api/v1/workflow-templates/") == ["a", "b", "c"]
    assert await names(**{"listOptions.labelSelector": "only in (a,c)"}) == ["a", "c"]
    assert await names(**{"listOptions.limit": "1", "listOptions.continue": "1"}) == ["b"]
    assert await names(namePattern="c") == ["c"]


# --- submit ---

SUBMIT = "/api/v1/workflows/argo/submit"


@pytest.fixture
async def stored(floor, template):
    for base in (NAMESPACED, CLUSTER):
        await floor.http.post(base, json={"template": template})
    return floor


async def test_a_template_is_submitted_by_reference(stored):
    body = (await stored.http.post(SUBMIT, json={"resourceKind": "WorkflowTemplate", "resourceName": "tmpl"})).json()
    assert body["metadata"]["generateName"] == "tmpl-"
    assert body["metadata"]["labels"] == {"workflows.argoproj.io/workflow-template": "tmpl"}
    assert body["spec"] == {"arguments": {}, "workflowTemplateRef": {"name": "tmpl"}}


async def test_a_cluster_template_is_submitted_by_reference(stored):
    body = (await stored.http.post(SUBMIT, json={"resourceKind": "cwftmpl", "resourceName": "tmpl"})).json()
    assert body["metadata"]["labels"] == {"workflows.argoproj.io/cluster-workflow-template": "tmpl"}
    assert body["spec"]["workflowTemplateRef"] == {"name": "tmpl", "clusterScope": True}


async def test_every_option_is_honoured(stored):
    options = {
        "name": "s2",
        "labels": "a=b",
        "annotations": "c=d",
        "parameters": ["msg=x=y"],
        "priority": 4,
        "serviceAccount": "default",
        "entryPoint": "main",
        "podPriorityClassName": "high",
    }
    request = {"resourceKind": "workflowtemplate", "resourceName": "tmpl", "submitOptions": options}
    body = (await stored.http.post(SUBMIT, json=request)).json()
    assert body["metadata"]["name"] == "s2"
    assert body["metadata"]["labels"] == {"a": "b", "workflows.argoproj.io/workflow-template": "tmpl"}
    assert body["metadata"]["annotations"] == {"c": "d"}
    assert body["spec"] == {
        "entrypoint": "main",
        "arguments": {"parameters": [{"name": "msg", "value": "x=y"}]},
        "serviceAccountName": "default",
        "priority": 4,
        "podPriorityClassName": "high",
        "workflowTemplateRef": {"name": "tmpl"},
    }


@pytest.mark.parametrize(
    ("request_", "status", "code", "message"),
    [
        ({}, 400, 3, "Resource kind '' is not supported for submitting"),
        ({"resourceKind": "Foo"}, 400, 3, "Resource kind 'Foo' is not supported for submitting"),
        ({"resourceKind": "wftmpl", "resourceName": "nope"}, 404, 5, 'workflowtemplates.argoproj.io "nope" not found'),
        ({"resourceKind": "cronwf", "resourceName": "x"}, 501, 12, "submitting from a CronWorkflow is not done yet"),
        (
            {"resourceKind": "wftmpl", "resourceName": "tmpl", "submitOptions": {"parameters": ["broken"]}},
            500,
            13,
            "expected parameter of the form: NAME=VALUE. Received: broken",
        ),
        (
            {"resourceKind": "wftmpl", "resourceName": "tmpl", "submitOptions": {"labels": "broken"}},
            500,
            13,
            "expected labels of the form: NAME1=VALUE2,NAME2=VALUE2. Received: broken: unexpected label spec: broken",
        ),
        (
            {"resourceKind": "wftmpl", "resourceName": "tmpl", "submitOptions": {"artifacts": ["a=b"]}},
            501,
            12,
            "submitOptions.artifacts is not done yet",
        ),
    ],
)
async def test_what_cannot_be_submitted_is_refused(stored, request_, status, code, message):
    response = await stored.http.post(SUBMIT, json=request_)
    assert (response.status_code, response.json()) == (status, {"code": code, "message": message})
    assert stored.backend.asked == []
