from pathlib import Path

import httpx
import pytest

from tiphys import errors
from tiphys.cluster import client as kube
from tiphys.cluster.client import PODS, ClusterAccess, Conflict, KubeClient, resolve_access

STATUS = {"kind": "Status", "message": "words of the server"}


@pytest.fixture
def access(tmp_path: Path) -> ClusterAccess:
    (tmp_path / "token").write_text("secret\n")
    return ClusterAccess("http://cluster", tmp_path / "token")


def answering(access: ClusterAccess, *answers: httpx.Response | Exception, max_bytes: int = 1000) -> KubeClient:
    """A client of a server that gives these answers in turn, the last one for ever."""
    left = list(answers)

    def handle(request: httpx.Request) -> httpx.Response:
        assert request.headers["authorization"] == "Bearer secret"
        answer = left.pop(0) if len(left) > 1 else left[0]
        if isinstance(answer, Exception):
            raise answer
        return httpx.Response(answer.status_code, content=answer.content)

    return KubeClient(access, transport=httpx.MockTransport(handle), max_bytes=max_bytes)


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(kube, "RETRY_AFTER_S", (0, 0))


@pytest.mark.parametrize(
    ("code", "reason", "expected"),
    [
        (401, "Unauthorized", errors.Unauthorized),
        (403, "Forbidden", errors.Forbidden),
        (404, "NotFound", errors.NotFound),
        (409, "AlreadyExists", errors.AlreadyExists),
        (409, "Conflict", Conflict),
        (422, "Invalid", errors.Refused),
        (400, "BadRequest", errors.Refused),
        (429, "TooManyRequests", errors.Unavailable),
        (500, "InternalError", errors.Unavailable),
        (503, "ServiceUnavailable", errors.Unavailable),
    ],
)
async def test_a_status_becomes_the_error_of_whoever_has_to_act(
    access: ClusterAccess, code: int, reason: str, expected: type[errors.TiphysError]
):
    async with answering(access, httpx.Response(code, json={**STATUS, "reason": reason})) as client:
        with pytest.raises(errors.TiphysError, match="words of the server") as raised:
            await client.get(PODS, "shop", "a")
    assert type(raised.value) is expected
    assert "GET /api/v1/namespaces/shop/pods/a" in str(raised.value)


@pytest.mark.parametrize("answer", [httpx.Response(200, text="<html>"), httpx.Response(302), httpx.ConnectError("no")])
async def test_what_is_no_api_server_is_unavailable(access: ClusterAccess, answer: httpx.Response | Exception):
    async with answering(access, answer) as client:
        with pytest.raises(errors.Unavailable):
            await client.get(PODS, "shop", "a")


async def test_a_busy_server_is_asked_again_and_a_clear_no_is_not(access: ClusterAccess):
    good = httpx.Response(200, json={"metadata": {"name": "a"}})
    async with answering(access, httpx.Response(503), httpx.ReadTimeout("slow"), good) as client:
        assert (await client.get(PODS, "shop", "a"))["metadata"]["name"] == "a"
    async with answering(access, httpx.Response(403, json=STATUS), good) as client:
        with pytest.raises(errors.Forbidden):
            await client.get(PODS, "shop", "a")


async def test_an_answer_beyond_all_measure_is_refused(access: ClusterAccess):
    async with answering(access, httpx.Response(200, json={"a": "x" * 2000})) as client:
        with pytest.raises(errors.Refused, match="larger than 1000 bytes"):
            await client.get(PODS, "shop", "a")


async def test_a_missing_token_is_said_to_be_missing(tmp_path: Path):
    async with KubeClient(ClusterAccess("http://cluster", tmp_path / "none")) as client:
        with pytest.raises(errors.Unauthorized, match="no token"):
            await client.get(PODS, "shop", "a")


def test_the_environment_says_where_and_who():
    url = {"TIPHYS_KUBE_URL": "http://here:1"}
    by_file = resolve_access({**url, "TIPHYS_KUBE_TOKEN_FILE": "/t", "TIPHYS_KUBE_TOKEN_DIR": "/d"})
    assert by_file == ClusterAccess("http://here:1", Path("/t"))
    by_account = resolve_access({**url, "TIPHYS_KUBE_TOKEN_DIR": "/d", "TIPHYS_KUBE_ACCOUNT": "restart-pods"})
    assert by_account.token_file == Path("/d/restart-pods")
    pod = resolve_access({"KUBERNETES_SERVICE_HOST": "fd00::1", "KUBERNETES_SERVICE_PORT": "6443"})
    assert (pod.url, pod.token_file) == ("https://[fd00::1]:6443", kube.IN_CLUSTER / "token")
    for nowhere in ({}, url, {**url, "TIPHYS_KUBE_TOKEN_DIR": "/d"}):
        with pytest.raises(errors.Refused, match="TIPHYS_KUBE"):
            resolve_access(nowhere)
