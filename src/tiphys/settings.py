"""Settings: what an operator may choose, where each value came from, and nothing about what is done with it.

Order, strongest first: command line (`overrides`), environment (`TIPHYS_SECTION__KEY`), file (`tiphys.yaml`), default.
The file is parsed by whoever has a YAML reader (`wiring`); here it is a mapping already.
"""

from __future__ import annotations

import json
import types
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Literal, get_args, get_origin, get_type_hints

from tiphys.errors import InvalidManifest, Problem
from tiphys.jsons import as_object, is_list, is_object


@dataclass(frozen=True, slots=True)
class StoreSettings:
    """Where state is kept. `url`: `sqlite:///PATH`; empty is `state.db` in the data directory."""

    url: str = ""


@dataclass(frozen=True, slots=True)
class ServerSettings:
    """Where the server listens: loopback unless told otherwise. `auth_mode`: `token` or `none`."""

    host: str = "127.0.0.1"
    port: int = 2746
    auth_mode: Literal["token", "none"] = "token"


@dataclass(frozen=True, slots=True)
class ImageSettings:
    """What an image name means for the process executor: the entrypoint, default arguments and environment it has."""

    command: tuple[str, ...] = ()
    args: tuple[str, ...] = ()
    env: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True, slots=True)
class ExecutorSettings:
    """How steps are run. `parallelism`: attempts at a time (0: twice the cores); `grace_s`: between TERM and KILL.

    `shared_paths` stay the host's own, also for a step that gets a private `/tmp`.
    """

    parallelism: int = 0
    grace_s: float = 30.0
    shared_paths: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RemediationSettings:
    """Limits of the incident machine; the figures are those of the source documents.

    `confidence_floor` in 0..1; `approval_ttl_s`, `deploy_window_s`, `budget_window_s` in seconds; `max_per_action` and
    `max_in_all` are actions within the budget window, `max_running` remediations at a time.
    """

    catalog: str = "catalog/actions.yaml"
    planner: str = "rules"
    confidence_floor: float = 0.7
    approval_ttl_s: float = 1800.0
    deploy_window_s: float = 600.0
    budget_window_s: float = 3600.0
    max_per_action: int = 5
    max_in_all: int = 10
    max_running: int = 3
    kube_url: str = ""
    kube_token_file: str = ""


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything, by section; `images` is keyed by image name."""

    data_dir: Path = Path()
    store: StoreSettings = StoreSettings()
    server: ServerSettings = ServerSettings()
    executor: ExecutorSettings = ExecutorSettings()
    remediation: RemediationSettings = RemediationSettings()
    images: Mapping[str, ImageSettings] = field(default_factory=dict[str, ImageSettings])


@dataclass(frozen=True, slots=True)
class Setting:
    """One value and its origin (`default`, `file`, `environment`, `command line`)."""

    key: str
    value: Any
    origin: str


ENVIRONMENT_PREFIX = "TIPHYS_"
"""Of all variables; one with `__` after it is a setting, or a mistake."""
_SHORT_NAMES = {"TIPHYS_DATA": "data_dir"}
"""Variables that users know a setting by."""
_TRUE, _FALSE = ("true", "yes", "on", "1"), ("false", "no", "off", "0")


def resolve_settings(
    file: Mapping[str, Any], environ: Mapping[str, str], overrides: Mapping[str, Any] | None = None
) -> tuple[Settings, list[Setting]]:
    """The settings and, for each value, where it came from; raises `InvalidManifest` naming every bad key or value.

    `overrides` is keyed by dotted name (`server.port`). Lists in the environment are separated by commas, mappings are
    JSON.
    """
    known = dict(_leaves(Settings(), ""))
    problems: list[Problem] = []
    layers = [
        ("file", dict(_flatten(file, known, "")), False),
        ("environment", _from_environment(environ, known), True),
        ("command line", dict(overrides or {}), True),
    ]
    found: dict[str, Setting] = {key: Setting(key, default, "default") for key, (_, default) in known.items()}
    for origin, values, from_text in layers:
        for key, value in values.items():
            if key not in known:
                problems.append(_unknown(key, known, origin))
                continue
            try:
                found[key] = Setting(key, _convert(known[key][0], value, from_text=from_text), origin)
            except _Unfit as unfit:
                problems.append(Problem(f"{unfit} ({origin})", key, rule="setting"))
    if problems:
        raise InvalidManifest(problems)
    return _build(Settings(), "", found), list(found.values())


class _Unfit(ValueError):  # noqa: N818 - it never leaves this module
    """A value that is not of its setting's type; the message says what is wanted."""


def _leaves(section: Any, prefix: str) -> Iterator[tuple[str, tuple[Any, Any]]]:  # noqa: ANN401 - any dataclass
    """Every setting below a section: its dotted name, its type, its default."""
    hints = get_type_hints(type(section))  # pyright: ignore[reportUnknownArgumentType] - whichever dataclass it is
    for part in fields(section):
        value = getattr(section, part.name)
        if is_dataclass(value):
            yield from _leaves(value, f"{prefix}{part.name}.")
        else:
            yield prefix + part.name, (hints[part.name], value)


def _build(section: Any, prefix: str, found: Mapping[str, Setting]) -> Any:  # noqa: ANN401 - any dataclass
    values = {
        part.name: _build(value, f"{prefix}{part.name}.", found)
        if is_dataclass(value := getattr(section, part.name))
        else found[prefix + part.name].value
        for part in fields(section)
    }
    return type(section)(**values)


def _flatten(values: Mapping[str, Any], known: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, Any]]:
    """The file's nested values by dotted name; a mapping that is itself a setting stays whole."""
    for name, value in values.items():
        key = prefix + name
        is_section = any(other.startswith(f"{key}.") for other in known)
        if is_section and (is_object(value) or value is None):
            yield from _flatten(as_object(value), known, f"{key}.")
        else:
            yield key, value


def _from_environment(environ: Mapping[str, str], known: Mapping[str, Any]) -> dict[str, str]:
    names = {ENVIRONMENT_PREFIX + key.upper().replace(".", "__"): key for key in known}
    values = {key: environ[name] for name, key in {**_SHORT_NAMES, **names}.items() if name in environ}
    strange = {name: value for name, value in environ.items() if name.startswith(ENVIRONMENT_PREFIX) and "__" in name}
    return values | {name: value for name, value in strange.items() if name not in names}


def _unknown(key: str, known: Mapping[str, Any], origin: str) -> Problem:
    if any(name.startswith(f"{key}.") for name in known):
        return Problem(f"a mapping is wanted ({origin})", key, hint=f"{key} is a section", rule="setting")
    name = key.removeprefix(ENVIRONMENT_PREFIX).lower().replace("__", ".")
    match = get_close_matches(name, list(known), n=1)
    sections = ", ".join(sorted({key.split(".")[0] for key in known}))
    hint = f"did you mean {match[0]}?" if match else f"known sections: {sections}"
    return Problem(f"unknown setting {key} ({origin})", key, hint=hint, rule="setting")


def _convert(kind: Any, value: Any, *, from_text: bool) -> Any:  # noqa: ANN401, PLR0911 - any type; one case each
    """`value` as `kind`; text is read as what is wanted only where it `from_text` came (environment, command line)."""
    origin = get_origin(kind)
    if origin is Literal:
        if value not in get_args(kind):
            raise _Unfit(f"one of {', '.join(map(repr, get_args(kind)))} is wanted, not {value!r}")
        return value
    if origin is tuple:
        return _convert_list(get_args(kind)[0], value, from_text=from_text)
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return _convert_mapping(get_args(kind)[1], value, from_text=from_text)
    if is_dataclass(kind):
        return _convert_section(kind, value)
    if kind is Path and isinstance(value, str | Path):
        return Path(value)
    if kind is str and isinstance(value, str):
        return value
    return _convert_scalar(kind, value, from_text=from_text)


def _convert_scalar(kind: Any, value: Any, *, from_text: bool) -> Any:  # noqa: ANN401 - any type
    wanted = {str: "text", Path: "a path", int: "a whole number", float: "a number", bool: "true or false"}[kind]
    is_number = isinstance(value, int) and not isinstance(value, bool)
    if kind is bool and isinstance(value, bool):
        return value
    if (kind is int and is_number) or (kind is float and (is_number or isinstance(value, float))):
        return kind(value)
    if from_text and isinstance(value, str):
        text = value.strip().lower()
        if kind is bool and text in _TRUE + _FALSE:
            return text in _TRUE
        if kind in (int, float):
            try:
                return kind(text)
            except ValueError:
                pass
    hint = ", put it in quotes" if kind is str and (is_number or isinstance(value, bool | float)) else ""
    raise _Unfit(f"{wanted} is wanted, not {value!r}{hint}")


def _convert_list(item: Any, value: Any, *, from_text: bool) -> tuple[Any, ...]:  # noqa: ANN401 - any type
    if from_text and isinstance(value, str):
        value = [part.strip() for part in value.split(",") if part.strip()]
    if not is_list(value):
        raise _Unfit(f"a list is wanted, not {value!r}")
    return tuple(_convert(item, part, from_text=from_text) for part in value)


def _convert_mapping(item: Any, value: Any, *, from_text: bool) -> Mapping[str, Any]:  # noqa: ANN401 - any type
    if from_text and isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError as error:
            raise _Unfit(f"a mapping as JSON is wanted, not {value!r}") from error
    if not is_object(value):
        raise _Unfit(f"a mapping is wanted, not {value!r}")
    return types.MappingProxyType({name: _convert(item, part, from_text=False) for name, part in value.items()})


def _convert_section(kind: Any, value: Any) -> Any:  # noqa: ANN401 - any dataclass
    if not is_object(value):
        raise _Unfit(f"a mapping is wanted, not {value!r}")
    hints = get_type_hints(kind)
    for name in value:
        if name not in hints:
            raise _Unfit(f"unknown key {name!r}, known are {', '.join(hints)}")
    return kind(**{name: _convert(hints[name], part, from_text=False) for name, part in value.items()})
