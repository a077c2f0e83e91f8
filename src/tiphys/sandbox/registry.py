"""All objects of a practice cluster, in memory: identity, versions, selectors, and a signal at each change.

The one place where objects change. What it gives out are copies; what it is given is copied. It knows the bookkeeping
of `metadata` (uid, resourceVersion, generation, deletion) and nothing of what the kinds mean.
"""

from __future__ import annotations

import asyncio
import copy
import secrets
import uuid
from collections.abc import Callable
from datetime import UTC, datetime

from tiphys import jsons
from tiphys.jsons import JsonObject
from tiphys.sandbox import selectors, statuses
from tiphys.sandbox.kinds import Kind

Key = tuple[str, str, str]
"""Plural, namespace, name; the namespace is empty for what lies in none."""
KEPT = (
    *("uid", "creationTimestamp", "generation", "resourceVersion", "namespace"),
    *("deletionTimestamp", "deletionGracePeriodSeconds"),
)
"""Fields of the metadata that belong to the server."""
SUFFIX_LETTERS = "bcdfghjklmnpqrstvwxz2456789"
"""Kubernetes: staging/src/k8s.io/apimachinery/pkg/util/rand/rand.go: no vowels, so that no words come out."""


def timestamp(at: datetime) -> str:
    """A time as Kubernetes writes it: UTC, whole seconds."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def random_suffix() -> str:
    """Five letters, as Kubernetes puts after a `generateName`."""
    return "".join(secrets.choice(SUFFIX_LETTERS) for _ in range(5))


class Registry:
    """The objects; whoever has to act on changes takes a signal of his own from `subscribe`."""

    def __init__(self) -> None:
        self._objects: dict[Key, JsonObject] = {}
        self._version = 0
        self._signals: list[asyncio.Event] = []

    def subscribe(self) -> asyncio.Event:
        """A signal that is set at each change, and once now; whoever waits for it clears it."""
        signal = asyncio.Event()
        signal.set()
        self._signals.append(signal)
        return signal

    @property
    def version(self) -> str:
        """The resourceVersion of the whole: that of the last change."""
        return str(self._version)

    def create(self, kind: Kind, namespace: str, document: JsonObject) -> JsonObject:
        """Stores a new object; fills in its metadata; raises `ApiError` 409."""
        stored = copy.deepcopy(document)
        metadata = stored["metadata"]
        key = (kind.plural, namespace, metadata["name"])
        if key in self._objects:
            raise statuses.already_exists(kind.group, kind.plural, metadata["name"])
        if namespace:
            metadata["namespace"] = namespace
        metadata["uid"] = str(uuid.uuid4())
        metadata["creationTimestamp"] = timestamp(datetime.now(UTC))
        if "spec" in stored:
            metadata["generation"] = 1
        self._objects[key] = {"apiVersion": kind.api_version, "kind": kind.kind, **stored}
        return self._note(key)

    def get(self, kind: Kind, namespace: str, name: str) -> JsonObject:
        """The object of that name; raises `ApiError` 404."""
        found = self._objects.get((kind.plural, namespace, name))
        if found is None:
            raise statuses.not_found(kind.group, kind.plural, name)
        return copy.deepcopy(found)

    def list(self, kind: Kind, namespace: str = "", *, labels: str = "", fields: str = "") -> list[JsonObject]:
        """All objects of a kind that match, by namespace and name; of all namespaces when none is given."""
        requirements = selectors.parse_labels(labels)
        found = [
            copy.deepcopy(document)
            for (plural, place, _), document in sorted(self._objects.items())
            if plural == kind.plural
            and namespace in ("", place)
            and selectors.match_labels(requirements, jsons.as_object(document["metadata"].get("labels")))
        ]
        return [document for document in found if selectors.match_fields(fields, document)]

    def owned(self, kind: Kind, owner_uid: str) -> list[JsonObject]:
        """All objects of a kind whose controller is the object of that uid."""
        return [document for document in self.list(kind) if owner_uid == controller_uid(document)]

    def replace(self, kind: Kind, namespace: str, document: JsonObject) -> JsonObject:
        """Stores another version of an object; a resourceVersion in it must be the present one.

        Identity and status cannot be changed this way; the generation grows when the spec changes. Raises `ApiError`.
        """
        metadata = jsons.as_object(document.get("metadata"))
        name = metadata.get("name", "")
        present = self.get(kind, namespace, name)
        uid = present["metadata"]["uid"]
        if metadata.get("resourceVersion") not in (None, "", present["metadata"]["resourceVersion"]):
            raise statuses.conflict(kind.group, kind.plural, name)
        if metadata.get("uid") not in (None, "", uid):
            why = f"Precondition failed: UID in precondition: {metadata['uid']}, UID in object meta: {uid}"
            raise statuses.conflict(kind.group, kind.plural, name, why)
        stored = {**copy.deepcopy(document), "apiVersion": present["apiVersion"], "kind": present["kind"]}
        stored["metadata"].update({key: present["metadata"][key] for key in KEPT if key in present["metadata"]})
        if "status" in present:
            stored["status"] = present["status"]
        if stored.get("spec") != present.get("spec"):
            stored["metadata"]["generation"] += 1
        return self._store(kind, namespace, stored)

    def update(self, kind: Kind, namespace: str, name: str, change: Callable[[JsonObject], None]) -> JsonObject:
        """Lets `change` alter a copy of an object and stores it, as a controller does; raises `ApiError` 404."""
        document = self.get(kind, namespace, name)
        spec = copy.deepcopy(document.get("spec"))
        change(document)
        if document.get("spec") != spec:
            document["metadata"]["generation"] += 1
        return self._store(kind, namespace, document)

    def remove(self, kind: Kind, namespace: str, name: str) -> JsonObject:
        """Takes an object away; raises `ApiError` 404."""
        document = self.get(kind, namespace, name)
        del self._objects[kind.plural, namespace, name]
        self._advance()
        return document

    def _store(self, kind: Kind, namespace: str, document: JsonObject) -> JsonObject:
        key = (kind.plural, namespace, document["metadata"]["name"])
        if document == self._objects[key]:
            return document
        self._objects[key] = document
        return self._note(key)

    def _note(self, key: Key) -> JsonObject:
        self._advance()
        self._objects[key]["metadata"]["resourceVersion"] = str(self._version)
        return copy.deepcopy(self._objects[key])

    def _advance(self) -> None:
        self._version += 1
        for signal in self._signals:
            signal.set()


def controller_uid(document: JsonObject) -> str:
    """The uid of the object that controls this one; empty when there is none."""
    for owner in jsons.as_list(document["metadata"].get("ownerReferences")):
        if owner.get("controller"):
            return str(owner["uid"])
    return ""


def owner_reference(owner: JsonObject) -> JsonObject:
    """The reference by which an object says that `owner` controls it."""
    return {
        "apiVersion": owner["apiVersion"],
        "kind": owner["kind"],
        "name": owner["metadata"]["name"],
        "uid": owner["metadata"]["uid"],
        "controller": True,
        "blockOwnerDeletion": True,
    }
