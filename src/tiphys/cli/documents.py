"""Reads manifests from files, directories and standard input; the room `manifest` knows no files."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from tiphys.cli.output import warn
from tiphys.errors import InvalidManifest, Refused
from tiphys.jsons import JsonObject
from tiphys.manifest import documents
from tiphys.manifest.no_effect import find_no_effect

SUFFIXES: Final = frozenset({".yaml", ".yml", ".json"})
"""What is a manifest in a directory (Argo: util/printer and fileutil.WalkManifests)."""


def read_texts(names: Sequence[str]) -> Iterator[tuple[str, str]]:
    """File name and text of each; a directory stands for the manifests in it, `-` for standard input."""
    for name in names:
        if name == "-":
            yield "-", sys.stdin.read()
            continue
        path = Path(name)
        for file in sorted(_manifests_in(path)) if path.is_dir() else [path]:
            yield str(file), _text(file)


def read_manifests(names: Sequence[str], kind: str) -> list[JsonObject]:
    """The documents of that kind in all files, as JSON; warns of what in them has no effect here.

    Raises `InvalidManifest`, `Refused` when there is none.
    """
    found = [
        document
        for file, text in read_texts(names)
        for document in documents.read_documents(text, file=file)
        if document.kind == kind
    ]
    if not found:
        raise Refused(f"no {kind} found in {', '.join(names)}")
    warn(find_no_effect(*found))
    return [document.json for document in found]


def read_one(path: Path) -> Any:
    """The one YAML or JSON value of a file that is no manifest; raises `InvalidManifest`."""
    import yaml

    try:
        return yaml.safe_load(_text(path))
    except yaml.YAMLError as error:
        raise InvalidManifest(f"{path}: {' '.join(str(error).split())}") from error


def stamps(names: Sequence[str]) -> dict[str, tuple[int, int]]:
    """Time of change (ns) and size of every file that `read_texts` would read: equal means nothing has changed."""
    files = [file for name in names if (path := Path(name)).is_dir() for file in _manifests_in(path)]
    return {str(file): (status.st_mtime_ns, status.st_size) for file in files if (status := file.stat())}


def _manifests_in(directory: Path) -> Iterator[Path]:
    return (path for path in directory.rglob("*") if path.suffix in SUFFIXES and path.is_file())


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise InvalidManifest(f"{path}: not UTF-8 text: {error.reason} at byte {error.start}") from error
