"""The verbs on one workflow: suspend, resume, stop, terminate. Each answers with the workflow as it was asked to be.

Argo: server/workflow/workflow_server.go, SuspendWorkflow … TerminateWorkflow, v4.1.2.
"""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from tiphys.controllers.ports import WorkflowRow
from tiphys.jsons import JsonObject, as_object
from tiphys.lang import selectors
from tiphys.server import asked, nodes, objects
from tiphys.server.failures import Code, Failure
from tiphys.server.parts import Parts
from tiphys.server.replies import answer


async def suspend_workflow(parts: Parts, request: Request) -> Response:
    """`PUT …/suspend`."""
    row = await objects.find_workflow(parts.store, **request.path_params)
    before = await objects.whole_workflow(parts, row)
    if row.finished_at is not None:
        raise Failure(Code.INVALID_ARGUMENT, "timed out waiting for the condition: cannot suspend completed workflows")
    await parts.backend.suspend(row.namespace, row.name, actor=str(asked.actor_of(request)))
    return await _present(parts, row, before)


async def resume_workflow(parts: Parts, request: Request) -> Response:
    """`PUT …/resume`; with a selector, what matches no suspend node is code 13."""
    row = await objects.find_workflow(parts.store, **request.path_params)
    before = await objects.whole_workflow(parts, row)
    selector = asked.text(await asked.body_of(request), "nodeFieldSelector")
    _check_selector(before, selector)
    await parts.backend.resume(row.namespace, row.name, node_selector=selector, actor=str(asked.actor_of(request)))
    return await _present(parts, row, before)


def _check_selector(workflow: JsonObject, text: str) -> None:
    """A selector of nodes has to choose at least one that waits."""
    if not text:
        return
    try:
        selector = selectors.parse_fields(text)
    except selectors.InvalidSelector as error:
        raise Failure(Code.INTERNAL, str(error)) from error
    waiting = nodes.waiting_nodes(as_object(workflow["status"].get("nodes")).values())
    if not any(selector.matches(nodes.node_fields(node)) for node in waiting):
        raise Failure(
            Code.INTERNAL,
            f"currently, set only targets suspend nodes: no suspend nodes matching nodeFieldSelector: {text}",
        )


async def stop_workflow(parts: Parts, request: Request) -> Response:
    """`PUT …/stop`."""
    body = await asked.body_of(request)
    if asked.text(body, "nodeFieldSelector"):
        raise Failure(Code.UNIMPLEMENTED, "stop with a nodeFieldSelector is not done yet; resume takes one")
    return await _shutdown(parts, request, "Stop", asked.text(body, "message"))


async def terminate_workflow(parts: Parts, request: Request) -> Response:
    """`PUT …/terminate`."""
    return await _shutdown(parts, request, "Terminate", "")


async def _shutdown(parts: Parts, request: Request, strategy: str, message: str) -> Response:
    row = await objects.find_workflow(parts.store, **request.path_params)
    before = await objects.whole_workflow(parts, row)
    if row.finished_at is not None:
        raise Failure(
            Code.INTERNAL,
            f'cannot shutdown a completed workflow: workflow: "{row.name}", namespace: "{row.namespace}"',
        )
    await parts.backend.shutdown(row.namespace, row.name, strategy, actor=str(asked.actor_of(request)), message=message)
    return await _present(parts, row, before)


async def _present(parts: Parts, row: WorkflowRow, before: JsonObject) -> Response:
    """The changed document with the status that it had: Argo answers before its controller has looked."""
    now = await objects.find_workflow(parts.store, row.namespace, row.name)
    return answer(
        {**objects.workflow_of(now, (), parts.history), "status": before["status"], "metadata": before["metadata"]}
    )
