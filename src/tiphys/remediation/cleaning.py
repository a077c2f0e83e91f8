"""Free text made harmless to show: no control, no direction, no invisible characters, a bounded length. Pure.

Cleaned text is only ever shown or quoted. It is never a source of a value: a label is compared as it came.
"""

from __future__ import annotations

import unicodedata

MAX_TEXT = 2000
"""Characters of one annotation that are kept; runbook texts of public alert rules stay well below."""
MAX_QUOTE = 80
"""Characters of a foreign value that a message quotes."""
_CUT = " …[cut]"


def clean_text(text: str, limit: int = MAX_TEXT) -> str:
    """`text` without control, format and unassigned characters (line ends become blanks), at most `limit` long."""
    shown = "".join(" " if char in "\n\r\t" else char for char in text if char in "\n\r\t" or _is_shown(char))
    return shown if len(shown) <= limit else shown[: limit - len(_CUT)] + _CUT


def _is_shown(char: str) -> bool:
    """Unicode's C categories are control, format (bidi, zero width), surrogate, private use and unassigned."""
    return not unicodedata.category(char).startswith("C")


def is_storable(text: str) -> bool:
    """Whether `text` can be kept as it is: databases and canonical bytes know neither NUL nor a lone surrogate."""
    return "\x00" not in text and not any("\ud800" <= char <= "\udfff" for char in text)


def quoted(value: object) -> str:
    """A foreign value in quotes, in ASCII, short enough for a message."""
    text = ascii(value)
    return text if len(text) <= MAX_QUOTE else text[:MAX_QUOTE] + _CUT
