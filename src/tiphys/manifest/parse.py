"""Text to JSON trees: YAML by Argo's rules, or JSON, with the place of every part.

The parser's events are turned into values here, not by the library: scalars follow Go (`scalars.py`), a key that
stands twice is refused as Argo refuses it, nesting and the growth through aliases are bounded, and one broken document
does not hide the problems of the others.
Differs: a part that is no YAML is an error, Argo logs it and goes on (tests/unit/manifest/test_parse.py).
Argo: workflow/common/parse.go; sigs.k8s.io/yaml v1.6.0.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import yaml

from tiphys.errors import Position, Problem
from tiphys.jsons import is_object
from tiphys.manifest.positions import Place, Places
from tiphys.manifest.tree import Tree, TreeBuilder, Unreadable

MAX_TEXT = 16 * 2**20
"""Characters of one text; ours. Kubernetes takes at most 1.5 MiB an object, a file may hold some of them."""

_SEPARATOR = re.compile(r"^---(?=\s|$)", re.MULTILINE)
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, slots=True)
class Parsed:
    """One document of a text: its JSON object and its places. `problems` with an empty `tree` mean it is unreadable."""

    tree: dict[str, Any]
    places: Places
    problems: tuple[Problem, ...] = ()


def parse_text(text: str, *, file: str, strict: bool = True) -> list[Parsed]:
    """The documents of a YAML or JSON text, in order; empty ones and comments are left out.

    `strict` refuses a key that stands twice; without it the last one counts. Nothing is raised: see `Parsed.problems`.
    """
    text = text.removeprefix("\ufeff")
    if len(text) > MAX_TEXT:
        position = Position(file, 1, 1)
        return [_unreadable(file, f"text of {len(text)} characters, at most {MAX_TEXT} are read", position)]
    if text.lstrip().startswith("{"):
        value = _json_value(text)
        if is_object(value):
            return [Parsed(value, Places(file, _json_places(text)))]
    return [parsed for line, part in _split(text) for parsed in _parse_part(part, line, file, strict=strict)]


def parse_value(text: str) -> str:
    """What keeps a text from being YAML of any form; empty if nothing does."""
    builder = TreeBuilder(0, strict=False)
    try:
        trees = [tree for event in _events(text) if (tree := builder.receive(event))]
    except (Unreadable, yaml.YAMLError, UnicodeEncodeError) as error:
        return _one_line(error)
    return next((fault.message for tree in trees for fault in tree.problems), "")


def _split(text: str) -> Iterator[tuple[int, str]]:
    """The parts between the `---` lines, each with the number of lines before it; one bad part spoils no other."""
    starts = [0, *(match.start() for match in _SEPARATOR.finditer(text) if match.start())]
    for start, end in zip(starts, [*starts[1:], len(text)], strict=True):
        yield text.count("\n", 0, start), text[start:end]


def _parse_part(text: str, first_line: int, file: str, *, strict: bool) -> Iterator[Parsed]:
    builder = TreeBuilder(first_line, strict=strict)
    try:
        for event in _events(text):
            tree = builder.receive(event)
            if tree is not None and not (tree.value is None and not tree.problems):
                yield _parsed(tree, file)
    except Unreadable as error:
        yield _unreadable(file, str(error), Position(file, error.line, error.column))
    except yaml.MarkedYAMLError as error:
        mark: Any = error.problem_mark or error.context_mark
        line, column = (first_line + mark.line + 1, mark.column + 1) if mark else (first_line + 1, 1)
        context = f"{error.context}: " if error.context else ""
        yield _unreadable(
            file, f"{context}{error.problem}", Position(file, line, column), _hint(text, line - first_line)
        )
    except (yaml.YAMLError, UnicodeEncodeError) as error:
        yield _unreadable(file, _one_line(error), Position(file, first_line + 1, 1))


def _parsed(tree: Tree, file: str) -> Parsed:
    places = Places(file, tree.place)
    problems = tuple(
        Problem(fault.message, position=Position(file, fault.line, fault.column), rule="yaml", hint=fault.hint)
        for fault in tree.problems
    )
    if problems:
        return Parsed({}, places, problems)
    if is_object(tree.value):
        return Parsed(tree.value, places)
    message = "a document must be a mapping with apiVersion, kind, metadata and spec"
    return _unreadable(file, message, places.position() or Position(file, 1, 1))


def _unreadable(file: str, message: str, position: Position, hint: str = "") -> Parsed:
    return Parsed({}, Places(file), (Problem(message, position=position, hint=hint, rule="yaml"),))


def _hint(text: str, line: int) -> str:
    lines = text.splitlines()
    here = lines[line - 1] if 0 < line <= len(lines) else ""
    if "\t" in here[: len(here) - len(here.lstrip())]:
        return "YAML is indented with blanks, not tabs"
    return "a value that begins with {{ must stand in quotes" if re.search(r"[:-]\s+\{\{", here) else ""


def _json_value(text: str) -> Any:  # noqa: ANN401 - any JSON value
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _json_places(text: str) -> Place | None:
    """JSON is nearly always YAML too; where it is not (surrogates, odd tabs) there are no positions."""
    builder = TreeBuilder(0, strict=False)
    try:
        trees = [tree for event in _events(text) if (tree := builder.receive(event))]
    except (Unreadable, yaml.YAMLError, UnicodeEncodeError):
        return None
    return trees[0].place if trees else None


def _events(text: str) -> Iterator[Any]:
    yield from yaml.parse(text, Loader=_LOADER)  # pyright: ignore[reportUnknownMemberType] - the library has no types


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())
