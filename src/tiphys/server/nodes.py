"""What is read off a node as the API shows it: its pod, and the fields that selectors of nodes know. Pure.

Argo: workflow/util/pod_name.go; workflow/util/util.go, selectorMatchesNode, v4.1.2.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from tiphys import ids
from tiphys.jsons import JsonObject, as_list, as_object

_TEXTS: Final = ("displayName", "templateName", "phase", "name", "id")


def pod_name(workflow_name: str, node: JsonObject) -> str:
    """The pod of a node; a template that is referred to elsewhere lends its own name."""
    template = node.get("templateName") or as_object(node.get("templateRef")).get("template") or ""
    return ids.pod_name(workflow_name, str(node.get("name", "")), str(template))


def node_fields(node: JsonObject) -> dict[str, str]:
    """The fields by which `nodeFieldSelector` chooses."""
    fields = {name: str(node.get(name, "")) for name in _TEXTS}
    for name, value in as_object(node.get("templateRef")).items():
        fields[f"templateRef.{name}"] = str(value)
    for parameter in as_list(as_object(node.get("inputs")).get("parameters")):
        fields[f"inputs.parameters.{parameter.get('name')}.value"] = str(parameter.get("value", ""))
    return fields


def waiting_nodes(nodes: Iterable[JsonObject]) -> list[JsonObject]:
    """The suspend nodes that wait to be resumed."""
    return [node for node in nodes if node.get("type") == "Suspend" and node.get("phase") == "Running"]
