"""Files that ship with the program: catalog, deployment manifests. In a checkout they stand at its root."""

from __future__ import annotations

from pathlib import Path

from tiphys.errors import Bug

_PLACES = (Path(__file__).parent / "files", Path(__file__).parents[2])


def path_of(name: str) -> Path:
    """Where a shipped file or directory is (`catalog`, `deploy`); raises `Bug` when it was not shipped."""
    for place in _PLACES:
        if (place / name).exists():
            return place / name
    raise Bug(f"{name} is missing from this installation")
