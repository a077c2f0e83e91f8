"""What Kubernetes demands of the key and the value of a label, in its words. Pure.

Kubernetes: apimachinery pkg/util/validation/validation.go (IsQualifiedName, IsValidLabelValue), v0.35.
"""

from __future__ import annotations

import re
from typing import Final

_MAX_NAME: Final = 63
"""Bytes; of a label's value and of the name part of its key (Kubernetes: qualifiedNameMaxLength)."""
_MAX_PREFIX: Final = 253
"""Bytes; of the prefix part of a label's key (Kubernetes: DNS1123SubdomainMaxLength)."""
_NAME: Final = "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]"
_SUBDOMAIN: Final = r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*"
_NAME_RULE: Final = (
    "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character"
    f" (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '{_NAME}')"
)
_VALUE_RULE: Final = (
    "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and"
    " end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345',"
    f" regex used for validation is '({_NAME})?')"
)
_PREFIX_RULE: Final = (
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and"
    f" end with an alphanumeric character (e.g. 'example.com', regex used for validation is '{_SUBDOMAIN}')"
)


def key_problems(key: str) -> list[str]:
    """What is wrong with the key of a label: an optional DNS prefix, `/`, a name; empty if nothing is."""
    prefix, slash, name = key.rpartition("/")
    if "/" in prefix:
        return [
            f"a qualified name {_NAME_RULE} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')"
        ]
    problems = [f"prefix part {problem}" for problem in _prefix_problems(prefix)] if slash else []
    if not name:
        problems.append("name part must be non-empty")
    elif len(name.encode(errors="replace")) > _MAX_NAME:
        problems.append(f"name part must be no more than {_MAX_NAME} bytes")
    if not re.fullmatch(_NAME, name):
        problems.append(f"name part {_NAME_RULE}")
    return problems


def value_problems(value: str) -> list[str]:
    """What is wrong with the value of a label; empty if nothing is."""
    long = [f"must be no more than {_MAX_NAME} bytes"] if len(value.encode(errors="replace")) > _MAX_NAME else []
    return long if re.fullmatch(f"({_NAME})?", value) else [*long, _VALUE_RULE]


def _prefix_problems(prefix: str) -> list[str]:
    if not prefix:
        return ["must be non-empty"]
    long = [f"must be no more than {_MAX_PREFIX} bytes"] if len(prefix.encode(errors="replace")) > _MAX_PREFIX else []
    return long if re.fullmatch(_SUBDOMAIN, prefix) else [*long, _PREFIX_RULE]
