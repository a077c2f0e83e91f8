"""Where the catalog allows a parameter's value to come from: the text of `from` as typed values. Pure.

There is no origin for free text, and none for annotations, log lines or past incidents: what has no form here cannot
be written into a catalog.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TypeAlias

DERIVATIONS = (
    "owner(pod)",
    "hpa_target",
    "release",
    "host(instance)",
    "common_node(pods)",
    "cache_for(service)",
)
"""What code can derive from an alert and its evidence; the code stands in `derivations.py`."""

CHOICES = (
    "allowed_units",
    "allowed_paths",
    "allowed_prefixes of the cluster, with a trailing *",
    "keys of enumerated",
    "keys of the config map",
    "values of the key",
)
"""Lists that stand among the action's constraints; any other `choice[a, b]` enumerates its values in place."""


@dataclass(frozen=True, slots=True)
class FromLabel:
    """The value of an alert label, put into `form` where `{}` stands."""

    label: str
    form: str = "{}"

    def __str__(self) -> str:
        return f"label:{self.label}" + ("" if self.form == "{}" else f" as {self.form}")


@dataclass(frozen=True, slots=True)
class Derived:
    """Worked out by code from trusted evidence; `name` is one of `DERIVATIONS`."""

    name: str

    def __str__(self) -> str:
        return f"derived:{self.name}"


@dataclass(frozen=True, slots=True)
class Choice:
    """One of a list: `constraint` names it (one of `CHOICES`), or `values` is the list."""

    constraint: str = ""
    values: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"choice[{self.constraint or ', '.join(self.values)}]"


@dataclass(frozen=True, slots=True)
class BoundedInt:
    """A whole number within the parameter's bounds: the only value that a planner truly chooses."""

    def __str__(self) -> str:
        return "int"


Origin: TypeAlias = FromLabel | Derived | Choice | BoundedInt

_LABEL = re.compile(r"label:([A-Za-z_][A-Za-z0-9_]*)(?: as (\S+))?")


def parse_origin(text: str) -> Origin | str:
    """The origin that `text` describes, or, as text, what is wrong with it."""
    if text == "int":
        return BoundedInt()
    if text.startswith("derived:"):
        name = text.removeprefix("derived:")
        return Derived(name) if name in DERIVATIONS else f"unknown derivation; known are {', '.join(DERIVATIONS)}"
    if text.startswith("choice[") and text.endswith("]"):
        return _choice(text[len("choice[") : -1])
    if found := _LABEL.fullmatch(text):
        form = found[2] or "{}"
        return FromLabel(found[1], form) if form.count("{}") == 1 else "the format needs exactly one {}"
    return "unknown source; write label:NAME, label:NAME as FORMAT, derived:NAME, choice[…] or int"


def _choice(inside: str) -> Origin | str:
    if inside in CHOICES:
        return Choice(constraint=inside)
    values = tuple(part.strip() for part in inside.split(","))
    if not all(re.fullmatch(r"[A-Za-z0-9_.:@/+*\-]+", value) for value in values):
        return f"a choice is a list of plain words, or one of: {'; '.join(CHOICES)}"
    return Choice(values=values)
