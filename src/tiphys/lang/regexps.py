"""Go's regular expressions: RE2 by its own library, with Go's words for what does not compile. Pure.

The one module that knows the library. Matching takes time linear in the text, whatever the pattern.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

import re2

from tiphys import errors

_RE2: Any = re2
"""The library brings no types."""

_WORDS: Final = {
    "missing )": "missing closing )",
    "missing ]": "missing closing ]",
    "trailing \\": "trailing backslash at end of expression",
    "no argument for repetition operator": "missing argument to repetition operator",
    "invalid repetition size": "invalid repeat count",
    "bad repetition operator": "invalid nested repetition operator",
    "invalid perl operator": "invalid or unsupported Perl syntax",
    "invalid named capture group": "invalid named capture",
}
"""RE2's words for an error and Go's (regexp/syntax: ErrorCode)."""
_QUIET: Final = _RE2.Options()
_QUIET.log_errors = False


class InvalidRegexp(errors.InvalidManifest):
    """A pattern that is none; the message is Go's."""


@dataclass(frozen=True, slots=True)
class Regexp:
    """A compiled pattern; `text` is how it was written."""

    text: str
    _compiled: Any = field(repr=False, compare=False)

    def __str__(self) -> str:
        return self.text

    def found_in(self, text: str) -> bool:
        """Whether the pattern matches anywhere in a text."""
        return self._compiled.search(text.encode(errors="replace")) is not None


def compile_regexp(text: str) -> Regexp:
    """Compile a pattern.

    Raises:
        InvalidRegexp: it does not compile.
    """
    try:
        return Regexp(text, _RE2.compile(text, _QUIET))
    except (_RE2.error, UnicodeEncodeError) as error:
        what = error.args[0] if isinstance(error, _RE2.error) else "invalid UTF-8"
        raise InvalidRegexp(f"error parsing regexp: {_translate(what)}") from error


def _translate(what: object) -> str:
    message = what.decode(errors="replace") if isinstance(what, bytes) else str(what)
    reason, colon, part = message.partition(": ")
    return _WORDS.get(reason, reason) + (f": `{part}`" if colon else "")
