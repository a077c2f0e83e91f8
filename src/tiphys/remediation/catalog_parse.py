"""From a catalog document to a `Catalog`, or to every reason why it is refused. Pure.

Three rules have no exception: every action has a runbook URL, every destructive action requires approval, every action
has a timeout. What is destructive is decided here, by blast radius and by verb; a catalog cannot declare it away. The
document comes in as decoded YAML with a function from path to position, so this module knows no YAML.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Any

from tiphys import errors, jsons
from tiphys.remediation import constraints, digests, kinds, parameter_parse
from tiphys.remediation.catalog import Action, Catalog, Match, Policy
from tiphys.remediation.reading import Reader

DESTRUCTIVE_RADII = ("namespace", "cluster", "database", "volume", "fleet")
"""Blast radii within which no action is easily undone."""
RADII = ("pods", "deployment", "cache", "node", "host", "service", *DESTRUCTIVE_RADII)
"""Every blast radius that can be published."""
DESTRUCTIVE_VERBS = frozenset(
    re.findall(
        r"\w+",
        "rollback revert undo restore delete remove drop purge wipe destroy truncate erase format drain evict terminate"
        " failover promote uninstall reset",
    )
)
"""Words of an action's or template's name that say it cannot simply be repeated or undone."""
MAX_TIMEOUT = timedelta(hours=24)
"""A remediation that may run longer than a day is not one."""

_ACTION_KEYS = (
    "name",
    "template",
    "blast_radius",
    "requires_approval",
    "destructive",
    "timeout",
    "runbook",
    "params",
    "constraints",
    "match",
    "compensation",
)
_MATCH_KEYS = ("alertnames", "patterns", "labels_any")
_FIXED_POLICY = {
    "resolved_groups": "none",
    "active_incident": "hold",
    "maintenance_or_silence": "hold",
    "error_budget_exhausted": "approve",
    "label_conflict": "human",
    "one_target_per_decision": True,
}
"""Policies with one possible answer: they may be written down, and not be changed."""
_URL = re.compile(r"https?://[A-Za-z0-9.\-]+(:[0-9]{1,5})?(/[A-Za-z0-9._~%/\-]*)?(\?[^\s#]*)?(#\S*)?")


def parse_catalog(tree: object, position: Callable[[str], errors.Position | None] = lambda _: None) -> Catalog:
    """The catalog of a decoded document; raises `InvalidManifest` with everything that is wrong, in order.

    `position` gives the place of a path such as `actions[0].timeout`.
    """
    reader = Reader(position)
    document = reader.mapping(tree, "")
    reader.known(document, "", ("version", "policy", "actions"))
    version = document.get("version")
    if version != 1:
        reader.problem("version", "the catalog's version must be 1", "write version: 1", "version")
    policy = _policy(reader, document.get("policy"))
    items = reader.items(document.get("actions"), "actions")
    actions = [_action(reader, item, f"actions[{index}]") for index, item in enumerate(items)]
    if not actions:
        reader.problem("actions", "the catalog has no action", "list at least one", "actions")
    for index, name in _repeated(action.name for action in actions):
        reader.problem(f"actions[{index}].name", f"the action {name!r} is there twice", "rename one", "duplicate-name")
    reader.raise_if_any()
    return Catalog(1, policy, tuple(actions), digests.digest_of(document))


def _repeated(names: Iterable[str]) -> list[tuple[int, str]]:
    listed = list(names)
    return [(index, name) for index, name in enumerate(listed) if name and name in listed[:index]]


def _action(reader: Reader, item: object, path: str) -> Action:
    entry = reader.mapping(item, path)
    reader.known(entry, path, _ACTION_KEYS)
    limits = constraints.parse_constraints(reader, entry.get("constraints"), f"{path}.constraints")
    action = Action(
        name=reader.word(entry, "name", path, re.compile(r"[a-z][a-z0-9_]{0,62}"), "lower case, digits, underscores"),
        template=_template(reader, entry, "template", path),
        blast_radius=_radius(reader, entry, path),
        requires_approval=_approval(reader, entry, path),
        timeout=_timeout(reader, entry, path),
        runbook=_runbook(reader, entry, path),
        parameters=parameter_parse.parse_parameters(reader, entry.get("params"), f"{path}.params", limits),
        constraints=limits,
        match=_match(reader, entry.get("match"), f"{path}.match"),
        compensation=_template(reader, entry, "compensation", path) if "compensation" in entry else "",
    )
    _refuse_unapproved(reader, entry, action, path)
    constraints.refuse_unusable(reader, action, f"{path}.constraints")
    return action


def _refuse_unapproved(reader: Reader, entry: jsons.JsonObject, action: Action, path: str) -> None:
    """Rule 2: a destructive action requires approval."""
    words = set(re.split(r"[^a-z]+", f"{action.name} {action.template}".lower()))
    verbs = sorted(words & DESTRUCTIVE_VERBS)
    declared = ["it says so"] if entry.get("destructive") is True else []
    wide = [f"its blast radius is {action.blast_radius}"] if action.blast_radius in DESTRUCTIVE_RADII else []
    why = declared + wide + [f"its name says {verb}" for verb in verbs]
    if why and entry.get("requires_approval") is False:
        message = f"the destructive action {action.name!r} requires approval ({', '.join(why)})"
        reader.problem(f"{path}.requires_approval", message, "write requires_approval: true", "approval")


def _template(reader: Reader, entry: jsons.JsonObject, key: str, path: str) -> str:
    name = entry.get(key)
    if isinstance(name, str) and not kinds.dns_subdomain_fault(name):
        return name
    reader.problem(f"{path}.{key}", f"{key} must name a WorkflowTemplate", "for example restart-pods-tpl", key)
    return ""


def _radius(reader: Reader, entry: jsons.JsonObject, path: str) -> str:
    radius = entry.get("blast_radius")
    if radius in RADII:
        return str(radius)
    hint = f"one of {', '.join(RADII)}"
    reader.problem(f"{path}.blast_radius", "every action publishes its blast radius", hint, "blast-radius")
    return ""


def _approval(reader: Reader, entry: jsons.JsonObject, path: str) -> bool:
    for key in ("requires_approval", "destructive"):
        if (key in entry or key == "requires_approval") and not isinstance(entry.get(key), bool):
            reader.problem(f"{path}.{key}", f"{key} must be true or false", "say it for every action", key)
    return entry.get("requires_approval") is not False


def _timeout(reader: Reader, entry: jsons.JsonObject, path: str) -> timedelta:
    """Rule 3: every action has a timeout."""
    if entry.get("timeout") is None:
        reader.problem(f"{path}.timeout", "every action has a timeout", "for example timeout: 5m", "timeout")
        return timedelta()
    lasts = reader.duration(entry["timeout"], f"{path}.timeout")
    if lasts and lasts > MAX_TIMEOUT:
        reader.problem(f"{path}.timeout", "a timeout is at most 24h", "shorten it", "timeout")
    return lasts or timedelta()


def _runbook(reader: Reader, entry: jsons.JsonObject, path: str) -> str:
    """Rule 1: every action has a runbook URL."""
    url = entry.get("runbook")
    if isinstance(url, str) and _URL.fullmatch(url):
        return url
    hint = "for example runbook: https://runbooks.example/restart-pods"
    reader.problem(f"{path}.runbook", "every action has a runbook URL (http or https)", hint, "runbook")
    return ""


def _match(reader: Reader, value: Any, path: str) -> Match:  # noqa: ANN401 - a decoded YAML value
    if value is None:
        return Match()
    entry = reader.mapping(value, path)
    reader.known(entry, path, _MATCH_KEYS)
    names, patterns, labels = (reader.texts(entry.get(key), f"{path}.{key}") for key in _MATCH_KEYS)
    if any(set(pattern) <= set("*?") for pattern in patterns):
        reader.problem(f"{path}.patterns", "a pattern that fits every alert is no match", "name the alerts", "match")
    return Match(names, patterns, labels)


def _policy(reader: Reader, value: Any) -> Policy:  # noqa: ANN401 - a decoded YAML value
    if value is None:
        return Policy()
    entry = reader.mapping(value, "policy")
    own = ("ignored_severities", "deploy_window", "max_same_action")
    reader.known(entry, "policy", (*own, *_FIXED_POLICY))
    for key in entry.keys() & _FIXED_POLICY.keys():
        if entry[key] != _FIXED_POLICY[key]:
            reader.problem(
                f"policy.{key}", f"{key} can only be {_FIXED_POLICY[key]}", "it cannot be loosened", "policy"
            )
    default = Policy()
    severities, window, same = (entry.get(key) for key in own)
    runs = reader.mapping(same, "policy.max_same_action") if same is not None else {}
    reader.known(runs, "policy.max_same_action", ("count", "window"))
    count = reader.count(runs["count"], "policy.max_same_action.count") if "count" in runs else None
    lasts = reader.duration(runs["window"], "policy.max_same_action.window") if "window" in runs else None
    return Policy(
        default.ignored_severities if severities is None else reader.texts(severities, "policy.ignored_severities"),
        None if window is None else reader.duration(window, "policy.deploy_window"),
        default.max_same_action if count is None else count,
        lasts or default.same_action_window,
    )
