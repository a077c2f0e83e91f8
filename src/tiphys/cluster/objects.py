"""What our resolvers and steps read of Kubernetes objects, as values. Pure.

Reading is lenient: a field that is missing has its natural default, so that an unusual object gives a poor value and
never an accident.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tiphys import jsons
from tiphys.jsons import JsonObject

REVISION = "deployment.kubernetes.io/revision"
HISTORY = "deployment.kubernetes.io/revision-history"
HASH_LABEL = "pod-template-hash"
ROLLED_OUT = "NewReplicaSetAvailable"
"""Reason of the condition Progressing once a rollout is complete."""


@dataclass(frozen=True, slots=True)
class Owner:
    """The object that controls another one."""

    kind: str
    name: str
    uid: str


@dataclass(frozen=True, slots=True)
class Pod:
    """A pod. `waiting` is the reason why its first container waits, `last_exit` how that container last ended."""

    name: str
    uid: str
    phase: str
    ready: bool
    ready_since: str
    ending: bool
    owner: Owner | None
    restarts: int
    waiting: str
    last_exit: str
    started_at: str


@dataclass(frozen=True, slots=True)
class Workload:
    """A Deployment, StatefulSet or DaemonSet; `selector` is its label selector as text.

    `replicas` are wanted; `total`, `updated`, `ready` and `available` are counted by its controller, which has seen
    the spec up to generation `observed`. `revision` is 0 where there is none. `progress_reason` and `progressed_at`
    are those of a Deployment's condition Progressing.
    """

    kind: str
    namespace: str
    name: str
    uid: str
    resource_version: str
    generation: int
    observed: int
    selector: str
    annotations: Mapping[str, str]
    replicas: int
    total: int
    updated: int
    ready: int
    available: int
    revision: int
    progress_reason: str
    progressed_at: str


@dataclass(frozen=True, slots=True)
class ReplicaSet:
    """One revision of a Deployment, with the template that it stands for.

    `brought_back`: it was an earlier revision too, so it is older than its rollout.
    """

    name: str
    uid: str
    revision: int
    created_at: str
    brought_back: bool
    template: JsonObject


def parse_owner(document: JsonObject) -> Owner | None:
    """The controller of an object, or None."""
    for reference in jsons.as_list(_metadata(document).get("ownerReferences")):
        if reference.get("controller"):
            return Owner(reference.get("kind", ""), reference.get("name", ""), reference.get("uid", ""))
    return None


def parse_pod(document: JsonObject) -> Pod:
    """The value of a Pod."""
    metadata, status = _metadata(document), jsons.as_object(document.get("status"))
    containers = [jsons.as_object(one) for one in jsons.as_list(status.get("containerStatuses"))]
    first = containers[0] if containers else {}
    ended = jsons.as_object(jsons.as_object(first.get("lastState")).get("terminated"))
    ready = _condition(document, "Ready")
    return Pod(
        name=metadata.get("name", ""),
        uid=metadata.get("uid", ""),
        phase=status.get("phase", ""),
        ready=ready.get("status") == "True",
        ready_since=ready.get("lastTransitionTime", ""),
        ending="deletionTimestamp" in metadata,
        owner=parse_owner(document),
        restarts=sum(one.get("restartCount", 0) for one in containers),
        waiting=jsons.as_object(jsons.as_object(first.get("state")).get("waiting")).get("reason", ""),
        last_exit=f"{ended['exitCode']}: {ended.get('reason', '')}" if "exitCode" in ended else "",
        started_at=status.get("startTime", ""),
    )


def parse_workload(kind: str, document: JsonObject) -> Workload:
    """The value of a Deployment, StatefulSet or DaemonSet."""
    metadata, spec = _metadata(document), jsons.as_object(document.get("spec"))
    status, annotations = jsons.as_object(document.get("status")), jsons.as_object(metadata.get("annotations"))
    progress = _condition(document, "Progressing")
    revision = str(annotations.get(REVISION, "0"))
    return Workload(
        kind=kind,
        namespace=metadata.get("namespace", ""),
        name=metadata.get("name", ""),
        uid=metadata.get("uid", ""),
        resource_version=metadata.get("resourceVersion", ""),
        generation=metadata.get("generation", 0),
        observed=status.get("observedGeneration", 0),
        selector=format_selector(jsons.as_object(spec.get("selector"))),
        annotations=annotations,
        replicas=spec.get("replicas", status.get("desiredNumberScheduled", 0)),
        total=status.get("replicas", status.get("currentNumberScheduled", 0)),
        updated=status.get("updatedReplicas", status.get("updatedNumberScheduled", 0)),
        ready=status.get("readyReplicas", status.get("numberReady", 0)),
        available=status.get("availableReplicas", status.get("numberAvailable", 0)),
        revision=int(revision) if revision.isdecimal() else 0,
        progress_reason=progress.get("reason", ""),
        progressed_at=progress.get("lastUpdateTime", ""),
    )


def parse_replica_set(document: JsonObject) -> ReplicaSet:
    """The value of a ReplicaSet; its template is the author's, without the label that its controller adds."""
    metadata, template = _metadata(document), jsons.as_object(jsons.as_object(document.get("spec")).get("template"))
    revision = str(jsons.as_object(metadata.get("annotations")).get(REVISION, "0"))
    labels = {
        key: value for key, value in jsons.as_object(_metadata(template).get("labels")).items() if key != HASH_LABEL
    }
    return ReplicaSet(
        name=metadata.get("name", ""),
        uid=metadata.get("uid", ""),
        revision=int(revision) if revision.isdecimal() else 0,
        created_at=metadata.get("creationTimestamp", ""),
        brought_back=bool(jsons.as_object(metadata.get("annotations")).get(HISTORY)),
        template={**template, "metadata": {**_metadata(template), "labels": labels}},
    )


def parse_autoscaler(document: JsonObject) -> tuple[str, str, JsonObject]:
    """Kind and name of what a HorizontalPodAutoscaler scales, and its numbers in the form of an enricher."""
    spec, status = jsons.as_object(document.get("spec")), jsons.as_object(document.get("status"))
    target = jsons.as_object(spec.get("scaleTargetRef"))
    numbers: JsonObject = {
        "min": spec.get("minReplicas", 1),
        "max": spec.get("maxReplicas"),
        "current": status.get("currentReplicas"),
        "desired": status.get("desiredReplicas"),
        "target": target.get("name"),
    }
    return target.get("kind", ""), target.get("name", ""), numbers


def format_selector(selector: JsonObject) -> str:
    """A `LabelSelector` as text, as `kubectl -l` takes it."""
    terms = [f"{key}={value}" for key, value in jsons.as_object(selector.get("matchLabels")).items()]
    for one in jsons.as_list(selector.get("matchExpressions")):
        key, values = one.get("key", ""), ",".join(jsons.as_list(one.get("values")))
        texts = {
            "In": f"{key} in ({values})",
            "NotIn": f"{key} notin ({values})",
            "Exists": key,
            "DoesNotExist": f"!{key}",
        }
        terms.append(texts.get(one.get("operator", ""), ""))
    return ",".join(terms)


def _metadata(document: JsonObject) -> JsonObject:
    return jsons.as_object(document.get("metadata"))


def _condition(document: JsonObject, kind: str) -> JsonObject:
    conditions = jsons.as_list(jsons.as_object(document.get("status")).get("conditions"))
    return next((jsons.as_object(one) for one in conditions if one.get("type") == kind), JsonObject())
