"""What our steps and resolvers need of a Kubernetes API; holds for the practice cluster and for a real API server."""

from pathlib import Path

import httpx
import pytest
from tests.contracts import kube as under_test
from tests.contracts.kube import JSON, MERGE, STRATEGIC, Kube, uids

from tiphys.jsons import JsonObject

REVISION = "deployment.kubernetes.io/revision"
GONE = {"propagationPolicy": "Background"}


@pytest.fixture
async def kube(tmp_path: Path):
    async with under_test.kube_under_test(tmp_path) as kube:
        yield kube


def status_of(response: httpx.Response):
    body = response.json()
    assert body["kind"] == "Status"
    assert body["status"] == "Failure"
    assert body["code"] == response.status_code
    return body


# --- refusals ---------------------------------------------------------------------------------------------------------


async def test_without_a_known_token_nothing_is_answered(kube: Kube):
    for headers in ({"authorization": "Bearer wrong"}, {"authorization": "Basic YTpi"}):
        body = status_of(await kube.http.get(kube.pods, headers=headers))
        assert (body["code"], body["reason"], body["message"]) == (401, "Unauthorized", "Unauthorized")


async def test_a_missing_permission_is_named_with_user_verb_and_place(kube: Kube):
    if not kube.limited_token:
        pytest.skip("needs TIPHYS_TEST_KUBE_LIMITED_TOKEN")
    headers = {"authorization": f"Bearer {kube.limited_token}"}
    body = status_of(await kube.http.delete(f"{kube.pods}/a", headers=headers))
    assert (body["code"], body["reason"]) == (403, "Forbidden")
    assert body["message"].startswith('pods "a" is forbidden: User "system:serviceaccount:')
    expected = f'cannot delete resource "pods" in API group "" in the namespace "{kube.namespace}"'
    assert body["message"].endswith(expected)
    assert body["details"] == {"name": "a", "kind": "pods"}
    scale = status_of(await kube.http.get(f"{kube.deployments}/a/scale", headers=headers))
    assert 'cannot get resource "deployments/scale" in API group "apps"' in scale["message"]


@pytest.mark.parametrize(
    ("path", "message", "details"),
    [
        ("pods", 'pods "no" not found', {"name": "no", "kind": "pods"}),
        (
            "deployments",
            'deployments.apps "no" not found',
            {"name": "no", "group": "apps", "kind": "deployments"},
        ),
    ],
)
async def test_what_does_not_exist_is_404(kube: Kube, path: str, message: str, details: JsonObject):
    body = status_of(await kube.http.get(f"{getattr(kube, path)}/no"))
    assert (body["code"], body["reason"], body["message"], body["details"]) == (404, "NotFound", message, details)


async def test_an_unknown_resource_is_404(kube: Kube):
    response = await kube.http.get(f"/apis/apps/v1/namespaces/{kube.namespace}/unheardofs")
    assert response.status_code == 404


async def test_the_same_name_twice_is_409(kube: Kube):
    await kube.create(kube.deployments, kube.deployment(replicas=0))
    body = status_of(await kube.http.post(kube.deployments, json=kube.deployment(replicas=0)))
    assert (body["code"], body["reason"]) == (409, "AlreadyExists")
    assert body["message"] == 'deployments.apps "web" already exists'


async def test_a_stale_resource_version_is_409(kube: Kube):
    seen = await kube.create(kube.deployments, kube.deployment(replicas=0))
    await kube.patch(f"{kube.deployments}/web", {"metadata": {"labels": {"a": "b"}}}, MERGE)
    stale = {"metadata": {"resourceVersion": seen["metadata"]["resourceVersion"], "annotations": {"a": "b"}}}
    body = status_of(await kube.patch(f"{kube.deployments}/web", stale, MERGE))
    assert (body["code"], body["reason"]) == (409, "Conflict")
    assert body["message"] == (
        'Operation cannot be fulfilled on deployments.apps "web": the object has been modified; please apply your '
        "changes to the latest version and try again"
    )


async def test_a_rule_that_is_broken_is_422_with_its_field(kube: Kube):
    bad = kube.deployment(replicas=-1)
    body = status_of(await kube.http.post(kube.deployments, json=bad))
    assert (body["code"], body["reason"]) == (422, "Invalid")
    assert body["message"] == (
        'Deployment.apps "web" is invalid: spec.replicas: Invalid value: -1: must be greater than or equal to 0'
    )
    assert body["details"]["causes"][0]["field"] == "spec.replicas"


async def test_a_selector_that_misses_its_own_template_is_422(kube: Kube):
    bad = kube.deployment()
    bad["spec"]["selector"] = {"matchLabels": {"app": "other"}}
    body = status_of(await kube.http.post(kube.deployments, json=bad))
    assert body["code"] == 422
    assert "`selector` does not match template `labels`" in body["message"]


async def test_the_selector_of_a_deployment_cannot_be_changed(kube: Kube):
    await kube.create(kube.deployments, kube.deployment(replicas=0))
    other = {"app": "other"}
    patch = {"spec": {"selector": {"matchLabels": other}, "template": {"metadata": {"labels": other}}}}
    body = status_of(await kube.patch(f"{kube.deployments}/web", patch, MERGE))
    assert body["code"] == 422
    assert body["message"].endswith("field is immutable")


@pytest.mark.parametrize(
    "change",
    [
        {"replicas": "three"},
        {"replicas": True},
        {"template": []},
        {"selector": {"matchLabels": {"app": 1}}},
        {"strategy": "RollingUpdate"},
    ],
)
async def test_a_wrong_type_is_refused(kube: Kube, change: JsonObject):
    bad = kube.deployment()
    bad["spec"] |= change
    response = await kube.http.post(kube.deployments, json=bad)
    assert response.status_code in (400, 422), response.text
    assert await kube.items(kube.deployments) == []


async def test_an_unreadable_body_is_400(kube: Kube):
    for body in (b"{", b"[]"):
        response = await kube.http.post(kube.deployments, content=body, headers={"content-type": "application/json"})
        assert status_of(response)["reason"] == "BadRequest"


async def test_a_patch_of_an_unknown_kind_is_415(kube: Kube):
    await kube.create(kube.deployments, kube.deployment(replicas=0))
    response = await kube.patch(f"{kube.deployments}/web", {}, "application/yaml")
    assert status_of(response)["reason"] == "UnsupportedMediaType"


async def test_a_label_selector_that_is_none_is_400(kube: Kube):
    for selector in ("=x", "a in (", "app=x,--all-namespaces=true", "a=b c"):
        response = await kube.http.get(kube.pods, params={"labelSelector": selector})
        assert status_of(response)["code"] == 400, selector


async def test_nothing_is_created_in_a_namespace_that_does_not_exist(kube: Kube):
    response = await kube.http.post("/apis/apps/v1/namespaces/nowhere/deployments", json=kube.deployment())
    assert status_of(response)["message"] == 'namespaces "nowhere" not found'


# --- deployments, replica sets, pods ----------------------------------------------------------------------------------


async def test_a_deployment_makes_ready_pods_through_a_replica_set(kube: Kube):
    deployment = await kube.start()
    (replica_set,) = await kube.items(kube.replica_sets, labelSelector="app=web")
    pods = await kube.items(kube.pods, labelSelector="app=web")
    assert deployment["metadata"]["annotations"][REVISION] == "1"
    assert replica_set["metadata"]["ownerReferences"][0]["uid"] == deployment["metadata"]["uid"]
    assert replica_set["metadata"]["name"] == f"web-{replica_set['metadata']['labels']['pod-template-hash']}"
    assert {pod["metadata"]["ownerReferences"][0]["uid"] for pod in pods} == {replica_set["metadata"]["uid"]}
    assert len(uids(pods)) == 2
    for pod in pods:
        (container,) = pod["status"]["containerStatuses"]
        assert pod["status"]["phase"] == "Running"
        assert container["ready"]
        assert "running" in container["state"]
        assert {"type": "Ready", "status": "True"}.items() <= _condition(pod, "Ready").items()
    assert _condition(deployment, "Available")["reason"] == "MinimumReplicasAvailable"
    assert _condition(deployment, "Progressing")["reason"] == "NewReplicaSetAvailable"


async def test_pods_are_listed_by_label_and_field(kube: Kube):
    await kube.start("web", replicas=1)
    await kube.start("api", replicas=1)
    (pod,) = await kube.items(kube.pods, labelSelector="app in (web, other),app!=api")
    assert pod["metadata"]["labels"]["app"] == "web"
    name = pod["metadata"]["name"]
    found = await kube.items(kube.pods, fieldSelector=f"metadata.name={name},status.phase=Running")
    assert uids(found) == {pod["metadata"]["uid"]}
    assert await kube.items(kube.pods, labelSelector="app=nothing") == []


async def test_a_deleted_pod_is_replaced_by_another(kube: Kube):
    await kube.start()
    before = await kube.items(kube.pods, labelSelector="app=web")
    victim = before[0]["metadata"]
    response = await kube.http.delete(f"{kube.pods}/{victim['name']}", params={"gracePeriodSeconds": 1})
    assert response.status_code == 200
    assert response.json()["metadata"]["deletionGracePeriodSeconds"] == 1
    after = await kube.until_pods(lambda pods: len(pods) == 2 and victim["uid"] not in uids(pods))
    assert before[1]["metadata"]["uid"] in uids(after)
    await kube.until_rolled_out()
    assert (await kube.http.delete(f"{kube.pods}/{victim['name']}")).status_code == 404


async def test_a_pod_is_deleted_only_if_it_is_the_one_that_was_meant(kube: Kube):
    await kube.start(replicas=1)
    (pod,) = await kube.items(kube.pods)
    path, options = f"{kube.pods}/{pod['metadata']['name']}", {"preconditions": {"uid": "another"}}
    body = status_of(await kube.http.request("DELETE", path, json=options))
    assert (body["code"], body["reason"]) == (409, "Conflict")
    assert uids(await kube.items(kube.pods)) == uids([pod])


async def test_a_collection_is_deleted_by_selector(kube: Kube):
    await kube.start("web", replicas=2)
    await kube.start("api", replicas=1)
    before = await kube.items(kube.pods, labelSelector="app=web")
    other = await kube.items(kube.pods, labelSelector="app=api")
    response = await kube.http.delete(kube.pods, params={"labelSelector": "app=web", "gracePeriodSeconds": 0})
    assert response.status_code == 200
    await kube.until_pods(lambda pods: len(pods) == 2 and not uids(pods) & uids(before))
    assert uids(await kube.items(kube.pods, labelSelector="app=api")) == uids(other)


async def test_the_log_of_a_container_is_served(kube: Kube):
    await kube.start(replicas=1, command=["/bin/sh", "-c", "echo one; echo two; sleep 1000"], readinessProbe=None)
    (pod,) = await kube.items(kube.pods)
    log = f"{kube.pods}/{pod['metadata']['name']}/log"

    async def read():
        return (await kube.http.get(log)).text

    assert await kube.until(read, lambda text: text.count("\n") == 2) == "one\ntwo\n"
    assert (await kube.http.get(log, params={"tailLines": 1})).text == "two\n"
    assert status_of(await kube.http.get(log, params={"container": "no"}))["code"] == 400


async def test_a_container_that_ends_is_restarted_and_then_held_back(kube: Kube):
    await kube.create(kube.deployments, kube.deployment(replicas=1, command=["/bin/sh", "-c", "exit 3"]))

    def in_back_off(pods: list[JsonObject]):
        states = [status["state"] for pod in pods for status in pod["status"].get("containerStatuses", [])]
        return any(state.get("waiting", {}).get("reason") == "CrashLoopBackOff" for state in states)

    (pod,) = await kube.until_pods(in_back_off)
    (container,) = pod["status"]["containerStatuses"]
    assert container["restartCount"] >= 1
    assert container["lastState"]["terminated"]["exitCode"] == 3
    assert container["lastState"]["terminated"]["reason"] == "Error"
    assert container["state"]["waiting"]["message"].startswith("back-off ")
    assert not container["ready"]
    events = await kube.items(f"/api/v1/namespaces/{kube.namespace}/events", fieldSelector="reason=BackOff")
    assert events[0]["involvedObject"]["name"] == pod["metadata"]["name"]


async def test_an_image_that_cannot_be_had_keeps_the_pod_waiting(kube: Kube):
    await kube.create(kube.deployments, kube.deployment(replicas=1, image="registry.invalid/none:1"))

    def waits(pods: list[JsonObject]):
        states = [status["state"] for pod in pods for status in pod["status"].get("containerStatuses", [])]
        return any(state.get("waiting", {}).get("reason") in ("ErrImagePull", "ImagePullBackOff") for state in states)

    (pod,) = await kube.until_pods(waits)
    assert pod["status"]["phase"] == "Pending"


# --- rollouts ---------------------------------------------------------------------------------------------------------


async def test_a_restart_by_annotation_replaces_every_pod(kube: Kube):
    before = await kube.start()
    old = await kube.items(kube.pods)
    stamp = {"kubectl.kubernetes.io/restartedAt": "2026-01-01T00:00:00Z"}
    patch = {"spec": {"template": {"metadata": {"annotations": stamp}}}}
    response = await kube.patch(f"{kube.deployments}/web", patch)
    assert response.json()["metadata"]["generation"] == before["metadata"]["generation"] + 1
    after = await kube.until_rolled_out()
    assert after["metadata"]["annotations"][REVISION] == "2"
    await kube.until_pods(lambda pods: len(pods) == 2 and not uids(pods) & uids(old))


async def test_a_bad_release_leaves_the_old_pods_alone_and_is_undone_by_its_predecessor_template(kube: Kube):
    await kube.start()
    old = await kube.items(kube.pods)
    bad = {"spec": {"template": {"spec": {"containers": [{"name": "web", "command": ["/bin/sh", "-c", "exit 1"]}]}}}}
    await kube.patch(f"{kube.deployments}/web", bad)
    await kube.until_pods(lambda pods: len(pods) > 2)
    ready = [pod for pod in await kube.items(kube.pods) if _condition(pod, "Ready")["status"] == "True"]
    assert uids(ready) == uids(old)
    sets = await kube.items(kube.replica_sets)
    first = next(one for one in sets if one["metadata"]["annotations"][REVISION] == "1")
    template = first["spec"]["template"]
    del template["metadata"]["labels"]["pod-template-hash"]
    undo = [{"op": "replace", "path": "/spec/template", "value": template}]
    assert (await kube.patch(f"{kube.deployments}/web", undo, JSON)).status_code == 200
    deployment = await kube.until_rolled_out()
    assert deployment["metadata"]["annotations"][REVISION] == "3"
    revisions = {one["metadata"]["annotations"][REVISION] for one in await kube.items(kube.replica_sets)}
    assert revisions == {"2", "3"}
    await kube.until_pods(lambda pods: uids(pods) == uids(old))


async def test_the_scale_is_read_and_changed(kube: Kube):
    await kube.start(replicas=1)
    path = f"{kube.deployments}/web/scale"
    scale = await kube.get(path)
    assert (scale["kind"], scale["spec"]["replicas"], scale["status"]["selector"]) == ("Scale", 1, "app=web")
    assert (await kube.patch(path, {"spec": {"replicas": 3}}, MERGE)).json()["spec"]["replicas"] == 3
    assert (await kube.until_rolled_out())["spec"]["replicas"] == 3
    scale = await kube.get(path)
    scale["spec"]["replicas"] = 1
    assert (await kube.http.put(path, json=scale)).status_code == 200
    await kube.until_pods(lambda pods: len(pods) == 1)
    scale["spec"]["replicas"] = 2
    assert status_of(await kube.http.put(path, json=scale))["reason"] == "Conflict"
    assert status_of(await kube.patch(path, {"spec": {"replicas": -1}}, MERGE))["code"] == 422


async def test_versions_and_generations_grow(kube: Kube):
    first = await kube.create(kube.deployments, kube.deployment(replicas=0))
    labelled = (await kube.patch(f"{kube.deployments}/web", {"metadata": {"labels": {"a": "b"}}}, MERGE)).json()
    scaled = (await kube.patch(f"{kube.deployments}/web", {"spec": {"replicas": 1}}, MERGE)).json()
    assert labelled["metadata"]["generation"] == first["metadata"]["generation"]
    assert scaled["metadata"]["generation"] == first["metadata"]["generation"] + 1
    assert len({one["metadata"]["resourceVersion"] for one in (first, labelled, scaled)}) == 3
    assert scaled["metadata"]["uid"] == first["metadata"]["uid"]


async def test_annotations_are_added_and_removed_by_patch(kube: Kube):
    await kube.create(kube.deployments, kube.deployment(replicas=0))
    path = f"{kube.deployments}/web"
    added = (await kube.patch(path, {"metadata": {"annotations": {"x/y": "1"}}}, MERGE)).json()
    assert added["metadata"]["annotations"]["x/y"] == "1"
    removed = (await kube.patch(path, {"metadata": {"annotations": {"x/y": None}}}, STRATEGIC)).json()
    assert "x/y" not in removed["metadata"].get("annotations", {})


async def test_a_deleted_deployment_takes_everything_along(kube: Kube):
    await kube.start()
    response = await kube.http.request("DELETE", f"{kube.deployments}/web", json=GONE)
    assert response.json()["status"] == "Success"
    await kube.until_pods(lambda pods: pods == [])
    assert await kube.items(kube.replica_sets, labelSelector="app=web") == []


async def test_config_maps_are_kept_and_patched(kube: Kube):
    path = f"/api/v1/namespaces/{kube.namespace}/configmaps"
    await kube.create(path, {"metadata": {"name": "flags"}, "data": {"a": "on"}})
    patched = (await kube.patch(f"{path}/flags", {"data": {"a": "off"}}, MERGE)).json()
    assert patched["data"] == {"a": "off"}
    assert (await kube.get(f"{path}/flags"))["data"] == {"a": "off"}


async def test_a_client_that_goes_away_harms_nobody(kube: Kube):
    with pytest.raises(httpx.ReadTimeout):
        await kube.http.get(kube.pods, timeout=httpx.Timeout(5, read=0.000001))
    assert (await kube.http.get(kube.pods)).status_code == 200


def _condition(document: JsonObject, kind: str):
    return next(one for one in document["status"]["conditions"] if one["type"] == kind)
