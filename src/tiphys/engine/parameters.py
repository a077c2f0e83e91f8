"""Input parameters of a call, and the body of its template with them. Pure.

Argo: workflow/common/util.go (ProcessArgs, SubstituteParams), v4.1.2. Argo substitutes in the text of the whole
template; here each part is filled when it is wanted, by the same passes.
"""

from __future__ import annotations

from collections.abc import Mapping

from tiphys.engine.body import Body
from tiphys.engine.call import Call
from tiphys.engine.failures import CallFailed
from tiphys.engine.plan import TemplatePlan
from tiphys.engine.run import Run
from tiphys.engine.texts import Layer, fill, fill_tree
from tiphys.engine.uses import ABSENT
from tiphys.jsons import JsonObject, as_object


def process_inputs(run: Run, plan: TemplatePlan, call: Call, local: Mapping[str, object]) -> Body:
    """The body of a call's template; raises `CallFailed` in Argo's words when an input has no value."""
    first = Layer(local, run.globals)
    if call.node is not None and call.node.inputs is not None:
        return _again(plan, first, call.node.inputs["parameters"])
    body = Body(plan, [], (first,))
    inputs = [_input(run, declared, call.arguments.get(declared["name"])) for declared in plan.input_bodies]
    inputs = fill_tree(inputs, body.fill)
    second = Layer(body.own_names(inputs), first)
    body.passes = (first, second)
    body.inputs = fill_tree(inputs, lambda text: fill(text, second))
    return body


def _again(plan: TemplatePlan, first: Layer, inputs: list[JsonObject]) -> Body:
    """The body of a node that was there before: its inputs stand."""
    body = Body(plan, inputs, (first,))
    body.passes = (first, Layer(body.own_names(inputs), first))
    return body


def _input(run: Run, declared: JsonObject, argument: JsonObject | None) -> JsonObject:
    body = dict(declared)
    if "value" not in body and "default" in body:
        body = _with(body, body["default"])
    if argument is not None and argument.get(ABSENT):
        if "value" not in body and "valueFrom" not in body:
            raise CallFailed(
                f"inputs.parameters.{body['name']}: argument references an absent optional"
                " (skipped/omitted node output with no default)"
            )
    elif argument is not None and "value" in argument:
        body.pop("valueFrom", None)
        body = _with(body, argument["value"])
    elif argument is not None:
        body.pop("value", None)
        body["valueFrom"] = argument.get("valueFrom")
    return _from_config_map(run, body)


def _with(body: JsonObject, value: str) -> JsonObject:
    """The body with a value, in Go's order of fields: name, default, value and the rest."""
    ordered: JsonObject = {key: body[key] for key in ("name", "default") if key in body}
    return {**ordered, "value": value, **{key: body[key] for key in body if key not in {"name", "default", "value"}}}


def _from_config_map(run: Run, body: JsonObject) -> JsonObject:
    source = as_object(body.get("valueFrom"))
    if "configMapKeyRef" not in source:
        if "value" not in body:
            raise CallFailed(f"inputs.parameters.{body['name']} was not supplied")
        return body
    try:
        return _with(body, config_map_value(run, as_object(source["configMapKeyRef"])))
    except CallFailed as error:
        if "default" not in source:
            raise CallFailed(f"unable to retrieve inputs.parameters.{body['name']} from ConfigMap: {error}") from error
        return _with(body, source["default"])


def config_map_value(run: Run, ref: JsonObject) -> str:
    """The value of a key of a ConfigMap; name and key may hold tags of the workflow."""
    name, key = fill(ref.get("name", ""), run.globals), fill(ref.get("key", ""), run.globals)
    if name not in run.config_maps:
        raise CallFailed(
            f"ConfigMap '{name}' does not exist. Please make sure it has the label "
            "workflows.argoproj.io/configmap-type: Parameter to be detectable by the controller"
        )
    if key not in run.config_maps[name]:
        raise CallFailed(f"ConfigMap '{name}' does not have the key '{key}'")
    return run.config_maps[name][key]
