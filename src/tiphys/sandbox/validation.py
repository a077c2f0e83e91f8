"""What a document of each kind must hold, before it is stored. Pure.

What a real cluster would do and this one cannot (volumes, init containers, …) is refused as a forbidden field, so that
nothing is silently ignored; see `RUNS_NOT`. The types of the fields are checked before, in `shapes.py`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from tiphys import jsons
from tiphys.jsons import JsonObject
from tiphys.sandbox import selectors, statuses
from tiphys.sandbox.kinds import DEPLOYMENT, POD, SERVICE, Kind
from tiphys.sandbox.statuses import Cause

MAX_REPLICAS = 150
"""Pods of one deployment; all pods of a practice cluster share 200 loopback addresses."""
RUNS_NOT = ("initContainers", "ephemeralContainers", "volumes", "hostNetwork", "hostPID")
"""Fields of a pod's spec that would change what runs and that the practice cluster cannot honour."""
DEPLOYMENT_RUNS_NOT = ("minReadySeconds", "paused")
_NAME = re.compile(r"[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?")


def validate(kind: Kind, document: JsonObject) -> None:
    """Raises `ApiError` 422 with every cause when a document breaks a rule of its kind."""
    name = jsons.as_object(document.get("metadata")).get("name", "")
    causes = list(_check_name(name))
    spec = jsons.as_object(document.get("spec"))
    if kind is POD:
        causes += _check_pod_spec(spec, "spec")
    elif kind is DEPLOYMENT:
        causes += _check_deployment(spec)
    elif kind is SERVICE:
        causes += _check_service(spec)
    if causes:
        raise statuses.invalid(kind.group, kind.kind, name, causes)


def validate_change(kind: Kind, before: JsonObject, after: JsonObject) -> None:
    """Raises `ApiError` 422 when a valid document changes what must stay as it was."""
    old, new = jsons.as_object(before.get("spec")), jsons.as_object(after.get("spec"))
    causes: list[Cause] = []
    if kind is POD and new != old:
        text = "Forbidden: pod updates may not change fields other than `metadata` in the practice cluster"
        causes.append(Cause("spec", "FieldValueForbidden", text))
    if kind is DEPLOYMENT and new["selector"] != old["selector"]:
        text = f"Invalid value: {new['selector']}: field is immutable"
        causes.append(Cause("spec.selector", "FieldValueInvalid", text))
    if kind is SERVICE and new.get("clusterIP") != old["clusterIP"]:
        text = f'Invalid value: "{new.get("clusterIP")}": field is immutable'
        causes.append(Cause("spec.clusterIP", "FieldValueInvalid", text))
    if causes:
        raise statuses.invalid(kind.group, kind.kind, before["metadata"]["name"], causes)


def _check_service(spec: JsonObject) -> Iterator[Cause]:
    ports = jsons.as_list(spec.get("ports"))
    if not (spec.get("selector") and ports and all("port" in port for port in ports)):
        yield Cause("spec", "FieldValueRequired", "Required value: a selector and ports")


def _check_name(name: str) -> Iterator[Cause]:
    if not name:
        yield Cause("metadata.name", "FieldValueRequired", "Required value: name or generateName is required")
    elif not _NAME.fullmatch(name):
        yield Cause(
            "metadata.name",
            "FieldValueInvalid",
            f'Invalid value: "{name}": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric '
            "characters, '-' or '.', and must start and end with an alphanumeric character",
        )


def _check_deployment(spec: JsonObject) -> Iterator[Cause]:
    yield from check_replicas(spec["replicas"])
    yield from _check_strategy(jsons.as_object(spec.get("strategy")))
    for name in ("revisionHistoryLimit", "progressDeadlineSeconds"):
        yield from _check_least(spec, name, 0, "spec")
    for name in DEPLOYMENT_RUNS_NOT:
        if spec.get(name):
            yield _runs_not(f"spec.{name}")
    selector = jsons.as_object(spec.get("selector"))
    template = jsons.as_object(spec.get("template"))
    labels = jsons.as_object(jsons.as_object(template.get("metadata")).get("labels"))
    if not selector:
        yield Cause("spec.selector", "FieldValueRequired", "Required value")
    elif not selectors.match_labels(_selector_of(selector), labels):
        yield Cause(
            "spec.template.metadata.labels",
            "FieldValueInvalid",
            f"Invalid value: {labels}: `selector` does not match template `labels`",
        )
    yield from _check_pod_spec(jsons.as_object(template.get("spec")), "spec.template.spec")


def _selector_of(selector: JsonObject) -> tuple[selectors.Requirement, ...]:
    for expression in jsons.as_list(selector.get("matchExpressions")):
        if expression.get("operator") not in selectors.OPERATORS or not expression.get("key"):
            raise statuses.bad_request(f"{expression}: a key and one of the operators {', '.join(selectors.OPERATORS)}")
    return selectors.parse_selector_object(selector)


def _check_strategy(strategy: JsonObject) -> Iterator[Cause]:
    kind = strategy.get("type")
    if kind not in ("RollingUpdate", "Recreate"):
        text = f'Unsupported value: "{kind}": supported values: "Recreate", "RollingUpdate"'
        yield Cause("spec.strategy.type", "FieldValueNotSupported", text)
    for name, value in jsons.as_object(strategy.get("rollingUpdate")).items():
        if not re.fullmatch(r"\d+%?" if isinstance(value, str) else r"\d+", str(value)):
            text = f'Invalid value: "{value}": must be a whole number or a percentage'
            yield Cause(f"spec.strategy.rollingUpdate.{name}", "FieldValueInvalid", text)


def _check_least(part: JsonObject, name: str, least: int, path: str) -> Iterator[Cause]:
    if part.get(name, least) < least:
        text = f"Invalid value: {part[name]}: must be greater than or equal to {least}"
        yield Cause(f"{path}.{name}", "FieldValueInvalid", text)


def check_replicas(replicas: int) -> Iterator[Cause]:
    """What is wrong with a number of replicas."""
    why = ""
    if replicas < 0:
        why = "must be greater than or equal to 0"
    elif replicas > MAX_REPLICAS:
        why = f"must be less than or equal to {MAX_REPLICAS} in the practice cluster"
    if why:
        yield Cause("spec.replicas", "FieldValueInvalid", f"Invalid value: {replicas}: {why}")


def _check_pod_spec(spec: JsonObject, path: str) -> Iterator[Cause]:
    containers = jsons.as_list(spec.get("containers"))
    if not containers:
        yield Cause(f"{path}.containers", "FieldValueRequired", "Required value")
    elif len(containers) > 1:
        message = f"Too many: {len(containers)}: must have at most 1 item in the practice cluster"
        yield Cause(f"{path}.containers", "FieldValueTooMany", message)
    for name in RUNS_NOT:
        if spec.get(name):
            yield _runs_not(f"{path}.{name}")
    yield from _check_least(spec, "terminationGracePeriodSeconds", 0, path)
    policy = spec.get("restartPolicy", "Always")
    if policy != "Always":
        yield Cause(
            f"{path}.restartPolicy",
            "FieldValueNotSupported",
            f'Unsupported value: "{policy}": supported values: "Always"',
        )
    for container in map(jsons.as_object, containers):
        yield from _check_container(container, f"{path}.containers[0]")


def _check_container(container: JsonObject, path: str) -> Iterator[Cause]:
    for name in ("name", "image"):
        if not container.get(name):
            yield Cause(f"{path}.{name}", "FieldValueRequired", "Required value")
    for name in ("startupProbe", "lifecycle", "envFrom", "volumeMounts"):
        if container.get(name):
            yield _runs_not(f"{path}.{name}")
    yield from _check_ports(jsons.as_list(container.get("ports")), path)
    for name in ("readinessProbe", "livenessProbe"):
        if container.get(name):
            yield from _check_probe(container[name], f"{path}.{name}")
    for at, variable in enumerate(jsons.as_list(container.get("env"))):
        if variable.get("valueFrom"):
            yield _runs_not(f"{path}.env[{at}].valueFrom")


def _check_ports(ports: list[JsonObject], path: str) -> Iterator[Cause]:
    for at, port in enumerate(ports):
        if not 0 < port.get("containerPort", 0) < 65536:
            text = f"Invalid value: {port.get('containerPort', 0)}: must be between 1 and 65535, inclusive"
            yield Cause(f"{path}.ports[{at}].containerPort", "FieldValueInvalid", text)


def _check_probe(probe: JsonObject, path: str) -> Iterator[Cause]:
    if "port" not in jsons.as_object(probe.get("httpGet")):
        yield Cause(path, "FieldValueForbidden", "Forbidden: the practice cluster probes by httpGet only")
    for name in ("periodSeconds", "timeoutSeconds", "failureThreshold", "successThreshold"):
        yield from _check_least(probe, name, 1, path)
    yield from _check_least(probe, "initialDelaySeconds", 0, path)


def _runs_not(field: str) -> Cause:
    return Cause(field, "FieldValueForbidden", "Forbidden: the practice cluster cannot honour it")
