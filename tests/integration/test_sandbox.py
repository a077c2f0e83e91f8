"""The practice cluster as a whole: what its processes, services and probes do, and that nothing is left behind."""

import asyncio
import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from tests.contracts.kube import MERGE, Kube
from tests.integration.practice import SHOP, practice_cluster

from tiphys import errors
from tiphys.jsons import JsonObject
from tiphys.sandbox import demo_shop, network
from tiphys.sandbox.server import Sandbox, serve


async def ask(url: str) -> int:
    async with httpx.AsyncClient(trust_env=False, timeout=2) as http:
        try:
            return (await http.get(url)).status_code
        except httpx.HTTPError:
            return 0


async def test_a_wedged_service_is_down_until_its_pods_are_replaced(tmp_path: Path):
    async with practice_cluster(tmp_path, demo_shop.deployment("web", replicas=2)) as (sandbox, kube):
        url = sandbox.service_url("shop", "web")
        await kube.until_rolled_out()
        assert await ask(url) == 200
        await demo_shop.wedge(sandbox.pod_addresses(SHOP, "app=web"))
        await kube.until(lambda: ask(url), lambda code: code == 0)
        await kube.http.delete(kube.pods, params={"labelSelector": "app=web"})
        await kube.until(lambda: ask(url), lambda code: code == 200)
        with pytest.raises(errors.NotFound):
            sandbox.service_url("shop", "none")


async def test_a_hanging_container_is_restarted_by_its_liveness_probe(tmp_path: Path):
    deployment = demo_shop.deployment("web", replicas=1)
    container = deployment["spec"]["template"]["spec"]["containers"][0]
    container["livenessProbe"] = {**container["readinessProbe"], "timeoutSeconds": 1}
    async with practice_cluster(tmp_path, deployment) as (sandbox, kube):
        (before,) = await kube.items(kube.pods)
        await demo_shop.wedge(sandbox.pod_addresses(SHOP, "app=web"), "hang")
        restarted = await kube.until_pods(lambda pods: pods[0]["status"]["containerStatuses"][0]["restartCount"] == 1)
        assert restarted[0]["metadata"]["uid"] == before["metadata"]["uid"]
        assert restarted[0]["status"]["containerStatuses"][0]["lastState"]["terminated"]["exitCode"] == 137
        await kube.until_rolled_out()


async def test_a_container_that_ignores_term_is_killed_when_its_grace_has_passed(tmp_path: Path):
    deployment = demo_shop.deployment("web", replicas=1)
    container = deployment["spec"]["template"]["spec"]["containers"][0]
    del container["readinessProbe"]
    container["command"] = ["/bin/sh", "-c", "trap '' TERM; echo $$; while true; do sleep 1; done"]
    async with practice_cluster(tmp_path, deployment, ready=False) as (_, kube):
        await kube.until_rolled_out()
        (pod,) = await kube.items(kube.pods)
        log = f"{kube.pods}/{pod['metadata']['name']}/log"
        text = await kube.until(lambda: _text(kube, log), lambda text: text.endswith("\n"))
        await kube.patch(f"{kube.deployments}/web", {"spec": {"replicas": 0}}, MERGE)
        await kube.until_pods(lambda pods: pods == [])
        assert not alive(int(text))


async def test_when_a_containers_first_process_ends_the_others_end_too(tmp_path: Path):
    deployment = demo_shop.deployment("web", replicas=1)
    container = deployment["spec"]["template"]["spec"]["containers"][0]
    del container["readinessProbe"]
    container["command"] = ["/bin/sh", "-c", "sleep 1000 & echo $!; exit 1"]
    async with practice_cluster(tmp_path, deployment, ready=False) as (_, kube):
        await kube.until_pods(lambda pods: any(_restarts(pod) for pod in pods))
        (pod,) = await kube.items(kube.pods)
        text = await _text(kube, f"{kube.pods}/{pod['metadata']['name']}/log?previous=true")
        await until(lambda: not alive(int(text)))


async def test_metrics_tell_of_probes_restarts_and_back_off(tmp_path: Path):
    async with practice_cluster(tmp_path, demo_shop.deployment("web", replicas=1)) as (sandbox, kube):
        await kube.until_rolled_out()
        sandbox.create(demo_shop.deployment("bad", replicas=1, image=demo_shop.CRASHING))
        await kube.until_pods(lambda pods: any(_restarts(pod) >= 2 for pod in pods), "app=bad")
        async with httpx.AsyncClient(trust_env=False) as http:
            lines = (await http.get(f"{sandbox.url}/metrics")).text.splitlines()
        assert 'probe_success{service="web",namespace="shop",deployment="web"} 1' in lines
        assert 'kube_deployment_status_replicas_available{namespace="shop",deployment="bad"} 0' in lines
        assert any(line.startswith("kube_pod_container_status_restarts_total{") and '"bad-' in line for line in lines)
        assert any('reason="CrashLoopBackOff"} 1' in line for line in lines)


async def test_the_logs_of_a_pod_go_with_it(tmp_path: Path):
    async with practice_cluster(tmp_path, demo_shop.deployment("web", replicas=1)) as (_, kube):
        await kube.until_rolled_out()
        assert len(list((tmp_path / "logs").iterdir())) == 1
        await kube.http.delete(f"{kube.deployments}/web")
        await kube.until_pods(lambda pods: pods == [])
        assert list((tmp_path / "logs").iterdir()) == []


async def test_a_pod_for_which_there_is_no_address_waits_for_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(network, "POD_HOSTS", range(1, 3))
    deployments = [demo_shop.deployment(name, replicas=2) for name in ("web", "api")]
    async with practice_cluster(tmp_path, *deployments, ready=False) as (_, kube):
        events = f"/api/v1/namespaces/{SHOP}/events"
        await kube.until(lambda: kube.items(events, fieldSelector="reason=FailedScheduling"), bool)
        await kube.http.delete(f"{kube.deployments}/web")
        await kube.until_rolled_out("api")


async def test_a_service_whose_port_is_taken_says_so_in_an_event(tmp_path: Path):
    service = demo_shop.service("web")
    async with practice_cluster(tmp_path, demo_shop.deployment("web", replicas=1)) as (sandbox, kube):
        (port,) = service["spec"]["ports"]
        sandbox.create(
            {
                **service,
                "metadata": {**service["metadata"], "name": "twice"},
                "spec": {**service["spec"], "ports": [port, port]},
            }
        )
        events = f"/api/v1/namespaces/{SHOP}/events"
        (event,) = await kube.until(lambda: kube.items(events, fieldSelector="reason=FailedToListen"), bool)
        assert event["involvedObject"]["name"] == "twice"
        assert await ask(sandbox.service_url(SHOP, "twice")) == 200
        assert await ask(sandbox.service_url(SHOP, "web")) == 200


async def test_objects_are_created_without_a_request_and_refused_in_the_same_words(tmp_path: Path):
    async with Sandbox(tmp_path) as sandbox:
        assert sandbox.create(demo_shop.deployment("web", replicas=0))["metadata"]["namespace"] == SHOP
        with pytest.raises(errors.Refused, match=r'deployments\.apps "web" already exists'):
            sandbox.create(demo_shop.deployment("web"))
        with pytest.raises(errors.Refused, match="Node a: the practice cluster takes no such objects"):
            sandbox.create({"kind": "Node", "metadata": {"name": "a"}})


async def test_a_port_that_is_taken_is_said_to_be(tmp_path: Path):
    async with Sandbox(tmp_path) as sandbox:
        with pytest.raises(errors.Unavailable, match=f"{sandbox.port} is taken"):
            Sandbox(tmp_path, port=sandbox.port)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
async def test_no_process_survives_the_sandbox_however_it_ends(tmp_path: Path, number: signal.Signals):
    program = Path(__file__).with_name("sandbox_program.py")
    child = await asyncio.create_subprocess_exec(
        sys.executable, str(program), str(tmp_path), stdout=asyncio.subprocess.PIPE, env={**os.environ}
    )
    assert child.stdout is not None
    pids = [int(pid) for pid in (await child.stdout.readline()).split()]
    assert len(pids) == 3
    assert all(alive(pid) for pid in pids)
    child.send_signal(number)
    await child.wait()
    await until(lambda: not any(alive(pid) for pid in pids))


async def test_a_cluster_whose_keeper_dies_says_so_and_leaves_nothing_behind(tmp_path: Path):
    async with practice_cluster(tmp_path, demo_shop.deployment("web", replicas=2)) as (sandbox, kube):
        statuses = [pod["status"]["containerStatuses"][0] for pod in await kube.items(kube.pods)]
        pids = [int(status["containerID"].removeprefix("process://")) for status in statuses]
        os.kill(parent(pids[0]), signal.SIGKILL)
        with pytest.raises(errors.Unavailable, match="process keeper"):
            await sandbox.wait()
        await until(lambda: not any(alive(pid) for pid in pids))


async def test_serving_ends_when_it_is_cancelled(tmp_path: Path):
    sandbox = Sandbox(tmp_path)
    serving = asyncio.create_task(serve(sandbox))
    async with httpx.AsyncClient(transport=httpx.AsyncHTTPTransport(retries=5)) as http:
        assert (await http.get(f"{sandbox.url}/healthz")).text == "ok"
    serving.cancel()
    with pytest.raises(asyncio.CancelledError):
        await serving


def parent(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


def alive(pid: int) -> bool:
    """Whether a process runs; a zombie that nobody has waited for does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


async def until(holds: Callable[[], bool], patience_s: float = 20):
    end = time.monotonic() + patience_s
    while not holds():
        assert time.monotonic() < end
        await asyncio.sleep(0.02)


def _restarts(pod: JsonObject) -> int:
    return sum(status["restartCount"] for status in pod["status"].get("containerStatuses", []))


async def _text(kube: Kube, path: str) -> str:
    return (await kube.http.get(path)).text
