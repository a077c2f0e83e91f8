"""The real Prometheus and Alertmanager: from a firing rule to the webhook, and from the healed service to its end."""

from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from tests.integration.practice import SHOP, practice_cluster
from tests.integration.webhook import is_alert, webhook_receiver

from tiphys import errors
from tiphys.sandbox import alerts, demo_shop
from tiphys.sandbox.monitoring import MonitoringSettings, run_monitoring

CONFIGURATION = Path(__file__).parents[2] / "deploy" / "monitoring"
PATIENCE_S = 60
pytestmark = pytest.mark.service("prometheus")


@asynccontextmanager
async def start_prometheus(tmp_path: Path, cluster_url: str, webhook_url: str, token: str = "secret"):
    """Both programs around a practice cluster, telling that webhook."""
    tmp_path.joinpath("webhook-token").write_text(token)
    settings = MonitoringSettings(
        CONFIGURATION, tmp_path / "monitoring", cluster_url, webhook_url, tmp_path / "webhook-token"
    )
    async with run_monitoring(settings) as monitoring:
        yield monitoring


async def test_a_wedged_service_fires_reaches_the_webhook_and_is_resolved_when_healed(tmp_path: Path):
    async with (
        practice_cluster(tmp_path / "cluster", demo_shop.deployment("web")) as (sandbox, kube),
        webhook_receiver() as hook,
        start_prometheus(tmp_path, sandbox.url, hook.url),
    ):
        await demo_shop.wedge(sandbox.pod_addresses(SHOP, "app=web"))
        body = await hook.until(is_alert("ServiceUnresponsive", "firing"), patience_s=PATIENCE_S)
        await kube.http.delete(kube.pods, params={"labelSelector": "app=web", "gracePeriodSeconds": 0})
        resolved = await hook.until(is_alert("ServiceUnresponsive", "resolved"), patience_s=PATIENCE_S)
    assert body["version"] == "4"
    assert body["groupLabels"] == {"alertname": "ServiceUnresponsive", "service": "web"}
    (alert,) = body["alerts"]
    wanted = {"namespace": SHOP, "service": "web", "deployment": "web", "severity": "critical"}
    assert wanted.items() <= alert["labels"].items()
    assert alert["fingerprint"] == alerts.fingerprint(alert["labels"]) == resolved["alerts"][0]["fingerprint"]
    assert alert["startsAt"] == resolved["alerts"][0]["startsAt"]
    assert {authorization for authorization, _ in hook.received} == {"Bearer secret"}


async def test_a_crash_loop_fires_with_its_pod(tmp_path: Path):
    async with (
        practice_cluster(tmp_path / "cluster", demo_shop.deployment("web")) as (sandbox, kube),
        webhook_receiver() as hook,
        start_prometheus(tmp_path, sandbox.url, hook.url),
    ):
        await kube.patch(f"{kube.deployments}/web", demo_shop.release(demo_shop.CRASHING))
        body = await hook.until(is_alert("KubePodCrashLooping", "firing", service="web"), patience_s=PATIENCE_S)
        pods = {pod["metadata"]["name"] for pod in await kube.items(kube.pods)}
    assert {alert["labels"]["pod"] for alert in body["alerts"]} <= pods


async def test_a_configuration_that_is_none_ends_with_a_pointer_to_the_logs(tmp_path: Path):
    for name in ("prometheus.yml", "alertmanager.yml"):
        (tmp_path / name).write_text((CONFIGURATION / name).read_text())
    (tmp_path / "rules.yml").write_text("groups: [{name: broken, rules: [{alert: A, expr: '('}]}]")
    settings = MonitoringSettings(tmp_path, tmp_path / "work", "http://127.0.0.1:9", "http://127.0.0.1:9/", tmp_path)
    with pytest.raises(errors.Unavailable, match="has ended: see the logs in"):
        async with run_monitoring(settings):
            pass
