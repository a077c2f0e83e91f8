"""What a user sees of an error: one message on standard error, and an exit status. No traceback.

A `Bug`, and whatever was not foreseen, leaves its traceback in a file that the message names.
"""

from __future__ import annotations

import tempfile
import traceback
from pathlib import Path

import click

from tiphys.errors import Bug, InvalidManifest, TiphysError

FAILED = 1
"""The exit status of a command that could not do what was asked, as `argo`'s."""


def report(error: BaseException) -> int:
    """Prints `error` to standard error and returns the exit status."""
    for line in _lines(error):
        click.echo(line, err=True)
    return FAILED


def _lines(error: BaseException) -> list[str]:
    if isinstance(error, InvalidManifest):
        return [str(problem) for problem in error.problems]
    if isinstance(error, TiphysError) and not isinstance(error, Bug):
        return [f"Error: {error}"]
    if isinstance(error, (FileNotFoundError, IsADirectoryError, PermissionError)):
        return [f"Error: {error.filename}: {error.strerror}"]
    return [
        f"Error: this is a fault of tiphys: {type(error).__name__}: {error}",
        f"The traceback is in {_keep_traceback(error)}; please send it with a report.",
    ]


def _keep_traceback(error: BaseException) -> Path:
    with tempfile.NamedTemporaryFile("w", prefix="tiphys-", suffix=".log", delete=False) as file:
        file.write("".join(traceback.format_exception(error)))
    return Path(file.name)
