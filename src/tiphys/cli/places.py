"""Where things are: the data directory and the server, from options and environment. Nothing is opened here."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeVar
from urllib.parse import urlsplit

import click

from tiphys.errors import Refused

DEFAULT_SERVER: Final = "http://127.0.0.1:2746"
LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1"})

_F = TypeVar("_F", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Connection:
    """Which server, as whom, about which namespace; `authorization` is the whole header, empty for none."""

    server: str
    authorization: str
    namespace: str


def data_dir_option(function: _F) -> _F:
    """`--data-dir`, as every command that opens one has it."""
    return click.option(
        "--data-dir",
        type=click.Path(file_okay=False, path_type=Path),
        default=default_data_dir,
        envvar="TIPHYS_DATA",
        help="Where state is kept.  [$TIPHYS_DATA, else $XDG_DATA_HOME/tiphys]",
    )(function)


def default_data_dir() -> Path:
    """`$XDG_DATA_HOME/tiphys`, with that variable's own default."""
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local/share") / "tiphys"


def connection_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """`--server`, `--namespace`, `--token` and `--data-dir`; the command gets one `connection`."""

    @functools.wraps(function)
    def with_connection(
        *args: Any,
        server: str | None,
        namespace: str,
        token: str | None,
        data_dir: Path,
        **options: Any,
    ) -> object:
        address = server_address(server)
        connection = Connection(address, authorization(address, token, data_dir), namespace)
        return function(*args, connection=connection, **options)

    for option in (
        data_dir_option,
        click.option("--token", envvar="ARGO_TOKEN", help="Bearer token.  [$ARGO_TOKEN, else the data directory's]"),
        click.option(
            "-n", "--namespace", envvar="ARGO_NAMESPACE", default="default", show_default=True, help="Namespace."
        ),
        click.option(
            "-s",
            "--server",
            "--argo-server",
            help=f"Address of the server.  [$TIPHYS_SERVER, else $ARGO_SERVER, else {DEFAULT_SERVER}]",
        ),
    ):
        with_connection = option(with_connection)
    return with_connection


def server_address(option: str | None) -> str:
    """The base URL of the server, without a slash at the end; an address without scheme is plain HTTP."""
    address = option or os.environ.get("TIPHYS_SERVER") or os.environ.get("ARGO_SERVER") or DEFAULT_SERVER
    if "://" not in address:
        secure = os.environ.get("ARGO_SECURE", "false").lower() in ("true", "1")
        address = f"{'https' if secure else 'http'}://{address}"
    if not urlsplit(address).hostname:
        raise Refused(f"{address!r} is no address of a server; give it as http://127.0.0.1:2746")
    return address.rstrip("/")


def authorization(address: str, token: str | None, data_dir: Path) -> str:
    """The header for `token`, or for the token of the data directory, which is shown to this machine only."""
    from tiphys.server.token import read_token

    if token is None and urlsplit(address).hostname in LOOPBACK:
        token = read_token(data_dir)
    if not token:
        return ""
    return token if " " in token else f"Bearer {token}"
