"""From a Sensor document to its plan; everything that this floor cannot do is refused by name and place.

Argo: pkg/reconciler/sensor/validate.go and pkg/apis/events/v1alpha1/sensor_types.go, v1.9.11.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import get_args

from tiphys.errors import InvalidManifest, Problem
from tiphys.events import conditions, parameters, paths
from tiphys.events.conditions import BadConditionError, Condition, UnknownNameError
from tiphys.events.dependencies import check_dependencies
from tiphys.events.findings import Findings
from tiphys.events.paths import BadPathError
from tiphys.events.plan import Kind, RetryStrategy, SensorPlan, Trigger
from tiphys.events.resolution import SUBMIT
from tiphys.events.retries import read_retry
from tiphys.manifest import events_model as manifest
from tiphys.manifest.events_model import Sensor

DEFAULT_NAMESPACE = "default"
"""Where a document without a namespace belongs."""


def compile_sensor(sensor: Sensor) -> SensorPlan:
    """The plan of a sensor; raises `InvalidManifest` with everything that is wrong with it."""
    plan, problems = examine(sensor)
    errors = [problem for problem in problems if problem.severity == "error"]
    if errors:
        raise InvalidManifest(errors)
    return plan


def examine(sensor: Sensor) -> tuple[SensorPlan, list[Problem]]:
    """The plan as far as it can be made, and everything that is wrong: errors and warnings."""
    found = Findings()
    spec = sensor.spec
    check_dependencies(spec.dependencies, found)
    if not spec.triggers:
        found.error("spec.triggers", "no triggers found")
    if spec.event_bus_name not in ("", manifest.DEFAULT_BUS):
        found.not_yet("spec.eventBusName", "a bus other than 'default'")
    names = list(dict.fromkeys(each.name for each in spec.dependencies if each.name))
    triggers = [
        trigger
        for place, given in enumerate(spec.triggers)
        if (trigger := _trigger(given, f"spec.triggers[{place}]", names, found)) is not None
    ]
    _check_unique([given.template.name if given.template else "" for given in spec.triggers], found)
    plan = SensorPlan(
        namespace=sensor.metadata.namespace or DEFAULT_NAMESPACE,
        name=sensor.metadata.name,
        dependencies={each.name: each for each in spec.dependencies},
        triggers=tuple(triggers),
    )
    return plan, found.problems


def _trigger(given: manifest.Trigger, path: str, names: Sequence[str], found: Findings) -> Trigger | None:
    template = given.template
    if template is None:
        found.error(f"{path}.template", "trigger template can't be nil")
        return None
    if not template.name:
        found.error(f"{path}.template.name", "trigger must define a name")
    _check_options(given, path, found)
    kind = _kind(template, f"{path}.template", found)
    condition = _condition(template.conditions, names, f"{path}.template.conditions", found)
    if kind == "argoWorkflow" and template.argo_workflow is not None:
        placeholders = any(each.dest.startswith(f"{kind}.parameters") for each in given.parameters)
        _check_verb(template.argo_workflow, f"{path}.template.argoWorkflow", found)
        known = None if placeholders else names
        _check_parameters(template.argo_workflow.parameters, f"{path}.template.argoWorkflow.parameters", known, found)
    _check_parameters(given.parameters, f"{path}.parameters", names, found)
    retry = read_retry(given.retry_strategy, f"{path}.retryStrategy", found)
    if kind is None or condition is None:
        return None
    body = template.model_dump(by_alias=True, exclude_unset=True)
    return Trigger(template.name, kind, body, condition, given.parameters, retry or RetryStrategy())


def _check_options(given: manifest.Trigger, path: str, found: Findings) -> None:
    refused = {
        "policy": given.policy,
        "rateLimit": given.rate_limit,
        "dlqTrigger": given.dlq_trigger,
        "template.conditionsReset": given.template and given.template.conditions_reset,
    }
    for name, value in refused.items():
        if value:
            found.not_yet(f"{path}.{name}", name.rpartition(".")[2])


def _kind(template: manifest.TriggerTemplate, path: str, found: Findings) -> Kind | None:
    """The trigger's type; a template without one, with several, or with one that is not on this floor has none."""
    kinds = [name for name in ("argoWorkflow",) if template.argo_workflow is not None] + list(template.others)
    here = [kind for kind in get_args(Kind) if kind in kinds]
    for other in kinds:
        if other not in here:
            found.not_yet(f"{path}.{other}", f"a trigger of type {other}", hint=f"use {', '.join(get_args(Kind))}")
    if not kinds:
        found.error(path, "the trigger does nothing", hint=f"give it one of {', '.join(get_args(Kind))}")
    if len(kinds) > 1:
        found.error(path, f"the trigger is of several types: {', '.join(kinds)}", hint="make one trigger of each")
    return here[0] if len(here) == len(kinds) == 1 else None


def _condition(text: str, names: Sequence[str], path: str, found: Findings) -> Condition | None:
    try:
        return conditions.parse(text, names)
    except UnknownNameError as error:
        message = f"the condition {text!r} names no dependency {error.name!r}"
        found.unknown(path, message, error.name, names, rule="unknown-dependency")
    except BadConditionError as error:
        if names:
            found.error(path, str(error), rule="bad-condition")
    return None


def _check_verb(verb: manifest.ArgoWorkflowTrigger, path: str, found: Findings) -> None:
    if not verb.operation:
        found.error(f"{path}.operation", "unknown operation type ''", hint=f"use {SUBMIT}")
    elif verb.operation != SUBMIT:
        found.not_yet(f"{path}.operation", f"operation {verb.operation!r}", hint=f"use {SUBMIT}")
    if verb.args:
        found.not_yet(f"{path}.args", "args")
    if verb.source is None:
        found.error(f"{path}.source", "the trigger has no source", hint="put the Workflow into source.resource")
        return
    for name in sorted(verb.source.model_fields_set - {"resource"}):
        found.not_yet(f"{path}.source.{name}", f"a source of type {name}", hint="use source.resource")
    if verb.source.resource is None and verb.source.model_fields_set <= {"resource"}:
        found.error(f"{path}.source", "the source is empty", hint="put the Workflow into source.resource")


def _check_parameters(
    given: Sequence[manifest.TriggerParameter], path: str, names: Sequence[str] | None, found: Findings
) -> None:
    """Finds what is wrong with each; `names` None when the dependencies are only named at run time."""
    for place, each in enumerate(given):
        _check_parameter(each, f"{path}[{place}]", names, found)


def _check_parameter(given: manifest.TriggerParameter, path: str, names: Sequence[str] | None, found: Findings) -> None:
    if given.operation not in parameters.OPERATIONS:
        found.error(f"{path}.operation", f"parameter operation {given.operation} is invalid")
    _check_path(lambda: paths.parse_destination(given.dest), f"{path}.dest", found)
    source = given.src
    if source is None:
        found.error(f"{path}.src", "parameter source can't be empty")
        return
    if not source.dependency_name:
        found.error(f"{path}.src.dependencyName", "parameter dependency name can't be empty")
    elif names is not None and source.dependency_name not in names:
        message = f"the parameter takes its value from no dependency: {source.dependency_name!r}"
        found.unknown(f"{path}.src.dependencyName", message, source.dependency_name, names, rule="unknown-dependency")
    for name, template in (("dataTemplate", source.data_template), ("contextTemplate", source.context_template)):
        if template:
            found.not_yet(f"{path}.src.{name}", name, hint="use dataKey or contextKey")
    for name, key in (("dataKey", source.data_key), ("contextKey", source.context_key)):
        _check_path(lambda key=key: paths.parse_source(key), f"{path}.src.{name}", found)


def _check_path(parse: Callable[[], object], path: str, found: Findings) -> None:
    try:
        parse()
    except BadPathError as error:
        found.error(path, str(error), rule="bad-path")


def _check_unique(names: Sequence[str], found: Findings) -> None:
    for place, name in enumerate(names):
        if name and name in names[:place]:
            found.error(
                f"spec.triggers[{place}].template.name", f"duplicate trigger name: {name}", rule="duplicate-name"
            )
