"""Settings: what an operator may choose, where each value came from, and nothing about what is done with it.

Order, strongest first: command line (`overrides`), environment (`TIPHYS_SECTION__KEY`), file (`tiphys.yaml`), default.
The file is parsed by whoever has a YAML reader (`wiring`); here it is a mapping already.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class StoreSettings:
    """Where state is kept. `url`: `sqlite:///PATH`; empty is `state.db` in the data directory."""

    url: str = ""


@dataclass(frozen=True, slots=True)
class ServerSettings:
    """Where the server listens: loopback unless told otherwise. `auth_mode`: `token` or `none`."""

    host: str = "127.0.0.1"
    port: int = 2746
    auth_mode: str = "token"


@dataclass(frozen=True, slots=True)
class ImageSettings:
    """What an image name means for the process executor: the entrypoint, default arguments and environment it has."""

    command: tuple[str, ...] = ()
    args: tuple[str, ...] = ()
    env: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True, slots=True)
class ExecutorSettings:
    """How steps are run. `parallelism`: attempts at a time (0: twice the cores); `grace_s`: between TERM and KILL."""

    parallelism: int = 0
    grace_s: float = 30.0


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


def resolve_settings(
    file: Mapping[str, Any], environ: Mapping[str, str], overrides: Mapping[str, Any] | None = None
) -> tuple[Settings, list[Setting]]:
    """The settings and, for each value, where it came from; raises `InvalidManifest` naming every bad key or value.

    `overrides` is keyed by dotted name (`server.port`).
    """
    raise NotImplementedError
