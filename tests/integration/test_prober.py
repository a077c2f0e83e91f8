"""The demo's own prober: from a broken service to the webhook, and to the notification that it is well again."""

import asyncio
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
from tests.contracts.kube import Kube
from tests.integration.practice import SHOP, practice_cluster
from tests.integration.webhook import Receiver, is_alert, webhook_receiver

from tiphys.sandbox import demo_shop
from tiphys.sandbox.prober import Prober, ProberSettings
from tiphys.sandbox.server import Sandbox


@asynccontextmanager
async def probing(sandbox: Sandbox, receiver: Receiver):
    token = (sandbox.token_directory / "prober").read_text()
    settings = ProberSettings(sandbox.url, token, receiver.url, "secret", period_s=0.1)
    task = asyncio.create_task(Prober(settings).run())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@asynccontextmanager
async def probed_cluster(tmp_path: Path):
    deployment = demo_shop.deployment("web")
    async with (
        practice_cluster(tmp_path, deployment) as (sandbox, kube),
        webhook_receiver() as hook,
        probing(sandbox, hook),
    ):
        yield sandbox, kube, hook


async def restart(kube: Kube):
    await kube.http.delete(kube.pods, params={"labelSelector": "app=web", "gracePeriodSeconds": 0})


async def test_a_wedged_service_is_told_of_until_it_is_well(tmp_path: Path):
    async with probed_cluster(tmp_path) as (sandbox, kube, hook):
        await demo_shop.wedge(sandbox.pod_addresses(SHOP, "app=web"))
        body = await hook.until(is_alert("ServiceUnresponsive", "firing"))
        await restart(kube)
        resolved = await hook.until(is_alert("ServiceUnresponsive", "resolved"))
    labels = {"service": "web", "namespace": SHOP, "deployment": "web", "severity": "critical"}
    assert body["commonLabels"] == {"alertname": "ServiceUnresponsive", **labels}
    (before,), (after,) = body["alerts"], resolved["alerts"]
    assert (before["fingerprint"], before["startsAt"]) == (after["fingerprint"], after["startsAt"])
    assert {authorization for authorization, _ in hook.received} == {"Bearer secret"}
    assert len(hook.received) == 2


async def test_a_crash_loop_is_told_of_with_its_pod(tmp_path: Path):
    async with probed_cluster(tmp_path) as (_, kube, hook):
        await kube.patch(f"{kube.deployments}/web", demo_shop.release(demo_shop.CRASHING))
        body = await hook.until(is_alert("KubePodCrashLooping", "firing", service="web"))
        pods = {pod["metadata"]["name"] for pod in await kube.items(kube.pods)}
        await kube.patch(f"{kube.deployments}/web", demo_shop.release(demo_shop.GOOD))
        await hook.until(is_alert("KubePodCrashLooping", "resolved"))
    assert body["commonLabels"]["pod"] in pods
    assert body["commonLabels"]["reason"] == "CrashLoopBackOff"
    assert not [one for one in hook.bodies if one["commonLabels"]["alertname"] == "ServiceUnresponsive"]


async def test_what_the_receiver_does_not_take_is_told_again(tmp_path: Path):
    async with practice_cluster(tmp_path, demo_shop.deployment("web")) as (sandbox, kube), webhook_receiver() as hook:
        hook.code = 503
        async with probing(sandbox, hook):
            await demo_shop.wedge(sandbox.pod_addresses(SHOP, "app=web"))
            await kube.until(lambda: _count(hook), lambda count: count >= 3)
            hook.code = 200
            before = len(hook.received)
            await kube.until(lambda: _count(hook), lambda count: count > before)
    assert len({body["alerts"][0]["startsAt"] for body in hook.bodies}) == 1


async def test_a_cluster_that_is_away_says_nothing_of_its_services(tmp_path: Path):
    async with webhook_receiver() as hook, httpx.AsyncClient(trust_env=False) as http:
        prober = Prober(ProberSettings("http://127.0.0.1:9", "", hook.url, "", threshold=1))
        await prober.round(http)
        assert hook.received == []


async def _count(hook: Receiver) -> int:
    return len(hook.received)
