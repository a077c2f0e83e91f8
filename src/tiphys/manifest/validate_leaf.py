"""Rules of templates that do something themselves: container, script, container set, resource, and what they share.

Argo: workflow/validate/validate.go (validateLeaf, validateArtifactLocation), container_set_template_types.go, v4.1.2;
messages are Argo's.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from typing import Any

from tiphys.jsons import as_list, as_object
from tiphys.manifest.faults import Faults, Site, within
from tiphys.manifest.model import Json
from tiphys.manifest.parse import parse_value
from tiphys.manifest.scope import PLACEHOLDER
from tiphys.manifest.shapes import ARGO
from tiphys.manifest.validate_arguments import check_names

_EXPRESSION = re.compile(r"\{\{\s*=\s*(.+?)\s*\}\}")
_ACTIONS = ("get", "create", "apply", "delete", "replace", "patch")
_DEADLINE = "activeDeadlineSeconds must be a positive integer > 0 or an argo variable"


def check_leaf(template: Json, site: Site) -> Faults:
    """All rules for one leaf template after its arguments were put in; unresolved tags are checked by the caller."""
    name = f"templates.{template.get('name', '')}"
    if "container" in template:
        yield from _check_container(template, name, site)
    if "containerSet" in template:
        yield from _check_container_set(template, name, site)
    for index, sidecar in enumerate(map(as_object, as_list(template.get("sidecars")))):
        if _is_reserved(sidecar):
            message = f'{name}.sidecars: "{sidecar.get("name", "")}" is a reserved Argo container name'
            yield site.at("sidecars", index, "name").fault(message)
    if "resource" in template:
        yield from _check_resource(template, name, site)
    if "script" in template:
        yield from _check_image(template, "script", name, site)
    yield from _check_deadline(template, name, site)
    if "parallelism" in template:
        yield site.at("parallelism").fault(f"{name}.parallelism is only valid for steps and dag templates")


def check_artifact_path(artifact: Json, prefix: str, site: Site) -> Faults:
    """A leaf's artifact needs a path, and the path may not lead out of where it begins (Argo: Artifact.CleanPath)."""
    name, path = artifact.get("name", ""), str(artifact.get("path", ""))
    if not path:
        yield site.fault(f"error in {prefix}: Artifact '{name}' did not specify a path", rule="path")
        return
    safe = ""
    if "/../" in path:
        safe = path[: path.index("/../")]
    elif path.endswith("/.."):
        safe = path[:-3]
    cleaned = posixpath.normpath(path)
    if safe and (not cleaned.startswith(f"{safe}/") or len(cleaned) <= len(safe) + 1):
        message = f"Artifact '{name}' attempted to use a path containing '..'. Directory traversal is not permitted"
        yield site.at("path").fault(f"error in {prefix}: {message}", rule="path")


def check_location(prefix: str, artifact: Json, site: Site) -> Faults:
    """What a place of an artifact needs."""
    git, hdfs = artifact.get("git"), artifact.get("hdfs")
    if git is not None and not git.get("repo"):
        yield site.at("git").fault(f"{prefix}.git.repo is required")
    if hdfs is not None:
        yield from _check_hdfs(f"{prefix}.hdfs", hdfs, site.at("hdfs"))


def check_metrics(template: Json, site: Site) -> Faults:
    """Names, help and values of a template's metrics. Argo: workflow/metrics/util.go, v4.1.2."""
    owner = f"templates.{template.get('name', '')}"
    for index, metric in enumerate(map(as_object, as_list(as_object(template.get("metrics")).get("prometheus")))):
        name, place = metric.get("name", ""), site.at("metrics", "prometheus", index)
        if not _is_metric_name(name):
            rule = "Metric names must contain alphanumeric characters or '_'"
            yield place.at("name").fault(f"{owner} metric name '{name}' is invalid. {rule}")
        for at, label in enumerate(map(as_object, as_list(metric.get("labels")))):
            if not _is_metric_name(label.get("key", "")):
                rule = "keys may only contain alphanumeric characters or '_'"
                yield place.at("labels", at).fault(f"metric label '{label.get('key', '')}' is invalid: {rule}")
        if not metric.get("help"):
            yield place.fault(f"{owner} metric '{name}' must contain a help string under 'help: ' field")
        if wrong := _metric_value_fault(metric):
            yield place.fault(f"{owner} metric '{name}' error: {wrong}")


def check_pod_resources(prefix: str, resources: Json | None, site: Site) -> Faults:
    """Resources of a whole pod are cpu, memory and hugepages only."""
    if resources is None:
        return
    if resources.get("claims"):
        yield site.at("claims").fault(f"{prefix}.claims is not supported for pod-level resources")
    for family in ("limits", "requests"):
        for name in as_object(resources.get(family)):
            if name not in ("cpu", "memory") and not name.startswith("hugepages-"):
                wrong = f'"{name}" is not a valid pod-level resource, only cpu, memory and hugepages-* are supported'
                yield site.at(family, name).fault(f"{prefix}: {wrong}")


def _check_container(template: Json, name: str, site: Site) -> Faults:
    mounts: dict[str, str] = {}
    volume_mounts = as_list(template["container"].get("volumeMounts"))
    for index, mount in enumerate(map(as_object, volume_mounts)):
        path = mount.get("mountPath", "")
        if path in mounts:
            message = f"{name}.container.volumeMounts[{index}].mountPath '{path}' already mounted in {mounts[path]}"
            yield site.at("container", "volumeMounts", index).fault(message, rule="mount")
        mounts[path] = f"container.volumeMounts.{mount.get('name', '')}"
    for index, artifact in enumerate(map(as_object, as_list(as_object(template.get("inputs")).get("artifacts")))):
        path = artifact.get("path", "")
        if path in mounts:
            message = f"{name}.inputs.artifacts[{index}].path '{path}' already mounted in {mounts[path]}"
            yield site.at("inputs", "artifacts", index).fault(message, rule="mount")
        mounts[path] = f"inputs.artifacts.{artifact.get('name', '')}"
    yield from _check_image(template, "container", name, site)


def _check_image(template: Json, kind: str, name: str, site: Site) -> Faults:
    """Only a Workflow or a WorkflowTemplate may leave the image to its `templateDefaults`, a cluster one may not."""
    defaults = as_object(as_object(site.owner.spec.get("templateDefaults")).get(kind))
    excused = site.owner.level != "cluster" and bool(defaults.get("image"))
    if not template[kind].get("image") and not excused:
        yield site.at(kind).fault(f"{name}.{kind}.image may not be empty", "name the image, or give a default one")


def _check_container_set(template: Json, name: str, site: Site) -> Faults:
    container_set, place = as_object(template["containerSet"]), site.at("containerSet")
    containers = [as_object(container) for container in as_list(container_set.get("containers"))]
    yield from within(f"{name}.containerSet.", _check_containers(container_set, containers, place))
    inputs, outputs = as_object(template.get("inputs")), as_object(template.get("outputs"))
    names = [container.get("name", "") for container in containers]
    if "main" not in names and (inputs.get("artifacts") or outputs.get("parameters") or outputs.get("artifacts")):
        message = f'{name}.containerSet.containers must have a container named "main" for input or output'
        yield place.at("containers").fault(message)
    for index, container in enumerate(containers):
        if _is_reserved(container):
            message = f'{name}.containerSet.containers: "{names[index]}" is a reserved Argo container name'
            yield place.at("containers", index, "name").fault(message)


def _check_containers(container_set: Json, containers: list[Json], place: Site) -> Faults:
    if not containers:
        yield place.fault("containers must have at least one container")
        return
    yield from check_names(containers, "containers", place.at("containers"))
    mounts: dict[str, str] = {}
    for index, mount in enumerate(map(as_object, as_list(container_set.get("volumeMounts")))):
        path = mount.get("mountPath", "")
        if path in mounts:
            message = f"volumeMounts[{index}].mountPath '{path}' already mounted in {mounts[path]}"
            yield place.at("volumeMounts", index).fault(message, rule="mount")
        mounts[path] = f"volumeMounts.{mount.get('name', '')}"
    graph: dict[str, list[str]] = {}
    for container in containers:
        graph.setdefault(container.get("name", ""), []).extend(as_list(container.get("dependencies")))
    for index, container in enumerate(containers):
        for needed in as_list(container.get("dependencies")):
            if needed not in graph:
                message = f"containers.{container.get('name', '')} dependency '{needed}' not defined"
                yield place.at("containers", index, "dependencies").fault(message, rule="dependency")
    if cycle := find_cycle(graph):
        yield place.fault(f"containers dependency cycle detected: {cycle}", rule="cycle")


def find_cycle(graph: dict[str, list[str]]) -> str:
    """The first cycle as `b->a->b`, found depth first from the names in order; empty if there is none."""
    visited: set[str] = set()
    for start in sorted(graph):
        trail: list[str] = []
        stack: list[tuple[str, Iterator[str]]] = [(start, iter(graph[start]))]
        while stack:
            node, rest = stack[-1]
            needed = next(rest, None) if node not in visited else None
            if needed is None:
                visited.add(node)
                stack.pop()
                del trail[-1:]
            elif needed in trail:
                return "->".join([*trail, needed])
            elif needed not in visited and needed in graph:
                trail.append(needed)
                stack.append((needed, iter(graph[needed])))
    return ""


def _check_resource(template: Json, name: str, site: Site) -> Faults:
    resource, place = as_object(template["resource"]), site.at("resource")
    action, manifest = str(resource.get("action", "")), str(resource.get("manifest", ""))
    origin = resource.get("manifestFrom")
    if action not in _ACTIONS and not action.startswith(PLACEHOLDER):
        yield place.fault(f"{name}.resource.action must be one of: {', '.join(_ACTIONS)}")
    if action in ("delete", "get"):
        return
    if not manifest and origin is None:
        yield place.fault(f"either {name}.resource.manifest or {name}.resource.manifestFrom must be specified")
    if manifest and origin is not None:
        both = "shouldn't have both `manifest` and `manifestFrom` specified in `Manifest` for resource template"
        yield place.fault(both)
    artifact = as_object(as_object(origin).get("artifact")) if "artifact" in as_object(origin) else None
    inputs = as_list(as_object(template.get("inputs")).get("artifacts"))
    if artifact is not None and artifact.get("name", "") not in [as_object(a).get("name", "") for a in inputs]:
        message = f"artifact {artifact.get('name', '')} in `manifestFrom` refer to a non-exist artifact"
        yield place.at("manifestFrom", "artifact").fault(message)
    wrong = "" if manifest.startswith(PLACEHOLDER) else parse_value(_EXPRESSION.sub(PLACEHOLDER, manifest))
    if wrong:
        yield place.at("manifest").fault(f"{name}.resource.manifest must be a valid yaml", wrong)


def _check_deadline(template: Json, name: str, site: Site) -> Faults:
    deadline: Any = template.get("activeDeadlineSeconds")
    if deadline is None:
        return
    text = str(deadline)
    number = int(text) if re.fullmatch(r"[+-]?\d+", text) else None
    variable = (text.startswith("{{") and text.endswith("}}")) or text.startswith(PLACEHOLDER)
    if (number is None and not variable) or (number is not None and number < 0):
        yield site.at("activeDeadlineSeconds").fault(f"{name}.{_DEADLINE}")


def _check_hdfs(prefix: str, hdfs: Json, site: Site) -> Faults:
    wrong = _hdfs_fault({name: f"{prefix}.{name}" for name in ARGO.shape("HDFSArtifact").fields}, hdfs)
    if wrong:
        yield site.fault(wrong)


def _hdfs_fault(named: dict[str, str], hdfs: Json) -> str:
    """What is wrong with an HDFS location; `named` are the fields with their paths."""
    keytab, ccache = "krbKeytabSecret", "krbCCacheSecret"
    principal = [named[name] for name in ("krbServicePrincipalName", "krbConfigConfigMap")]
    for name in ("addresses", "path"):
        if not hdfs.get(name):
            return f"{named[name]} is required"
    if not str(hdfs["path"]).startswith("/"):
        return f"{named['path']} must be a absolute file path"
    if not hdfs.get("hdfsUser") and keytab not in hdfs and ccache not in hdfs:
        return f"either {named['hdfsUser']}, {named[ccache]} or {named[keytab]} is required"
    complete = all(hdfs.get(name) for name in ("krbServicePrincipalName", "krbConfigConfigMap"))
    if keytab in hdfs and not (complete and hdfs.get("krbUsername") and hdfs.get("krbRealm")):
        needed = ", ".join([*principal, named["krbUsername"]])
        return f"{needed} and {named['krbRealm']} are required with {named[keytab]}"
    if ccache in hdfs and not complete:
        return f"{' and '.join(principal)} are required with {named[ccache]}"
    return ""


def _metric_value_fault(metric: Json) -> str:
    gauge = metric.get("gauge")
    if gauge is not None:
        if not gauge.get("value"):
            return "missing gauge.value"
        if gauge.get("realtime") and "resourcesDuration." in gauge["value"]:
            return "'resourcesDuration.*' metrics cannot be used in real-time"
    return next((f"missing {kind}.value" for kind in ("counter", "histogram") if _lacks_value(metric.get(kind))), "")


def _lacks_value(kind: Json | None) -> bool:
    return kind is not None and not kind.get("value")


def _is_metric_name(name: str) -> bool:
    return re.fullmatch(r"[a-zA-Z_][a-zA-Z0-9_]*", name) is not None


def _is_reserved(container: Json) -> bool:
    name = str(container.get("name", ""))
    return name in ("wait", "supervisor") or name.startswith("artifact-plugin-")
