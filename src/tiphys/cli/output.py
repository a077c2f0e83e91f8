"""How results are printed: JSON, YAML, names, tables with aligned columns, times as people read them.

With `-o json` nothing but the JSON goes to standard output. Tables are Go's tabwriter with three blanks between
columns, as `argo` prints them.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar

import click

from tiphys.errors import Problem

_F = TypeVar("_F", bound=Callable[..., Any])


def output_option(*forms: str, default: str = "") -> Callable[[_F], _F]:
    """`-o`, one of `forms`; the default form has no name unless one is given."""
    return click.option(
        "-o", "--output", type=click.Choice(forms), default=default or None, help=f"One of {', '.join(forms)}."
    )


def warn(problems: Iterable[Problem]) -> None:
    """Warnings, on standard error."""
    for problem in problems:
        click.echo(f"warning: {problem}", err=True)


def print_json(value: Any) -> None:
    """`value` as indented JSON."""
    click.echo(json.dumps(value, indent=2, ensure_ascii=False))


def print_yaml(value: Any) -> None:
    """`value` as YAML, keys sorted as Go does."""
    import yaml

    click.echo(yaml.safe_dump(value, sort_keys=True, allow_unicode=True, width=2**31), nl=False)


def print_table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """A header and rows; an empty header is left out."""
    for line in table_lines([header, *rows] if header else list(rows)):
        click.echo(line)


def table_lines(lines: Sequence[Sequence[str]], gap: int = 3) -> Iterator[str]:
    """Each line with columns as wide as their widest cell."""
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    for line in lines:
        yield "".join(cell.ljust(width + gap) for cell, width in zip(line, widths, strict=True)).rstrip()


def parse_time(text: object) -> datetime | None:
    """A time of the API; None for null and absent."""
    return datetime.fromisoformat(text) if isinstance(text, str) and text else None


def time_and_age(at: datetime, now: datetime) -> str:
    """`Wed Nov 25 04:18:43 +0000 (5 minutes ago)`."""
    return f"{at.astimezone().strftime('%a %b %d %H:%M:%S %z')} ({long_duration((now - at).total_seconds(), 1)} ago)"


_UNITS = (("day", "d", 86400), ("hour", "h", 3600), ("minute", "m", 60), ("second", "s", 1))


def short_duration(seconds: float) -> str:
    """The largest unit only: `5s`, `3m`, `2h`, `1d`."""
    whole = max(0, int(seconds))
    for _, letter, size in _UNITS:
        if whole >= size:
            return f"{whole // size}{letter}"
    return "0s"


def long_duration(seconds: float, parts: int = 2) -> str:
    """The largest units in words: `1 minute 20 seconds`."""
    rest = max(0, int(seconds))
    words: list[str] = []
    for name, _, size in _UNITS:
        count, rest = divmod(rest, size)
        if count:
            words.append(f"{count} {name}{'s' if count != 1 else ''}")
    return " ".join(words[:parts]) or "0 seconds"


def now() -> datetime:
    """The time on this machine."""
    return datetime.now(UTC)
