"""Read-only facts about the target of an alert, from the Kubernetes API, within a budget of time and bytes.

Only what the API says of its own accord becomes a fact: names, counts, times, reasons from fixed lists. Messages and
log lines, which a workload can write, do not. What cannot be had is a fact with the value null, and why not is in the
fact `enricher_note`. Nothing here decides anything.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from tiphys import errors, jsons
from tiphys.cluster import objects, owners, rollouts
from tiphys.cluster.client import AUTOSCALERS, PODS, SERVICES, KubeClient
from tiphys.cluster.objects import Pod, Workload
from tiphys.controllers.ports import Clock
from tiphys.controllers.ports import JsonObject as ReadOnlyObject
from tiphys.jsons import JsonObject

SOURCE = "kube-api"
BUDGET_S = 5.0
"""Seconds for all facts of one alert."""
MAX_FACT_BYTES = 4096
"""A larger fact is left out: it would crowd out the rest of a planner's question."""
MAX_PODS = 10
"""Pods of one alert group that are looked up; they have one owner, or there is nothing to say."""
NAMESPACE_LABELS = ("exported_namespace", "namespace", "kubernetes_namespace")
"""In this order, since a scrape's own namespace may hide the exported one (as the catalog's parameters have it)."""


class KubeEvidence:
    """Implements `Evidence`; the client should read only (`deploy/rbac/evidence-reader.yaml`)."""

    def __init__(self, client: KubeClient, clock: Clock, *, budget_s: float = BUDGET_S) -> None:
        self._client = client
        self._clock = clock
        self._budget_s = budget_s

    async def gather(self, alert: ReadOnlyObject) -> Sequence[ReadOnlyObject]:
        """Facts as `{fact, value, source, trust, at}`; `alert` is one alert or a whole group of them. Never raises."""
        values: dict[str, Any] = dict.fromkeys(("pod_owner", "current_replicas", "recent_deploys"))
        try:
            async with asyncio.timeout(self._budget_s):
                await self._look(alert, values)
        except TimeoutError:
            values["enricher_note"] = {SOURCE: f"no answer within {self._budget_s:g} s"}
        except errors.TiphysError as error:
            values["enricher_note"] = {SOURCE: type(error).__name__}
        at = _text(self._clock.now())
        return [_fact(name, value, at) for name, value in values.items()]

    async def _look(self, alert: ReadOnlyObject, values: dict[str, Any]) -> None:
        """Adds what is found, as it is found: what came before a failure stays."""
        labels, pods = target_labels(alert), target_pods(alert)
        namespace = next((labels[name] for name in NAMESPACE_LABELS if labels.get(name)), "")
        if not namespace:
            return
        if pods:
            workload = await self._find_owner(namespace, pods, values)
        else:
            workload = await self._find_workload(namespace, labels)
        if workload is not None:
            await self._describe(workload, values)

    async def _find_owner(self, namespace: str, names: Sequence[str], values: dict[str, Any]) -> Workload | None:
        """The workload that owns all the pods which the alerts name; None when there is no such one."""
        pods = [objects.parse_pod(await self._client.get(PODS, namespace, name)) for name in names]
        if len(pods) == 1:
            values["pod_status"] = _status(pods[0])
        return await self._common_owner(namespace, pods)

    async def _find_workload(self, namespace: str, labels: Mapping[str, str]) -> Workload | None:
        """The workload that a label names: a deployment, or the service in front of its pods."""
        if name := labels.get("deployment"):
            return await owners.load_deployment(self._client, namespace, name)
        if name := labels.get("service"):
            service = await self._client.get(SERVICES, namespace, name)
            selector = jsons.as_object(jsons.as_object(service.get("spec")).get("selector"))
            if selector:
                text = objects.format_selector({"matchLabels": selector})
                pods = await owners.load_pods(self._client, namespace, text)
                return await self._common_owner(namespace, [pod for pod in pods if not pod.ending])
        return None

    async def _common_owner(self, namespace: str, pods: Sequence[Pod]) -> Workload | None:
        found = [await owners.resolve_owner(self._client, namespace, pod) for pod in pods]
        uids = {one.uid: one for one in found if one is not None}
        return next(iter(uids.values())) if len(uids) == 1 and None not in found else None

    async def _describe(self, workload: Workload, values: dict[str, Any]) -> None:
        pods = await owners.load_pods(self._client, workload.namespace, workload.selector)
        pods = [pod for pod in pods if not pod.ending]
        values["pod_owner"] = {
            "kind": workload.kind,
            "name": workload.name,
            "namespace": workload.namespace,
            "selector": workload.selector,
            "matched_pods": len(pods),
        }
        values["current_replicas"] = {"spec": workload.replicas, "ready": workload.ready}
        values["last_restarts"] = _restarts(pods, self._clock.now())
        values["not_ready_pods"] = _not_ready(pods)
        if workload.kind == "Deployment":
            revisions = await owners.load_revisions(self._client, workload)
            values["recent_deploys"] = rollouts.recent_deploys(workload, revisions, pods, self._clock.now())
        values["hpa"] = await self._autoscaler(workload)

    async def _autoscaler(self, workload: Workload) -> JsonObject | None:
        """The autoscaler of a workload; None when it has none, as where the API knows no autoscalers."""
        try:
            documents = await self._client.list(AUTOSCALERS, workload.namespace)
        except errors.NotFound:
            return None
        found = [objects.parse_autoscaler(document) for document in documents]
        return next((one for kind, name, one in found if (kind, name) == (workload.kind, workload.name)), None)


def target_labels(alert: ReadOnlyObject) -> dict[str, str]:
    """The labels of an alert; of a group, those that all its firing alerts share."""
    listed = [set(_labels(one).items()) for one in _alerts(alert)]
    return dict(set[tuple[str, str]].intersection(*listed))


def target_pods(alert: ReadOnlyObject) -> list[str]:
    """The pods that the firing alerts name, `MAX_PODS` at most; empty unless each of them names one."""
    names = [_labels(one).get("pod", "") for one in _alerts(alert)]
    return sorted(set(names))[:MAX_PODS] if all(names) else []


def _alerts(alert: ReadOnlyObject) -> list[ReadOnlyObject]:
    members = [one for one in jsons.as_list(alert.get("alerts")) if one.get("status", "firing") == "firing"]
    return members or [alert]


def _labels(alert: ReadOnlyObject) -> JsonObject:
    return jsons.as_object(alert.get("labels", alert.get("commonLabels")))


def _status(pod: Pod) -> JsonObject:
    return {"phase": pod.phase, "ready": pod.ready, "reason": pod.waiting or None, "restarts": pod.restarts}


def _restarts(pods: Sequence[Pod], now: datetime) -> JsonObject | None:
    worst = max(pods, key=lambda pod: pod.restarts, default=None)
    if worst is None:
        return None
    value: JsonObject = {"count": worst.restarts}
    if worst.started_at:
        value["window"] = f"{max(1, round((now - rollouts.parse_time(worst.started_at)).total_seconds() / 60))}m"
    return {**value, **({"last_exit": worst.last_exit} if worst.last_exit else {})}


def _not_ready(pods: Sequence[Pod]) -> JsonObject:
    waiting = [pod for pod in pods if not pod.ready]
    since = [pod.ready_since for pod in waiting if pod.ready_since]
    value: JsonObject = {"count": len(waiting)}
    if waiting:
        value |= {"reason": waiting[0].waiting or "readiness", "since": min(since, default=None)}
    return value


def _fact(name: str, value: object, at: str) -> JsonObject:
    fits = len(json.dumps(value).encode()) <= MAX_FACT_BYTES
    return {"fact": name, "value": value if fits else None, "source": SOURCE, "trust": "api", "at": at}


def _text(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
