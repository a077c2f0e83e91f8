"""The bearer token: made at the first start in the data directory, readable by its owner only."""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import Final

TOKEN_FILE: Final = "token"  # noqa: S105 - the name of the file
"""Name of the file in the data directory; it holds the token and a newline, mode 0600."""
TOKEN_BYTES: Final = 32
"""Random bytes in a token, enough that it cannot be guessed."""


def ensure_token(data_dir: Path) -> str:
    """The token of that data directory, made now if there is none yet; two starts at once agree on one."""
    data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    fresh = data_dir / f".{TOKEN_FILE}.{secrets.token_hex(8)}"
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(secrets.token_urlsafe(TOKEN_BYTES) + "\n")
    try:
        (data_dir / TOKEN_FILE).hardlink_to(fresh)
    except FileExistsError:
        pass  # made before, or by somebody who was a moment quicker: theirs counts
    finally:
        fresh.unlink()
    return (data_dir / TOKEN_FILE).read_text().strip()


def read_token(data_dir: Path) -> str | None:
    """The token of that data directory; None when no server was ever started there."""
    try:
        return (data_dir / TOKEN_FILE).read_text().strip()
    except FileNotFoundError:
        return None
