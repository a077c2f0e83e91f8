"""Rules of every template, whatever its type, and the way from a call to what it calls.

A template is held against its rules with the arguments it is called with; the rules within it are looked at once for
each scope and name, as in Argo (so of several inline templates of one scope only the first is). Argo:
workflow/validate/validate.go (validateTemplateHolder, validateTemplate), v4.1.2; messages are Argo's.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from tiphys.jsons import as_list, as_object
from tiphys.lang.tags import InvalidTag
from tiphys.manifest.faults import Fault, Faults, Site, within
from tiphys.manifest.library import Library, Missing
from tiphys.manifest.merge import TEMPLATE_TYPES, template_type
from tiphys.manifest.model import Json
from tiphys.manifest.nearest import did_you_mean
from tiphys.manifest.scope import LAST_RETRY, PLACEHOLDER, has_simple_tag
from tiphys.manifest.validate_arguments import NotSupplied, Placeholders, process_arguments
from tiphys.manifest.validate_calls import check_steps, unresolved_faults
from tiphys.manifest.validate_dag import check_dag
from tiphys.manifest.validate_leaf import check_leaf, check_metrics, check_pod_resources
from tiphys.manifest.validate_outputs import (
    LEAVES,
    PODS,
    TYPE_NAMES,
    check_archive_location,
    check_inputs,
    check_output_names,
    check_outputs,
    input_names,
    output_paths,
)

_POLICIES = ("Always", "OnError", "OnFailure", "OnTransientError", "")
_CHOICES = "choose one of: container, containerSet, steps, script, resource, dag, suspend, template, template ref"


@dataclass(frozen=True, slots=True)
class _Target:
    """What is called: the template, its place, and the owner of the templates that it calls by name."""

    template: Json
    site: Site


class _Unknown(Exception):  # noqa: N818 - it never leaves this module
    """What is called cannot be told; `fault` is None where only a run will tell."""

    def __init__(self, fault: Fault | None) -> None:
        super().__init__()
        self.fault = fault


@dataclass(slots=True)
class TemplateValidator:
    """The validation of one document's templates.

    `globals` are the variables that every template sees; they grow by global outputs as templates are met.
    `template_mode`: the document is a template of workflows, so what a workflow brings may be missing.
    """

    library: Library
    namespace: str
    template_mode: bool = False
    globals: dict[str, str] = field(default_factory=dict[str, str])
    fresh: Placeholders = field(default_factory=Placeholders)
    _done: set[str] = field(default_factory=set[str])

    def visit(self, call: Json, site: Site, arguments: Json | None) -> Faults:
        """The faults of what `call` calls, with arguments, or (None) as if they fitted."""
        try:
            target = self._find(call, site)
        except _Unknown as unknown:
            if unknown.fault is not None:
                yield unknown.fault
            return
        policy = str(as_object(target.template.get("retryStrategy")).get("retryPolicy", ""))
        if policy not in _POLICIES:
            hint = did_you_mean(policy, _POLICIES) or f"known: {', '.join(_POLICIES[:-1])}"
            yield target.site.at("retryStrategy", "retryPolicy").fault(f"{policy} is not a valid RetryPolicy", hint)
            return
        yield from self._check(target, arguments, site)

    def called(self, call: Json, site: Site) -> Json | None:
        """The template that is called, if it can be told."""
        try:
            return self._find(call, site).template
        except _Unknown:
            return None

    def _find(self, call: Json, site: Site) -> _Target:
        ref, name = call.get("templateRef"), str(call.get("template", ""))
        if ref is not None:
            self._check_ref(ref, name, site)
        elif name and site.owner.template(name) is None:
            hint = did_you_mean(name, site.owner.template_names)
            raise _Unknown(site.at("template").fault(f"template name '{name}' undefined", hint, "reference"))
        target = self._get(call, ref, name, site)
        if not template_type(target.template):
            hint = f"give it one of: {', '.join(TEMPLATE_TYPES)}"
            message = f"template '{target.template.get('name', '')}' type is unknown"
            raise _Unknown(target.site.fault(message, hint, "type"))
        return target

    def _check_ref(self, ref: Json, name: str, site: Site) -> None:
        place = site.at("templateRef")
        if name:
            raise _Unknown(place.fault("template name cannot be specified with templateRef", rule="reference"))
        if not ref.get("name"):
            raise _Unknown(place.fault("resource name is required", rule="reference"))
        if not ref.get("template"):
            raise _Unknown(place.fault("template name is required", rule="reference"))
        if has_simple_tag(ref):
            raise _Unknown(None)

    def _get(self, call: Json, ref: Json | None, name: str, site: Site) -> _Target:
        if "inline" in call:
            return _Target(as_object(call["inline"]), site.at("inline"))
        if ref is not None:
            return self._get_referred(ref, site)
        found = site.owner.template(name) if name else None
        if found is None:
            hint = "name one by template, templateRef or inline"
            raise _Unknown(site.fault("failed to get a template", hint, "reference"))
        return _Target(found[0], Site(site.owner, found[1]))

    def _get_referred(self, ref: Json, site: Site) -> _Target:
        place, template = site.at("templateRef"), str(ref["template"])
        not_found = f"template reference {ref['name']}.{template} not found"
        try:
            owner = self.library.find(ref, self.namespace)
        except Missing as missing:
            if not self.library.offline and PLACEHOLDER in template:
                raise _Unknown(None) from missing
            message = str(missing) if self.library.offline else not_found
            raise _Unknown(place.fault(message, missing.hint, "reference")) from missing
        found = owner.template(template)
        if found is None:
            if PLACEHOLDER in template:
                raise _Unknown(None)
            raise _Unknown(place.fault(not_found, did_you_mean(template, owner.template_names), "reference"))
        return _Target(found[0], Site(owner, found[1]))

    def _check(self, target: _Target, arguments: Json | None, caller: Site) -> Faults:
        template, site = target.template, target.site
        name, kind = f"templates.{template.get('name', '')}", template_type(template)
        if sum(known in template for known in TEMPLATE_TYPES) > 1:
            yield site.fault(f"{name} multiple template types specified. {_CHOICES}", rule="type")
            return
        if "podResources" in template and kind in ("http", "plugin"):
            message = f"{name}.podResources is not supported for {TYPE_NAMES[kind]} templates"
            yield site.at("podResources").fault(message)
        yield from check_pod_resources(f"{name}.podResources", template.get("podResources"), site.at("podResources"))
        yield from check_inputs(template, site)
        for index, container in enumerate(map(as_object, as_list(template.get("initContainers")))):
            if not container.get("name"):
                yield site.at("initContainers", index).fault("initContainers must all have container name", rule="name")
        local = (["pod.name"] if kind in PODS else []) + (list(LAST_RETRY) if "retryStrategy" in template else [])
        variables = {**self.globals, **{variable: self.fresh.next() for variable in local}}
        try:
            called = process_arguments(template, arguments, variables, self.fresh)
        except NotSupplied as error:
            yield from within(f"{name} ", [caller.fault(str(error), rule="argument")])
            return
        except InvalidTag as error:
            yield from within(f"{name} ", [site.fault(str(error), rule="variable")])
            return
        yield from self._check_called(called, site, {*local, *input_names(template), *output_paths(template)})

    def _check_called(self, template: Json, site: Site, scope: set[str]) -> Faults:
        kind = template_type(template)
        yield from _check_timeouts(template, kind, site)
        key = f"{site.owner.scope}/{template.get('name', '')}"
        if key in self._done:
            return
        self._done.add(key)
        scope |= self.globals.keys()
        if kind == "steps":
            yield from check_steps(template, scope, site, self)
        elif kind == "dag":
            yield from check_dag(template, scope, site, self)
        else:
            prefix = f"templates.{template.get('name', '')}: "
            yield from within(prefix, unresolved_faults(template, scope, site, self))
            yield from check_leaf(template, site)
        yield from check_output_names(template, site)
        place = site.at("outputs")
        outputs = as_object(template.get("outputs"))
        prefix = f"templates.{template.get('name', '')}.outputs "
        if kind in ("steps", "dag"):
            yield from within(prefix, unresolved_faults(outputs, scope, place, self))
        yield from check_outputs(template, site)
        yield from check_archive_location(template, site)
        yield from check_metrics(template, site)


def _check_timeouts(template: Json, kind: str, site: Site) -> Faults:
    name, named = f"templates.{template.get('name', '')}", TYPE_NAMES[kind]
    if template.get("resourceClaims") and kind not in PODS:
        message = f"{name}.resourceClaims is not supported for {named} templates, which do not create a pod"
        yield site.at("resourceClaims").fault(message)
    timeout = str(template.get("timeout", ""))
    if timeout and kind not in LEAVES:
        yield site.at("timeout").fault(f"{named} template doesn't support timeout field")
    elif re.fullmatch(r"[+-]?\d+", timeout):
        message = f"{template.get('name', '')} has invalid duration format in timeout"
        yield site.at("timeout").fault(message, f"give it a unit: {timeout}s")
    if template.get("pendingTimeout") and kind not in LEAVES:
        yield site.at("pendingTimeout").fault(f"{named} template doesn't support pendingTimeout field")
