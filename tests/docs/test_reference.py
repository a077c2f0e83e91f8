"""The reference page says what the code says."""

from __future__ import annotations

import runpy
from pathlib import Path

DOCS = Path(__file__).parents[2] / "docs"


def test_the_reference_is_printed_from_this_code() -> None:
    assert (DOCS / "reference.md").read_text() == runpy.run_path(str(DOCS / "generate.py"))["render"]()
