"""What an attempt leaves behind: the end of its standard output and the text of its output files."""

from __future__ import annotations

import codecs
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tiphys.executors.view import View

MAX_RESULT = 256 * 1024
"""Bytes; of a longer standard output the end is the result (Argo: util/file, 256 KiB limit of an annotation)."""


@dataclass(frozen=True, slots=True)
class Handover:
    """Texts by parameter name, and the paths of those that were not written."""

    parameters: Mapping[str, str]
    missing: Mapping[str, str]


def read_parameters(paths: Mapping[str, str], view: View) -> Handover:
    """The text of every declared file that the attempt wrote, as it is."""
    parameters: dict[str, str] = {}
    missing: dict[str, str] = {}
    for name, path in paths.items():
        normal = os.path.normpath(path)
        if view.was_written(normal):
            parameters[name] = as_text(view.host_path(normal).read_bytes())
        else:
            missing[name] = path
    return Handover(parameters, missing)


def read_result(stdout: Path) -> str:
    """The last 256 KiB of standard output without one trailing newline."""
    with stdout.open("rb") as file:
        file.seek(max(file.seek(0, os.SEEK_END) - MAX_RESULT, 0))
        return as_text(file.read()).removesuffix("\n")


def as_text(data: bytes) -> str:
    """UTF-8, with one U+FFFD for each byte that is none, as Go does."""
    return data.decode(errors="tiphys.each-byte")


def _replace_each_byte(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return "\ufffd" * (error.end - error.start), error.end


codecs.register_error("tiphys.each-byte", _replace_each_byte)
