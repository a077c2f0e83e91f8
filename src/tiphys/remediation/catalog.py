"""The action catalog: what may ever be done, as frozen values. Pure.

A planner may only choose from it; the template, the limits and the need for approval come from here and never from a
planner. `catalog_parse.py` makes these values and refuses whatever breaks a rule, so code that holds a `Catalog` need
not check it again.
"""

from __future__ import annotations

import fnmatch
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from tiphys.remediation.origins import Origin


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of an action.

    `kind` is one of `kinds.TYPES`. `minimum` and `maximum` bound an int, inclusive; with `max_factor`, the value is
    also at most that many times the evidence fact `relative_to`.
    """

    name: str
    kind: str
    origins: tuple[Origin, ...]
    minimum: int | None = None
    maximum: int | None = None
    relative_to: str = ""
    max_factor: float | None = None


@dataclass(frozen=True, slots=True)
class Match:
    """For which alerts an action is a candidate: by exact name or shell pattern, and by one of the labels, if any."""

    alertnames: tuple[str, ...] = ()
    patterns: tuple[str, ...] = ()
    labels_any: tuple[str, ...] = ()

    def fits(self, labels: Mapping[str, str]) -> bool:
        """Whether an alert with these labels may be answered by the action; an empty match fits nothing."""
        name = labels.get("alertname", "")
        named = name in self.alertnames or any(fnmatch.fnmatchcase(name, pattern) for pattern in self.patterns)
        return named and (not self.labels_any or any(label in labels for label in self.labels_any))


@dataclass(frozen=True, slots=True)
class Action:
    """One thing that may be done: the WorkflowTemplate, its parameters, and the limits that always hold.

    `compensation` is the WorkflowTemplate that is run with the same parameters when the first one fails, or empty.
    """

    name: str
    template: str
    blast_radius: str
    requires_approval: bool
    timeout: timedelta
    runbook: str
    parameters: tuple[Parameter, ...]
    constraints: Mapping[str, Any]
    match: Match
    compensation: str = ""


@dataclass(frozen=True, slots=True)
class Policy:
    """Rules that hold for every action.

    `deploy_window`: None leaves the window to the settings and to the markers that people set; a duration also looks at
    the deploys that the evidence names. `max_same_action` runs of one action on one target within `same_action_window`.
    """

    ignored_severities: tuple[str, ...] = ("none", "info")
    deploy_window: timedelta | None = None
    max_same_action: int = 2
    same_action_window: timedelta = timedelta(hours=6)


@dataclass(frozen=True, slots=True)
class Catalog:
    """All actions; `digest` is SHA-256 over the document's canonical bytes and stands in every decision."""

    version: int
    policy: Policy
    actions: tuple[Action, ...]
    digest: str

    def action(self, name: str) -> Action | None:
        """The action of that name."""
        return next((action for action in self.actions if action.name == name), None)

    def candidates(self, labels: Mapping[str, str]) -> tuple[Action, ...]:
        """The actions that match an alert with these labels, in the order of the catalog."""
        return tuple(action for action in self.actions if action.match.fits(labels))
