"""Problems of a document as they are found, each at its place."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from tiphys.errors import Problem
from tiphys.manifest.nearest import did_you_mean

NOT_YET = "not-supported"
"""The rule of everything that Argo Events can do and this floor cannot."""


@dataclass(slots=True)
class Findings:
    """Collects what is wrong with one document."""

    problems: list[Problem] = field(default_factory=list[Problem])

    @property
    def errors(self) -> list[Problem]:
        """Those that make the document unusable."""
        return [problem for problem in self.problems if problem.severity == "error"]

    def error(self, path: str, message: str, *, hint: str = "", rule: str = "invalid") -> None:
        """Something that makes the document unusable."""
        self.problems.append(Problem(message, path, hint=hint, rule=rule))

    def warning(self, path: str, message: str, *, hint: str = "", rule: str = "doubtful") -> None:
        """Something that is allowed and probably not meant."""
        self.problems.append(Problem(message, path, hint=hint, rule=rule, severity="warning"))

    def not_yet(self, path: str, what: str, *, hint: str = "") -> None:
        """A feature of Argo Events that is refused by name."""
        self.error(path, f"{what} is not supported yet", hint=hint, rule=NOT_YET)

    def unknown(self, path: str, message: str, name: str, known: Iterable[str], *, rule: str) -> None:
        """A name that does not exist, with the nearest one that does."""
        names = sorted(known)
        there = f"there is {', '.join(names)}" if names else "there is none"
        self.error(path, message, hint=did_you_mean(name, names) or there, rule=rule)
