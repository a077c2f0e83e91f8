"""Filling of tags in texts and JSON trees, in Argo's passes. Pure.

A pass replaces what is known and leaves the rest for a later one. Names are asked one by one, so a scope need not
gather what nobody asks for.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import Any, Final

from tiphys.engine.failures import CallFailed
from tiphys.jsons import is_list, is_object
from tiphys.lang import tags

MISSING: Final = object()
"""What `Names.find` answers for a name that it does not know."""

_compile = lru_cache(maxsize=8192)(tags.compile_text)
"""Texts come from manifests, which are few, and from values that hold tags, which are fewer."""


class Names(Mapping[str, object]):
    """Names for tags: a text, None for an output that a skipped node never made, or `MISSING`. Asked, never listed."""

    @abstractmethod
    def find(self, name: str) -> object:
        """The value of a name."""

    def get(self, key: str, default: object = None) -> object:
        """The value of a name, or `default`."""
        value = self.find(key)
        return default if value is MISSING else value

    def __getitem__(self, key: str) -> object:
        value = self.find(key)
        if value is MISSING:
            raise KeyError(key)
        return value

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 0


class Layer(Names):
    """Names over other names."""

    def __init__(self, own: Mapping[str, object], below: Names) -> None:
        self._own = own
        self._below = below

    def find(self, name: str) -> object:
        """The value in the upper layer, else in the lower one."""
        value = self._own.get(name, MISSING)
        return self._below.find(name) if value is MISSING else value


Fill = Callable[[str], str]
"""One or more passes over a text."""


def fill(text: str, names: Names, *, strict: tags.Strict = False) -> str:
    """One pass over a text.

    Raises:
        CallFailed: a tag can never be resolved, in Argo's words.
        tags.MissingVariable: `strict` covers a tag that names nothing.
    """
    if "{{" not in text:
        return text
    try:
        return _compile(text).render(names, strict=strict)
    except tags.MissingVariable:
        raise
    except tags.InvalidTag as error:
        raise CallFailed(str(error)) from error


def fill_tree(tree: Any, transform: Fill) -> Any:  # noqa: ANN401 - a JSON value
    """The same JSON with every text that holds a tag, keys included, transformed."""
    if isinstance(tree, str):
        return transform(tree) if "{{" in tree else tree
    if is_object(tree):
        return {transform(key) if "{{" in key else key: fill_tree(value, transform) for key, value in tree.items()}
    if is_list(tree):
        return [fill_tree(item, transform) for item in tree]
    return tree
