"""Conditions of triggers: `&&`, `||` and parentheses over the names of dependencies.

Text becomes a postfix program, so that neither parsing nor evaluation recurses. As in Argo Events `&&` binds tighter,
a condition with `&&` keeps events until it is met (latest wins), and one without fires for every event by itself.

Argo: pkg/sensors/dependencies (conditions), govaluate; v1.9.11.
Differs: what Argo Events only finds at run time, where the trigger then stays dead for ever, is an error here
(tests/unit/events/test_conditions.py). A name holds letters, digits, `_` and `-`; `-` counts as `_`, as there.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

_TOKEN = re.compile(r'\s*(?:(?P<op>&&|\|\||[()])|"(?P<quoted>[^"]*)"|(?P<name>[A-Za-z_][A-Za-z0-9_-]*)|(?P<bad>\S))')
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
_BINDS = {"||": 1, "&&": 2}
_RESERVED = frozenset(
    re.findall(
        r"\w+",
        """
        in true false and or not nil matches contains startsWith endsWith let if else
        all none any one filter map find findIndex findLast findLastIndex count groupBy reduce sort sortBy
        len type abs ceil floor round int float string now duration date
        trim trimPrefix trimSuffix upper lower split splitAfter replace repeat join
        indexOf lastIndexOf hasPrefix hasSuffix max min sum mean median
        toJSON fromJSON toBase64 fromBase64 first last get take keys values toPairs fromPairs
        """,
    )
)
"""Words of the two expression languages that Argo Events puts a condition through (antonmedv/expr, govaluate)."""


class BadConditionError(ValueError):
    """A condition that cannot be read; the message says what and where."""


class UnknownNameError(BadConditionError):
    """A condition names something that is no dependency."""

    def __init__(self, name: str) -> None:
        super().__init__(f"unknown name {name}")
        self.name = name


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition ready to be evaluated: names of dependencies and `&&`, `||` in postfix order.

    `text` is the condition with the dependencies' own names and no blanks.
    """

    text: str
    program: tuple[str, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The dependencies that it listens to, each once, in the order in which they are named."""
        return tuple(dict.fromkeys(part for part in self.program if part not in _BINDS))

    @property
    def keeps_events(self) -> bool:
        """Whether events wait for others."""
        return "&&" in self.program

    def is_met(self, received: AbstractSet[str]) -> bool:
        """Whether it is true when the dependencies `received` have an event."""
        stack: list[bool] = []
        for part in self.program:
            if part in _BINDS:
                right, left = stack.pop(), stack.pop()
                stack.append(left and right if part == "&&" else left or right)
            else:
                stack.append(part in received)
        return stack[-1]


def parse(text: str, dependencies: Sequence[str]) -> Condition:
    """The condition; an empty text needs all `dependencies`. Raises `BadConditionError`."""
    if not text.strip():
        return _all_of(dependencies)
    own_names = {name.replace("-", "_"): name for name in dependencies}
    tokens = [_resolved(token, own_names) for token in _tokens(text)]
    return Condition("".join(token for _, token in tokens), tuple(_postfix(tokens, text)))


def _all_of(dependencies: Sequence[str]) -> Condition:
    if not dependencies:
        raise BadConditionError("no dependency to wait for")
    for name in dependencies:
        if not _NAME.fullmatch(name):
            raise BadConditionError(f"the name {name!r} cannot stand in a condition: letters, digits, '-' and '_' only")
    return Condition("&&".join(dependencies), (*dependencies, *["&&"] * (len(dependencies) - 1)))


def _tokens(text: str) -> Iterator[tuple[bool, str]]:
    """The tokens, each with whether it is a name; raises at the first character that is neither."""
    for match in _TOKEN.finditer(text):
        if match["bad"]:
            raise BadConditionError(f"unexpected {match['bad']!r} at character {match.start('bad') + 1} of {text!r}")
        yield (False, match["op"]) if match["op"] else (True, match["quoted"] or match["name"] or "")


def _resolved(token: tuple[bool, str], own_names: dict[str, str]) -> tuple[bool, str]:
    is_name, text = token
    if not is_name:
        return token
    if text in _RESERVED:
        raise BadConditionError(f"{text!r} is a word of the condition language: give the dependency another name")
    own = own_names.get(text.replace("-", "_"))
    if own is None:
        raise UnknownNameError(text)
    return True, own


def _postfix(tokens: Iterable[tuple[bool, str]], text: str) -> Iterator[str]:
    """Shunting-yard; `operand` says whether a name or `(` must come next."""
    waiting: list[str] = []
    operand = True
    for is_name, word in tokens:
        if operand != (is_name or word == "("):
            missing = "a dependency" if operand else "an operator"
            raise BadConditionError(f"{missing} is missing before {word!r} in {text!r}")
        if is_name:
            yield word
        else:
            yield from _operator(word, waiting, text)
        operand = not is_name and word != ")"
    if operand:
        raise BadConditionError(f"{text!r} ends where a dependency is expected")
    if "(" in waiting:
        raise BadConditionError(f"'(' without ')' in {text!r}")
    yield from reversed(waiting)


def _operator(word: str, waiting: list[str], text: str) -> Iterator[str]:
    """What may be put out before an operator or parenthesis, which then waits itself."""
    if word == "(":
        waiting.append(word)
        return
    while waiting and waiting[-1] != "(" and _BINDS[waiting[-1]] >= _BINDS.get(word, 0):
        yield waiting.pop()
    if word != ")":
        waiting.append(word)
    elif waiting:
        waiting.pop()
    else:
        raise BadConditionError(f"')' without '(' in {text!r}")
