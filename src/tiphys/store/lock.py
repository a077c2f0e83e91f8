"""One engine for each state file: a lock that the kernel drops when its holder dies."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from tiphys.errors import Unavailable


class DirectoryInUse(Unavailable):
    """Another engine works there."""


def take_lock(path: Path) -> int:
    """Locks the file (made when missing), and returns its descriptor to be closed; raises `DirectoryInUse`."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        holder = os.read(descriptor, 32).decode(errors="replace").strip()
        os.close(descriptor)
        raise DirectoryInUse(
            f"{path.parent}: another tiphys (process {holder}) works in this directory; "
            "use its server, or choose another with --data-dir"
        ) from error
    os.ftruncate(descriptor, 0)
    os.write(descriptor, f"{os.getpid()}\n".encode())
    return descriptor
