"""The real Prometheus and Alertmanager around a practice cluster, with the files of `deploy/monitoring`.

They are Debian's packages `prometheus` and `prometheus-alertmanager`. Only addresses and the token are filled in;
rules, grouping and times are those of the files. Both run under a keeper and are gone when this is.
"""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import socket
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from pathlib import Path

import httpx
import yaml

from tiphys import errors, jsons
from tiphys.jsons import JsonObject
from tiphys.sandbox.processes import Process, Processes

PROGRAMS = ("prometheus", "prometheus-alertmanager")
START_TIMEOUT_S = 30.0


@dataclass(frozen=True, slots=True)
class MonitoringSettings:
    """`configuration` holds the three files; the webhook gets the token that is in `token_file`."""

    configuration: Path
    directory: Path
    cluster_url: str
    webhook_url: str
    token_file: Path


@dataclass(frozen=True, slots=True)
class Monitoring:
    """Where the two answer."""

    prometheus_url: str
    alertmanager_url: str


@contextlib.asynccontextmanager
async def run_monitoring(settings: MonitoringSettings) -> AsyncGenerator[Monitoring]:
    """Both programs, ready to answer; raises `Unavailable` when one is not installed or does not come up."""
    missing = [program for program in PROGRAMS if shutil.which(program) is None]
    if missing:
        raise errors.Unavailable(f"{', '.join(missing)} not found: apt-get install {' '.join(PROGRAMS)}")
    settings.directory.mkdir(parents=True, exist_ok=True)
    addresses = [f"127.0.0.1:{port}" for port in _free_ports(2)]
    _write_configuration(settings, alertmanager=addresses[1])
    async with Processes() as processes:
        children = [
            await _start(processes, settings.directory, argv) for argv in _commands(settings.directory, addresses)
        ]
        async with httpx.AsyncClient(trust_env=False) as http:
            for address, child in zip(addresses, children, strict=True):
                await _wait_until_ready(http, f"http://{address}", child, settings.directory)
        yield Monitoring(*(f"http://{address}" for address in addresses))


def _commands(directory: Path, addresses: list[str]) -> list[list[str]]:
    prometheus, alertmanager = addresses
    return [
        [
            PROGRAMS[0],
            f"--config.file={directory}/prometheus.yml",
            f"--storage.tsdb.path={directory}/prometheus-data",
            f"--web.listen-address={prometheus}",
        ],
        [
            PROGRAMS[1],
            f"--config.file={directory}/alertmanager.yml",
            f"--storage.path={directory}/alertmanager-data",
            f"--web.listen-address={alertmanager}",
            "--cluster.listen-address=",
        ],
    ]


async def _start(processes: Processes, directory: Path, argv: list[str]) -> Process:
    path = shutil.which(argv[0]) or argv[0]
    return await processes.start([path, *argv[1:]], {"HOME": str(directory)}, directory / f"{argv[0]}.log")


async def _wait_until_ready(http: httpx.AsyncClient, url: str, child: Process, directory: Path) -> None:
    try:
        async with asyncio.timeout(START_TIMEOUT_S):
            while not child.exit_code.done():
                with contextlib.suppress(httpx.HTTPError):
                    if (await http.get(f"{url}/-/ready")).is_success:
                        return
                await asyncio.sleep(0.1)
    except TimeoutError as error:
        raise errors.Unavailable(
            f"{url} is not ready after {START_TIMEOUT_S:g} s: see the logs in {directory}"
        ) from error
    raise errors.Unavailable(f"what should answer at {url} has ended: see the logs in {directory}")


def _write_configuration(settings: MonitoringSettings, *, alertmanager: str) -> None:
    prometheus = _read(settings.configuration / "prometheus.yml")
    prometheus["scrape_configs"][0]["static_configs"][0]["targets"] = [settings.cluster_url.removeprefix("http://")]
    prometheus["alerting"]["alertmanagers"][0]["static_configs"][0]["targets"] = [alertmanager]
    router = _read(settings.configuration / "alertmanager.yml")
    webhook = router["receivers"][0]["webhook_configs"][0]
    webhook["url"] = settings.webhook_url
    webhook["http_config"]["authorization"]["credentials_file"] = str(settings.token_file)
    documents = {"prometheus.yml": prometheus, "alertmanager.yml": router}
    documents["rules.yml"] = _read(settings.configuration / "rules.yml")
    for name, document in documents.items():
        (settings.directory / name).write_text(yaml.safe_dump(document))


def _read(path: Path) -> JsonObject:
    return jsons.as_object(yaml.safe_load(path.read_text()))


def _free_ports(count: int) -> list[int]:
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]
