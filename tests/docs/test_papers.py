"""Papers agree with the tree: links lead somewhere, rooms and example files are named."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAPERS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
LINK = re.compile(r"\[[^\]]*\]\(([^)#]+?)(?:#[^)]*)?\)")


@pytest.mark.parametrize("paper", PAPERS, ids=[paper.name for paper in PAPERS])
def test_links_lead_somewhere(paper: Path) -> None:
    for target in LINK.findall(paper.read_text()):
        if not target.startswith(("http://", "https://")):
            assert (paper.parent / target).exists(), f"{paper.name} links to {target}"


def test_every_room_is_described_and_layered() -> None:
    rooms = {path.parent.name for path in (ROOT / "src" / "tiphys").glob("*/__init__.py")}
    described = set(
        re.findall(
            r"[a-z]+", " ".join(re.findall(r"^\*\*([^*]+)\.\*\*", (ROOT / "ARCHITECTURE.md").read_text(), re.MULTILINE))
        )
    )
    layers = " ".join(
        tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"][0]["layers"]
    )
    assert rooms <= described
    assert rooms <= set(re.findall(r"[a-z]+", layers))


def test_a_room_holds_one_docstring_and_no_reexports() -> None:
    for path in (ROOT / "src" / "tiphys").glob("*/__init__.py"):
        text = path.read_text().strip()
        assert text.startswith('"""'), path
        assert text.endswith('"""'), path
        assert text.count('"""') == 2, path
