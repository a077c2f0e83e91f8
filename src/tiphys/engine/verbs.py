"""What people ask of single nodes: resume or fail suspend nodes chosen by a node field selector. Pure.

Argo: workflow/util/util.go (updateSuspendedNode, SelectorMatchesNode), v4.1.2.
"""

from __future__ import annotations

from collections.abc import Iterator

from tiphys.engine import phases
from tiphys.engine.facts import ResumeRequested, ShutdownRequested
from tiphys.engine.node import Node
from tiphys.engine.run import Run
from tiphys.engine.suspend import is_waiting, resume
from tiphys.jsons import as_list, as_object
from tiphys.lang import selectors


def resume_selected(run: Run, fact: ResumeRequested) -> None:
    """Lets the waiting suspend nodes that are meant succeed; all of them without a selector."""
    message = f"Resumed by: {fact.actor}" if fact.actor else None
    for node in list(_selected(run, fact.node_selector)):
        resume(run, node, message)


def fail_selected(run: Run, fact: ShutdownRequested) -> None:
    """Fails the waiting suspend nodes that are meant."""
    for node in list(_selected(run, fact.node_selector)):
        run.mark(node, phases.FAILED, fact.message)


def _selected(run: Run, selector: str) -> Iterator[Node]:
    parsed = selectors.parse_fields(selector)
    return (node for node in run.nodes.values() if is_waiting(node) and parsed.matches(_fields(node)))


def _fields(node: Node) -> dict[str, str]:
    ref = as_object(node.template_ref)
    fields = {
        "displayName": node.display_name,
        "templateName": node.template_name,
        "phase": node.phase,
        "name": node.name,
        "id": node.id,
        "templateRef.name": ref.get("name", ""),
        "templateRef.template": ref.get("template", ""),
    }
    for parameter in as_list((node.inputs or {}).get("parameters")):
        fields[f"inputs.parameters.{parameter['name']}.value"] = parameter.get("value", "")
    return fields
