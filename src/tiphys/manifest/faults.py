"""What a validation finds: Argo's text, and the place that it means.

Argo stops at its first error and builds the text from the way that led to it (`templates.main.steps[0].a …`). Here
checks are generators in the order of Argo's, so that the first fault is Argo's answer and the others follow; each keeps
its own words (`core`) beside the whole text, by which the same fault seen on several ways is told once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import TypeAlias

from tiphys.errors import Problem
from tiphys.manifest.library import Owner
from tiphys.manifest.positions import Path, format_path


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault: `message` is Argo's whole text, `path` the place in the document of `owner`."""

    message: str
    path: Path
    owner: Owner
    hint: str = ""
    core: str = ""
    rule: str = "spec"


Faults: TypeAlias = Iterator[Fault]


@dataclass(frozen=True, slots=True)
class Site:
    """A place in a document that faults are reported at."""

    owner: Owner
    path: Path

    def at(self, *parts: str | int) -> Site:
        """A place below."""
        return Site(self.owner, (*self.path, *parts))

    def fault(self, message: str, hint: str = "", rule: str = "spec") -> Fault:
        """A fault at this place."""
        return Fault(message, self.path, self.owner, hint, message, rule)


def within(prefix: str, faults: Iterable[Fault]) -> Faults:
    """The faults with Argo's words for the way to them before their text."""
    for fault in faults:
        yield replace(fault, message=f"{prefix}{fault.message}")


def problems_of(faults: Iterable[Fault]) -> list[Problem]:
    """The faults as problems, Argo's first; one that was met on several ways is told once."""
    seen: set[tuple[int, Path, str]] = set()
    problems: list[Problem] = []
    for fault in faults:
        key = (id(fault.owner), fault.path, fault.core)
        if key not in seen:
            seen.add(key)
            position = fault.owner.position(fault.path)
            problems.append(Problem(fault.message, format_path(fault.path), position, fault.hint, fault.rule))
    return problems
