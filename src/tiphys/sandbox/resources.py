"""The verbs of the API on the objects of the registry: what a request does, once it is known to be allowed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from tiphys import errors, jsons
from tiphys.jsons import JsonObject
from tiphys.sandbox import defaults, kinds, patches, scales, shapes, statuses, validation
from tiphys.sandbox.kinds import NAMESPACE, POD, SERVICE, Kind
from tiphys.sandbox.network import Network
from tiphys.sandbox.pods import Node
from tiphys.sandbox.registry import Registry, random_suffix
from tiphys.sandbox.requests import ApiRequest


@dataclass(frozen=True, slots=True)
class Call:
    """A request with what came along: query parameters, media type and body."""

    request: ApiRequest
    query: Mapping[str, str]
    media_type: str
    body: bytes

    def document(self) -> JsonObject:
        """The body as an object; raises `ApiError` 400."""
        try:
            decoded = json.loads(self.body)
        except ValueError as error:
            raise statuses.bad_request(f"the object provided is unrecognized: {error}") from error
        if not jsons.is_object(decoded):
            raise statuses.bad_request("the object provided is unrecognized: it is not a JSON object")
        return decoded


class Resources:
    """Carries out calls; every method answers with the object to send, or raises `ApiError`."""

    def __init__(self, registry: Registry, node: Node, network: Network) -> None:
        self._registry = registry
        self._node = node
        self._network = network

    def answer(self, call: Call) -> JsonObject:
        """Does what the call asks for."""
        if call.query.get("dryRun"):
            raise statuses.bad_request("dryRun is not offered by the practice cluster: leave it out")
        request = call.request
        on_all = {"list": self._list, "create": self._create, "deletecollection": self._delete_all}
        if verb := on_all.get(request.verb):
            return verb(call)
        present = self._registry.get(request.kind, self._place(request), request.name)
        if request.subresource == "scale":
            return self._scale(call, present)
        match request.verb:
            case "get":
                return present
            case "update":
                return self._replace(call, call.document())
            case "patch":
                return self._replace(call, patches.apply_patch(present, call.media_type, call.body))
            case _:
                return self._delete(call, present)

    def _place(self, request: ApiRequest) -> str:
        return request.namespace if request.kind.namespaced else ""

    def _list(self, call: Call) -> JsonObject:
        request = call.request
        items = self._registry.list(
            request.kind,
            self._place(request),
            labels=call.query.get("labelSelector", ""),
            fields=call.query.get("fieldSelector", ""),
        )
        return {
            "kind": f"{request.kind.kind}List",
            "apiVersion": request.kind.api_version,
            "metadata": {"resourceVersion": self._registry.version},
            "items": items,
        }

    def _create(self, call: Call) -> JsonObject:
        kind, namespace, document = call.request.kind, self._place(call.request), call.document()
        _check_place(call.request, document)
        if kind.namespaced:
            self._registry.get(NAMESPACE, "", namespace)
        document = defaults.fill_in(kind, shapes.read(kind, document))
        metadata = document.setdefault("metadata", {})
        if not metadata.get("name") and metadata.get("generateName"):
            metadata["name"] = metadata.pop("generateName") + random_suffix()
        validation.validate(kind, document)
        if kind is SERVICE:
            try:
                document["spec"]["clusterIP"] = self._network.take_service_address()
            except errors.Unavailable as error:
                raise statuses.ApiError(500, "InternalError", f"Internal error occurred: {error}") from error
        return self._registry.create(kind, namespace, document)

    def _replace(self, call: Call, document: JsonObject) -> JsonObject:
        request = call.request
        document = defaults.fill_in(request.kind, shapes.read(request.kind, document))
        _check_place(request, document)
        name = jsons.as_object(document.get("metadata")).get("name")
        if name != request.name:
            raise statuses.bad_request(
                f"the name of the object ({name}) does not match the name on the URL ({request.name})"
            )
        validation.validate(request.kind, document)
        present = self._registry.get(request.kind, self._place(request), request.name)
        validation.validate_change(request.kind, present, document)
        return self._registry.replace(request.kind, self._place(request), document)

    def _delete_all(self, call: Call) -> JsonObject:
        found = self._list(call)
        for document in found["items"]:
            self._delete(call, document)
        return found

    def _delete(self, call: Call, document: JsonObject) -> JsonObject:
        kind, metadata = call.request.kind, document["metadata"]
        options = call.document() if call.body else {}
        _check_preconditions(kind, metadata, jsons.as_object(options.get("preconditions")))
        if options.get("propagationPolicy") == "Orphan":
            raise statuses.bad_request("propagationPolicy Orphan is not offered by the practice cluster")
        if kind is POD:
            self._node.delete(document, _grace(call.query, options))
            return self._registry.get(POD, metadata["namespace"], metadata["name"])
        if kind is NAMESPACE:
            self._empty(metadata["name"])
        if kind is SERVICE:
            self._network.give_back(document["spec"]["clusterIP"])
        self._registry.remove(kind, metadata.get("namespace", ""), metadata["name"])
        details = {"name": metadata["name"], "group": kind.group, "kind": kind.plural, "uid": metadata["uid"]}
        return {
            "kind": "Status",
            "apiVersion": "v1",
            "metadata": {},
            "status": "Success",
            "details": {key: value for key, value in details.items() if value},
        }

    def _empty(self, namespace: str) -> None:
        """Everything in a namespace goes with it; pods in their own time."""
        for kind in kinds.KINDS:
            for document in self._registry.list(kind, namespace) if kind.namespaced else ():
                if kind is POD:
                    self._node.delete(document, 0)
                else:
                    self._registry.remove(kind, namespace, document["metadata"]["name"])

    def _scale(self, call: Call, deployment: JsonObject) -> JsonObject:
        request = call.request
        scale = scales.scale_of(deployment)
        if request.verb == "get":
            return scale
        patched = request.verb == "patch"
        wanted = patches.apply_patch(scale, call.media_type, call.body) if patched else call.document()
        replicas = scales.wanted_replicas(wanted, request.name)
        if version := jsons.as_object(wanted.get("metadata")).get("resourceVersion"):
            deployment["metadata"]["resourceVersion"] = version
        deployment["spec"]["replicas"] = replicas
        return scales.scale_of(self._registry.replace(request.kind, request.namespace, deployment))


def _check_place(request: ApiRequest, document: JsonObject) -> None:
    kind = document.get("kind", request.kind.kind)
    if kind != request.kind.kind or document.get("apiVersion", request.kind.api_version) != request.kind.api_version:
        version = document.get("apiVersion")
        raise statuses.bad_request(f'{kind} in version "{version}" cannot be handled as a {request.kind.kind}')
    namespace = jsons.as_object(document.get("metadata")).get("namespace")
    if request.kind.namespaced and namespace not in (None, "", request.namespace):
        raise statuses.bad_request(
            "the namespace of the provided object does not match the namespace sent on the request"
        )


def _check_preconditions(kind: Kind, metadata: JsonObject, wanted: JsonObject) -> None:
    for key, label in (("uid", "UID"), ("resourceVersion", "ResourceVersion")):
        if key in wanted and wanted[key] != metadata[key]:
            text = f"the {label} in the precondition ({wanted[key]}) does not match the {label} in record"
            why = f"{text} ({metadata[key]})"
            raise statuses.conflict(
                kind.group,
                kind.plural,
                metadata["name"],
                f"{why}. The object might have been deleted and then recreated",
            )


def _grace(query: Mapping[str, str], options: JsonObject) -> float | None:
    given = options.get("gracePeriodSeconds", query.get("gracePeriodSeconds"))
    if given is None:
        return None
    try:
        return max(0, int(given))
    except ValueError as error:
        raise statuses.bad_request(f"gracePeriodSeconds: {given!r} is not a whole number") from error
