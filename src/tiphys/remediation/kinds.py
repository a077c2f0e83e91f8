"""What a parameter's value may look like, by the type the catalog gives it. Pure.

Syntax is the second line of defence: provenance says where a value comes from, these types say that whatever comes from
there can be nothing but a name, a selector, a pattern or a number. No type admits a leading dash or white space.

Kubernetes: apimachinery pkg/util/validation/validation.go (DNS-1123, label names and values).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import TypeAlias

Value: TypeAlias = str | int
"""What a parameter can hold."""

MAX_LABEL = 63
"""Bytes of a DNS-1123 label and of a Kubernetes label value."""
MAX_SUBDOMAIN = 253
"""Bytes of a DNS-1123 subdomain."""
MIN_PREFIX = 3
"""Literal characters that a Redis pattern starts with: fewer would name half of a keyspace."""
MAX_TERMS = 8
"""Terms of a selector; a workload's own selector has one to four."""

_DNS_LABEL = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?")
_DNS_SUBDOMAIN = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")
_HOSTNAME = re.compile(r"[A-Za-z0-9]([-A-Za-z0-9]*[A-Za-z0-9])?(\.[A-Za-z0-9]([-A-Za-z0-9]*[A-Za-z0-9])?)*")
_QUALIFIED = re.compile(r"[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?")
_REDIS = re.compile(r"[A-Za-z0-9][A-Za-z0-9_:.\-]*\*?")
_TOKEN = re.compile(r"[A-Za-z0-9/_][A-Za-z0-9_.:@/+\-]*")


def dns_label_fault(text: str) -> str:
    """Why `text` is no DNS-1123 label; empty when it is one."""
    fits = len(text) <= MAX_LABEL and _DNS_LABEL.fullmatch(text)
    return "" if fits else "is not a DNS-1123 label (lower case letters, digits and inner hyphens, at most 63)"


def dns_subdomain_fault(text: str) -> str:
    """Why `text` is no DNS-1123 subdomain; empty when it is one."""
    fits = len(text) <= MAX_SUBDOMAIN and _DNS_SUBDOMAIN.fullmatch(text)
    return "" if fits else "is not a DNS-1123 subdomain (labels of lower case letters and digits joined by dots)"


def hostname_fault(text: str) -> str:
    """Why `text` is no host name; empty when it is one. An address of digits and dots is not a name."""
    if re.fullmatch(r"[0-9.]+", text):
        return "is an address, not a host name"
    fits = len(text) <= MAX_SUBDOMAIN and _HOSTNAME.fullmatch(text)
    return "" if fits else "is not a host name (letters, digits, inner hyphens and dots)"


def selector_terms(text: str) -> tuple[tuple[str, str], ...]:
    """The (key, value) pairs of an equality selector; none for anything that is not exactly that."""
    terms = tuple(part.partition("=") for part in text.split(","))
    if len(terms) > MAX_TERMS or not all(_is_term(key, value) for key, equals, value in terms if equals):
        return ()
    return tuple((key, value) for key, _, value in terms) if all(equals for _, equals, _ in terms) else ()


def _is_term(key: str, value: str) -> bool:
    prefix, slash, name = key.rpartition("/")
    if slash and dns_subdomain_fault(prefix):
        return False
    return all(len(part) <= MAX_LABEL and _QUALIFIED.fullmatch(part) for part in (name, value))


def selector_fault(text: str) -> str:
    """Why `text` is no safe selector; empty when it is one: one or more `key=value` joined by commas, no more."""
    if not text:
        return "is empty, which would select every pod of the namespace"
    return "" if selector_terms(text) else "is not a selector of the form key=value[,key=value] (equality only)"


def redis_pattern_fault(text: str) -> str:
    """Why `text` is no safe key pattern; empty when it is one: a literal prefix and at most one trailing star."""
    if not _REDIS.fullmatch(text):
        return "is not a literal prefix with at most one star at its end"
    return "" if len(text.removesuffix("*")) >= MIN_PREFIX else f"has a prefix shorter than {MIN_PREFIX} characters"


def token_fault(text: str) -> str:
    """Why `text` cannot be one of an enumerated list; empty when it can."""
    fits = len(text) <= MAX_SUBDOMAIN and _TOKEN.fullmatch(text)
    return "" if fits else "is not a plain word (letters, digits and . _ : @ / + -, no leading dash)"


_FAULTS: Mapping[str, Callable[[str], str]] = {
    "dns1123_label": dns_label_fault,
    "dns1123_subdomain": dns_subdomain_fault,
    "hostname": hostname_fault,
    "label_selector": selector_fault,
    "redis_pattern": redis_pattern_fault,
    "choice": token_fault,
}

TYPES = (*_FAULTS, "int")
"""Every parameter type, for messages."""


def value_fault(kind: str, value: object) -> str:
    """Why `value` is none of type `kind`, in words that follow the value's name; empty when it is one."""
    if kind == "int":
        whole = isinstance(value, int) and not isinstance(value, bool)
        return "" if whole else "is not a whole number"
    return _FAULTS[kind](value) if isinstance(value, str) else "is not text"


def read_value(kind: str, text: str) -> Value | None:
    """The value that a label's text stands for, or None when it is none of that type."""
    if kind == "int":
        return int(text) if re.fullmatch(r"[0-9]{1,9}", text) else None
    return None if value_fault(kind, text) else text
