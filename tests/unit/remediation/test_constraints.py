"""Each hard limit: what it lets pass, what it stops, and that a missing fact stops it too."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
from tests.unit.remediation.builders import DEPLOY, NO_HPA, NOW, OWNER, REPLICAS, fact

from tiphys.remediation.constraints import LIMITS, Case
from tiphys.remediation.evidence import parse_evidence
from tiphys.remediation.kinds import Value

HPA = fact("hpa", {"max": 12, "current": 5, "target": "web"})
NODE = fact("node", {"name": "w-1", "roles": ["worker"]})
MASTER = fact("node", {"name": "w-1", "roles": ["worker", "etcd"]})
CAPACITY = fact("cluster_capacity", {"nodes": 20, "unschedulable": 1})
FULL = fact("cluster_capacity", {"nodes": 20, "unschedulable": 2})
OLD = fact("recent_deploys", [{"release": "web", "finished": "2026-02-01T11:30:00Z", "from_revision": "1"}])
FIRST = fact("recent_deploys", [{"release": "web", "finished": "2026-03-01T11:30:00Z"}])
ONE_WAY = fact("recent_deploys", [{"release": "web", "from_revision": "1", "migrations": [{"reversible": False}]}])
STANDALONE = fact("pod_owner", {"kind": "Job", "name": "web", "selector": "app=web", "matched_pods": 200})
PREFIXES = {"shop": ["cache:"]}
VALUES = {"flags": {"search": ["on", "off"]}}

Row = tuple[str, Any, Mapping[str, Value], tuple[Any, ...]]
HOLDS: list[Row] = [
    ("deny_namespaces", ["kube-system"], {"namespace": "shop"}, ()),
    ("owner_kinds", ["Deployment"], {}, (OWNER,)),
    ("max_pods", 20, {}, (OWNER,)),
    ("selector_equality_only", True, {"selector": "app=web"}, ()),
    ("max_replicas", 30, {"replicas": 30}, ()),
    ("must_exceed_current", True, {"replicas": 5}, (REPLICAS,)),
    ("not_above_hpa_max", True, {"replicas": 12}, (HPA,)),
    ("not_above_hpa_max", True, {"replicas": 99}, (NO_HPA,)),
    ("needs_recent_deploy", timedelta(hours=6), {"release": "web"}, (DEPLOY,)),
    ("previous_revision_known", True, {"release": "web"}, (DEPLOY,)),
    ("pattern_prefix_required", True, {"pattern": "cache:*"}, ()),
    ("one_trailing_star", True, {"pattern": "cache:*"}, ()),
    ("allowed_prefixes", PREFIXES, {"cluster": "shop", "pattern": "cache:*"}, ()),
    ("deny_roles", ["etcd"], {"node": "w-1"}, (NODE,)),
    ("max_unschedulable_share", 0.1, {"node": "w-1"}, (CAPACITY,)),
    ("needs_known_node", True, {"node": "w-1"}, (NODE,)),
    ("allowed_units", ["nginx.service"], {"unit": "nginx.service"}, ()),
    ("allowed_paths", ["/var/log"], {"path": "/var/log"}, ()),
    ("on_alert_mountpoint", True, {"path": "/var/log"}, ()),
    ("keeps_files_younger_than", timedelta(hours=24), {}, ()),
    ("enumerated", VALUES, {"configmap": "flags", "key": "search", "value": "off"}, ()),
]
STOPS: list[Row] = [
    ("deny_namespaces", ["kube-system"], {"namespace": "kube-system"}, ()),
    ("owner_kinds", ["Deployment"], {}, (STANDALONE,)),
    ("owner_kinds", ["Deployment"], {}, ()),
    ("max_pods", 20, {}, (STANDALONE,)),
    ("max_pods", 20, {}, ()),
    ("max_pods", 20, {}, (fact("pod_owner", {"matched_pods": 0}),)),
    ("selector_equality_only", True, {"selector": "app in (a)"}, ()),
    ("max_replicas", 30, {"replicas": 31}, ()),
    ("must_exceed_current", True, {"replicas": 4}, (REPLICAS,)),
    ("must_exceed_current", True, {"replicas": 5}, ()),
    ("not_above_hpa_max", True, {"replicas": 13}, (HPA,)),
    ("not_above_hpa_max", True, {"replicas": 5}, ()),
    ("not_above_hpa_max", True, {"replicas": 5}, (fact("hpa", {"max": "many"}),)),
    ("needs_recent_deploy", timedelta(hours=6), {"release": "web"}, (OLD,)),
    ("needs_recent_deploy", timedelta(hours=6), {"release": "api"}, (DEPLOY,)),
    ("needs_recent_deploy", timedelta(hours=6), {"release": "web"}, ()),
    ("previous_revision_known", True, {"release": "web"}, (FIRST,)),
    ("previous_revision_known", True, {"release": "web"}, (ONE_WAY,)),
    ("pattern_prefix_required", True, {"pattern": "*"}, ()),
    ("one_trailing_star", True, {"pattern": "cache:"}, ()),
    ("one_trailing_star", True, {"pattern": "ca*he:*"}, ()),
    ("allowed_prefixes", PREFIXES, {"cluster": "shop", "pattern": "sess:*"}, ()),
    ("allowed_prefixes", PREFIXES, {"cluster": "other", "pattern": "cache:*"}, ()),
    ("deny_roles", ["etcd"], {"node": "w-1"}, (MASTER,)),
    ("deny_roles", ["etcd"], {"node": "w-1"}, ()),
    ("max_unschedulable_share", 0.1, {"node": "w-1"}, (FULL,)),
    ("max_unschedulable_share", 0.1, {"node": "w-1"}, ()),
    ("needs_known_node", True, {"node": "w-2"}, (NODE,)),
    ("allowed_units", ["nginx.service"], {"unit": "postgresql.service"}, ()),
    ("allowed_paths", ["/var/log"], {"path": "/"}, ()),
    ("on_alert_mountpoint", True, {"path": "/variable"}, ()),
    ("enumerated", VALUES, {"configmap": "flags", "key": "search", "value": "maybe"}, ()),
    ("enumerated", VALUES, {"configmap": "flags", "key": "other", "value": "on"}, ()),
]


def judged(row: Row) -> str:
    name, value, params, found = row
    return LIMITS[name].judge(value, Case(params, {"mountpoint": "/var"}, parse_evidence(found), NOW))


@pytest.mark.parametrize("row", HOLDS, ids=lambda row: row[0])
def test_holds(row: Row):
    assert judged(row) == ""


@pytest.mark.parametrize("row", STOPS, ids=lambda row: row[0])
def test_stops(row: Row):
    assert judged(row)


def test_every_limit_is_tested_both_ways():
    assert {row[0] for row in HOLDS} == set(LIMITS)
    assert {row[0] for row in STOPS} == set(LIMITS) - {"keeps_files_younger_than"}
