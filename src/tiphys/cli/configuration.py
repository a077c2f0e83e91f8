"""Reads `tiphys.yaml` and resolves the settings of a command: the one place where the command line meets them."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final, TypeVar

import click

from tiphys.cli.places import default_data_dir
from tiphys.errors import InvalidManifest
from tiphys.jsons import is_object
from tiphys.settings import Setting, Settings, resolve_settings

DEFAULT_FILE: Final = Path("tiphys.yaml")
"""Read from the working directory when it is there and no other is named."""

_F = TypeVar("_F", bound=Callable[..., Any])


def settings_options(function: _F) -> _F:
    """`--config` and `--data-dir`, as every command that reads settings has them; both may be None."""
    for option in (
        click.option("--data-dir", type=click.Path(file_okay=False, path_type=Path), help="Where state is kept."),
        click.option(
            "--config",
            type=click.Path(dir_okay=False, path_type=Path),
            envvar="TIPHYS_CONFIG",
            help="Settings file.  [$TIPHYS_CONFIG, else ./tiphys.yaml when it is there]",
        ),
    ):
        function = option(function)
    return function


def load_settings(config: Path | None, overrides: Mapping[str, Any]) -> tuple[Settings, list[Setting]]:
    """The settings of a file, the environment and the command line, with their origins; raises `InvalidManifest`."""
    file = config or (DEFAULT_FILE if DEFAULT_FILE.is_file() else None)
    given = {key: value for key, value in overrides.items() if value is not None}
    settings, told = resolve_settings(_read(file) if file else {}, os.environ, given)
    home = Setting("data_dir", default_data_dir(), "default")
    if any(item.key == "data_dir" and item.origin != "default" for item in told):
        return settings, told
    return replace(settings, data_dir=home.value), [home if item.key == "data_dir" else item for item in told]


def _read(file: Path) -> Mapping[str, Any]:
    from tiphys.cli.documents import read_one

    value = read_one(file)
    if value is None:
        return {}
    if is_object(value):
        return value
    raise InvalidManifest(f"{file}: settings are a mapping of sections")
