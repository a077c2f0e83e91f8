"""A sensor as its machines read it: the manifest's own types, conditions parsed, defaults made explicit.

`compiling` makes it from the manifest and refuses what this floor cannot do.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from tiphys.events.conditions import Condition
from tiphys.manifest.events_model import EventDependency, TriggerParameter

Kind = Literal["argoWorkflow", "log"]
"""The trigger types of this floor, under their names in a trigger template."""


@dataclass(frozen=True, slots=True)
class RetryStrategy:
    """How often a failing trigger is tried in all (`steps`), and how long it waits between: seconds, times `factor`."""

    steps: int = 1
    duration_s: float = 1.0
    factor: float = 1.0


@dataclass(frozen=True, slots=True)
class Trigger:
    """What is done when the condition is met.

    `template` is the trigger template as JSON in the manifest's names; `parameters` rewrite it, before the parameters
    that stand in it rewrite its resource.
    """

    name: str
    kind: Kind
    template: Mapping[str, Any]
    condition: Condition
    parameters: tuple[TriggerParameter, ...] = ()
    retry: RetryStrategy = RetryStrategy()


@dataclass(frozen=True, slots=True)
class SensorPlan:
    """One sensor; `dependencies` by name, in the order of the manifest."""

    namespace: str
    name: str
    dependencies: Mapping[str, EventDependency] = field(default_factory=dict[str, EventDependency])
    triggers: tuple[Trigger, ...] = ()
