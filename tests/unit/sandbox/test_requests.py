import pytest

from tiphys.sandbox.requests import parse_request
from tiphys.sandbox.statuses import ApiError

PODS = "/api/v1/namespaces/shop/pods"
DEPLOYMENTS = "/apis/apps/v1/namespaces/shop/deployments"


@pytest.mark.parametrize(
    ("method", "path", "code"),
    [
        ("GET", "/api/v2/pods", 404),
        ("GET", "/apis/batch/v1/namespaces/shop/jobs", 404),
        ("GET", f"{PODS}/a/exec", 404),
        ("GET", f"{PODS}/a/log/b", 404),
        ("GET", "/api/v1/namespaces/shop/namespaces/a", 404),
        ("POST", f"{PODS}/a", 405),
        ("PUT", PODS, 405),
        ("PATCH", DEPLOYMENTS, 405),
        ("POST", "/api/v1/pods", 405),
        ("DELETE", "/api/v1/pods", 405),
        ("DELETE", f"{DEPLOYMENTS}/a/scale", 405),
        ("POST", "/apis/apps/v1/namespaces/shop/replicasets", 405),
        ("HEAD", PODS, 405),
    ],
)
def test_what_is_not_served_is_refused(method: str, path: str, code: int):
    with pytest.raises(ApiError) as raised:
        parse_request(method, path)
    assert raised.value.code == code


@pytest.mark.parametrize(
    ("method", "path", "expected"),
    [
        ("GET", PODS, ("list", "", "pods", "shop", "")),
        ("GET", "/api/v1/pods", ("list", "", "pods", "", "")),
        ("GET", f"{PODS}/a", ("get", "", "pods", "shop", "a")),
        ("GET", f"{PODS}/a/log", ("get", "", "pods/log", "shop", "a")),
        ("DELETE", f"{PODS}/a", ("delete", "", "pods", "shop", "a")),
        ("DELETE", PODS, ("deletecollection", "", "pods", "shop", "")),
        ("POST", DEPLOYMENTS, ("create", "apps", "deployments", "shop", "")),
        ("PATCH", f"{DEPLOYMENTS}/a", ("patch", "apps", "deployments", "shop", "a")),
        ("PUT", f"{DEPLOYMENTS}/a/scale", ("update", "apps", "deployments/scale", "shop", "a")),
        ("GET", "/api/v1/namespaces", ("list", "", "namespaces", "", "")),
        ("GET", "/api/v1/namespaces/shop", ("get", "", "namespaces", "shop", "shop")),
    ],
)
def test_a_path_is_a_verb_on_a_resource(method: str, path: str, expected: tuple[str, ...]):
    request = parse_request(method, path)
    assert (request.verb, request.group, request.resource, request.namespace, request.name) == expected
