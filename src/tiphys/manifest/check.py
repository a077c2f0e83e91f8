"""Holds a JSON tree against its shape: collects everything that does not fit and gives back the tree as Argo stores it.

Argo's strict decoder stops at the first wrong type and forgets the rest; here every problem of the document is named.
What comes back has no nulls (Go's zero value) and no unknown fields, `AnyString` scalars are text, and members stand in
the order in which Go writes them.
Differs: what Argo passes over (unknown fields inside a step, lists as parameter values) is warned about
(tests/unit/manifest/test_documents.py).
Argo: sigs.k8s.io/json strict decoding; workflow_types.go (ParallelSteps.UnmarshalJSON), v4.1.2.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tiphys.errors import Problem
from tiphys.jsons import is_list, is_object
from tiphys.manifest.nearest import did_you_mean
from tiphys.manifest.positions import Path, Places, format_path
from tiphys.manifest.scalars import number_text
from tiphys.manifest.shapes import Kind, Shape

_QUANTITY = re.compile(r"([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)")
_WANTED = {
    "text": "text",
    "int": "a whole number",
    "number": "a number",
    "bool": "true or false",
    "quantity": "a quantity such as 100m or 64Mi",
    "intstr": "a whole number or text",
    "object": "a mapping",
    "map": "a mapping",
    "list": "a list",
    "plugin": "a mapping with exactly one key",
}
_QUOTE = "put it in quotes"
_FEW = 12
"""So many names are still worth a hint."""
_EMPTY: Mapping[str, Any] = {"text": "", "int": 0, "number": 0, "bool": False, "any": ""}
"""What null becomes where it cannot be left out: as an item of a list or a map."""


@dataclass(slots=True)
class Checker:
    """One document's check; `unknown` is the severity of an unknown field (Argo Events takes them: a warning there).

    `strict` compares names exactly, otherwise case does not count (Go's encoding/json).
    """

    places: Places
    strict: bool = True
    unknown: str = "error"
    problems: list[Problem] = field(default_factory=list[Problem])
    _in_step: int = 0

    def check(self, kind: Kind, value: Any, path: Path) -> Any:  # noqa: ANN401, PLR0911 - any JSON value; one case each
        """The value as Argo stores it; what does not fit is reported and left out."""
        match kind.name:
            case "object" if is_object(value):
                return self._object(kind.shape, value, path)
            case "list" if is_list(value):
                return self._list(kind, value, path)
            case "map" if is_object(value):
                return self._map(kind, value, path)
            case "json":
                return value
            case "text" if isinstance(value, str):
                return value
            case "any":
                return self._any(value, path)
            case _:
                return self._scalar(kind, value, path)

    def _object(self, shape: Shape, value: dict[str, Any], path: Path) -> dict[str, Any]:
        is_step = shape.name == "WorkflowStep"
        self._in_step += is_step
        known: dict[str, Any] = {}
        for name, member in value.items():
            field_name = name if name in shape.fields else self._folded(shape, name)
            if field_name is None:
                self._unknown_field(shape, (*path, name), is_step=is_step)
            elif member is not None and (name == field_name or field_name not in value):
                known[field_name] = self.check(shape.fields[field_name], member, (*path, name))
        self._in_step -= is_step
        return {name: known[name] for name in shape.fields if known.get(name) is not None}

    def _folded(self, shape: Shape, name: str) -> str | None:
        exact = (self.strict and not self._in_step) or shape.name == "WorkflowStep"
        return None if exact else shape.folded.get(name.lower())

    def _unknown_field(self, shape: Shape, path: Path, *, is_step: bool) -> None:
        """A step's own fields are always checked, what is inside a step never: its decoder is not the strict one."""
        name = str(path[-1])
        quoted = f'unknown field "{name if is_step else format_path(path)}"'
        severity = "error" if is_step or (self.strict and not self._in_step) else "warning"
        severity = severity if self.unknown == "error" else self.unknown
        prefix = "json: " if is_step else "strict decoding error: " if severity == "error" else ""
        hint = did_you_mean(name, shape.fields)
        if not hint and len(shape.fields) <= _FEW:
            hint = f"known here: {', '.join(sorted(shape.fields)) or 'nothing'}"
        self._report(prefix + quoted, path, hint, rule="unknown-field", severity=severity)

    def _list(self, kind: Kind, value: list[Any], path: Path) -> list[Any] | None:
        item = kind.item
        if item is None:
            return value
        done = [self._member(item, member, (*path, index)) for index, member in enumerate(value)]
        return [member for member in done if member is not None or item.name == "json"]

    def _map(self, kind: Kind, value: dict[str, Any], path: Path) -> dict[str, Any]:
        item = kind.item or Kind("json")
        done = {name: self._member(item, member, (*path, name)) for name, member in sorted(value.items())}
        return {name: member for name, member in done.items() if member is not None or item.name == "json"}

    def _member(self, item: Kind, value: Any, path: Path) -> Any:  # noqa: ANN401 - any JSON value
        if value is not None or item.name == "json":
            return self.check(item, value, path)
        return {} if item.name in ("object", "map") else [] if item.name == "list" else _EMPTY.get(item.name)

    def _any(self, value: Any, path: Path) -> str:  # noqa: ANN401 - any JSON value
        if isinstance(value, str):
            return value
        if isinstance(value, bool | int | float):
            return number_text(value)
        hint = "write it as JSON text: '[1, 2]'"
        self._report(
            f"{_kind_of(value)} is no parameter value, Argo takes it as empty text", path, hint, severity="warning"
        )
        return ""

    def _scalar(self, kind: Kind, value: Any, path: Path) -> Any:  # noqa: ANN401 - any JSON value
        if _fits(kind.name, value):
            return int(value) if kind.name in ("int", "intstr") and isinstance(value, float) else value
        wanted = _WANTED[kind.name]
        is_scalar = isinstance(value, bool | int | float)
        hint = (
            _QUOTE
            if kind.name == "text" and is_scalar
            else "quantities hold no tags"
            if kind.name == "quantity"
            else ""
        )
        self._report(f"{wanted} is wanted here, not {_kind_of(value)}", path, hint)
        return None

    def _report(
        self, message: str, path: Path, hint: str = "", rule: str = "wrong-type", severity: str = "error"
    ) -> None:
        self.problems.append(Problem(message, format_path(path), self.places.position(path), hint, rule, severity))


def _fits(kind: str, value: Any) -> bool:  # noqa: ANN401, PLR0911 - any JSON value; one case each
    whole = (isinstance(value, int) and not isinstance(value, bool)) or (
        isinstance(value, float) and value.is_integer()
    )
    match kind:
        case "int":
            return whole
        case "number":
            return isinstance(value, int | float) and not isinstance(value, bool)
        case "bool":
            return isinstance(value, bool)
        case "intstr":
            return whole or isinstance(value, str)
        case "quantity":
            return (isinstance(value, str) and bool(_QUANTITY.fullmatch(value))) or (
                isinstance(value, int | float) and not isinstance(value, bool)
            )
        case "plugin":
            return is_object(value) and len(value) == 1
        case _:
            return False


def _kind_of(value: Any) -> str:  # noqa: ANN401 - any JSON value
    if isinstance(value, str):
        return f'text "{value[:40]}"'
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return f"the number {value}"
    if is_object(value):
        return "a mapping" if len(value) != 1 else f'a mapping with the key "{next(iter(value))}"'
    return "a list"
