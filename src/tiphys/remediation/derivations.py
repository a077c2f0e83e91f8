"""Values that code derives from an alert and trusted evidence: `derived:…` in the catalog. Pure.

Nothing is guessed from the text of a name, and a fact that is missing or that two enrichers dispute derives nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from tiphys import jsons
from tiphys.remediation import evidence as findings
from tiphys.remediation.evidence import Finding
from tiphys.remediation.intake import AlertGroup


@dataclass(frozen=True, slots=True)
class Derivation:
    """A derived text, where in the evidence it stood (`pod_owner.selector`), and the digest of what it stood in."""

    value: str
    path: str
    digest: str


def derive(name: str, kind: str, group: AlertGroup, evidence: Sequence[Finding]) -> Derivation | None:
    """What the derivation of that name gives for a parameter of type `kind`; None when it gives nothing."""
    return _DERIVATIONS[name](kind, group, evidence)


def _read(evidence: Sequence[Finding], fact: str, key: str) -> Derivation | None:
    finding, value = findings.trusted(evidence, fact), findings.field_of(evidence, fact, key)
    return Derivation(value, f"{fact}.{key}", finding.digest) if finding and isinstance(value, str) and value else None


def _owner(kind: str, _: AlertGroup, evidence: Sequence[Finding]) -> Derivation | None:
    """The owner's selector for a selector; its name for a name, when it is something that can be scaled."""
    if kind == "label_selector":
        return _read(evidence, "pod_owner", "selector")
    scales = findings.field_of(evidence, "pod_owner", "kind") in ("Deployment", "StatefulSet")
    return _read(evidence, "pod_owner", "name") if scales else None


def _autoscaled(_: str, __: AlertGroup, evidence: Sequence[Finding]) -> Derivation | None:
    return _read(evidence, "hpa", "target")


def _release(_: str, __: AlertGroup, evidence: Sequence[Finding]) -> Derivation | None:
    """The one release that was deployed; several are a question for people."""
    finding = findings.trusted(evidence, "recent_deploys")
    deploys = jsons.as_list(finding.value) if finding else []
    names = {name for deploy in deploys if isinstance(name := jsons.as_object(deploy).get("release"), str)}
    if finding is None or len(names) != 1:
        return None
    return Derivation(names.pop(), "recent_deploys[].release", finding.digest)


def _host(_: str, group: AlertGroup, evidence: Sequence[Finding]) -> Derivation | None:
    """The host part of the label `instance`; an address only by way of the inventory."""
    host = re.sub(r":[0-9]{1,5}$", "", group.labels.get("instance", ""))
    known = _read(evidence, "inventory", "host")
    if known and (known.value == host or re.fullmatch(r"[0-9.]+|\[.*\]", host)):
        return known
    return Derivation(host, "labels.instance", "") if host and not re.fullmatch(r"[0-9.]+|\[.*\]", host) else None


def _common_node(_: str, group: AlertGroup, __: Sequence[Finding]) -> Derivation | None:
    node = group.labels.get("node", "")
    return Derivation(node, "labels.node", "") if node else None


def _cache(_: str, __: AlertGroup, evidence: Sequence[Finding]) -> Derivation | None:
    return _read(evidence, "redis", "cluster")


_DERIVATIONS: Mapping[str, Callable[[str, AlertGroup, Sequence[Finding]], Derivation | None]] = {
    "owner(pod)": _owner,
    "hpa_target": _autoscaled,
    "release": _release,
    "host(instance)": _host,
    "common_node(pods)": _common_node,
    "cache_for(service)": _cache,
}
