"""Reads a decoded document piece by piece and keeps every problem with its path and position. Pure."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta

from tiphys import errors, jsons

_DURATION = re.compile(r"(?=[0-9])(?:([0-9]{1,4})d)?(?:([0-9]{1,4})h)?(?:([0-9]{1,6})m)?(?:([0-9]{1,7})s)?")


class Reader:
    """Collects problems; every method gives a usable value even when it had to complain."""

    def __init__(self, position: Callable[[str], errors.Position | None]) -> None:
        self._position = position
        self._problems: list[errors.Problem] = []

    def problem(self, path: str, message: str, hint: str, rule: str) -> None:
        """Notes one thing that is wrong at `path`."""
        self._problems.append(errors.Problem(message, path, self._position(path), hint, rule))

    def raise_if_any(self) -> None:
        """Raises `InvalidManifest` with all that was noted."""
        if self._problems:
            raise errors.InvalidManifest(self._problems)

    def mapping(self, value: object, path: str) -> jsons.JsonObject:
        """The object at `path`."""
        if jsons.is_object(value):
            return value
        self.problem(path, "must be a mapping", "write key: value lines", "type")
        return {}

    def items(self, value: object, path: str) -> Sequence[object]:
        """The list at `path`."""
        if jsons.is_list(value):
            return value
        self.problem(path, "must be a list", "write one entry a line, each after a dash", "type")
        return []

    def texts(self, value: object, path: str) -> tuple[str, ...]:
        """The list of texts at `path`; none when absent."""
        entries: Sequence[object] = () if value is None else self.items(value, path)
        if not all(isinstance(entry, str) and entry for entry in entries):
            self.problem(path, "must be a list of texts", "quote what YAML takes for something else", "type")
        return tuple(str(entry) for entry in entries)

    def known(self, entry: Mapping[str, object], path: str, keys: Sequence[str]) -> None:
        """Complains about every key that is not one of `keys`."""
        for key in entry:
            if key not in keys:
                near = difflib.get_close_matches(str(key), keys, 1)
                hint = f"did you mean {near[0]}?" if near else f"known are {', '.join(keys)}"
                self.problem(f"{path}.{key}".removeprefix("."), f"unknown key {key!r}", hint, "unknown-key")

    def word(self, entry: Mapping[str, object], key: str, path: str, form: re.Pattern[str], words: str) -> str:
        """The text at `key`, which must have the given form."""
        value = entry.get(key)
        if isinstance(value, str) and form.fullmatch(value):
            return value
        self.problem(f"{path}.{key}", f"{key} must be a name ({words})", "give it one", key)
        return ""

    def count(self, value: object, path: str, *, least: int = 1) -> int | None:
        """The whole number at `path`."""
        if isinstance(value, int) and not isinstance(value, bool) and value >= least:
            return value
        self.problem(path, f"must be a whole number of at least {least}", "write it without quotes", "type")
        return None

    def share(self, value: object, path: str) -> float:
        """The fraction at `path`, more than 0 and at most 1."""
        if isinstance(value, int | float) and not isinstance(value, bool) and 0 < value <= 1:
            return float(value)
        self.problem(path, "must be a fraction between 0 and 1", "for example 0.1", "type")
        return 0.0

    def duration(self, value: object, path: str) -> timedelta | None:
        """The time span at `path`, written as 90s, 5m, 1h30m or 2d; longer than nothing."""
        found = _DURATION.fullmatch(value) if isinstance(value, str) else None
        days, hours, minutes, seconds = (int(part or 0) for part in found.groups()) if found else (0, 0, 0, 0)
        lasts = timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
        if lasts:
            return lasts
        self.problem(path, "must be a duration longer than nothing", "for example 90s, 5m or 1h30m", "duration")
        return None
