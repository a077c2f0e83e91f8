"""What loads as a catalog, and that each breach of a rule is named."""

from __future__ import annotations

import copy
from datetime import timedelta
from typing import Any

import pytest
import yaml
from tests.unit.remediation.builders import Json, catalog, catalog_tree

from tiphys import errors
from tiphys.remediation.catalog import Match
from tiphys.remediation.catalog_parse import parse_catalog
from tiphys.remediation.origins import FromLabel

PLAIN = """
version: 1
actions:
  - {name: restart_pods, template: restart-pods-tpl, blast_radius: pods, requires_approval: false,
     params: [namespace, selector], runbook: "https://runbooks.internal/restart-pods", timeout: 5m}
  - {name: scale_up, template: scale-deployment-tpl, blast_radius: deployment, requires_approval: false,
     params: [namespace, deployment, replicas], constraints: {max_replicas: 30},
     runbook: "https://runbooks.internal/scale-up", timeout: 10m}
  - {name: rollback_release, template: rollback-release-tpl, blast_radius: deployment, requires_approval: true,
     params: [namespace, release], runbook: "https://runbooks.internal/rollback", timeout: 15m}
  - {name: clear_redis_keys, template: clear-redis-keys-tpl, blast_radius: cache, requires_approval: false,
     params: [cluster, pattern], constraints: {pattern_prefix_required: true},
     runbook: "https://runbooks.internal/clear-redis", timeout: 5m}
"""


def problems(tree: Json) -> list[str]:
    with pytest.raises(errors.InvalidManifest) as caught:
        parse_catalog(tree, lambda path: errors.Position("c.yaml", 7, 3) if path else None)
    return [str(problem) for problem in caught.value.problems]


def changed(index: int, **fields: Json) -> Json:
    tree = catalog_tree()
    for key, value in fields.items():
        if value is None:
            tree["actions"][index].pop(key, None)
        else:
            tree["actions"][index][key] = value
    return tree


def test_the_shipped_catalog_has_the_four_actions_with_their_limits():
    loaded = catalog()
    rollback, scale = loaded.action("rollback_release"), loaded.action("scale_up")
    assert [action.name for action in loaded.actions] == [
        "restart_pods",
        "scale_up",
        "rollback_release",
        "clear_redis_keys",
    ]
    assert rollback
    assert rollback.requires_approval
    assert rollback.timeout == timedelta(minutes=15)
    assert scale
    assert scale.constraints["max_replicas"] == 30


@pytest.mark.parametrize("runbook", [None, "", "see wiki", "ftp://x/y", "javascript:alert(1)", "https://", 7])
def test_an_action_without_a_runbook_url_does_not_load(runbook: Json):
    found = problems(changed(0, runbook=runbook))
    assert len(found) == 1
    assert "actions[0].runbook: every action has a runbook URL" in found[0]
    assert found[0].startswith("c.yaml:7:3")


@pytest.mark.parametrize("timeout", [None, "", "soon", "0s", "-5m", 300, True, "48h"])
def test_an_action_without_a_timeout_does_not_load(timeout: Json):
    assert all("timeout" in problem for problem in problems(changed(0, timeout=timeout)))


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"name": "rollback_release"}, "its name says rollback"),
        ({"name": "delete_volume"}, "its name says delete"),
        ({"template": "drop-tables-tpl"}, "its name says drop"),
        ({"blast_radius": "namespace"}, "its blast radius is namespace"),
        ({"blast_radius": "database"}, "its blast radius is database"),
        ({"destructive": True}, "it says so"),
    ],
)
def test_a_destructive_action_that_needs_no_approval_does_not_load(fields: dict[str, Any], why: str):
    found = problems(changed(0, **fields))
    assert any("requires approval" in problem and why in problem for problem in found)


def test_a_destructive_action_cannot_be_declared_harmless():
    tree = changed(2, requires_approval=False, destructive=False)
    assert any("requires approval" in problem for problem in problems(tree))


def test_the_need_for_approval_must_be_said():
    assert "requires_approval must be true or false" in problems(changed(0, requires_approval=None))[0]
    assert "requires_approval must be true or false" in problems(changed(0, requires_approval="no"))[0]


def test_every_breach_is_reported_at_once():
    tree = changed(0, runbook=None, timeout=None, requires_approval=None)
    assert len(problems(tree)) == 3


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"runbok": "x"}, "did you mean runbook"),
        ({"blast_radius": "galaxy"}, "blast radius"),
        ({"template": "Not A Name"}, "WorkflowTemplate"),
        ({"name": "Restart Pods"}, "must be a name"),
        ({"params": {"a": 1}}, "must be a list"),
        ({"params": [{"name": "x", "type": "text", "from": ["label:x"]}]}, "unknown type 'text'"),
        ({"params": [{"name": "x", "type": "choice", "from": ["annotation:x"]}]}, "unknown source"),
        ({"params": [{"name": "x", "type": "choice", "from": ["derived:magic"]}]}, "unknown derivation"),
        ({"params": [{"name": "x", "type": "choice", "from": []}]}, "says where its value comes from"),
        ({"params": [{"name": "x", "type": "choice", "from": ["int"]}]}, "only an int may be chosen freely"),
        ({"params": [{"name": "x", "type": "int", "from": ["int"]}]}, "needs min and max"),
        ({"params": [{"name": "x", "type": "choice", "from": ["choice[allowed_units]"]}]}, "needs the constraint"),
        ({"params": [{"name": "x", "type": "choice", "from": ["label:x as y"]}]}, "exactly one {}"),
        ({"params": ["flavour"]}, "nothing says where the value of 'flavour' comes from"),
        ({"params": ["namespace", "namespace"]}, "there twice"),
        ({"constraints": {"max_pod": 3}}, "did you mean max_pods"),
        ({"constraints": {"max_pods": "3"}}, "whole number"),
        ({"constraints": {"max_replicas": 3}}, "limits the parameter replicas, which is not there"),
        ({"constraints": {"selector_equality_only": False}}, "can only be true"),
        ({"match": {"patterns": ["*"]}}, "fits every alert"),
        ({"match": {"alertname": ["x"]}}, "did you mean alertnames"),
    ],
)
def test_what_is_wrong_with_an_action_is_named(fields: dict[str, Any], words: str):
    assert any(words in problem for problem in problems(changed(0, **fields)))


@pytest.mark.parametrize("tree", [None, [], "x", {}, {"version": 1}, {"version": 1, "actions": []}, {"version": 2}])
def test_what_is_no_catalog_at_all_is_refused(tree: Json):
    assert problems(tree)


def test_a_name_that_is_there_twice_is_refused():
    tree = catalog_tree()
    tree["actions"].append(copy.deepcopy(tree["actions"][0]))
    assert "the action 'restart_pods' is there twice" in problems(tree)[0]


@pytest.mark.parametrize("policy", [{"resolved_groups": "act"}, {"one_target_per_decision": False}, {"window": "1h"}])
def test_a_policy_cannot_be_loosened(policy: dict[str, Any]):
    assert problems(catalog_tree() | {"policy": policy})


def test_the_plain_form_loads_with_known_sources():
    loaded = parse_catalog(yaml.safe_load(PLAIN))
    restart, scale = loaded.action("restart_pods"), loaded.action("scale_up")
    assert restart
    assert FromLabel("namespace") in restart.parameters[0].origins
    assert scale
    assert (scale.parameters[2].minimum, scale.parameters[2].maximum) == (1, 30)


def test_the_plain_form_matches_no_alert_so_nothing_is_acted_on_by_accident():
    assert parse_catalog(yaml.safe_load(PLAIN)).candidates({"alertname": "KubePodCrashLooping", "pod": "x"}) == ()


def test_a_plain_number_without_an_upper_bound_is_refused():
    tree = yaml.safe_load(PLAIN)
    del tree["actions"][1]["constraints"]
    assert any("no upper bound" in problem for problem in problems(tree))


def test_the_digest_follows_the_meaning_and_not_the_order_of_keys():
    tree = catalog_tree()
    reordered = dict(reversed(tree.items()))
    assert parse_catalog(reordered).digest == catalog().digest
    tree["actions"][0]["timeout"] = "6m"
    assert parse_catalog(tree).digest != catalog().digest


def test_a_match_needs_name_and_label():
    match = Match(("A",), ("*Stuck*",), ("pod", "app"))
    assert match.fits({"alertname": "A", "pod": "x"})
    assert match.fits({"alertname": "QueueStuckHard", "app": "x"})
    assert not match.fits({"alertname": "A"})
    assert not match.fits({"alertname": "B", "pod": "x"})
    assert not Match().fits({"alertname": "A", "pod": "x"})
