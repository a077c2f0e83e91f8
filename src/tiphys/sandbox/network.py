"""Addresses of pods and services: every one has a loopback address of its own, so that ports need no mapping.

On Linux the whole of 127.0.0.0/8 is this machine. A practice cluster whose API listens on port P uses
127.<P / 256>.<P % 256>.0/24: no two clusters on one machine can meet, because no two have the same port. A program in
a pod listens on `$POD_IP:$PORT` (a wildcard address would collide with its siblings).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from tiphys import errors

POD_HOSTS = range(1, 201)
SERVICE_HOSTS = range(201, 251)


@dataclass(slots=True)
class Network:
    """The addresses of the cluster whose API listens on `port`."""

    port: int
    _taken: set[str] = field(default_factory=set[str])

    def take_pod_address(self) -> str:
        """A free address for a pod; raises `Unavailable` when all are taken."""
        return self._take(POD_HOSTS)

    def take_service_address(self) -> str:
        """A free address for a service; raises `Unavailable` when all are taken."""
        return self._take(SERVICE_HOSTS)

    def give_back(self, address: str) -> None:
        """Makes an address free again."""
        self._taken.discard(address)

    def _take(self, hosts: Iterable[int]) -> str:
        for host in hosts:
            address = f"127.{self.port >> 8}.{self.port & 0xFF}.{host}"
            if address not in self._taken:
                self._taken.add(address)
                return address
        raise errors.Unavailable("the practice cluster has no free address left: delete a deployment or scale it down")
