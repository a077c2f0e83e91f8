"""Holds a document against the rules of Argo: what `argo lint`, the API server and the controller would say of it.

All faults are given, Argo's first one first. Not judged on this floor: expressions (`{{=…}}`, hook and retry
expressions). Argo: workflow/validate/validate.go (Workflow, WorkflowTemplate, CronWorkflow), v4.1.2.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from tiphys.errors import Problem
from tiphys.jsons import as_list, as_object
from tiphys.lang import schedules
from tiphys.manifest.documents import Document
from tiphys.manifest.faults import Faults, Site, problems_of, within
from tiphys.manifest.kinds import CronWorkflow
from tiphys.manifest.library import Library, Missing, Owner, owner_of
from tiphys.manifest.merge import merge_specs
from tiphys.manifest.model import Json, Workflow, WorkflowTemplate
from tiphys.manifest.resolve import CLUSTER_KIND
from tiphys.manifest.scope import ANY_OUTPUT_ARTIFACT, is_parameter
from tiphys.manifest.validate_arguments import check_arguments, check_names
from tiphys.manifest.validate_calls import check_hooks
from tiphys.manifest.validate_leaf import check_pod_resources
from tiphys.manifest.validate_template import TemplateValidator

MAX_NAME = 63
"""Characters of a workflow's name: it becomes a Kubernetes label."""
MAX_CRON_NAME = 52
"""Characters of a CronWorkflow's name: each run's name has eleven more."""

_NAMED = {
    "Workflow": ("workflow", MAX_NAME),
    "WorkflowTemplate": ("workflow template", MAX_NAME),
    CLUSTER_KIND: ("cluster workflow template", MAX_NAME),
    "CronWorkflow": ("cron workflow", MAX_CRON_NAME),
}
_ALWAYS = ("name", "namespace", "mainEntrypoint", "serviceAccountName", "uid", "status")
_ALWAYS_JSON = ("annotations", "annotations.json", "labels", "labels.json")
_POD_GC = ("", "OnPodCompletion", "OnPodSuccess", "OnWorkflowCompletion", "OnWorkflowSuccess")


def validate_document(document: Document, library: Library, *, lint: bool = True, namespace: str = "") -> list[Problem]:
    """The faults of a Workflow, WorkflowTemplate or CronWorkflow; other kinds have none.

    `lint`: arguments of a Workflow may lack values, as in `argo lint`; without it the rules are those of a creation.
    `namespace`: where it is, if the document does not say.
    """
    resource = document.resource
    if not isinstance(resource, Workflow | WorkflowTemplate | CronWorkflow):
        return []
    return problems_of(_validate(document, library, resource.metadata.namespace or namespace, lint=lint))


def _validate(document: Document, library: Library, namespace: str, *, lint: bool) -> Faults:
    kind, resource = document.kind, document.resource
    owner = owner_of(document, *_level(kind))
    named, longest = _NAMED[kind]
    name = resource.metadata.name
    if len(name) > longest:
        place = Site(owner, ("metadata", "name"))
        message = f'{named} name "{name}" must not be more than {longest} characters long (currently {len(name)})'
        yield place.fault(message, rule="name")
        return
    metadata = as_object(document.json.get("metadata"))
    if kind == "CronWorkflow":
        yield from _check_cron(as_object(document.json.get("spec")), Site(owner, ("spec",)))
        check = _WorkflowCheck(owner, {}, library, namespace, is_template=False, may_be_empty=False)
        yield from within("cannot validate Workflow: ", check.faults())
        return
    is_template = kind != "Workflow"
    yield from _WorkflowCheck(
        owner, metadata, library, namespace, is_template=is_template, may_be_empty=lint or is_template
    ).faults()


def _level(kind: str) -> tuple[str, tuple[str, ...]]:
    """Argo validates a template as if it were a workflow, so its own templates are in the local scope."""
    return "local", ("spec", "workflowSpec") if kind == "CronWorkflow" else ("spec",)


def _check_cron(spec: Json, site: Site) -> Faults:
    if not spec.get("schedules"):
        yield site.fault("cron workflow must have at least one schedule")
    for index, schedule in enumerate(as_list(spec.get("schedules"))):
        if wrong := _schedule_fault(schedules.check_schedule, schedule):
            place = site.at("schedules", index)
            yield place.fault(f"cron schedule {schedule} is malformed: {wrong}", rule="schedule")
    zone = spec.get("timezone", "")
    if wrong := _schedule_fault(schedules.check_timezone, zone):
        yield site.at("timezone").fault(f'invalid timezone "{zone}": {wrong}', rule="schedule")
    policy = spec.get("concurrencyPolicy", "")
    if policy not in ("", "Allow", "Forbid", "Replace"):
        hint = "known: Allow, Forbid, Replace"
        yield site.at("concurrencyPolicy").fault(f"'{policy}' is not a valid concurrencyPolicy", hint)
    if spec.get("startingDeadlineSeconds", 0) < 0:
        yield site.at("startingDeadlineSeconds").fault("startingDeadlineSeconds must be positive")


def _schedule_fault(check: Callable[[str], None], text: str) -> str:
    try:
        check(text)
    except schedules.InvalidSchedule as error:
        return str(error)
    return ""


@dataclass(slots=True)
class _WorkflowCheck:
    """The rules of one spec; `owner` is the document that has it."""

    owner: Owner
    metadata: Json
    library: Library
    namespace: str
    is_template: bool
    may_be_empty: bool

    def faults(self) -> Faults:
        spec, site = self.owner.spec, Site(self.owner, self.owner.root)
        base: Owner | None = None
        if "workflowTemplateRef" in spec:
            if spec.get("templates"):
                message = "Templates is invalid field in spec if workflow referred WorkflowTemplate reference"
                yield site.at("templates").fault(message)
                return
            try:
                base = self.library.find(as_object(spec["workflowTemplateRef"]), self.namespace)
            except Missing as missing:
                yield site.at("workflowTemplateRef").fault(str(missing), missing.hint, "reference")
                return
        yield from check_names(as_list(spec.get("templates")), "spec.templates", site.at("templates"))
        yield from _check_plugins(spec, site)
        arguments = self._arguments(base)
        place = site.at("arguments")
        yield from check_arguments("spec.arguments.", arguments, place, may_be_empty=self.may_be_empty)
        validator = TemplateValidator(self.library, self.namespace, self.is_template)
        validator.globals = self._globals(arguments, base, validator)
        yield from self._check_entrypoint(base, arguments, site, validator)
        yield from self._check_exit(base, site, validator)
        yield from check_hooks(as_object(spec.get("hooks")), "hooks", site)
        yield from _check_settings(spec, site)
        yield from self._check_templates(base, site, validator)

    def _arguments(self, base: Owner | None) -> Json:
        arguments = as_object(self.owner.spec.get("arguments"))
        if base is None:
            return arguments
        merged = merge_specs({"arguments": arguments}, {"arguments": as_object(base.spec.get("arguments"))})
        return as_object(merged.get("arguments"))

    def _globals(self, arguments: Json, base: Owner | None, validator: TemplateValidator) -> dict[str, str]:
        names = [f"workflow.{name}" for name in (*_ALWAYS, *_ALWAYS_JSON)]
        parameters = [as_object(parameter) for parameter in as_list(arguments.get("parameters"))]
        if parameters:
            names += ["workflow.parameters", "workflow.parameters.json"]
        sources = [self.metadata, as_object(self.owner.spec.get("workflowMetadata"))]
        sources += [as_object(base.spec.get("workflowMetadata"))] if base else []
        for source in sources:
            names += [f"workflow.annotations.{name}" for name in as_object(source.get("annotations"))]
            names += [f"workflow.labels.{name}" for name in as_object(source.get("labels"))]
            names += [f"workflow.labels.{name}" for name in as_object(source.get("labelsFrom"))]
        values = {name: validator.fresh.next() for name in names}
        for parameter in parameters:
            name = f"workflow.parameters.{parameter.get('name', '')}"
            values[name] = parameter["value"] if "value" in parameter else validator.fresh.next()
        if "priority" in self.owner.spec:
            values["workflow.priority"] = str(self.owner.spec["priority"])
        return values

    def _check_entrypoint(
        self, base: Owner | None, arguments: Json, site: Site, validator: TemplateValidator
    ) -> Faults:
        spec = self.owner.spec
        entrypoint = spec.get("entrypoint") or (base.spec.get("entrypoint") if base else "")
        if not entrypoint:
            if not self.is_template:
                hint = "name the template to start with"
                yield site.at("entrypoint").fault("spec.entrypoint is required", hint)
            return
        given = None if self.is_template else arguments
        yield from _placed(validator.visit(self._call(entrypoint), site, given), site, "entrypoint")

    def _check_exit(self, base: Owner | None, site: Site, validator: TemplateValidator) -> Faults:
        spec = self.owner.spec
        on_exit = spec.get("onExit") or (base.spec.get("onExit") if base else "")
        if not on_exit:
            return
        validator.globals["workflow.failures"] = validator.fresh.next()
        if any(map(_has_late_artifact, [spec, *([base.spec] if base else [])])):
            validator.globals[ANY_OUTPUT_ARTIFACT] = "true"
        yield from _placed(validator.visit(self._call(on_exit), site, as_object(spec.get("arguments"))), site, "onExit")

    def _check_templates(self, base: Owner | None, site: Site, validator: TemplateValidator) -> Faults:
        """Every template, called or not, as if its arguments fitted."""
        for template in as_list((base or self.owner).spec.get("templates")):
            name = str(as_object(template).get("name", ""))
            if name:
                yield from within(f"templates.{name} ", validator.visit(self._call(name), site, None))

    def _call(self, template: str) -> Json:
        """A call of a template of the spec, or of the resource that the spec refers to."""
        ref = self.owner.spec.get("workflowTemplateRef")
        return {"template": template} if ref is None else {"templateRef": {**ref, "template": template}}


def _placed(faults: Faults, site: Site, name: str) -> Faults:
    """A call by the spec itself stands at the field that names the template."""
    for fault in faults:
        spec_wide = fault.path[len(site.path) :] in ((), ("template",), ("templateRef",))
        yield site.at(name).fault(fault.message, fault.hint, fault.rule) if spec_wide else fault


def _check_plugins(spec: Json, site: Site) -> Faults:
    for index, plugin in enumerate(map(as_object, as_list(spec.get("executorPlugins")))):
        place = site.at("executorPlugins", index)
        container = as_object(as_object(as_object(plugin.get("spec")).get("sidecar")).get("container"))
        resources = as_object(container.get("resources"))
        wrong = ""
        if not as_object(plugin.get("metadata")).get("name"):
            wrong = "executor plugin metadata name is mandatory"
        elif not container.get("ports"):
            wrong = "at least one port is mandatory"
        elif "requests" not in resources:
            wrong = "resources requests are mandatory"
        elif "limits" not in resources:
            wrong = "resources limits are mandatory"
        elif "securityContext" not in container:
            wrong = "security context is mandatory"
        if wrong:
            yield place.fault(f"spec.executorPlugins: {wrong}")


def _check_settings(spec: Json, site: Site) -> Faults:
    pod_gc = as_object(spec.get("podGC"))
    strategy = pod_gc.get("strategy", "")
    if strategy not in _POD_GC:
        hint = f"known: {', '.join(_POD_GC[1:])}"
        yield site.at("podGC", "strategy").fault(f"podGC.strategy unknown strategy '{strategy}'", hint)
    selector = as_object(pod_gc.get("labelSelector"))
    for index, wrong in _selector_faults(selector):
        place = site.at("podGC", "labelSelector", "matchExpressions", index)
        yield place.fault(f"podGC.labelSelector invalid: {wrong}")
    yield from check_pod_resources("spec.podResources", spec.get("podResources"), site.at("podResources"))


def _selector_faults(selector: Json) -> Iterator[tuple[int, str]]:
    """What is wrong with a label selector, in Kubernetes' words (labels.NewRequirement)."""
    for index, expression in enumerate(map(as_object, as_list(selector.get("matchExpressions")))):
        operator, values = expression.get("operator", ""), as_list(expression.get("values"))
        if operator not in ("In", "NotIn", "Exists", "DoesNotExist"):
            yield index, f'"{operator}" is not a valid label selector operator'
        elif operator in ("In", "NotIn") and not values:
            yield index, "values: Invalid value: null: for 'in', 'notin' operators, values set can't be empty"
        elif operator in ("Exists", "DoesNotExist") and values:
            yield index, "values: Invalid value: values set must be empty for exists and does not exist"


def _has_late_artifact(spec: Json) -> bool:
    """Whether a template names a global artifact by a tag, so that the exit handler may refer to any."""
    for template in map(as_object, as_list(spec.get("templates"))):
        for artifact in map(as_object, as_list(as_object(template.get("outputs")).get("artifacts"))):
            if is_parameter(str(artifact.get("globalName", ""))):
                return True
    return False
