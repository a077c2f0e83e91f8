"""The `fields` parameter: which dotted paths of an answer are kept, or left out. Pure.

Argo: util/fields/fields.go, as recorded in conformance/api/README.md, 3.5: a leading `-` makes the whole list an
exclusion and is written once; a parent includes all below it; lists are walked through; an unknown path is no error.
"""

from __future__ import annotations

from dataclasses import dataclass

from tiphys.jsons import JsonObject, as_object, is_list, is_object


@dataclass(frozen=True, slots=True)
class Fields:
    """What to keep (`exclude` false) or to leave out; no paths keep everything."""

    paths: tuple[tuple[str, ...], ...] = ()
    exclude: bool = False

    @staticmethod
    def parse(text: str) -> Fields:
        """From the value of the parameter; the empty text keeps everything."""
        exclude = text.startswith("-")
        names = (name.strip() for name in text.removeprefix("-").split(","))
        return Fields(tuple(tuple(name.split(".")) for name in names if name), exclude)

    def __bool__(self) -> bool:
        return bool(self.paths)

    def keeps(self, path: str) -> bool:
        """Whether anything at or below the dotted `path` can be in the cleaned answer."""
        if not self.paths:
            return True
        parts = tuple(path.split("."))
        if self.exclude:
            return not any(parts[: len(other)] == other for other in self.paths)
        return any(parts[: len(other)] == other[: len(parts)] for other in self.paths)

    def clean(self, value: JsonObject) -> JsonObject:
        """`value` with only what was asked for."""
        if not self.paths:
            return value
        return as_object(_without(value, self.paths) if self.exclude else _only(value, self.paths))


def _only(value: object, paths: tuple[tuple[str, ...], ...]) -> object:
    if is_list(value):
        return [_only(item, paths) for item in value]
    if not is_object(value):
        return value
    kept: dict[str, object] = {}
    for key, item in value.items():
        below = tuple(path[1:] for path in paths if path[0] == key)
        if () in below:
            kept[key] = item
        elif below and (is_object(item) or is_list(item)):
            kept[key] = _only(item, below)
    return kept


def _without(value: object, paths: tuple[tuple[str, ...], ...]) -> object:
    if is_list(value):
        return [_without(item, paths) for item in value]
    if not is_object(value):
        return value
    kept: dict[str, object] = {}
    for key, item in value.items():
        below = tuple(path[1:] for path in paths if path[0] == key)
        if () in below:
            continue
        kept[key] = _without(item, below) if below else item
    return kept
