"""The digest by which evidence, catalogs and sealed contracts are named in the log. Pure.

The audit room's canonical bytes refuse fractions, which evidence and catalogs do hold; this digest is only ever
compared with one that the same program made, so Python's own text of a number is good enough.
"""

from __future__ import annotations

import hashlib
import json


def digest_of(value: object) -> str:
    """SHA-256, as hex, over the JSON of `value` with sorted keys and no white space; key order never matters.

    Raises `ValueError` or `TypeError` for what is no JSON: NaN, lone surrogates, foreign types.
    """
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()
