"""The `depends` logic of a DAG task: which tasks it waits for, and whether it runs once they are done. Pure.

Argo expands the text (a bare task name stands for three results or more), writes `_` for `-` and hands it to its
expression language. Only results of tasks can be written in it, so what is left is logic over booleans; it is compiled
once into postfix form and evaluated without recursion. Nothing here knows a node: a task's outcome is a set of results.

Argo: workflow/common/ancestry.go and workflow/controller/dag.go (evaluateDependsLogic), v4.1.2.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import Final, NoReturn, TypeAlias

from tiphys import errors

RESULTS: Final = frozenset(
    ("Succeeded", "Failed", "Errored", "Skipped", "Omitted", "Daemoned", "AnySucceeded", "AllFailed")
)
"""What can be said of a task that is done."""

_PHASE_RESULTS: Final = {
    "Succeeded": "Succeeded",
    "Failed": "Failed",
    "Error": "Errored",
    "Skipped": "Skipped",
    "Omitted": "Omitted",
}
_MENTION: Final = re.compile(r"([a-zA-Z0-9][-a-zA-Z0-9]*?)\.([A-Z][a-zA-Z]+)|([a-zA-Z0-9][-a-zA-Z0-9]*)")
_TOKEN: Final = re.compile(
    r"\s*(?:(?P<task>[A-Za-z_]\w*)\.(?P<result>[A-Za-z_]\w*)|(?P<operator>&&|\|\||==|!=|[!?:()]))", re.ASCII
)
_RESERVED: Final = frozenset(
    "in or and not matches contains startsWith endsWith let if else true false nil".split()  # noqa: SIM905 - a list of words
)
"""Words of Argo's expression language that are no names in it, although a task may be called so."""
_BINDS: Final = {"?:": 0, "||": 10, "&&": 15, "==": 20, "!=": 20, "!": 50}
"""How tightly an operator binds; the order is that of expr-lang."""

_Operand: TypeAlias = tuple[str, str]
_Program: TypeAlias = tuple[_Operand | str, ...]


class InvalidDepends(errors.InvalidManifest):
    """A `depends` text that names an unknown task or is no logic over results of tasks."""


@dataclass(frozen=True, slots=True)
class Depends:
    """The compiled dependencies of one task.

    `mentioned` are the tasks that must be done first, each once, in the order of the text; `logic` is the text with
    bare names expanded; `broken` says what is wrong with it. As in Argo, a broken text is only an error once all
    `mentioned` tasks are done, so it is kept here and raised by `allows`; a text that mentions no task is never judged.
    """

    logic: str
    mentioned: tuple[str, ...]
    broken: str = ""
    _program: _Program = field(default=(), repr=False)

    def allows(self, outcomes: Mapping[str, AbstractSet[str]]) -> bool:
        """Whether the task runs (else it is omitted), given the results of every mentioned task.

        Raises:
            InvalidDepends: the text is `broken`.
        """
        if self.broken:
            raise InvalidDepends(self.broken)
        stack: list[bool] = []
        for part in self._program:
            if isinstance(part, tuple):
                stack.append(part[1] in outcomes[part[0]])
            else:
                _apply(part, stack)
        return stack[0] if stack else True


def compile_depends(depends: str, dependencies: Sequence[str], tolerated: Mapping[str, Collection[str]]) -> Depends:
    """Compile a task's `depends` or, when that is empty, its `dependencies`.

    `tolerated` has every task of the DAG, with what its `continueOn` adds to a bare mention: `Errored`, `Failed`.

    Raises:
        InvalidDepends: a task that is mentioned does not exist.
    """
    text = depends or " && ".join(dependencies)
    pieces: list[str] = []
    mentioned: dict[str, None] = {}
    end = 0
    for match in _MENTION.finditer(text):
        name = match[1] or match[3]
        if name not in tolerated:
            raise InvalidDepends(f"depends on the task '{name}', which does not exist in this DAG: {text}")
        mentioned[name] = None
        if match[3]:
            pieces += text[end : match.start()], _expand(name, tolerated[name])
            end = match.end()
    logic = "".join((*pieces, text[end:]))
    if not mentioned:
        return Depends(logic, ())
    parser = _Parser(logic.replace("-", "_"), {name.replace("-", "_"): name for name in mentioned})
    try:
        return Depends(logic, tuple(mentioned), "", parser.parse())
    except InvalidDepends as error:
        return Depends(logic, tuple(mentioned), str(error))


def mentions(text: str) -> Iterator[tuple[str, str]]:
    """Every task that a text mentions with the result that is asked of it (empty: a bare mention), in order."""
    for match in _MENTION.finditer(text):
        yield match[1] or match[3], match[2] or ""


def results_of(phase: str, *, daemoned: bool = False, children: Iterable[str | None] | None = None) -> frozenset[str]:
    """The results of a node in `phase` that is done; `children` are the phases under a task group (None: unknown)."""
    results = {_PHASE_RESULTS[phase]} if phase in _PHASE_RESULTS else set[str]()
    if daemoned and phase != "Pending":
        results.add("Daemoned")
    if children is not None:
        phases = set(children)
        if "Succeeded" in phases:
            results.add("AnySucceeded")
        if phases == {"Failed"}:
            results.add("AllFailed")
    return frozenset(results)


def _expand(name: str, tolerated: Collection[str]) -> str:
    results = ["Succeeded", "Skipped", "Daemoned", *(extra for extra in ("Errored", "Failed") if extra in tolerated)]
    return "(" + " || ".join(f"{name}.{result}" for result in results) + ")"


def _apply(operator: str, stack: list[bool]) -> None:
    match operator:
        case "!":
            stack[-1] = not stack[-1]
        case "?:":
            otherwise, then = stack.pop(), stack.pop()
            stack[-1] = then if stack[-1] else otherwise
        case _:
            right = stack.pop()
            left = stack[-1]
            match operator:
                case "&&":
                    stack[-1] = left and right
                case "||":
                    stack[-1] = left or right
                case "==":
                    stack[-1] = left is right
                case _:
                    stack[-1] = left is not right


class _Parser:
    """Operator precedence with a stack of its own: deep nesting must not meet Python's recursion limit."""

    def __init__(self, text: str, names: Mapping[str, str]) -> None:
        self._text = text
        self._names = names
        self._output: list[_Operand | str] = []
        self._waiting: list[str] = []
        self._operand_next = True

    def parse(self) -> _Program:
        position = 0
        end = len(self._text.rstrip())
        while position < end:
            match = _TOKEN.match(self._text, position)
            if match is None:
                self._refuse(position, "unexpected text")
            if match["operator"]:
                self._operator(match["operator"], match.start("operator"))
            else:
                self._operand(match)
            position = match.end()
        return self._finish(end)

    def _refuse(self, position: int, what: str) -> NoReturn:
        raise InvalidDepends(f"unable to evaluate expression '{self._text}': {what} at column {position + 1}")

    def _operand(self, match: re.Match[str]) -> None:
        task, result = match["task"], match["result"]
        if not self._operand_next or task in _RESERVED or task not in self._names:
            self._refuse(match.start("task"), f"unexpected '{task}'")
        if result not in RESULTS:
            self._refuse(match.start("result"), f"a task has no result '{result}'")
        self._output.append((self._names[task], result))
        self._operand_next = False

    def _operator(self, operator: str, position: int) -> None:
        if (operator in "!(") != self._operand_next:
            self._refuse(position, f"unexpected '{operator}'")
        if operator in "!(":
            self._waiting.append(operator)
        elif operator == ")":
            self._close("(", position, ")")
        elif operator == ":":
            self._close("?", position, ":")
            self._waiting.append("?:")
            self._operand_next = True
        else:
            self._reduce(1 if operator == "?" else _BINDS[operator])
            self._waiting.append(operator)
            self._operand_next = True

    def _reduce(self, binds: int) -> None:
        while self._waiting and _BINDS.get(self._waiting[-1], -1) >= binds:
            self._output.append(self._waiting.pop())

    def _close(self, opening: str, position: int, closing: str) -> None:
        self._reduce(0)
        if not self._waiting or self._waiting.pop() != opening:
            self._refuse(position, f"unexpected '{closing}'")

    def _finish(self, end: int) -> _Program:
        if self._operand_next:
            self._refuse(end, "unexpected end")
        self._reduce(0)
        if self._waiting:
            self._refuse(end, f"'{self._waiting[-1]}' is not closed")
        return tuple(self._output)
