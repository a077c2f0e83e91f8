"""Where in a file each part of a document stands, and how such a place is written.

A path is a tuple of keys and indices; in text `spec.templates[0].name`, Argo's own way. Places are kept as a tree
beside the document, so that only a message that is really written costs the search for its line.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from tiphys.errors import Position

Path: TypeAlias = tuple[str | int, ...]
"""Keys (text) and list indices (numbers) from the root of a document."""

_PART = re.compile(r"\[(\d+)\]|([^.\[\]]+)")


def format_path(path: Sequence[str | int]) -> str:
    """`("spec", "templates", 0)` as `spec.templates[0]`."""
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return text.removeprefix(".")


def parse_path(text: str) -> Path:
    """The reverse of `format_path`; keys that hold a dot or a bracket have no text form."""
    return tuple(int(match[1]) if match[1] else match[2] for match in _PART.finditer(text))


@dataclass(slots=True)
class Place:
    """A node of the document: line and column from 1, and the places of its members by key or index."""

    line: int
    column: int
    members: dict[str | int, Place] = field(default_factory=dict["str | int", "Place"])


@dataclass(frozen=True, slots=True)
class Places:
    """The places of one document; `root` is None where the text gives none (JSON that is no YAML)."""

    file: str
    root: Place | None = None

    def position(self, path: Sequence[str | int] | str = ()) -> Position | None:
        """The position of `path`, or of the nearest part around it that is there."""
        place = self.root
        if place is None:
            return None
        for part in parse_path(path) if isinstance(path, str) else path:
            inner = place.members.get(part)
            if inner is None:
                break
            place = inner
        return Position(self.file, place.line, place.column)

    def below(self, path: Sequence[str | int]) -> Places:
        """The places of the part at `path`, for a document inside a document (`kind: List`)."""
        place = self.root
        for part in path:
            place = place.members.get(part) if place else None
        return Places(self.file, place)
