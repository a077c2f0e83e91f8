"""The `when` of a step or task: a condition in which bare words are texts.

Argo: workflow/controller/operator.go (shouldExecute), v4.1.2.
"""

from __future__ import annotations

from dataclasses import replace

from tiphys import errors
from tiphys.lang.govaluate import grammar, operators, program, tokens

_HINT = ' (hint: try wrapping the affected expression in quotes ("))'


class InvalidExpression(errors.InvalidManifest):
    """A `when` that is no condition; the message is Argo's, its spelling included."""


def evaluate_when(text: str) -> bool:
    """Whether a step or task with this `when` runs, once its tags are substituted; without a text it does.

    Raises:
        InvalidExpression: the text is no condition, or its value is no bool.
    """
    if not text:
        return True
    found = _read(text)
    try:
        found = grammar.check([_as_text(token) for token in found])
    except grammar.InvalidCondition as error:
        raise InvalidExpression(f"Failed to parse 'when' expression '{text}': {error}") from error
    try:
        value = program.run(program.plan(found))
    except grammar.InvalidCondition as error:
        raise InvalidExpression(f"Failed to evaluate 'when' expresion '{text}': {error}") from error
    if not isinstance(value, bool):
        raise InvalidExpression(f"Expected boolean evaluation for '{text}'. Got {operators.show(value)}")
    return value


def _read(text: str) -> list[grammar.Token]:
    try:
        found = tokens.read(text)
        program.plan(found)
    except grammar.InvalidCondition as error:
        hint = _HINT if "Invalid token" in str(error) else ""
        raise InvalidExpression(f"Invalid 'when' expression '{text}': {error}{hint}") from error
    return found


def _as_text(token: grammar.Token) -> grammar.Token:
    if token.kind is not grammar.Kind.VARIABLE:
        return token
    return replace(token, kind=grammar.Kind.STRING, value=token.text)
