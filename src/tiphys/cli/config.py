"""`tiphys config`: the settings, and where each value came from."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

import click

from tiphys.cli import output
from tiphys.cli.configuration import load_settings, settings_options


@click.group(short_help="Show the settings and where each comes from.", epilog="Example: tiphys config show")
def config() -> None:
    """The settings of this machine."""


@config.command(epilog="Example: tiphys config show -o json")
@settings_options
@output.output_option("json")
def show(config: Path | None, data_dir: Path | None, output: str | None) -> None:
    """Print each setting, its value, and where it came from: default, file, environment or command line."""
    _, told = load_settings(config, {"data_dir": data_dir})
    _print([(item.key, _plain(item.value), item.origin) for item in told], output)


def _plain(value: Any) -> Any:
    """The value as JSON has it."""
    if isinstance(value, Mapping):
        return {str(name): _plain(item) for name, item in cast("Mapping[object, Any]", value).items()}
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return dataclasses.asdict(value)
    return str(value) if isinstance(value, Path) else value


def _print(told: list[tuple[str, Any, str]], form: str | None) -> None:
    if form == "json":
        output.print_json([{"key": key, "value": value, "origin": origin} for key, value, origin in told])
    else:
        output.print_table(("SETTING", "VALUE", "FROM"), [(key, _text(value), origin) for key, value, origin in told])


def _text(value: Any) -> str:
    return ",".join(value) if isinstance(value, tuple) else str(value)  # pyright: ignore[reportUnknownArgumentType] - texts
