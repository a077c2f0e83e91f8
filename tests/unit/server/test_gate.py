from __future__ import annotations

import httpx
import pytest

from tiphys.server.app import build_app
from tiphys.server.gate import MAX_BODY_BYTES, Admission
from tiphys.server.serve import serving

VERSION = "/api/v1/version"


@pytest.mark.parametrize(
    ("authorization", "message"),
    [
        (None, "token not valid. see https://argo-workflows.readthedocs.io/en/latest/faq/"),
        ("nonsense", "token not valid. see https://argo-workflows.readthedocs.io/en/latest/faq/"),
        ("Basic YTpi", "token not valid. see https://argo-workflows.readthedocs.io/en/latest/faq/"),
        ("Bearer nonsense", "Unauthorized"),
    ],
)
async def test_without_the_token_nobody_comes_in(floor, authorization, message):
    headers = {"Authorization": authorization} if authorization else {}
    async with httpx.AsyncClient(base_url=floor.url) as http:
        response = await http.get(VERSION, headers=headers)
    assert response.status_code == 401
    assert response.json() == {"code": 16, "message": message}
    assert "Grpc-Metadata-Argo-Version" not in response.headers


async def test_with_the_token_the_version_is_named(floor):
    response = await floor.http.get(VERSION)
    assert response.status_code == 200
    assert response.headers["Grpc-Metadata-Argo-Version"] == "v4.1.2"


@pytest.mark.parametrize("host", ["evil.example", "evil.example:2746", "127.0.0.1.evil.example", ""])
async def test_a_foreign_host_is_refused_even_with_the_token(floor, host):
    response = await floor.http.get(VERSION, headers={"Host": host})
    assert response.status_code in (400, 403)
    assert "v4.1.2" not in response.text


@pytest.mark.parametrize("host", ["localhost:1", "127.0.0.1", "[::1]:2746"])
async def test_every_name_of_loopback_is_ours(floor, host):
    assert (await floor.http.get(VERSION, headers={"Host": host})).status_code == 200


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "https://localhost.evil.example"])
async def test_a_page_of_another_site_is_refused(floor, origin):
    response = await floor.http.post("/api/v1/workflows/argo", headers={"Origin": origin}, json={})
    assert response.status_code == 403
    assert response.json()["code"] == 7


async def test_our_own_page_may_call(floor):
    assert (await floor.http.get(VERSION, headers={"Origin": floor.url})).status_code == 200


async def test_a_body_that_is_too_large_is_refused_before_it_is_read(floor):
    response = await floor.http.post("/api/v1/workflows/argo", content=b"x" * (MAX_BODY_BYTES + 1))
    assert response.status_code == 429
    assert response.json()["code"] == 8


async def test_a_body_without_length_is_counted(floor):
    async def pieces():
        for _ in range(MAX_BODY_BYTES // 65536 + 2):
            yield b" " * 65536

    response = await floor.http.post("/api/v1/workflows/argo", content=pieces())
    assert response.status_code == 429


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/api/v1/nonsense"),
        ("GET", "/api/v2/workflows/x"),
        ("GET", "/api/"),
        ("HEAD", VERSION),
        ("OPTIONS", "/api/v1/workflows/argo"),
        ("PATCH", "/api/v1/workflows/argo/noop"),
        ("PUT", "/api/v1/workflows/argo"),
        ("GET", "/api/v1/workflows/argo/noop/"),
        ("GET", "/api/v1/workflows"),
        ("GET", "/api/v1/workflows/argo/noop/stop"),
    ],
)
async def test_what_is_unknown_is_not_implemented_even_without_a_token(floor, method, path):
    async with httpx.AsyncClient(base_url=floor.url) as http:
        response = await http.request(method, path)
    assert response.status_code == 501
    if method != "HEAD":
        assert response.json() == {"code": 12, "message": "Not Implemented"}


async def test_elsewhere_nothing_is_a_404(floor):
    response = await floor.http.get("/nonsense")
    assert response.status_code == 404
    assert response.json()["code"] == 5


async def test_health_is_told_without_a_token(floor):
    async with httpx.AsyncClient(base_url=floor.url) as http:
        assert (await http.get("/healthz")).text == "ok\n"
        assert (await http.get("/readyz")).text == "ok\n"
        assert (await http.get("/metrics")).status_code == 401


async def test_a_store_that_does_not_answer_is_not_ready(floor):
    await floor.store.close()
    response = await floor.http.get("/readyz")
    assert response.status_code == 503
    assert response.json()["code"] == 14


async def test_auth_mode_none_lets_everybody_in_but_no_foreign_host(floor):
    async with (
        serving(build_app(floor.parts, Admission(None)), "127.0.0.1", 0) as url,
        httpx.AsyncClient(base_url=url) as http,
    ):
        assert (await http.get(VERSION)).status_code == 200
        assert (await http.get(VERSION, headers={"Host": "evil.example"})).status_code == 403
