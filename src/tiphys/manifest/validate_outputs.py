"""Rules of the inputs and outputs that a template declares.

Argo: workflow/validate/validate.go (validateInputs, validateOutputs, validateOutputParameter), v4.1.2; messages are
Argo's.
"""

from __future__ import annotations

from tiphys.jsons import as_list, as_object
from tiphys.manifest.faults import Faults, Site, within
from tiphys.manifest.merge import template_type
from tiphys.manifest.model import Json
from tiphys.manifest.scope import is_parameter
from tiphys.manifest.validate_arguments import check_names, parameter_name_fault
from tiphys.manifest.validate_leaf import check_artifact_path, check_location

LEAVES = ("container", "containerSet", "script", "resource", "data", "http", "plugin")
"""Types that Argo counts as leaves; suspend is none."""
PODS = ("container", "containerSet", "script", "resource", "data")
"""Types that run in a pod of their own."""
TYPE_NAMES = {
    "container": "Container",
    "containerSet": "ContainerSet",
    "steps": "Steps",
    "dag": "DAG",
    "script": "Script",
    "resource": "Resource",
    "data": "Data",
    "suspend": "Suspend",
    "http": "HTTP",
    "plugin": "Plugin",
}
"""How Argo calls a type in its messages."""
_SOURCES = ("path", "jqFilter", "jsonPath", "parameter", "expression")


def check_inputs(template: Json, site: Site) -> Faults:
    """Names of inputs, and what an input artifact may say."""
    name, inputs = f"templates.{template.get('name', '')}", as_object(template.get("inputs"))
    parameters, artifacts = as_list(inputs.get("parameters")), as_list(inputs.get("artifacts"))
    place = site.at("inputs")
    yield from check_names(parameters, f"{name}.inputs.parameters", place.at("parameters"), parameters=True)
    yield from check_names(artifacts, f"{name}.inputs.artifacts", place.at("artifacts"), parameters=True)
    for index, artifact in enumerate(map(as_object, artifacts)):
        prefix = f"{name}.inputs.artifacts.{artifact.get('name', '')}"
        at = place.at("artifacts", index)
        yield from _check_path(template, artifact, prefix, at)
        if artifact.get("from"):
            yield at.at("from").fault(f"{prefix}.from not valid in inputs")
        yield from check_location(prefix, artifact, at)


def input_names(template: Json) -> set[str]:
    """The variables that a template's inputs bring."""
    inputs = as_object(template.get("inputs"))
    parameters, artifacts = as_list(inputs.get("parameters")), as_list(inputs.get("artifacts"))
    names = {f"inputs.parameters.{as_object(p).get('name', '')}" for p in parameters}
    if names:
        names.add("inputs.parameters")
    for artifact in map(as_object, artifacts):
        names.add(f"inputs.artifacts.{artifact.get('name', '')}")
        if template_type(template) in LEAVES:
            names.add(f"inputs.artifacts.{artifact.get('name', '')}.path")
    return names


def output_paths(template: Json) -> set[str]:
    """The variables for the paths that a leaf's outputs are written to."""
    if template_type(template) not in LEAVES:
        return set()
    outputs = as_object(template.get("outputs"))
    artifacts = [a for a in map(as_object, as_list(outputs.get("artifacts"))) if a.get("path")]
    parameters = [
        p for p in map(as_object, as_list(outputs.get("parameters"))) if as_object(p.get("valueFrom")).get("path")
    ]
    names = {f"outputs.artifacts.{artifact.get('name', '')}.path" for artifact in artifacts}
    return names | {f"outputs.parameters.{parameter.get('name', '')}.path" for parameter in parameters}


def check_output_names(template: Json, site: Site) -> Faults:
    """Names of outputs must be there, well formed and each once."""
    name, outputs = f"templates.{template.get('name', '')}", as_object(template.get("outputs"))
    for family in ("parameters", "artifacts"):
        items = as_list(outputs.get(family))
        yield from check_names(items, f"{name}.outputs.{family} ", site.at("outputs", family), parameters=True)


def check_outputs(template: Json, site: Site) -> Faults:
    """What an output may say, by the type of its template."""
    name, outputs = f"templates.{template.get('name', '')}", as_object(template.get("outputs"))
    for index, artifact in enumerate(map(as_object, as_list(outputs.get("artifacts")))):
        prefix, at = f"{name}.outputs.artifacts.{artifact.get('name', '')}", site.at("outputs", "artifacts", index)
        yield from _check_path(template, artifact, prefix, at)
        yield from _check_global_name(artifact, prefix, at)
    for index, parameter in enumerate(map(as_object, as_list(outputs.get("parameters")))):
        prefix, at = f"{name}.outputs.parameters.{parameter.get('name', '')}", site.at("outputs", "parameters", index)
        yield from _check_source(parameter, prefix, at)
        yield from _check_source_fits(template, parameter, prefix, at)
        yield from _check_global_name(parameter, prefix, at)


def check_archive_location(template: Json, site: Site) -> Faults:
    """The place that a template's own archive names."""
    if "archiveLocation" in template:
        prefix = f"templates.{template.get('name', '')}.archiveLocation"
        yield from check_location(prefix, as_object(template["archiveLocation"]), site.at("archiveLocation"))


def _check_path(template: Json, artifact: Json, prefix: str, site: Site) -> Faults:
    if template_type(template) in LEAVES:
        yield from check_artifact_path(artifact, prefix, site)
    elif artifact.get("path"):
        yield site.at("path").fault(f"{prefix}.path only valid in container/script templates", rule="path")


def _check_global_name(item: Json, prefix: str, site: Site) -> Faults:
    name = str(item.get("globalName", ""))
    wrong = parameter_name_fault(name) if name and not is_parameter(name) else ""
    if wrong:
        yield site.at("globalName").fault(f"{prefix}.globalName: {wrong}", rule="name")


def _check_source(parameter: Json, prefix: str, site: Site) -> Faults:
    source = parameter.get("valueFrom")
    if source is not None and "value" in parameter:
        yield site.fault(f"{prefix} has both valueFrom and value specified, choose one", rule="output")
    if "value" in parameter:
        return
    if source is None:
        yield site.fault(f"{prefix} does not have valueFrom or value specified", rule="output")
        return
    count = sum(bool(source.get(name)) for name in _SOURCES) + ("supplied" in source)
    choices = "choose one of: path, jqFilter, jsonPath, parameter, raw"
    if count == 0:
        yield site.at("valueFrom").fault(f"valueFrom type unspecified. {choices}, expression", rule="output")
    elif count > 1:
        yield site.at("valueFrom").fault(f"multiple valueFrom types specified. {choices}", rule="output")


def _check_source_fits(template: Json, parameter: Json, prefix: str, site: Site) -> Faults:
    source, kind = parameter.get("valueFrom"), template_type(template)
    if source is None:
        return
    named, place = TYPE_NAMES.get(kind, ""), site.at("valueFrom")
    if kind in ("container", "containerSet", "script") and not source.get("path"):
        yield place.fault(f"{prefix}.path must be specified for {named} templates", rule="output")
    elif kind == "resource" and not source.get("jqFilter") and not source.get("jsonPath"):
        yield place.fault(f"{prefix} .jqFilter or jsonPath must be specified for {named} templates", rule="output")
    elif kind in ("steps", "dag"):
        if not source.get("parameter") and not source.get("expression"):
            message = f"{prefix}.parameter or expression must be specified for {named} templates"
            yield place.fault(message, rule="output")
        elif source.get("parameter") and source.get("expression"):
            message = f"shouldn't have both `from` and `expression` specified in `ValueFrom` for {named} templates"
            yield from within(f"{prefix} ", [place.fault(message, rule="output")])
