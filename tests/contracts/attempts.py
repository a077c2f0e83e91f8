"""Attempts that every executor can be asked for: as real commands, and as plans of the fake with the same ends."""

from __future__ import annotations

from collections.abc import Mapping

from tiphys.controllers.ports import Attempt, OutputSpec
from tiphys.testing.executor import Plan

COMMANDS: Mapping[str, str] = {
    "succeeds": "exit 0",
    "fails": "exit 3",
    "hangs": "sleep 600",
    "writes": "echo text | tee /tmp/out",
}
PLANS: Mapping[str, Plan] = {
    "fails": Plan(exit_code=3),
    "hangs": Plan(held=True),
    "writes": Plan(parameters={"out": "text\n"}, result="text"),
}


def attempt(template: str, *, node: str = "", generation: int = 0, **more: object) -> Attempt:
    node = node or template
    values: dict[str, object] = {
        "token": f"uid/wf-{node}/{generation}",
        "workflow_uid": "uid",
        "workflow_name": "wf",
        "namespace": "argo",
        "node_id": f"wf-{node}",
        "node_name": f"wf.{node}",
        "pod_name": f"wf-{template}-{node}",
        "template_name": template,
        "image": "busybox",
        "command": ("sh", "-c"),
        "args": (COMMANDS.get(template, "exit 0"),),
    }
    return Attempt(**{**values, **more})  # pyright: ignore[reportArgumentType]


def shell(text: str, *, node: str = "node", parameters: Mapping[str, str] | None = None, **more: object) -> Attempt:
    outputs = OutputSpec(parameters or {}, result=bool(more.pop("result", False)))
    return attempt("main", node=node, command=("sh", "-c", text), args=(), outputs=outputs, **more)
