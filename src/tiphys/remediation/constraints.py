"""The hard limits of an action: their form in the catalog, and the judgement of each on resolved parameters. Pure.

A limit that cannot be judged because a fact is missing says no: what is not known to be safe is not done. Limits bind
to parameters by name (`allowed_units` to `unit`), and a catalog whose action lacks that parameter is refused.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeAlias

from tiphys import jsons
from tiphys.remediation import evidence as findings
from tiphys.remediation import kinds
from tiphys.remediation.catalog import Action
from tiphys.remediation.kinds import Value
from tiphys.remediation.reading import Reader


@dataclass(frozen=True, slots=True)
class Case:
    """What a limit is judged on: the resolved parameters, the alert's labels and start, the evidence."""

    params: Mapping[str, Value]
    labels: Mapping[str, str]
    evidence: Sequence[findings.Finding]
    started_at: datetime

    def text(self, name: str) -> str:
        """A parameter as text; empty when the action has none of that name."""
        return str(self.params.get(name, ""))


Judge: TypeAlias = Callable[[Any, Case], str]
"""From the limit's value and the case to what is wrong; empty when nothing is."""


@dataclass(frozen=True, slots=True)
class Limit:
    """One kind of limit: `shape` of its value in the catalog, the parameters it binds, and its judge."""

    shape: str
    params: tuple[str, ...]
    judge: Judge


def _denied_namespace(denied: Sequence[str], case: Case) -> str:
    return f"the namespace {case.text('namespace')} is never touched" if case.params.get("namespace") in denied else ""


def _owner_kind(allowed: Sequence[str], case: Case) -> str:
    kind = findings.field_of(case.evidence, "pod_owner", "kind")
    return "" if kind in allowed else f"the pod's owner is {kind or 'not known'}, not one of {', '.join(allowed)}"


def _pod_count(most: int, case: Case) -> str:
    count = findings.field_of(case.evidence, "pod_owner", "matched_pods")
    if not isinstance(count, int):
        return "it is not known how many pods the selector matches"
    return "" if 0 < count <= most else f"the selector matches {count} pods, allowed are 1 to {most}"


def _equality_only(_: object, case: Case) -> str:
    return "" if kinds.selector_terms(case.text("selector")) else "the selector is more than key=value terms"


def _most_replicas(most: int, case: Case) -> str:
    replicas = case.params.get("replicas")
    return "" if isinstance(replicas, int) and replicas <= most else f"{replicas} replicas are more than {most}"


def _exceeds_current(_: object, case: Case) -> str:
    current, replicas = findings.number_of(case.evidence, "current_replicas"), case.params.get("replicas")
    if current is None or not isinstance(replicas, int):
        return "the present number of replicas is not known"
    return "" if replicas > current else f"{replicas} replicas are not more than the present {current}"


def _below_autoscaler(_: object, case: Case) -> str:
    if not any(item.fact == "hpa" and item.trust in findings.TRUSTED for item in case.evidence):
        return "it is not known whether there is an autoscaler"
    most, replicas = findings.field_of(case.evidence, "hpa", "max"), case.params.get("replicas")
    if findings.trusted(case.evidence, "hpa") is None:
        return ""
    fits = isinstance(most, int) and isinstance(replicas, int) and replicas <= most
    return "" if fits else f"the autoscaler's maximum is {most}, it would undo {replicas} replicas"


def _deploy_of(case: Case) -> jsons.JsonObject:
    finding = findings.trusted(case.evidence, "recent_deploys")
    deploys = [jsons.as_object(item) for item in jsons.as_list(finding.value)] if finding else []
    return next((deploy for deploy in deploys if deploy.get("release") == case.text("release")), jsons.as_object(None))


def _recent_deploy(window: timedelta, case: Case) -> str:
    finished = findings.time_of(_deploy_of(case).get("finished"))
    if finished is None:
        return f"no finished deploy of {case.text('release')} is known, so there is nothing to undo"
    return "" if finished >= case.started_at - window else f"the last deploy of {case.text('release')} is too old"


def _previous_revision(_: object, case: Case) -> str:
    deploy = _deploy_of(case)
    if any(jsons.as_object(step).get("reversible") is False for step in jsons.as_list(deploy.get("migrations"))):
        return "the deploy changed data in a way that going back does not undo"
    return "" if deploy.get("from_revision") else "the revision to go back to is not known"


def _prefix_required(_: object, case: Case) -> str:
    return kinds.redis_pattern_fault(case.text("pattern"))


def _one_star(_: object, case: Case) -> str:
    pattern = case.text("pattern")
    return "" if pattern.endswith("*") and pattern.count("*") == 1 else "the pattern needs exactly one star, at its end"


def _allowed_prefix(allowed: Mapping[str, Sequence[str]], case: Case) -> str:
    prefix, cluster = case.text("pattern").removesuffix("*"), case.text("cluster")
    return "" if prefix in allowed.get(cluster, ()) else f"the prefix {prefix!r} may not be cleared on {cluster!r}"


def _denied_role(denied: Sequence[str], case: Case) -> str:
    roles = findings.field_of(case.evidence, "node", "roles")
    if not jsons.is_list(roles):
        return "the roles of the node are not known"
    held = [role for role in roles if role in denied]
    return f"the node has the role {held[0]}" if held else ""


def _unschedulable_share(most: float, case: Case) -> str:
    nodes, closed = (findings.field_of(case.evidence, "cluster_capacity", key) for key in ("nodes", "unschedulable"))
    if not isinstance(nodes, int) or not isinstance(closed, int) or nodes < 1:
        return "it is not known how many nodes are closed already"
    return "" if closed + 1 <= most * nodes else f"{closed} of {nodes} nodes are closed already"


def _known_node(_: object, case: Case) -> str:
    return (
        "" if findings.field_of(case.evidence, "node", "name") == case.params.get("node") else "the node is not known"
    )


def _listed(param: str) -> Judge:
    def judge(allowed: Sequence[str], case: Case) -> str:
        return "" if case.params.get(param) in allowed else f"{param} {case.text(param)!r} is not on the list"

    return judge


def _on_mountpoint(_: object, case: Case) -> str:
    mount, path = case.labels.get("mountpoint", ""), case.text("path")
    inside = mount.startswith("/") and (path == mount or path.startswith(mount.rstrip("/") + "/"))
    return "" if inside else f"{path} does not lie on the alert's file system {mount!r}"


def _enumerated(values: Mapping[str, Mapping[str, Sequence[str]]], case: Case) -> str:
    allowed = values.get(case.text("configmap"), {}).get(case.text("key"), ())
    return "" if case.params.get("value") in allowed else "this value of this key is not enumerated"


def _kept_by_template(_: object, __: Case) -> str:
    return ""


LIMITS: Mapping[str, Limit] = {
    "deny_namespaces": Limit("texts", ("namespace",), _denied_namespace),
    "owner_kinds": Limit("texts", (), _owner_kind),
    "max_pods": Limit("count", (), _pod_count),
    "selector_equality_only": Limit("flag", ("selector",), _equality_only),
    "max_replicas": Limit("count", ("replicas",), _most_replicas),
    "must_exceed_current": Limit("flag", ("replicas",), _exceeds_current),
    "not_above_hpa_max": Limit("flag", ("replicas",), _below_autoscaler),
    "needs_recent_deploy": Limit("duration", ("release",), _recent_deploy),
    "previous_revision_known": Limit("flag", ("release",), _previous_revision),
    "pattern_prefix_required": Limit("flag", ("pattern",), _prefix_required),
    "one_trailing_star": Limit("flag", ("pattern",), _one_star),
    "allowed_prefixes": Limit("lists", ("cluster", "pattern"), _allowed_prefix),
    "deny_roles": Limit("texts", (), _denied_role),
    "max_unschedulable_share": Limit("share", (), _unschedulable_share),
    "needs_known_node": Limit("flag", ("node",), _known_node),
    "allowed_units": Limit("texts", ("unit",), _listed("unit")),
    "allowed_paths": Limit("texts", ("path",), _listed("path")),
    "on_alert_mountpoint": Limit("flag", ("path",), _on_mountpoint),
    "keeps_files_younger_than": Limit("duration", (), _kept_by_template),
    "enumerated": Limit("nested", ("configmap", "key", "value"), _enumerated),
}
"""Every limit a catalog may name. `keeps_files_younger_than` is a promise of the template, shown and not judged."""


def judge_limits(action: Action, case: Case) -> tuple[tuple[str, str], ...]:
    """For each limit of the action, in the catalog's order, its name and what is wrong (empty when nothing is)."""
    return tuple((name, LIMITS[name].judge(value, case)) for name, value in action.constraints.items())


def parse_constraints(reader: Reader, value: object, path: str) -> Mapping[str, Any]:
    """The limits of one action, durations as timedelta; problems go to `reader`."""
    entry = {} if value is None else reader.mapping(value, path)
    reader.known(entry, path, tuple(LIMITS))
    known = {name: limit for name, limit in entry.items() if name in LIMITS}
    return {name: _parse_limit(reader, LIMITS[name].shape, limit, f"{path}.{name}") for name, limit in known.items()}


def refuse_unusable(reader: Reader, action: Action, path: str) -> None:
    """Complains about limits on parameters that the action does not have."""
    names = {parameter.name for parameter in action.parameters}
    for limit in action.constraints:
        for missing in (name for name in LIMITS[limit].params if name not in names):
            reader.problem(
                f"{path}.{limit}", f"limits the parameter {missing}, which is not there", "remove it", "limit"
            )


def _parse_limit(reader: Reader, shape: str, value: object, path: str) -> Any:  # noqa: ANN401 - its shape says what
    if shape in ("lists", "nested"):
        inner = "texts" if shape == "lists" else "lists"
        entries = reader.mapping(value, path)
        return {key: _parse_limit(reader, inner, item, f"{path}.{key}") for key, item in entries.items()}
    return _SHAPES[shape](reader, value, path)


def _flag(reader: Reader, value: object, path: str) -> bool:
    if value is not True:
        reader.problem(path, "can only be true; a limit is loosened by leaving it out", "remove it", "limit")
    return True


_SHAPES: Mapping[str, Callable[[Reader, object, str], Any]] = {
    "texts": Reader.texts,
    "count": lambda reader, value, path: reader.count(value, path) or 0,
    "duration": lambda reader, value, path: reader.duration(value, path) or timedelta(),
    "share": Reader.share,
    "flag": _flag,
}
