"""JSON at the borders: the types of decoded values and the checks that tell one from another. Pure.

`isinstance(x, dict)` teaches a type checker nothing about the keys; these guards do.
"""

from __future__ import annotations

from typing import Any, TypeAlias, TypeGuard

JsonObject: TypeAlias = dict[str, Any]
"""A decoded JSON object; `Any` stands for a JSON value."""


def is_object(value: object) -> TypeGuard[JsonObject]:
    """Whether a decoded JSON value is an object."""
    return isinstance(value, dict)


def is_list(value: object) -> TypeGuard[list[Any]]:
    """Whether a decoded JSON value is a list."""
    return isinstance(value, list)


def as_object(value: object) -> JsonObject:
    """The object, or an empty one for anything else (null included): for optional parts of lenient documents."""
    return value if is_object(value) else {}


def as_list(value: object) -> list[Any]:
    """The list, or an empty one for anything else (null included)."""
    return value if is_list(value) else []
