"""The SQL of the store, by name: `.sql` files beside this module, so that they can be read and tried as they are.

A statement begins at a line `-- name: NAME`; what stands before the first one is the file's own comment.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from importlib import resources

from tiphys.errors import Bug

_NAME = re.compile(r"^-- name: (\w+)$", re.MULTILINE)
_MIGRATION = re.compile(r"^(\d{4})_\w+\.sql$")


def load_statements(file: str) -> Mapping[str, str]:
    """The named statements of a file in `store/sql`."""
    pieces = _NAME.split((resources.files("tiphys.store") / "sql" / file).read_text())
    return dict(zip(pieces[1::2], pieces[2::2], strict=True))


def load_migrations() -> Sequence[str]:
    """The migration scripts in order; the number of those applied is the schema's version."""
    folder = resources.files("tiphys.store") / "sql"
    found = sorted(entry.name for entry in folder.iterdir() if _MIGRATION.match(entry.name))
    if [int(name[:4]) for name in found] != list(range(1, len(found) + 1)):
        raise Bug(f"the migrations are not numbered 1, 2, 3 …: {', '.join(found)}")
    return [(folder / name).read_text() for name in found]
