"""Names and arguments: what must be given, and what comes in when a template is called.

Argo: workflow/validate/validate.go (validateWorkflowFieldNames, validateArguments…), workflow/common/util.go
(ProcessArgs), v4.1.2.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from tiphys.jsons import as_list, as_object
from tiphys.lang import tags
from tiphys.manifest.faults import Faults, Site
from tiphys.manifest.model import Json
from tiphys.manifest.scope import PLACEHOLDER

MAX_FIELD_NAME = 128
"""Characters of a template, step or task name."""

_FIELD_NAME = re.compile(r"[a-zA-Z0-9][-a-zA-Z0-9]*")
_PARAMETER_NAME = re.compile(r"[-a-zA-Z0-9_]+")
_PLACEHOLDER = re.compile(re.escape(PLACEHOLDER) + r"\d+")
_NEEDED = {
    "s3": ("endpoint", "bucket", "key"),
    "git": ("repo",),
    "artifactory": ("url", "usernameSecret"),
    "azure": ("endpoint", "container", "blob"),
    "hdfs": ("addresses",),
    "raw": (),
    "http": ("url",),
    "gcs": ("bucket", "key"),
    "oss": ("bucket", "endpoint", "key"),
    "plugin": ("name", "configuration", "key"),
}
"""By store, the fields that make a location of an artifact complete."""
_KEY = {"s3": "key", "azure": "blob", "hdfs": "path", "gcs": "key", "oss": "key", "plugin": "key"}
_STORE_ORDER = ("artifactory", "azure", "git", "gcs", "hdfs", "http", "oss", "raw", "s3", "plugin")
_ONLY = "valueFrom only allows: default, configMapKeyRef and supplied"


class NotSupplied(ValueError):  # noqa: N818 - it says what is the matter
    """A template cannot be called so; the message is Argo's."""


@dataclass(slots=True)
class Placeholders:
    """Numbered stand-ins for values of run time."""

    count: int = 0

    def next(self) -> str:
        """A new one."""
        self.count += 1
        return f"{PLACEHOLDER}{self.count - 1}"


def field_name_fault(name: str) -> str:
    """What is wrong with the name of a template, step or task; empty if nothing."""
    faults = [f"must be no more than {MAX_FIELD_NAME} characters"] if len(name.encode()) > MAX_FIELD_NAME else []
    if not _FIELD_NAME.fullmatch(name):
        faults.append(
            "name must consist of alpha-numeric characters or '-', and must start with an alpha-numeric character "
            "(e.g. My-name1-2, 123-NAME)"
        )
    return ";".join(faults)


def step_name_fault(name: str) -> str:
    """The same for a step, whose name may hold placeholders."""
    return field_name_fault(_PLACEHOLDER.sub("x", name))


def parameter_name_fault(name: str) -> str:
    """What is wrong with the name of a parameter or artifact; empty if nothing."""
    if _PARAMETER_NAME.fullmatch(name):
        return ""
    return "Parameter/Artifact name must consist of alpha-numeric characters, '_' or '-' e.g. my_param_1, MY-PARAM-1"


def check_names(
    items: list[Any], prefix: str, site: Site, *, parameters: bool = False, order: Sequence[int] | None = None
) -> Faults:
    """Names must be there, well formed and each once; `order` is the one in which Argo has sorted the items before."""
    seen: set[str] = set()
    for index, original in enumerate(range(len(items)) if order is None else order):
        name = str(as_object(items[original]).get("name", ""))
        place = site.at(original, "name")
        if not name:
            yield place.fault(f"{prefix}[{index}].name is required", rule="name")
        elif wrong := (parameter_name_fault if parameters else field_name_fault)(name):
            yield place.fault(f"{prefix}[{index}].name: '{name}' is invalid: {wrong}", rule="name")
        elif name in seen:
            yield place.fault(f"{prefix}[{index}].name '{name}' is not unique", rule="name")
        seen.add(name)


def check_arguments(prefix: str, arguments: Json, site: Site, *, may_be_empty: bool) -> Faults:
    """Arguments must be named and have a value or a place that it comes from."""
    parameters, artifacts = as_list(arguments.get("parameters")), as_list(arguments.get("artifacts"))
    yield from check_names(parameters, f"{prefix}parameters", site.at("parameters"), parameters=True)
    yield from check_names(artifacts, f"{prefix}artifacts", site.at("artifacts"), parameters=True)
    for index, parameter in enumerate(map(as_object, parameters)):
        place = site.at("parameters", index)
        yield from _check_parameter(f"{prefix}{parameter.get('name', '')}", parameter, place, may_be_empty=may_be_empty)
        if may_be_empty and "enum" in parameter and "value" not in parameter:
            return  # Argo: leaves the whole check here
    for index, artifact in enumerate(map(as_object, artifacts)):
        name, place = f"{prefix}{artifact.get('name', '')}", site.at("artifacts", index)
        if not artifact.get("from") and not has_location_or_key(artifact):
            yield place.fault(f"{name}.from, artifact location, or key is required", rule="argument")
        if artifact.get("from") and artifact.get("fromExpression"):
            yield place.fault(f"{name} shouldn't have both `from` and `fromExpression` in Artifact", rule="argument")


def _check_parameter(name: str, parameter: Json, place: Site, *, may_be_empty: bool) -> Faults:
    source = parameter.get("valueFrom")
    value = parameter.get("value")
    if source is None and value is None and not may_be_empty:
        yield place.fault(f"{name}.value or {name}.valueFrom is required", rule="argument")
    if source is not None:
        known = any(source.get(key) not in (None, "") for key in ("configMapKeyRef", "event", "supplied"))
        other = any(source.get(key) for key in ("path", "jsonPath", "parameter", "expression"))
        if not known or other:
            yield place.fault(f"{name}.{_ONLY}", rule="argument")
    if "enum" not in parameter:
        return
    enum = as_list(parameter["enum"])
    if not enum:
        yield place.fault(f"{name}.enum should contain at least one value", rule="argument")
    elif value is None:
        if not may_be_empty:
            yield place.fault(f"{name}.value is required", rule="argument")
    elif value not in enum:
        yield place.fault(f"{name}.value should be present in {name}.enum list", rule="argument")


def has_location_or_key(artifact: Json) -> bool:
    """Whether an artifact says where it lies (Argo: ArtifactLocation.HasLocationOrKey)."""
    store = next((store for store in _STORE_ORDER if store in artifact), "")
    if not store:
        return False
    location = as_object(artifact[store])
    if all(location.get(name) not in (None, "", []) for name in _NEEDED[store]):
        return True
    if store in ("http", "artifactory"):
        return bool(urlsplit(str(location.get("url", ""))).path)
    return bool(location.get(_KEY.get(store, "")))


def process_arguments(
    template: Json, arguments: Json | None, variables: Mapping[str, str], fresh: Placeholders
) -> Json:
    """The template as it is called: inputs filled in, their values and `variables` put into its tags.

    `arguments` None stands for arguments that fit. Raises `NotSupplied`. Expression tags are left as they are.
    """
    inputs = as_object(template.get("inputs"))
    parameters = [_supplied(as_object(p), arguments, fresh) for p in as_list(inputs.get("parameters"))]
    artifacts = [_artifact(as_object(a), arguments) for a in as_list(inputs.get("artifacts"))]
    filled = {"parameters": parameters, "artifacts": artifacts}
    called = {**template, "inputs": {**inputs, **{name: items for name, items in filled.items() if items}}}
    return _substitute(called, variables)


def _supplied(parameter: Json, arguments: Json | None, fresh: Placeholders) -> Json:
    result = dict(parameter)
    if "value" not in result and "default" in result:
        result["value"] = result["default"]
    given = {"value": fresh.next()} if arguments is None else _by_name(arguments, "parameters", parameter.get("name"))
    if given is not None:
        result.pop("value", None)
        result.pop("valueFrom", None)
        key = "value" if "value" in given else "valueFrom"
        if key in given:
            result[key] = given[key]
    if "configMapKeyRef" not in as_object(result.get("valueFrom")) and "value" not in result:
        raise NotSupplied(f"inputs.parameters.{result.get('name', '')} was not supplied")
    return result


def _artifact(artifact: Json, arguments: Json | None) -> Json:
    given = {"name": artifact.get("name", "")} if arguments is None else None
    given = given or _by_name(arguments or {}, "artifacts", artifact.get("name"))
    if given is None:
        if not artifact.get("optional") and not has_location_or_key(artifact):
            raise NotSupplied(f"inputs.artifacts.{artifact.get('name', '')} was not supplied")
        return artifact
    return {**given, **{name: artifact[name] for name in ("path", "mode", "recurseMode") if name in artifact}}


def _by_name(arguments: Json, family: str, name: object) -> Json | None:
    return next((item for item in map(as_object, as_list(arguments.get(family))) if item.get("name") == name), None)


def _substitute(template: Json, variables: Mapping[str, str]) -> Json:
    """Twice, as in Argo: the values that come from `variables` first, so that inputs may hold them."""
    once = _render(template, variables)
    inputs, outputs = as_object(once.get("inputs")), as_object(once.get("outputs"))
    known: dict[str, str] = dict(variables)
    parameters = as_list(inputs.get("parameters"))
    known |= {f"inputs.parameters.{p.get('name', '')}": p["value"] for p in parameters if "value" in p}
    known["inputs.parameters"] = json.dumps(parameters, separators=(",", ":"), ensure_ascii=False)
    known |= {f"{family}.artifacts.{name}.path": path for family, name, path in _paths(inputs, outputs)}
    for parameter in map(as_object, as_list(outputs.get("parameters"))):
        if path := as_object(parameter.get("valueFrom")).get("path"):
            known[f"outputs.parameters.{parameter.get('name', '')}.path"] = path
    return _render(once, known)


def _paths(inputs: Json, outputs: Json) -> Iterator[tuple[str, str, str]]:
    for family, holder in (("inputs", inputs), ("outputs", outputs)):
        for artifact in map(as_object, as_list(holder.get("artifacts"))):
            if artifact.get("path"):
                yield family, str(artifact.get("name", "")), artifact["path"]


def _render(tree: Json, variables: Mapping[str, str]) -> Json:
    compiled = tags.compile_json(tree)
    if not compiled.names and not compiled.expressions:
        return tree
    return json.loads(compiled.render(variables, evaluate=lambda _text, _variables, _strict: None))
