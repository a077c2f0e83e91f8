"""Names that are computed, never invented: node ids, pod names, names derived from other names. Pure.

Argo: workflow/util/pod_name.go and workflow/common/util.go (NodeID), v4.1.2.
"""

from __future__ import annotations

import hashlib

MAX_RESOURCE_NAME = 253
"""Characters; Kubernetes' limit for a DNS-1123 subdomain name."""
MAX_POD_PREFIX = MAX_RESOURCE_NAME - 1 - 10
"""Characters; a hyphen and ten digits of hash follow (Argo: maxPrefixLength)."""


def fnv1a_32(text: str) -> int:
    """FNV-1a over the UTF-8 bytes of `text`, 0 ≤ value < 2**32, as Go's `hash/fnv.New32a`."""
    value = 0x811C9DC5
    for byte in text.encode():
        value = ((value ^ byte) * 0x01000193) & 0xFFFFFFFF
    return value


def node_id(workflow_name: str, node_name: str) -> str:
    """The id of a node: the workflow's name for the root, else `<workflow>-<FNV-1a of the node's name>`."""
    return workflow_name if node_name == workflow_name else f"{workflow_name}-{fnv1a_32(node_name)}"


def pod_name(workflow_name: str, node_name: str, template_name: str) -> str:
    """The v2 pod name: `<workflow>-<template>-<hash>`; the root has the workflow's name, an inline one no template."""
    if node_name == workflow_name:
        return workflow_name
    prefix = f"{workflow_name}-{template_name}" if template_name else workflow_name
    return f"{prefix[:MAX_POD_PREFIX]}-{fnv1a_32(node_name)}"


def derived_name(prefix: str, *parts: str, max_length: int = 63) -> str:
    """A DNS-1123 name, always the same for the same `parts`: `<prefix>-<12 hex digits>`, at most `max_length` long."""
    digest = hashlib.sha256("\0".join(parts).encode()).hexdigest()[:12]
    return f"{prefix[: max_length - 13].rstrip('-.')}-{digest}"
