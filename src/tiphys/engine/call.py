"""One use of a template by the workflow, a step, a task, a retry or a hook; and who is told of its end. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from tiphys.engine.body import Body
from tiphys.engine.node import Node
from tiphys.jsons import JsonObject
from tiphys.manifest.model import LifecycleHook, Template, TemplateRef


class Owner(Protocol):
    """Who made a call."""

    @property
    def closed(self) -> bool:
        """Whether nothing more may begin for it."""
        ...

    def made(self, call: Call, /) -> None:
        """The call's node has just been made."""
        ...

    def left_out(self, call: Call, /) -> None:
        """The call will never begin, because `failFast` of its template forbids it."""
        ...

    def settled(self, call: Call, /) -> None:
        """The call's node and, if it has one, its exit hook have come to an end."""
        ...

    def errored(self, call: Call, error: str, /) -> None:
        """The call could not be carried out at all; its node, if there is one, is Error."""
        ...


@dataclass(frozen=True, slots=True)
class Hook:
    """The exit hook of a call, with the scope in which its arguments are filled."""

    hook: LifecycleHook
    scope: Mapping[str, object]
    prefix: str
    """`steps.<name>.` or `tasks.<name>.`: what the call's own outputs are called."""


@dataclass(slots=True, eq=False)
class Call:
    """A template called with arguments.

    `name` is that of its node. `scope` is Argo's templateScope of the caller, in which `template`, `ref` or `inline` is
    looked up. `arguments` have `value` or `valueFrom`, by name. `kind` and `caller` are what `steps.name` or
    `tasks.name` say; `base` is the same without the index of a loop. `exiting` holds inside exit handlers, `depth`
    counts nested calls, `place` is where it stands in Argo's walk. `admitted` says that slots were given to it, `over`
    that its end, or its error, has been told or is on the way.
    """

    name: str
    owner: Owner
    scope: str
    template: str = ""
    ref: TemplateRef | None = None
    inline: Template | None = None
    arguments: Mapping[str, JsonObject] = field(default_factory=dict[str, JsonObject])
    boundary: Node | None = None
    kind: str = "steps"
    caller: str = ""
    base: str = ""
    exiting: bool = False
    depth: int = 1
    place: tuple[int, ...] = (0,)
    flag: dict[str, bool] | None = None
    hook: Hook | None = None
    attempt: Attempt | None = None
    node: Node | None = None
    admitted: bool = False
    over: bool = False


@dataclass(frozen=True, slots=True)
class Attempt:
    """What is known already of a call that is one attempt of a retry: its body, and when it must have ended."""

    body: Body
    not_after: datetime | None
