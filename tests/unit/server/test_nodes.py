from __future__ import annotations

import pytest

from tiphys.ids import fnv1a_32
from tiphys.server.nodes import node_fields, pod_name, waiting_nodes


@pytest.mark.parametrize(
    ("node", "name"),
    [
        ({"name": "w", "templateName": "main"}, "w"),
        ({"name": "w[0].a", "templateName": "echo"}, f"w-echo-{fnv1a_32('w[0].a')}"),
        ({"name": "w[0].a", "templateRef": {"name": "t", "template": "echo"}}, f"w-echo-{fnv1a_32('w[0].a')}"),
    ],
)
def test_pods_have_argos_names(node, name):
    assert pod_name("w", node) == name


def test_every_field_that_argo_selects_by_is_there():
    node = {
        "id": "w-1",
        "name": "w[0].a",
        "displayName": "a",
        "phase": "Running",
        "templateRef": {"name": "t", "template": "echo"},
        "inputs": {"parameters": [{"name": "msg", "value": "hi"}]},
    }
    assert node_fields(node) == {
        "displayName": "a",
        "templateName": "",
        "phase": "Running",
        "name": "w[0].a",
        "id": "w-1",
        "templateRef.name": "t",
        "templateRef.template": "echo",
        "inputs.parameters.msg.value": "hi",
    }


def test_only_suspend_nodes_that_run_wait():
    nodes = [
        {"type": "Suspend", "phase": "Running"},
        {"type": "Suspend", "phase": "Succeeded"},
        {"type": "Pod", "phase": "Running"},
    ]
    assert waiting_nodes(nodes) == nodes[:1]
