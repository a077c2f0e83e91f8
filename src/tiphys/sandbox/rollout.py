"""The arithmetic of a rollout: which template is which, and how many replicas each replica set should have. Pure.

Kubernetes: pkg/controller/deployment/rolling.go, recreate.go and …/util/deployment_util.go.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass

from tiphys import ids, jsons
from tiphys.jsons import JsonObject
from tiphys.sandbox.registry import SUFFIX_LETTERS

HASH_LABEL = "pod-template-hash"
REVISION = "deployment.kubernetes.io/revision"
HISTORY = "deployment.kubernetes.io/revision-history"
"""Which revisions a replica set was before it was brought back."""


@dataclass(frozen=True, slots=True)
class Group:
    """One replica set in numbers: `wanted` replicas, `pods` that exist, of which `available` are ready.

    `ending` are further pods that are being deleted; Kubernetes counts them nowhere but in a recreation.
    """

    name: str
    wanted: int
    pods: int
    available: int
    ending: int = 0


def template_hash(template: JsonObject) -> str:
    """The name of a template: the same for the same content, whatever its `pod-template-hash` label says."""
    digits = str(ids.fnv1a_32(json.dumps(without_hash(template), sort_keys=True)))
    return "".join(SUFFIX_LETTERS[ord(digit) % len(SUFFIX_LETTERS)] for digit in digits)


def without_hash(template: JsonObject) -> JsonObject:
    """A template as the author wrote it, to compare with another."""
    metadata = jsons.as_object(template.get("metadata"))
    labels = {key: value for key, value in jsons.as_object(metadata.get("labels")).items() if key != HASH_LABEL}
    return {**template, "metadata": {**metadata, "labels": labels}}


def limits(spec: JsonObject) -> tuple[int, int]:
    """How many pods there may be too many and too few during a rolling update (default: a quarter of the replicas)."""
    rolling = jsons.as_object(jsons.as_object(spec.get("strategy")).get("rollingUpdate"))
    surge = _share(rolling.get("maxSurge", "25%"), spec["replicas"], up=True)
    unavailable = _share(rolling.get("maxUnavailable", "25%"), spec["replicas"], up=False)
    return (surge, unavailable) if surge or unavailable else (0, 1)


def _share(value: object, whole: int, *, up: bool) -> int:
    if isinstance(value, str) and value.endswith("%"):
        part = int(value[:-1]) * whole / 100
        return math.ceil(part) if up else math.floor(part)
    return int(str(value))


def choose_replicas(spec: JsonObject, new: Group, old: Sequence[Group]) -> dict[str, int]:
    """The next number of replicas of each replica set, by name; those that stay as they are, are in it too."""
    if jsons.as_object(spec.get("strategy")).get("type") == "Recreate":
        gone = not any(group.pods or group.ending for group in old)
        return {new.name: spec["replicas"] if gone else new.wanted, **{group.name: 0 for group in old}}
    surge, unavailable = limits(spec)
    return {new.name: _grow(spec["replicas"], surge, new, old), **_shrink(spec["replicas"], unavailable, new, old)}


def _grow(replicas: int, surge: int, new: Group, old: Sequence[Group]) -> int:
    if new.wanted >= replicas:
        return replicas
    room = replicas + surge - new.wanted - sum(group.wanted for group in old)
    return min(replicas, new.wanted + max(0, room))


def _shrink(replicas: int, unavailable: int, new: Group, old: Sequence[Group]) -> dict[str, int]:
    """Old pods that do not work go first; then as many as can be spared."""
    wanted = {group.name: group.wanted for group in old}
    must_stay = replicas - unavailable
    waiting = max(0, new.wanted - new.available)
    to_spare = sum(wanted.values()) + new.wanted - must_stay - waiting
    for group in old:
        broken = max(0, min(to_spare, group.wanted - group.available))
        wanted[group.name] -= broken
        to_spare -= broken
    to_spare = min(to_spare, new.available + sum(min(group.available, wanted[group.name]) for group in old) - must_stay)
    for group in old:
        spared = max(0, min(to_spare, wanted[group.name]))
        wanted[group.name] -= spared
        to_spare -= spared
    return wanted
