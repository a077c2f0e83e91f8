"""Prints docs/reference.md from the code: commands, settings, routes, guards, phases, and what is refused.

`make docs` writes the page; a test fails when the page and the code disagree.
"""

from __future__ import annotations

import dataclasses
import importlib
from collections.abc import Iterator
from pathlib import Path

import click

from tiphys.cli.main import SECTIONS
from tiphys.engine import supported
from tiphys.remediation.guards import GUARDS
from tiphys.remediation.phases import MOVES
from tiphys.server.app import ARGO, OURS
from tiphys.settings import Settings

PAGE = Path(__file__).with_name("reference.md")


def render() -> str:
    """The whole page."""
    parts = [*_commands(), *_settings(), *_routes(), *_guards(), *_phases(), *_refused()]
    return "# Reference\n\nPrinted from the code by `make docs`; do not edit.\n\n" + "\n".join(parts) + "\n"


def _commands() -> Iterator[str]:
    yield "## Commands\n"
    yield "`tiphys COMMAND --help` shows the flags and an example.\n"
    for title, section in SECTIONS.items():
        yield f"### {title}\n\n| Command | Does |\n|---|---|"
        for name, (where, summary) in section.items():
            module, _, attribute = where.partition(":")
            command = getattr(importlib.import_module(module), attribute)
            yield f"| `tiphys {name}` | {summary} |"
            if isinstance(command, click.Group):
                for inner, member in command.commands.items():
                    yield f"| `tiphys {name} {inner}` | {member.get_short_help_str(100)} |"
        yield ""


def _settings() -> Iterator[str]:
    yield "## Settings\n"
    yield "In `tiphys.yaml`, or as `TIPHYS_SECTION__KEY`; `tiphys config show` prints each value and its origin.\n"
    yield "| Key | Default |\n|---|---|"
    for section in dataclasses.fields(Settings):
        value = getattr(Settings(), section.name)
        if dataclasses.is_dataclass(value):
            for field in dataclasses.fields(value):
                yield f"| `{section.name}.{field.name}` | `{getattr(value, field.name)!r}` |"
        elif section.name == "images":
            yield "| `images.NAME.command`, `.args`, `.env` | what an image means for the process executor |"
    yield ""


def _routes() -> Iterator[str]:
    yield "## Routes\n\n| Method | Path | Is |\n|---|---|---|"
    for method, path, handler in (*ARGO, *OURS):
        told = (handler.__doc__ or "").strip().splitlines()[0]
        yield f"| {method} | `{path}` | {told.split(': ', 1)[-1]} |"
    yield ""


def _guards() -> Iterator[str]:
    yield "## Guards\n\nAll are always judged; one that says no is enough.\n\n| Guard | Says yes when |\n|---|---|"
    for guard in GUARDS:
        yield f"| `{guard.__name__}` | {(guard.__doc__ or '').strip().splitlines()[0]} |"
    yield ""


def _phases() -> Iterator[str]:
    yield "## Phases of an incident\n\n| From | To |\n|---|---|"
    for phase, after in MOVES.items():
        yield f"| {phase} | {', '.join(sorted(after)) or 'it has ended'} |"
    yield ""


def _refused() -> Iterator[str]:
    yield "## Refused for now\n\nFields that stop a workflow before anything runs, by where they stand.\n"
    yield "| Where | Fields |\n|---|---|"
    for place, names in supported.REFUSED.items():
        yield f"| {place} | {', '.join(f'`{name}`' for name in names)} |"


if __name__ == "__main__":
    PAGE.write_text(render())
