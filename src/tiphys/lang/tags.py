"""`{{…}}` tags in text. Pure.

A text is split once into literals and tags and then rendered as often as wanted. Argo substitutes in the JSON text of
an object and writes values in Go's quoting, and so do we, because it shows: a value with a control character that only
Go's quoting knows (BEL, ESC, DEL …) makes the result invalid. A nested tag `{{a.{{b}}}}` gives `{{a.x}}`; it takes
another pass to resolve that, as in Argo.

`{{=…}}` is a tag of the expression language, which is not this module's: the caller gives a function for it.

Argo: util/template (template.go, simple_template.go, replace.go), v4.1.2, over valyala/fasttemplate v1.2.2.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

from tiphys import errors
from tiphys.lang import gojson, gosyntax, gotext

Strict: TypeAlias = bool | tuple[str, ...]
"""True: every tag must be resolved; a tuple: those of these roots (`steps`, `tasks`), artifacts excepted."""
Evaluate: TypeAlias = Callable[[str, Mapping[str, object], Strict], str | None]
"""Evaluates the text after `{{=` over the variables; None leaves the tag as it stands."""

STEPS_AND_TASKS: Final = ("steps", "tasks")
"""The roots that must be resolved in the body of a step or task."""

_BLANKS: Final = " \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000"
"""What Go trims and a JSON string holds unescaped; a tab is written as an escape there and so is not trimmed."""
_LATER: Final = ".outputs.artifacts."
_QUOTE: Final = re.compile(r'(?<!\\)(?:\\\\)*"')
_NOT_JSON: Final = re.compile(r"(?<!\\)(?:\\\\)*\\[avxU]")
_MISSING: Final = object()


class InvalidTag(errors.InvalidManifest):
    """A tag that cannot be resolved, and never will be; the message is Argo's."""


class MissingVariable(InvalidTag):
    """A tag that must be resolved names a variable that is not there (yet): Argo waits and tries again later."""


class ExpressionTag(InvalidTag):
    """The text holds a `{{=…}}` tag and nobody evaluates it."""


@dataclass(frozen=True, slots=True)
class _Tag:
    """`text` between the braces, `name` without blanks; of a nested tag, what is before and after the inner `{{`."""

    text: str
    name: str
    outer: str
    inner: str

    def must_resolve(self, strict: Strict) -> bool:
        if isinstance(strict, bool):
            return strict
        return self.name.split(".", 1)[0] in strict and _LATER not in self.name


@dataclass(frozen=True, slots=True)
class TaggedText:
    """A text split into literals and tags.

    `names` are the variables of its simple tags (inner ones of nested tags included), `expressions` the texts of its
    `{{=…}}` tags, both in order; `nested` says that one pass cannot resolve all of it.
    """

    text: str
    names: tuple[str, ...]
    expressions: tuple[str, ...]
    nested: bool
    _pieces: tuple[str, ...]
    _tags: tuple[tuple[int, _Tag], ...]
    _expressions: tuple[tuple[int, str], ...]
    _json: bool
    _spans: bool

    def render(
        self, variables: Mapping[str, object], *, strict: Strict = False, evaluate: Evaluate | None = None
    ) -> str:
        """The text with its tags replaced; what needs not be resolved and cannot be stays as it is.

        Raises:
            MissingVariable: a tag that `strict` covers names no variable.
            ExpressionTag: there is a `{{=…}}` tag but no `evaluate`.
            InvalidTag: a variable is None (an absent optional) or no string, or the result would be invalid JSON.
        """
        if not self._tags and not self._expressions:
            return self.text
        pieces = list(self._pieces)
        get = variables.get
        valid = True
        for at, tag in self._tags:
            value = get(tag.name, _MISSING)
            if value is _MISSING and tag.inner:
                value = get(tag.inner, _MISSING)
                outer = "{{" + tag.outer
            else:
                outer = ""
            if isinstance(value, str):
                if not gotext.is_plain(value):
                    quoted = gotext.escape(value)
                    valid = valid and not _NOT_JSON.search(quoted)
                    value = quoted if self._json else value
                pieces[at] = outer + value
            else:
                _check_unresolved(tag, value, strict, nested=bool(outer))
        for at, expression in self._expressions:
            pieces[at] = self._evaluated(expression, variables, strict, evaluate)
        result = "".join(pieces)
        if not valid or (self._spans and gosyntax.first_problem(result)):
            raise InvalidTag("cannot finish template replacement because the result was invalid JSON")
        return result

    def _evaluated(
        self, expression: str, variables: Mapping[str, object], strict: Strict, evaluate: Evaluate | None
    ) -> str:
        if evaluate is None:
            raise ExpressionTag(f"the expression tag {{{{={expression}}}}} is not evaluated here")
        value = evaluate(expression, variables, strict)
        if value is None:
            return f"{{{{={expression}}}}}"
        return gojson.encode_string(value)[1:-1] if self._json else value


def compile_text(text: str) -> TaggedText:
    """Compile plain text; values are put in as they are.

    Raises:
        InvalidTag: a `{{` is not closed.
    """
    return _compile(text, as_json=False)


def compile_json(value: object) -> TaggedText:
    """Compile the JSON text of a decoded value; rendering gives JSON text again.

    Raises:
        InvalidTag: a `{{` is not closed.
        gosyntax.InvalidJson: the value is none that JSON has.
    """
    return _compile(gojson.encode(value), as_json=True)


def compile_json_text(text: str) -> TaggedText:
    """Compile a text that is JSON already, keeping its spelling.

    Raises:
        InvalidTag: it is no JSON, or a `{{` is not closed.
    """
    try:
        gojson.check(text)
    except gosyntax.InvalidJson as error:
        raise InvalidTag("cannot do template replacements with invalid JSON") from error
    return _compile(text, as_json=True)


def _compile(text: str, *, as_json: bool) -> TaggedText:
    pieces: list[str] = []
    simple: list[tuple[int, _Tag]] = []
    expressions: list[tuple[int, str]] = []
    end = 0
    while (start := text.find("{{", end)) >= 0:
        close = text.find("}}", start + 2)
        if close < 0:
            raise _unclosed(text, start + 2)
        tag = text[start + 2 : close]
        pieces += text[end:start], text[start : close + 2]
        end = close + 2
        if tag.startswith("="):
            expressions.append((len(pieces) - 1, gojson.unescape_html(tag[1:])))
        else:
            simple.append((len(pieces) - 1, _parse_tag(tag)))
    pieces.append(text[end:])
    return TaggedText(
        text=text,
        names=tuple(tag.inner or tag.name for _, tag in simple),
        expressions=tuple(expression for _, expression in expressions),
        nested=any(tag.inner for _, tag in simple),
        _pieces=tuple(pieces),
        _tags=tuple(simple),
        _expressions=tuple(expressions),
        _json=as_json,
        _spans=as_json and any(_QUOTE.search(piece) for piece in pieces[1::2]),
    )


def _parse_tag(text: str) -> _Tag:
    at = text.rfind("{{")
    outer, inner = (text[:at], text[at + 2 :]) if at > 0 else ("", "")
    return _Tag(text, text.strip(_BLANKS), outer, inner)


def _check_unresolved(tag: _Tag, value: object, strict: Strict, *, nested: bool) -> None:
    """Raise if a tag whose value is no string may not stay as it is."""
    if value is None and nested:
        raise InvalidTag(
            f"unable to substitute nested tag {{{{{tag.text}}}}}: {gotext.quote(tag.inner)} is an absent optional"
        )
    if value is None:
        raise InvalidTag(
            f"unable to substitute {{{{{tag.text}}}}}: output is an absent optional"
            " (skipped/omitted node with no default)"
        )
    if value is not _MISSING and not nested:
        raise MissingVariable(f"failed to resolve {{{{{tag.text}}}}} to string")
    if tag.must_resolve(strict):
        raise MissingVariable(f"failed to resolve {{{{{tag.text}}}}}")


def _unclosed(text: str, start: int) -> InvalidTag:
    return InvalidTag(
        f'Cannot find end tag="}}}}" in the template={gotext.quote(text)} starting from {gotext.quote(text[start:])}'
    )
