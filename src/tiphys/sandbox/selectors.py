"""Label and field selectors as `kubectl -l` and `--field-selector` write them. Pure.

Kubernetes: staging/src/k8s.io/apimachinery/pkg/labels/selector.go.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from tiphys import jsons
from tiphys.jsons import JsonObject
from tiphys.sandbox import statuses

_KEY = re.compile(r"([A-Za-z0-9]([-A-Za-z0-9.]*[A-Za-z0-9])?/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?")
_VALUE = re.compile(r"([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?")
_SET = re.compile(r"(?P<key>\S+)\s+(?P<operator>in|notin)\s*\((?P<values>[^()]*)\)")
_EQUALITY = re.compile(r"(?P<key>[^=!\s]+)\s*(?P<operator>==|=|!=)\s*(?P<value>[^=!\s]*)")
_TERM = re.compile(r"(?:[^,(]|\([^)]*\))+")
"""A part between commas; those inside parentheses belong to a list of values."""

OPERATORS = {"In": "in", "NotIn": "notin", "Exists": "exists", "DoesNotExist": "absent"}
"""What the operators of `matchExpressions` mean here."""


@dataclass(frozen=True, slots=True)
class Requirement:
    """One condition on one label; `values` is empty for `exists` and `absent`."""

    key: str
    operator: str
    values: tuple[str, ...] = ()

    def matches(self, labels: Mapping[str, str]) -> bool:
        """Whether labels meet it; a label that is not there is in no set."""
        match self.operator:
            case "exists":
                return self.key in labels
            case "absent":
                return self.key not in labels
            case "in":
                return labels.get(self.key) in self.values
            case _:
                return labels.get(self.key) not in self.values


def parse_labels(text: str) -> tuple[Requirement, ...]:
    """The requirements of a label selector, all of which must hold; raises `ApiError` 400 for what is none."""
    if not text.strip():
        return ()
    terms = _TERM.findall(text)
    if ",".join(terms) != text:
        raise _unreadable(text)
    return tuple(_parse_requirement(term.strip(), text) for term in terms)


def _parse_requirement(term: str, text: str) -> Requirement:
    if found := _SET.fullmatch(term):
        values = tuple(value.strip() for value in found["values"].split(","))
        requirement = Requirement(found["key"], found["operator"], values)
    elif found := _EQUALITY.fullmatch(term):
        operator = "notin" if found["operator"] == "!=" else "in"
        requirement = Requirement(found["key"], operator, (found["value"],))
    elif term.startswith("!"):
        requirement = Requirement(term[1:].strip(), "absent")
    else:
        requirement = Requirement(term, "exists")
    if not _KEY.fullmatch(requirement.key) or not all(_VALUE.fullmatch(value) for value in requirement.values):
        raise _unreadable(text)
    return requirement


def _unreadable(text: str) -> statuses.ApiError:
    return statuses.bad_request(f'unable to parse requirement: "{text}" is not a label selector')


def parse_selector_object(selector: JsonObject) -> tuple[Requirement, ...]:
    """The requirements of a `LabelSelector` (`matchLabels`, `matchExpressions`)."""
    equal = [Requirement(key, "in", (value,)) for key, value in jsons.as_object(selector.get("matchLabels")).items()]
    listed = [
        Requirement(one["key"], OPERATORS[one["operator"]], tuple(jsons.as_list(one.get("values"))))
        for one in jsons.as_list(selector.get("matchExpressions"))
    ]
    return (*equal, *listed)


def match_labels(requirements: tuple[Requirement, ...], labels: Mapping[str, str]) -> bool:
    """Whether labels meet all requirements."""
    return all(requirement.matches(labels) for requirement in requirements)


def match_fields(text: str, document: JsonObject) -> bool:
    """Whether an object meets a field selector (`status.phase=Running,metadata.name!=x`); raises `ApiError` 400."""
    for term in filter(None, text.split(",")):
        found = _EQUALITY.fullmatch(term.strip())
        if not found:
            raise statuses.bad_request(f'invalid selector: "{text}"; can\'t understand "{term}"')
        actual: object = document
        for part in found["key"].split("."):
            actual = jsons.as_object(actual).get(part, "")
        if (str(actual) == found["value"]) == (found["operator"] == "!="):
            return False
    return True
