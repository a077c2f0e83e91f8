"""Where a source finds its secrets: a Secret document, else the environment, else a token made at the first start.

On a cluster the Secret is an object of the cluster; on one machine nobody wants a token in a file beside the manifests.
"""

from __future__ import annotations

import base64
import binascii
import re
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tiphys.controllers.ports import Store
from tiphys.errors import InvalidManifest
from tiphys.jsons import as_object

ENVIRONMENT_PREFIX = "TIPHYS_SECRET"


class Secrets:
    """Looks up keys of Secrets in a store and in an environment; with `made`, tokens found nowhere are made there."""

    def __init__(self, store: Store, environ: Mapping[str, str], made: Path | None = None) -> None:
        self._store = store
        self._environ = environ
        self._made = made

    async def value(self, namespace: str, name: str, key: str) -> str:
        """The secret's text; raises `InvalidManifest` when it is nowhere, naming both places."""
        document = await self._store.document("Secret", namespace, name)
        body: Mapping[str, Any] = document.body if document else {}
        plain, encoded = as_object(body.get("stringData")).get(key), as_object(body.get("data")).get(key)
        found = str(plain) if plain is not None else _decoded(name, key, encoded)
        variable = environment_name(name, key)
        found = found or self._environ.get(variable, "")
        if not found and self._made is not None:
            return made_token(self._made / f"{name}.{key}")
        if not found:
            raise InvalidManifest(
                f"no Secret {namespace}/{name} has a key {key!r}: apply one, or set {variable} in the environment"
            )
        return found


def environment_name(name: str, key: str) -> str:
    """The variable that stands for a key of a Secret: `TIPHYS_SECRET__ALERTMANAGER_TOKEN__TOKEN`."""
    parts = (re.sub(r"[^A-Z0-9]", "_", part.upper()) for part in (name, key))
    return "__".join((ENVIRONMENT_PREFIX, *parts))


def made_token(path: Path) -> str:
    """The token in a file of ours, made at random when there is none; only the owner may read it."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(32))
    return path.read_text().strip()


def _decoded(name: str, key: str, encoded: object) -> str:
    if encoded is None:
        return ""
    try:
        return base64.b64decode(str(encoded), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError) as error:
        raise InvalidManifest(
            f"Secret {name}: data.{key} is not base64 of UTF-8 text; use stringData for plain text"
        ) from error
