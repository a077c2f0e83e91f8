"""Which fields each type of a document has, and of what kind each is.

The tables (`shapes_argo.py`, `shapes_kubernetes.py`, `shapes_events.py`) are one line for each type: its name, a colon,
its fields. A field is `name` (text) or `name:kind`:

    text  int  number  bool  quantity    a JSON scalar of that kind
    any         text, number or boolean, kept as text (Argo's AnyString)
    intstr      int or text
    json        any JSON value
    plugin      a JSON object with exactly one key
    Name        an object of that type
    [kind]      a list;  [kind]@key  a list that a strategic merge joins by `key`
    {kind}      an object with any keys

`+Name` takes over the fields of another type. A type is looked for in its own table, then among Kubernetes' types.
Fields of Argo Workflows stand in the order of Go's structs, for that is the order in which Argo meets a problem.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from tiphys.manifest import shapes_argo, shapes_events, shapes_kubernetes

SCALARS = frozenset({"text", "int", "number", "bool", "quantity", "any", "intstr", "json", "plugin"})


@dataclass(frozen=True, slots=True)
class Kind:
    """What a field holds: `name` is a scalar kind, `object`, `list` or `map`; `item` is what the last two hold."""

    name: str
    item: Kind | None = None
    type_name: str = ""
    table: Shapes | None = None
    merge_key: str = ""

    @property
    def shape(self) -> Shape:
        """The type of an `object`; raises `KeyError` for one that no table has."""
        if self.table is None:
            raise KeyError(self.name)
        return self.table.shape(self.type_name)


@dataclass(frozen=True, slots=True)
class Shape:
    """A type: its fields, and their names by lower case for a lenient reading."""

    name: str
    fields: Mapping[str, Kind]
    folded: Mapping[str, str]


@dataclass(slots=True)
class Shapes:
    """One table, parsed type by type when first asked for."""

    lines: Mapping[str, str]
    parent: Shapes | None = None
    _known: dict[str, Shape] = field(default_factory=dict[str, Shape])

    def shape(self, name: str) -> Shape:
        """The type `name`, from here or from the table behind; raises `KeyError`."""
        known = self._known.get(name)
        if known is not None:
            return known
        if name not in self.lines:
            if self.parent is None:
                raise KeyError(name)
            return self.parent.shape(name)
        fields = self._fields(self.lines[name])
        shape = Shape(name, fields, {field_name.lower(): field_name for field_name in fields})
        self._known[name] = shape
        return shape

    def _fields(self, body: str) -> dict[str, Kind]:
        fields: dict[str, Kind] = {}
        for token in body.split():
            if token.startswith("+"):
                fields.update(self.shape(token[1:]).fields)
            else:
                name, _, kind = token.partition(":")
                fields[name] = self._kind(kind or "text")
        return fields

    def _kind(self, text: str) -> Kind:
        text, _, merge_key = text.partition("@")
        if text in SCALARS:
            return Kind(text)
        if text[0] in "[{":
            return Kind("list" if text[0] == "[" else "map", item=self._kind(text[1:-1]), merge_key=merge_key)
        return Kind("object", type_name=text, table=self)


def _lines(table: str) -> dict[str, str]:
    joined = table.strip().replace("\n  ", " ").splitlines()
    return {name: body for name, _, body in (line.partition(":") for line in joined)}


KUBERNETES = Shapes(_lines(shapes_kubernetes.TABLE))
ARGO = Shapes(_lines(shapes_argo.TABLE), KUBERNETES)
EVENTS = Shapes(_lines(shapes_events.TABLE), KUBERNETES)
