"""`fmt.Sprintf` of Go with one integer argument: the `format` of `withSequence`. Pure.

A format that does not fit never fails in Go; it prints its complaint (`%!s(int=1)`, `%!(EXTRA int=1)`), and Argo uses
that as the item. Go: fmt/print.go and fmt/format.go, 1.26.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from tiphys.lang import gotext

_VERB: Final = re.compile(
    r"%(?P<flags>[-+# 0]*)(?:\[(?P<index>[^\]]{0,20})\])?(?P<width>\d+|\*)?"
    r"(?P<point>\.(?P<precision>\d+|\*)?)?(?P<verb>.)?",
    re.ASCII | re.DOTALL,
)
_MAX_WIDTH: Final = 1_000_000
"""Characters; wider is `%!(BADWIDTH)` or `%!(BADPREC)` (Go: tooLarge)."""
_BASES: Final = {"b": "b", "o": "o", "O": "o", "x": "x", "X": "X", "d": "d", "v": "d"}
_MAX_RUNE: Final = 0x10FFFF


@dataclass(frozen=True, slots=True)
class _Spec:
    flags: str
    width: int
    precision: int | None

    def pad(self, text: str) -> str:
        return text.ljust(self.width) if "-" in self.flags else text.rjust(self.width)


def sprintf(template: str, value: int) -> str:
    """`fmt.Sprintf(template, value)`."""
    output: list[str] = []
    end, used, reordered = 0, False, False
    for match in _VERB.finditer(template):
        output.append(template[end : match.start()])
        end = match.end()
        verb = match["verb"]
        if verb is None:
            output.append("%!(NOVERB)")
        elif verb == "%":
            output.append("%")
        elif match["index"] is not None and match["index"] != "1":
            reordered = True
            output.append(f"%!{verb}(BADINDEX)")
        elif used and match["index"] is None:
            output.append(f"%!{verb}(MISSING)")
        elif "*" in (match["width"], match["precision"]):
            used = True
            output.append(_starred(match, value))
        else:
            used, reordered = True, reordered or match["index"] is not None
            output.append(_sized(match, value))
    extra = "" if used or reordered else f"%!(EXTRA int={value})"
    return "".join((*output, template[end:], extra))


def _starred(match: re.Match[str], value: int) -> str:
    """The argument was taken for the width or the precision, so that none is left for the verb."""
    too_large = not -_MAX_WIDTH <= value <= _MAX_WIDTH
    which = "%!(BADWIDTH)" if match["width"] == "*" else "%!(BADPREC)"
    return f"{which if too_large else ''}%!{match['verb']}(MISSING)"


def _sized(match: re.Match[str], value: int) -> str:
    complaint = ""
    width = int(match["width"][:8]) if match["width"] else 0
    if width > _MAX_WIDTH:
        complaint, width = "%!(BADWIDTH)", 0
    precision = (int((match["precision"] or "0")[:8])) if match["point"] else None
    if precision is not None and precision > _MAX_WIDTH:
        complaint, precision = complaint + "%!(BADPREC)", None
    return complaint + _verb(match["verb"], value, _Spec(match["flags"], width, precision))


def _verb(verb: str, value: int, spec: _Spec) -> str:
    if verb in _BASES:
        return _integer(value, verb, spec)
    rune = chr(value) if 0 <= value <= _MAX_RUNE and not 0xD800 <= value < 0xE000 else "\ufffd"
    match verb:
        case "c":
            return spec.pad(rune)
        case "q":
            return spec.pad("'" + _quoted_rune(rune, ascii_only="+" in spec.flags) + "'")
        case "U":
            return spec.pad(_unicode(value, rune, spec))
        case "T":
            return spec.pad("int")
        case _:
            return f"%!{verb}(int={_integer(value, 'v', spec)})"


def _integer(value: int, verb: str, spec: _Spec) -> str:
    digits = format(abs(value), _BASES[verb])
    sign = "-" if value < 0 else "+" if "+" in spec.flags else " " if " " in spec.flags else ""
    prefix = _prefix(verb, digits, sharp="#" in spec.flags)
    if spec.precision is not None:
        if spec.precision == 0 and value == 0:
            return " " * spec.width
        digits = digits.zfill(spec.precision)
    elif "0" in spec.flags and "-" not in spec.flags:
        digits = digits.zfill(spec.width - len(sign))
    if verb == "o" and prefix and digits.startswith("0"):
        prefix = ""
    return spec.pad(sign + prefix + digits)


def _prefix(verb: str, digits: str, *, sharp: bool) -> str:
    if verb == "O":
        return "0o"
    if not sharp or digits == "":
        return ""
    return {"b": "0b", "o": "0", "x": "0x", "X": "0X"}.get(verb, "")


def _quoted_rune(rune: str, *, ascii_only: bool) -> str:
    if rune == "'":
        return r"\'"
    if rune == '"':
        return rune
    if ascii_only and not rune.isascii():
        code = ord(rune)
        return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
    return gotext.escape(rune)


def _unicode(value: int, rune: str, spec: _Spec) -> str:
    digits = f"{value & 0xFFFFFFFFFFFFFFFF:X}".zfill(max(4, spec.precision or 0))
    shown = f" '{rune}'" if "#" in spec.flags and rune.isprintable() and ord(rune) == value else ""
    return f"U+{digits}{shown}"
