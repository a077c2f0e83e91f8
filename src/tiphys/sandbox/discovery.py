"""What clients ask first: which groups, versions and resources there are. Pure.

Enough for client libraries and for what `kubectl` reads and writes (which, though, sends no token without TLS); there
is no OpenAPI document.
"""

from __future__ import annotations

from tiphys.jsons import JsonObject
from tiphys.sandbox import kinds
from tiphys.sandbox.kinds import Kind

VERSION = {"major": "1", "minor": "32", "gitVersion": "v1.32.0+tiphys-sandbox", "platform": "linux"}
"""The version of the API whose shapes and words are followed."""


def answer(path: str) -> JsonObject | None:
    """The document at a path outside the resources, or None."""
    apps = {"groupVersion": "apps/v1", "version": "v1"}
    group: JsonObject = {"name": "apps", "versions": [apps], "preferredVersion": apps}
    documents: dict[str, JsonObject] = {
        "version": dict(VERSION),
        "api": {"kind": "APIVersions", "versions": ["v1"]},
        "apis": {"kind": "APIGroupList", "apiVersion": "v1", "groups": [group]},
        "apis/apps": {"kind": "APIGroup", "apiVersion": "v1", **group},
        "api/v1": _resource_list(""),
        "apis/apps/v1": _resource_list("apps"),
    }
    return documents.get(path.strip("/"))


def _resource_list(group: str) -> JsonObject:
    listed = [kind for kind in kinds.KINDS if kind.group == group]
    return {
        "kind": "APIResourceList",
        "apiVersion": "v1",
        "groupVersion": listed[0].api_version,
        "resources": [entry for kind in listed for entry in _entries(kind)],
    }


def _entries(kind: Kind) -> list[JsonObject]:
    main: JsonObject = {
        "name": kind.plural,
        "singularName": kind.kind.lower(),
        "namespaced": kind.namespaced,
        "kind": kind.kind,
        "verbs": list(kind.verbs),
        "shortNames": list(kind.short),
    }
    parts = [
        {
            "name": f"{kind.plural}/{name}",
            "singularName": "",
            "namespaced": kind.namespaced,
            "kind": "Scale" if name == "scale" else kind.kind,
            "verbs": list(verbs),
        }
        for name, verbs in kind.subresources
    ]
    return [main, *parts]
