"""Kubernetes Events: what the cluster did to which object, counted instead of repeated."""

from __future__ import annotations

from datetime import UTC, datetime

from tiphys import ids
from tiphys.jsons import JsonObject
from tiphys.sandbox import statuses
from tiphys.sandbox.kinds import EVENT
from tiphys.sandbox.registry import Registry, timestamp


class Recorder:
    """Writes Events into the registry; the same thing said again raises `count` and `lastTimestamp`."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry

    def record(self, about: JsonObject, kind: str, reason: str, message: str) -> None:
        """`kind` is `Normal` or `Warning`."""
        metadata, now = about["metadata"], timestamp(datetime.now(UTC))
        namespace = metadata["namespace"]
        name = ids.derived_name(metadata["name"], metadata["uid"], reason, message)
        reference = {
            "kind": about["kind"],
            "namespace": namespace,
            "name": metadata["name"],
            "uid": metadata["uid"],
            "apiVersion": about["apiVersion"],
        }
        event: JsonObject = {
            "metadata": {"name": name},
            "involvedObject": reference,
            "type": kind,
            "reason": reason,
            "message": message,
            "source": {"component": "tiphys-sandbox"},
            "firstTimestamp": now,
            "lastTimestamp": now,
            "count": 1,
        }
        try:
            self._registry.create(EVENT, namespace, event)
        except statuses.ApiError:
            self._registry.update(EVENT, namespace, name, _once_more)


def _once_more(event: JsonObject) -> None:
    event["count"] += 1
    event["lastTimestamp"] = timestamp(datetime.now(UTC))
