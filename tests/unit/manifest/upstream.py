"""Where upstream's own files are: beside the repository, or where `TIPHYS_SHARED` says."""

import os
from pathlib import Path

import pytest

SHARED = Path(os.environ.get("TIPHYS_SHARED") or Path(__file__).parents[4] / "shared")
UPSTREAM = SHARED / "upstream"
VECTORS = SHARED / "conformance" / "vectors"
needs_shared = pytest.mark.skipif(
    not SHARED.is_dir() and os.environ.get("CI") != "true",
    reason=f"the shared files are not at {SHARED}; TIPHYS_SHARED names their place",
)
