"""The errors of Tiphys, one branch for each one who has to act.

    TiphysError
    ├── InvalidManifest   the author of a document: carries file, line, column and a hint
    ├── Refused           the caller: what was asked is not possible or not allowed
    │   ├── NotFound
    │   ├── AlreadyExists
    │   ├── Unauthorized
    │   └── Forbidden
    ├── Unavailable       the operator: something outside is down; trying again later may help
    └── Bug               us: an invariant is broken

A message says what, where and what to do. A failed node is a fact, not an error. Foreign exceptions are translated
once, at the adapter, with `from`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


class TiphysError(Exception):
    """Root of everything that Tiphys raises on purpose."""


@dataclass(frozen=True, slots=True)
class Position:
    """Where in a file: `line` and `column` count from 1; `file` is as the user named it (`-` is standard input)."""

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong with a document.

    `path` is the place in the document (`spec.templates[0].steps`), `rule` a stable short name for filters and SARIF,
    `hint` what to do about it; both may be empty. `severity` is `error` or `warning`.
    """

    message: str
    path: str = ""
    position: Position | None = None
    hint: str = ""
    rule: str = ""
    severity: str = "error"

    def __str__(self) -> str:
        where = f"{self.position}: " if self.position else ""
        place = f"{self.path}: " if self.path and self.path not in self.message else ""
        hint = f" ({self.hint})" if self.hint else ""
        return f"{where}{place}{self.message}{hint}"


class InvalidManifest(TiphysError):  # noqa: N818 - the four branches are named by who acts, not by a suffix
    """A document cannot be used; `problems` holds everything that was found, in the order of the file."""

    def __init__(self, problems: Sequence[Problem] | Problem | str) -> None:
        if isinstance(problems, str):
            problems = Problem(problems)
        self.problems: tuple[Problem, ...] = (problems,) if isinstance(problems, Problem) else tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


class Refused(TiphysError):  # noqa: N818
    """What the caller asks for is not possible or not allowed; asking again the same way will not help."""


class NotFound(Refused):
    """The named thing does not exist."""


class AlreadyExists(Refused):
    """A thing of that name exists already."""


class Unauthorized(Refused):
    """The caller did not say who it is, or not credibly."""


class Forbidden(Refused):
    """The caller is known and may not do this."""


class Unavailable(TiphysError):  # noqa: N818
    """Something that is needed does not answer (database, bus, model, cluster); trying again later may help."""


class Bug(TiphysError):  # noqa: N818
    """An invariant of ours is broken; the message is for us."""
