"""The parameters of an action, from the catalog's full form or from the plain one that only names them. Pure.

The plain form (`params: [namespace, selector]`) says nothing about where a value comes from. For the names of the
first reviewed catalogs the origins are given here; any other name must be written in full, because without an origin a
planner would be free to invent the value.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from tiphys import jsons
from tiphys.remediation import kinds, origins
from tiphys.remediation.catalog import Parameter
from tiphys.remediation.origins import BoundedInt, Choice, Derived, FromLabel, Origin
from tiphys.remediation.reading import Reader

PLAIN: Mapping[str, tuple[str, tuple[Origin, ...]]] = {
    "namespace": ("dns1123_label", tuple(map(FromLabel, ("exported_namespace", "namespace", "kubernetes_namespace")))),
    "selector": (
        "label_selector",
        (
            Derived("owner(pod)"),
            FromLabel("app_kubernetes_io_name", "app.kubernetes.io/name={}"),
            FromLabel("app", "app={}"),
        ),
    ),
    "deployment": ("dns1123_label", (FromLabel("deployment"), Derived("owner(pod)"), Derived("hpa_target"))),
    "replicas": ("int", (BoundedInt(),)),
    "release": ("dns1123_label", (Derived("release"), FromLabel("release"))),
    "cluster": ("dns1123_label", (FromLabel("redis_cluster"),)),
    "pattern": ("redis_pattern", (FromLabel("key_prefix", "{}*"),)),
}
"""Type and origins of a parameter that the plain form only names."""
PLAIN_FACTOR = 2.0
"""A planner's number may at most double what runs now; the source documents bound it by `max_replicas` alone."""

_KEYS = ("name", "type", "from", "min", "max", "relative_to", "max_factor")
_NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")
RELATIVE_TO = ("current_replicas",)
"""Facts that a number can be bounded by."""


def parse_parameters(reader: Reader, value: object, path: str, limits: Mapping[str, Any]) -> tuple[Parameter, ...]:
    """The parameters at `path`; problems go to `reader`."""
    items = list(enumerate(reader.items(value, path)))
    found = [_parameter(reader, item, f"{path}[{index}]", limits) for index, item in items]
    names = [parameter.name for parameter in found]
    for index, name in enumerate(names):
        if name and name in names[:index]:
            reader.problem(f"{path}[{index}]", f"the parameter {name!r} is there twice", "remove one", "duplicate-name")
    return tuple(found)


def _parameter(reader: Reader, item: object, path: str, limits: Mapping[str, Any]) -> Parameter:
    if isinstance(item, str):
        return _plain(reader, item, path, limits)
    entry = reader.mapping(item, path)
    reader.known(entry, path, _KEYS)
    name = reader.word(entry, "name", path, _NAME, "lower case, digits, underscores")
    kind = entry.get("type")
    if kind not in kinds.TYPES:
        reader.problem(f"{path}.type", f"unknown type {kind!r}", f"one of {', '.join(kinds.TYPES)}", "type")
        return Parameter(name, "choice", ())
    found = _origins(reader, entry.get("from"), f"{path}.from", limits)
    parameter = Parameter(name, kind, found, *_bounds(reader, entry, path))
    _refuse_misfit(reader, parameter, path)
    return parameter


def _plain(reader: Reader, name: str, path: str, limits: Mapping[str, Any]) -> Parameter:
    if name not in PLAIN:
        hint = "write it in full: - {name: …, type: …, from: [label:…]}"
        reader.problem(path, f"nothing says where the value of {name!r} comes from", hint, "provenance")
        return Parameter("", "choice", ())
    kind, found = PLAIN[name]
    if kind != "int":
        return Parameter(name, kind, found)
    most = limits.get("max_replicas")
    if not most:
        reader.problem(path, f"the number {name} has no upper bound", "add constraints: {max_replicas: 30}", "bounds")
    return Parameter(name, kind, found, 1, most or 1, RELATIVE_TO[0], PLAIN_FACTOR)


def _origins(reader: Reader, value: object, path: str, limits: Mapping[str, Any]) -> tuple[Origin, ...]:
    texts = reader.texts(value, path)
    if not texts:
        reader.problem(path, "every parameter says where its value comes from", "for example [label:namespace]", "from")
    found: list[Origin] = []
    for index, text in enumerate(texts):
        origin = origins.parse_origin(text)
        if isinstance(origin, str):
            reader.problem(f"{path}[{index}]", f"{text!r}: {origin}", "", "from")
        elif isinstance(origin, Choice) and (wanted := _constraint_of(origin)) and wanted not in limits:
            reader.problem(f"{path}[{index}]", f"{text!r} needs the constraint {wanted}", "add it", "from")
        else:
            found.append(origin)
    return tuple(found)


def _constraint_of(choice: Choice) -> str:
    words = re.findall(r"[a-z_]+", choice.constraint)
    return "" if not words else words[0] if "_" in words[0] else "enumerated"


def _bounds(reader: Reader, entry: jsons.JsonObject, path: str) -> tuple[int | None, int | None, str, float | None]:
    least, most = (reader.count(entry[k], f"{path}.{k}", least=0) if k in entry else None for k in ("min", "max"))
    relative, factor = entry.get("relative_to", ""), entry.get("max_factor")
    if relative not in ("", *RELATIVE_TO):
        reader.problem(
            f"{path}.relative_to", f"unknown fact {relative!r}", f"one of {', '.join(RELATIVE_TO)}", "bounds"
        )
    if factor is not None and not (isinstance(factor, int | float) and 1 <= factor <= 10):
        reader.problem(f"{path}.max_factor", "must be a number from 1 to 10", "for example 2.0", "bounds")
        factor = None
    if bool(relative) != (factor is not None):
        reader.problem(path, "relative_to and max_factor belong together", "write both or neither", "bounds")
    return least, most, str(relative), factor


def _refuse_misfit(reader: Reader, parameter: Parameter, path: str) -> None:
    """An int has both bounds and nothing else has any."""
    bounds: Sequence[int | None] = (parameter.minimum, parameter.maximum)
    if parameter.kind == "int":
        if None in bounds or (parameter.minimum or 0) > (parameter.maximum or 0):
            reader.problem(
                path, "a number needs min and max, min not above max", "for example min: 2, max: 30", "bounds"
            )
    elif bounds != (None, None) or parameter.relative_to:
        reader.problem(path, "only an int has bounds", "remove min, max, relative_to, max_factor", "bounds")
    if any(isinstance(origin, BoundedInt) for origin in parameter.origins) and parameter.kind != "int":
        reader.problem(f"{path}.from", "only an int may be chosen freely", "name a label, derivation or choice", "from")
