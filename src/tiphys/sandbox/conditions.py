"""Conditions of a status: reading and setting them, with the time of the last transition kept honest. Pure but for now.

Kubernetes: staging/src/k8s.io/apimachinery/pkg/api/meta/conditions.go.
"""

from __future__ import annotations

from datetime import UTC, datetime

from tiphys import jsons
from tiphys.jsons import JsonObject
from tiphys.sandbox.registry import timestamp


def conditions_of(document: JsonObject) -> list[JsonObject]:
    """The conditions of an object's status."""
    return jsons.as_list(jsons.as_object(document.get("status")).get("conditions"))


def is_true(document: JsonObject, kind: str) -> bool:
    """Whether that condition is True."""
    return any(one["type"] == kind and one["status"] == "True" for one in conditions_of(document))


def is_ready(pod: JsonObject) -> bool:
    """Whether a pod is ready; one that is being deleted is not counted."""
    return is_true(pod, "Ready") and "deletionTimestamp" not in pod["metadata"]


def set_condition(document: JsonObject, kind: str, status: str, reason: str, message: str) -> None:
    """Sets one condition in place; nothing moves when it says the same already."""
    now = timestamp(datetime.now(UTC))
    wanted: JsonObject = {"type": kind, "status": status, "reason": reason, "message": message}
    listed: list[JsonObject] = document.setdefault("status", {}).setdefault("conditions", [])
    for condition in listed:
        if condition["type"] == kind:
            if wanted.items() <= condition.items():
                return
            since = condition["lastTransitionTime"] if condition["status"] == status else now
            condition.update(wanted, lastUpdateTime=now, lastTransitionTime=since)
            return
    listed.append({**wanted, "lastUpdateTime": now, "lastTransitionTime": now})
