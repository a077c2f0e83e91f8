"""From the text of a catalog file to a `Catalog`, with the place of everything that is wrong. Pure."""

from __future__ import annotations

from tiphys.errors import InvalidManifest
from tiphys.manifest.parse import parse_text
from tiphys.remediation.catalog import Catalog
from tiphys.remediation.catalog_parse import parse_catalog


def read_catalog(text: str, *, file: str) -> Catalog:
    """The catalog of a text; raises `InvalidManifest` with every breach of a rule."""
    parsed = parse_text(text, file=file)
    if problems := [problem for part in parsed for problem in part.problems]:
        raise InvalidManifest(problems)
    if len(parsed) != 1:
        raise InvalidManifest(f"{file}: a catalog is one document; here are {len(parsed)}")
    return parse_catalog(parsed[0].tree, parsed[0].places.position)
