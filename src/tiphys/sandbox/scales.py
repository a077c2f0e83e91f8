"""The `scale` subresource of a deployment: the number of replicas as an object of its own. Pure.

Kubernetes: pkg/registry/apps/deployment/storage/storage.go (ScaleREST).
"""

from __future__ import annotations

from tiphys import jsons
from tiphys.jsons import JsonObject
from tiphys.sandbox import shapes, statuses, validation


def scale_of(deployment: JsonObject) -> JsonObject:
    """The Scale of a deployment."""
    kept = ("name", "namespace", "uid", "resourceVersion", "creationTimestamp")
    labels = jsons.as_object(deployment["spec"]["selector"].get("matchLabels"))
    return {
        "kind": "Scale",
        "apiVersion": "autoscaling/v1",
        "metadata": {key: deployment["metadata"][key] for key in kept},
        "spec": {"replicas": deployment["spec"]["replicas"]},
        "status": {
            "replicas": jsons.as_object(deployment.get("status")).get("replicas", 0),
            "selector": ",".join(f"{key}={value}" for key, value in labels.items()),
        },
    }


def wanted_replicas(scale: JsonObject, name: str) -> int:
    """The number that a Scale asks for; raises `ApiError` 400 or 422."""
    replicas: int = jsons.as_object(shapes.read("Scale", scale).get("spec")).get("replicas", 0)
    causes = list(validation.check_replicas(replicas))
    if causes:
        raise statuses.invalid("autoscaling", "Scale", name, causes)
    return replicas
