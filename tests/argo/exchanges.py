"""Compares what our server answers with what Argo's was recorded to answer, as the README of conformance/api says.

Placeholders in a recording stand for what differs from run to run; the numbered ones are bound when they are first
seen and must stay the same within a scenario.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any

from tiphys import ids

_PATTERNS = {
    "time": r".+?",
    "ago": r".+?",
    "dur": r".+?",
    "n": r"[0-9]+",
    "trace": r".+?",
    "node": r".+?",
    "len": r"[0-9]+",
    "etag": r".+?",
    "server": r".+?",
    "rv": r"[0-9]+",
    "uid": r"[0-9a-f-]{36}",
    "wf": r"[a-z0-9.-]+",
    "continue": r"[0-9]+",
    "token": r".+?",
}
"""What may stand for each placeholder; every other `{{…}}` is a tag of a manifest."""
PLACEHOLDER = re.compile(
    rf"\{{\{{((?:{'|'.join(_PATTERNS)}|id|pod)[0-9]*)(?::((?:\{{\{{[^{{}}]*\}}\}}|[^{{}}])*))?\}}\}}"
)
INCIDENTAL = frozenset(
    {
        "generation",
        "resourcesDuration",
        "estimatedDuration",
        "artifactRepositoryRef",
        "taskResultsCompletionStatus",
        "hostNodeName",
        "taskResultSynced",
    }
)
"""Keys whose presence and contents tell of the recording's cluster."""
_INCIDENTAL_LABELS = frozenset({"workflows.argoproj.io/trace-id"})
_BUILD = frozenset({"buildDate", "gitCommit", "gitTag", "gitTreeState", "goVersion", "compiler", "platform"})


class Bindings:
    """What the placeholders of one scenario stand for."""

    def __init__(self) -> None:
        self._values: dict[str, str] = {}

    def fill(self, value: Any) -> Any:
        """A recorded request with its placeholders replaced by what they stand for."""
        if isinstance(value, dict):
            return {self.fill(key): self.fill(item) for key, item in value.items()}
        if isinstance(value, list):
            return [self.fill(item) for item in value]
        return PLACEHOLDER.sub(self._known, value) if isinstance(value, str) else value

    def bind(self, name: str, value: str) -> None:
        """Says what a placeholder stands for."""
        self._values[name] = value

    def _known(self, match: re.Match[str]) -> str:
        name, node = match.group(1), match.group(2)
        if name == "id" and node:
            return self._node_id(self.fill(node))
        key = f"{name}:{node}" if node else name
        return self._values.get(key, match.group(0))

    def _node_id(self, node: str) -> str:
        return ids.node_id(re.split(r"[.\[(]", node)[0], node)

    def matches(self, expected: str, actual: object) -> bool:
        """Whether a recorded text fits; binds the numbered placeholders in it."""
        if "{{" not in expected:
            return expected == actual
        if not isinstance(actual, str):
            return False
        names: list[str] = []
        found = re.fullmatch(self._pattern(expected, names), actual, re.DOTALL)
        if not found:
            return False
        for name, value in zip(names, found.groups(), strict=True):
            self._values[name] = value
        return True

    def _pattern(self, expected: str, names: list[str]) -> str:
        pieces, end = [], 0
        for match in PLACEHOLDER.finditer(expected):
            pieces += [re.escape(expected[end : match.start()]), self._piece(match, names)]
            end = match.end()
        return "".join([*pieces, re.escape(expected[end:])])

    def _piece(self, match: re.Match[str], names: list[str]) -> str:
        name, node = match.group(1), match.group(2)
        if name == "id":
            return re.escape(self._node_id(self.fill(node)))
        if name == "pod":
            node = self.fill(node)
            workflow = re.split(r"[.\[(]", node)[0]
            return re.escape(workflow) if node == workflow else f"{re.escape(workflow)}-.*{ids.fnv1a_32(node)}"
        key = f"{name}:{node}" if node else name
        if key in self._values:
            return re.escape(self._values[key])
        pattern = _PATTERNS[re.sub(r"[0-9]", "", name)]
        if node or name.startswith("wf"):
            if key in names:
                return f"(?:{pattern})"
            names.append(key)
            return f"({pattern})"
        return f"(?:{pattern})"


def differences(expected: Any, actual: Any, bindings: Bindings, path: str = "") -> Iterator[str]:
    """Where a recorded JSON value and ours differ, in words."""
    if isinstance(expected, dict) and isinstance(actual, dict):
        yield from _object_differences(expected, actual, bindings, path)
    elif isinstance(expected, list) and isinstance(actual, list):
        actual = _in_recorded_order(expected, actual, bindings)
        if len(expected) != len(actual):
            yield f"{path}: {len(expected)} items recorded, {len(actual)} here"
        for index, (wanted, have) in enumerate(zip(expected, actual, strict=False)):
            yield from differences(wanted, have, bindings, f"{path}[{index}]")
    elif isinstance(expected, str):
        if not bindings.matches(expected, actual):
            yield f"{path}: {_short(expected)} recorded, {_short(actual)} here"
    elif expected != actual or isinstance(expected, bool) is not isinstance(actual, bool):
        yield f"{path}: {_short(expected)} recorded, {_short(actual)} here"


def _in_recorded_order(expected: list[Any], actual: list[Any], bindings: Bindings) -> list[Any]:
    """Named objects in the order of the recording: replayed, they begin and end within one second, so they tie."""
    names = [bindings.fill(_name(item)) for item in expected]
    if None in names or sorted(names) != sorted(str(_name(item)) for item in actual):
        return actual
    return sorted(actual, key=lambda item: names.index(_name(item)))


def _name(item: Any) -> Any:
    return item.get("metadata", {}).get("name") if isinstance(item, dict) else None


def _object_differences(
    expected: dict[str, Any], actual: dict[str, Any], bindings: Bindings, path: str
) -> Iterator[str]:
    wanted = {bindings.fill(key): value for key, value in expected.items()}
    for key in sorted(wanted.keys() | actual.keys()):
        if key in INCIDENTAL or key in _INCIDENTAL_LABELS:
            continue
        if key in _BUILD and key in actual and "goVersion" in actual:
            continue
        place = f"{path}.{key}".lstrip(".")
        if key not in actual:
            yield f"{place}: recorded, not here ({_short(wanted[key])})"
        elif key not in wanted:
            yield f"{place}: here, not recorded ({_short(actual[key])})"
        else:
            yield from differences(wanted[key], actual[key], bindings, place)


def stream_differences(expected: Sequence[Any], actual: Sequence[Any], bindings: Bindings) -> Iterator[str]:
    """Where two streams differ: log lines one by one, watch events by their distinct states."""
    if all("content" in event.get("result", {}) for event in [*expected, *actual]):
        yield from differences(_log_lines(expected), _log_lines(actual), bindings, "lines")
    elif all("object" in event.get("result", {}) for event in [*expected, *actual]):
        yield from differences(_states(expected), _states(actual), bindings, "states")
    else:
        yield from differences(list(expected), list(actual), bindings, "events")


def _log_lines(events: Sequence[Any]) -> list[Any]:
    """The program's own lines: those of Argo's executor are left out."""
    results = [event["result"] for event in events]
    return [result for result in results if "argo=true" not in result["content"]]


def _states(events: Sequence[Any]) -> list[Any]:
    """Type, name, phase and phases of the nodes of each event, equal neighbours merged."""
    states: list[Any] = []
    for event in events:
        item = event["result"]["object"]
        status = item.get("status", {})
        nodes = sorted(
            (node.get("displayName", ""), node.get("phase", "")) for node in status.get("nodes", {}).values()
        )
        state = [item.get("metadata", {}).get("name"), status.get("phase"), [list(node) for node in nodes]]
        kind = event["result"].get("type")
        if not states or states[-1][1:] != state or kind == "DELETED":
            states.append([kind, *state])
    return states


def _short(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 300 else f"{text[:300]}…"
