"""The version of this program, and the version of Argo's API that it speaks."""

from __future__ import annotations

from importlib import metadata
from typing import Final

ARGO_VERSION: Final = "v4.1.2"
"""The Argo Server whose paths and shapes are followed; clients compare it with their own."""


def _installed_version() -> str:
    try:
        return metadata.version("tiphys")
    except metadata.PackageNotFoundError:
        return "unreleased"


RELEASE: Final = _installed_version()
"""The version of the installed distribution; `unreleased` when run from a source tree that was never installed."""
