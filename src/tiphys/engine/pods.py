"""Pod nodes: what is to be run, and how a node stands when it has run. Pure.

Argo: workflow/controller/operator.go (executeContainer, executeScript, assessNodeStatus, inferFailedReason), v4.1.2.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from tiphys import ids
from tiphys.engine import deadlines, phases
from tiphys.engine import node as nodes
from tiphys.engine.body import Body
from tiphys.engine.call import Call
from tiphys.engine.commands import StartAttempt
from tiphys.engine.facts import AttemptEnded, AttemptStarted
from tiphys.engine.node import Node
from tiphys.engine.run import Run
from tiphys.engine.texts import fill_tree
from tiphys.jsons import JsonObject, as_object

_NO_FILE: Final = "wait: Error (exit code 64): open /var/run/argo/outputs/parameters{}: no such file or directory"
GENERATION: Final = 1
"""Of a node's attempt; `argo retry` will count it up when a node is run again under the same name."""


def open_pod(run: Run, call: Call, body: Body, not_after: datetime | None) -> None:
    """Makes the node of a container or script call and asks for its program; `not_after` is a retry's last moment."""
    node = call.node
    if node is not None:
        return
    node = run.add_node(call, nodes.POD, phases.PENDING)
    node.inputs = body.node_inputs
    if run.shutdown and not (call.exiting and run.shutdown == "Stop"):
        run.mark(node, phases.FAILED, f"workflow shutdown with strategy: {run.shutdown}")
        return
    if run.deadline is not None and run.now >= run.deadline and not call.exiting:
        run.mark(node, phases.FAILED, deadlines.STEP_EXCEEDED)
        return
    node.declared = _declared(body)
    node.attempt = _attempt(run, call, node, body, deadlines.limit(run, call, node, body, not_after))
    run.open_attempts[node.attempt.token] = node
    run.commands.append(node.attempt)
    deadlines.watch(run, node)


def _declared(body: Body) -> list[JsonObject]:
    declared = [p.model_dump(mode="json", by_alias=True, exclude_none=True) for p in body.template.outputs.parameters]
    return [as_object(fill_tree(parameter, body.fill)) for parameter in declared]


def _attempt(run: Run, call: Call, node: Node, body: Body, deadline: datetime | None) -> StartAttempt:
    template = body.template
    raw = template.container if template.script is None else template.script
    filled = as_object(fill_tree(raw, body.fill))
    source = filled.pop("source", "") if template.script is not None else None
    outputs = {p["name"]: p["valueFrom"]["path"] for p in node.declared if "path" in as_object(p.get("valueFrom"))}
    return StartAttempt(
        token=f"{run.uid}/{node.id}/{GENERATION}",
        node_id=node.id,
        node_name=node.name,
        pod_name=ids.pod_name(run.name, node.name, template.name),
        template_name=template.name,
        container=filled,
        source=source,
        outputs=outputs,
        result=_result_wanted(run, call),
        deadline=deadline,
    )


def _result_wanted(run: Run, call: Call) -> bool:
    return call.boundary is not None and call.base in run.wanted_results.get(call.boundary.id, ())


def attempt_started(run: Run, fact: AttemptStarted) -> None:
    """The program of a node runs."""
    node = run.open_attempts.get(fact.token)
    if node is None or node.running_since is not None:
        return
    node.running_since = fact.at
    run.changed[node.id] = node
    if node.phase == phases.PENDING:
        run.mark(node, phases.RUNNING)
        deadlines.watch(run, node)


def attempt_ended(run: Run, fact: AttemptEnded) -> None:
    """The program of a node has ended: outputs, phase and message."""
    node = run.open_attempts.pop(fact.token, None)
    if node is None or node.attempt is None:
        return
    attempt, declared = node.attempt, node.declared
    node.attempt, node.declared = None, []
    run.changed[node.id] = node
    if node.fulfilled:
        return
    complaint = ""
    if fact.exit_code is not None:
        parameters, complaint = _parameters(fact, declared)
        node.outputs = {"parameters": parameters} if parameters else {}
        if attempt.result and fact.result is not None:
            node.outputs["result"] = fact.result
        node.outputs["exitCode"] = str(fact.exit_code)
        run.export(node.outputs)
    phase, message = _verdict(node, attempt, fact)
    if complaint and phase == phases.SUCCEEDED:
        phase, message = phases.ERROR, complaint
    run.mark(node, phase, message)


def _verdict(node: Node, attempt: StartAttempt, fact: AttemptEnded) -> tuple[str, str]:
    if fact.error and fact.exit_code is None:
        return phases.ERROR, fact.error
    if fact.lost or fact.exit_code is None:
        return phases.ERROR, "pod deleted"
    if fact.exit_code == 0:
        return phases.SUCCEEDED, ""
    if reason := deadlines.reason_of_end(node, attempt.deadline, fact.at):
        return phases.FAILED, reason
    reason = f": {fact.error}" if fact.error else ""
    return phases.FAILED, f"main: Error (exit code {fact.exit_code}){reason}"


def _parameters(fact: AttemptEnded, declared: list[JsonObject]) -> tuple[list[JsonObject], str]:
    """The output parameters and what Argo's executor says of the first missing file, after which it saves no more."""
    parameters: list[JsonObject] = []
    complaint = ""
    for body in declared:
        source = as_object(body.get("valueFrom"))
        value = fact.parameters.get(body["name"])
        if "path" in source and not complaint:
            if value is None and "default" not in source:
                complaint = _NO_FILE.format(source["path"])
            else:
                text = source["default"] if value is None else value
                parameters.append(body | {"value": text.removesuffix("\n")})
                continue
        parameters.append(body)
    return parameters, complaint
