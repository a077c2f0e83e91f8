"""Where values come from, and that nothing else gets in."""

from __future__ import annotations

import pytest
from tests.unit.remediation.builders import (
    DEPLOY,
    LABELS,
    NO_DEPLOY,
    OWNER,
    REPLICAS,
    alert,
    catalog,
    evidence,
    fact,
    group,
    group_of,
)

from tiphys.remediation import provenance
from tiphys.remediation.catalog import Action
from tiphys.remediation.evidence import Finding
from tiphys.remediation.intake import AlertGroup
from tiphys.remediation.provenance import Ground, Offer, Resolved


def action(name: str) -> Action:
    found = catalog().action(name)
    assert found
    return found


def offer(name: str, parameter: str, about: AlertGroup | None = None, found: tuple[Finding, ...] = ()) -> Offer:
    ground = Ground(about or group(), found or evidence())
    return next(o for o in provenance.make_offers(action(name), ground, {}) if o.parameter == parameter)


def test_a_label_gives_its_value_and_says_where_it_stood():
    assert offer("restart_pods", "namespace").values == (
        Resolved("namespace", "shop", "label:namespace", "labels.namespace"),
    )


def test_the_first_label_that_is_there_wins():
    assert offer("restart_pods", "namespace", group_of(exported_namespace="real")).values[0].value == "real"


def test_a_derivation_names_the_evidence_by_digest():
    found = offer("restart_pods", "selector").values[0]
    assert (found.value, found.source, found.path) == ("app=web", "derived:owner(pod)", "pod_owner.selector")
    assert found.digest == evidence()[0].digest


@pytest.mark.parametrize("trust", ["annotation", "log", "label", "model", ""])
def test_evidence_that_others_may_write_is_no_source(trust: str):
    about = group_of(pod="web-1")
    found = evidence(fact("pod_owner", OWNER["value"], trust))
    assert "none of its sources" in offer("restart_pods", "selector", about, found).fault


def test_two_enrichers_that_differ_derive_nothing():
    other = fact("pod_owner", {**OWNER["value"], "selector": "app=other"})
    assert offer("restart_pods", "selector", found=evidence(OWNER, other)).fault


@pytest.mark.parametrize(
    "value",
    [
        "frontend --all-namespaces=true",
        "x; kubectl delete ns shop",
        "$(id)",
        "`id`",
        "a,--all-namespaces=true",
        "",
        "*",
    ],
)
def test_a_hostile_label_refuses_the_parameter_even_where_another_source_is_good(value: str):
    found = offer("restart_pods", "selector", group_of(app=value))
    assert found.values == ()
    assert "labels.app holds" in found.fault


def test_a_namespace_with_a_direction_override_is_refused():
    assert offer("restart_pods", "namespace", group_of(namespace="prod-\u202etset\u202c")).fault


def test_a_label_that_the_alerts_do_not_share_is_no_source():
    about = group(alert(), alert({**LABELS, "namespace": "other"}, fingerprint="bb22"))
    assert "none of its sources" in offer("restart_pods", "namespace", about).fault


def test_annotations_are_never_a_source():
    about = group(alert({"alertname": "ServiceHung", "pod": "web-1"}, annotations={"namespace": "shop"}))
    assert offer("restart_pods", "namespace", about).fault


def test_a_label_and_a_derivation_that_disagree_are_a_question_for_people():
    found = offer("scale_up", "deployment", group_of(deployment="api"), evidence(OWNER, REPLICAS))
    assert "two sources disagree" in found.fault


def test_a_number_is_bounded_by_the_catalog_and_by_what_runs():
    assert offer("scale_up", "replicas", found=evidence(OWNER, REPLICAS)).bounds == (2, 8)
    many = fact("current_replicas", {"spec": 28})
    assert offer("scale_up", "replicas", found=evidence(OWNER, many)).bounds == (2, 30)


@pytest.mark.parametrize("present", [None, {"spec": "4"}, {"spec": True}, {"shop": 4}, "4", []])
def test_without_a_known_present_number_there_is_no_number_to_choose(present: object):
    found = evidence(OWNER, fact("current_replicas", present))
    assert "is not known" in offer("scale_up", "replicas", found=found).fault


@pytest.mark.parametrize("given", [0, 1, 9, 31, 10**9, -1, "3", "30; rm", 3.0, True, None])
def test_a_number_outside_its_bounds_is_refused(given: object):
    checked = provenance.check_value(offer("scale_up", "replicas", found=evidence(OWNER, REPLICAS)), given)
    assert isinstance(checked, str)


def test_a_number_within_its_bounds_is_kept_with_them():
    checked = provenance.check_value(offer("scale_up", "replicas", found=evidence(OWNER, REPLICAS)), 6)
    assert checked == Resolved("replicas", 6, "int", "bounds 2..8")


@pytest.mark.parametrize("given", ["app=api", "app=web ", "", "--all-namespaces=true", None, 7, ["app=web"]])
def test_a_value_that_comes_from_no_source_is_refused_even_if_it_looks_right(given: object):
    assert "none of the declared sources" in str(provenance.check_value(offer("restart_pods", "selector"), given))


def test_the_one_release_that_was_deployed_is_a_source_and_two_are_not():
    two = fact("recent_deploys", [{"release": "web"}, {"release": "api"}])
    assert offer("rollback_release", "release", found=evidence(OWNER, DEPLOY)).values[0].value == "web"
    assert offer("rollback_release", "release", found=evidence(OWNER, two)).fault
    assert offer("rollback_release", "release", found=evidence(OWNER, NO_DEPLOY)).fault


@pytest.mark.parametrize("prefix", ["*", "(none)", "sess:*:x", "a"])
def test_a_prefix_that_would_clear_too_much_is_refused(prefix: str):
    about = group_of(redis_cluster="shop-cache", key_prefix=prefix)
    assert offer("clear_redis_keys", "pattern", about).fault


def test_a_list_that_hangs_on_another_parameter_follows_its_value():
    values = offer("clear_redis_keys", "pattern", group_of(redis_cluster="shop-cache")).values
    assert [item.value for item in values] == ["cache:product:*", "cache:price:*"]
    assert offer("clear_redis_keys", "pattern", group_of(redis_cluster="ledger")).fault


def test_what_planners_see_of_an_offer():
    assert offer("restart_pods", "namespace").to_json() == {"values": ["shop"]}
    assert offer("scale_up", "replicas", found=evidence(OWNER, REPLICAS)).to_json() == {"min": 2, "max": 8}
    assert "unavailable" in offer("scale_up", "replicas").to_json()
