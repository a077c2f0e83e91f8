"""Tokens to a postfix program, and its evaluation.

Govaluate plans a tree by recursive descent and then turns operators of equal rank around, so that all of them bind to
the left; that is what an operator stack gives at once. Short circuits are jumps. Two habits of its planner are kept:
where an operator should follow and a value does, the clause (or the whole condition) ends there, and what comes after
the end is not looked at.

Govaluate: stagePlanner.go, evaluationStage.go and EvaluableExpression.go.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from tiphys.lang.govaluate import operators
from tiphys.lang.govaluate.grammar import InvalidCondition, Kind, Token, Value

_RANK: Final = {
    **dict.fromkeys((",",), 1),
    **dict.fromkeys(("?", ":", "??"), 2),
    **dict.fromkeys(("||",), 3),
    **dict.fromkeys(("&&",), 4),
    **dict.fromkeys(("==", "!=", ">", ">=", "<", "<=", "=~", "!~", "in"), 5),
    **dict.fromkeys(("&", "|", "^"), 6),
    **dict.fromkeys((">>", "<<"), 7),
    **dict.fromkeys(("+", "-"), 8),
    **dict.fromkeys(("*", "/", "%"), 9),
    **dict.fromkeys(("**",), 10),
}
"""How tightly a binary operator binds."""
_PREFIX_RANK: Final = 11
_ACCESS_RANK: Final = 0
"""The arguments of a method are everything up to the end of the clause around it."""
_CLAUSE_RANK: Final = -1
_BINARY: Final = frozenset((Kind.MODIFIER, Kind.COMPARATOR, Kind.LOGICALOP, Kind.TERNARY, Kind.SEPARATOR))
_LAZY: Final = frozenset(("&&", "||", "??", "?", ":"))


@dataclass(frozen=True, slots=True)
class Push:
    """Put a literal on the stack."""

    value: Value


@dataclass(frozen=True, slots=True)
class Access:
    """Ask for a variable, which a condition never has; the arguments of a method were evaluated before."""

    name: str


@dataclass(frozen=True, slots=True)
class Test:
    """Jump to `target` if the left side of a lazy operator settles it."""

    symbol: str
    target: int


@dataclass(frozen=True, slots=True)
class Apply:
    """Replace the two values on top (a prefix: the one) by the result of an operator."""

    symbol: str
    prefix: bool = False


Instruction: TypeAlias = Push | Access | Test | Apply
Program: TypeAlias = tuple[Instruction, ...]


def plan(found: Sequence[Token]) -> Program:
    """Compile tokens that were checked.

    Raises:
        InvalidCondition: a `,` stands where a value should.
    """
    planner = _Planner()
    for index, token in enumerate(found):
        called = index + 1 < len(found) and found[index + 1].kind is Kind.CLAUSE
        if not planner.take(token, called=called):
            break
    return planner.finish()


def run(program: Program) -> Value:
    """Evaluate a program.

    Raises:
        InvalidCondition: a value has the wrong type for its operator, or there is no such variable.
    """
    stack: list[Value] = []
    at = 0
    while at < len(program):
        instruction = program[at]
        at += 1
        match instruction:
            case Push(value):
                stack.append(value)
            case Access(name):
                raise InvalidCondition(f"No parameter '{name}' found.")
            case Test(symbol, target):
                at = target if _settles(symbol, stack) else at
            case Apply(symbol, True):
                stack[-1] = operators.apply_prefix(symbol, stack[-1])
            case Apply(symbol, _):
                right = stack.pop()
                stack[-1] = operators.apply(symbol, stack[-1], right)
    return stack[-1]


def _settles(symbol: str, stack: list[Value]) -> bool:
    """Whether the right side is not needed; for `?` and `:` the operator is still applied, to any right side."""
    left = stack[-1]
    match symbol:
        case "&&":
            return left is False
        case "||":
            return left is True
        case "??":
            return left is not None
        case "?":
            settled = left is False
        case _:
            settled = left is not None
    if settled:
        stack.append(None)
    return settled


@dataclass(frozen=True, slots=True)
class _Waiting:
    rank: int
    symbol: str
    test: int = -1


class _Planner:
    def __init__(self) -> None:
        self._output: list[Instruction] = []
        self._waiting: list[_Waiting] = []
        self._operand_next = True

    def take(self, token: Token, *, called: bool) -> bool:
        """Plan one token, `called` if a clause follows it; False when the condition has ended before it."""
        if self._operand_next:
            return self._operand(token, called=called)
        if token.kind in _BINARY:
            self._binary(token.text)
            return True
        return self._close()

    def finish(self) -> Program:
        while self._waiting:
            self._pop()
        return tuple(self._output)

    def _operand(self, token: Token, *, called: bool) -> bool:
        match token.kind:
            case Kind.PREFIX:
                self._waiting.append(_Waiting(_PREFIX_RANK, token.text))
            case Kind.CLAUSE:
                self._waiting.append(_Waiting(_CLAUSE_RANK, "("))
            case Kind.CLAUSE_CLOSE:
                self._value(Push(None))
                return self._close()
            case Kind.ACCESSOR if called:
                self._waiting.append(_Waiting(_ACCESS_RANK, token.text))
            case Kind.ACCESSOR:
                self._value(Access(token.text))
            case Kind.SEPARATOR:
                raise InvalidCondition(f"Unable to plan token kind: '{token.kind.value}', value: '{token.text}'")
            case Kind.VARIABLE:
                self._value(Push(token.text))
            case _:
                self._value(Push(token.value))
        return True

    def _value(self, instruction: Push | Access) -> None:
        self._output.append(instruction)
        self._operand_next = False

    def _binary(self, symbol: str) -> None:
        rank = _RANK[symbol]
        while self._waiting and self._waiting[-1].rank >= rank:
            self._pop()
        test = len(self._output) if symbol in _LAZY else -1
        if symbol in _LAZY:
            self._output.append(Test(symbol, -1))
        self._waiting.append(_Waiting(rank, symbol, test))
        self._operand_next = True

    def _close(self) -> bool:
        while self._waiting:
            if self._pop().rank == _CLAUSE_RANK:
                return True
        return False

    def _pop(self) -> _Waiting:
        """Emit the operator on top; a lazy one tells its test where to jump."""
        top = self._waiting.pop()
        if top.rank == _ACCESS_RANK:
            self._output.append(Access(top.symbol))
        elif top.rank != _CLAUSE_RANK:
            self._output.append(Apply(top.symbol, prefix=top.rank == _PREFIX_RANK))
        if top.test >= 0:
            end = len(self._output)
            self._output[top.test] = Test(top.symbol, end - 1 if top.symbol in ("?", ":") else end)
        return top
