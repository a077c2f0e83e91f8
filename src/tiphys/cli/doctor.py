"""`tiphys doctor`: what this machine offers, what is missing, and how to get it."""

from __future__ import annotations

import dataclasses
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import click

from tiphys.cli import output
from tiphys.cli.places import data_dir_option

MINIMUM_PYTHON: Final = (3, 11)
MINIMUM_SQLITE: Final = (3, 35, 0)
"""The first with RETURNING and reliable `WAL` checkpoints on which the store is tested."""
_PROBE_S: Final = 10
"""Seconds that a probe may take before it counts as failed."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked for; `needed` says that nothing works without it, `advice` how to get it."""

    name: str
    present: bool
    detail: str
    advice: str = ""
    needed: bool = False


@click.command(short_help="Say what this machine offers and what is missing.", epilog="Example: tiphys doctor -o json")
@data_dir_option
@output.output_option("json")
def doctor(data_dir: Path, output: str | None) -> int:
    """Look for what tiphys can use on this machine; the exit status is 1 when something needed is missing."""
    findings = examine(data_dir)
    _print(findings, output)
    return 0 if all(finding.present for finding in findings if finding.needed) else 1


def examine(data_dir: Path) -> Sequence[Finding]:
    """Everything that was looked for, the needed things first."""
    probes: Sequence[Callable[[], Finding]] = (
        _python,
        _sqlite,
        lambda: _data_dir(data_dir),
        _pidfd,
        _namespaces,
        _cgroups,
        _container_engine,
        _prometheus,
    )
    return [probe() for probe in probes]


def _print(findings: Sequence[Finding], form: str | None) -> None:
    if form == "json":
        output.print_json([dataclasses.asdict(finding) for finding in findings])
        return
    for finding in findings:
        mark = "✔" if finding.present else ("✖" if finding.needed else "-")
        advice = f"; {finding.advice}" if finding.advice and not finding.present else ""
        click.echo(f"{mark} {finding.name:<22} {finding.detail}{advice}")


def _python() -> Finding:
    version = ".".join(map(str, sys.version_info[:3]))
    return Finding("python", sys.version_info >= MINIMUM_PYTHON, version, "install Python 3.11 or newer", needed=True)


def _sqlite() -> Finding:
    fits = sqlite3.sqlite_version_info >= MINIMUM_SQLITE
    return Finding("sqlite", fits, sqlite3.sqlite_version, "use a Python with a newer SQLite", needed=True)


def _data_dir(data_dir: Path) -> Finding:
    existing = next(path for path in (data_dir, *data_dir.absolute().parents) if path.exists())
    writable = os.access(existing, os.W_OK)
    return Finding("data directory", writable, str(data_dir), "choose another with --data-dir", needed=True)


def _pidfd() -> Finding:
    return Finding("pidfd", hasattr(os, "pidfd_open"), "waits for steps without polling", "Linux 5.3 or newer")


def _namespaces() -> Finding:
    works = _succeeds("unshare", "--user", "--map-root-user", "--mount", "true")
    detail = "steps can have their own /tmp" if works else "steps share /tmp; what would collide is refused"
    return Finding("mount namespaces", works, detail, "allow user namespaces (kernel.unprivileged_userns_clone=1)")


def _cgroups() -> Finding:
    present = Path("/sys/fs/cgroup/cgroup.controllers").exists()
    return Finding("cgroups v2", present, "limits of steps can be enforced" if present else "limits are not enforced")


def _container_engine() -> Finding:
    found = shutil.which("podman") or shutil.which("docker")
    return Finding("container engine", found is not None, found or "images are not run", "apt install podman")


def _prometheus() -> Finding:
    found = shutil.which("prometheus")
    return Finding("prometheus", found is not None, found or "the demo's prober stands in", "apt install prometheus")


def _succeeds(*argv: str) -> bool:
    if shutil.which(argv[0]) is None:
        return False
    try:
        return subprocess.run(argv, capture_output=True, timeout=_PROBE_S, check=False).returncode == 0  # noqa: S603 - ours
    except (OSError, subprocess.TimeoutExpired):
        return False
