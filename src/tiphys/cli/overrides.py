"""What the flags of `submit` change in a Workflow before it is sent, as `argo` does on its side. Pure.

Argo: workflow/util/util.go, ApplySubmitOpts, v4.1.2. Differs: a `-p` wins over the same name in `--parameter-file`;
Argo sends both and then refuses the pair (tests/unit/cli/test_overrides.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tiphys.errors import Refused
from tiphys.jsons import JsonObject, as_list, as_object, is_object


@dataclass(frozen=True, slots=True)
class Overrides:
    """What was given; empty means unchanged."""

    name: str = ""
    generate_name: str = ""
    entrypoint: str = ""
    service_account: str = ""
    priority: int | None = None
    labels: Mapping[str, str] = field(default_factory=dict[str, str])
    parameters: Mapping[str, str] = field(default_factory=dict[str, str])

    def apply(self, manifest: JsonObject) -> JsonObject:
        """The manifest with the overrides in it."""
        metadata, spec = as_object(manifest.get("metadata")), as_object(manifest.get("spec"))
        return {**manifest, "metadata": self._metadata(metadata), "spec": self._spec(spec)}

    def submit_options(self) -> JsonObject:
        """The same as `submitOptions` of a request that names a stored template."""
        options: JsonObject = {
            "name": self.name,
            "generateName": self.generate_name,
            "entryPoint": self.entrypoint,
            "serviceAccount": self.service_account,
            "priority": self.priority,
            "labels": ",".join(f"{key}={value}" for key, value in self.labels.items()),
            "parameters": [f"{key}={value}" for key, value in self.parameters.items()],
        }
        return {key: value for key, value in options.items() if value not in ("", None, [])}

    def _metadata(self, metadata: JsonObject) -> JsonObject:
        changed = dict(metadata)
        if self.labels:
            changed["labels"] = {**as_object(metadata.get("labels")), **self.labels}
        if self.generate_name:
            changed |= {"generateName": self.generate_name}
            changed.pop("name", None)
        if self.name:
            changed["name"] = self.name
        return changed

    def _spec(self, spec: JsonObject) -> JsonObject:
        given: JsonObject = {
            "entrypoint": self.entrypoint,
            "serviceAccountName": self.service_account,
            "priority": self.priority,
        }
        changed = {**spec, **{key: value for key, value in given.items() if value not in ("", None)}}
        if self.parameters:
            arguments = as_object(spec.get("arguments"))
            changed["arguments"] = {**arguments, "parameters": self._parameters(as_list(arguments.get("parameters")))}
        return changed

    def _parameters(self, declared: Sequence[JsonObject]) -> list[JsonObject]:
        """The given ones first and with nothing but their value, then those that were not given."""
        given = [{"name": name, "value": value} for name, value in self.parameters.items()]
        return [*given, *(item for item in declared if item.get("name") not in self.parameters)]


def parse_pairs(items: Sequence[str], what: str) -> dict[str, str]:
    """`NAME=VALUE` texts as a mapping; the first `=` separates."""
    pairs: dict[str, str] = {}
    for item in items:
        name, separator, value = item.partition("=")
        if not separator or not name:
            raise Refused(f"expected {what} of the form: NAME=VALUE. Received: {item}")
        pairs[name] = value
    return pairs


def parameter_texts(document: Any, file: str) -> dict[str, str]:
    """The parameters of a `--parameter-file`, a mapping of names to scalars."""
    if not is_object(document):
        raise Refused(f"{file}: a parameter file is a mapping of names to values")
    return {str(name): _text(value) for name, value in document.items()}


def _text(value: Any) -> str:
    match value:
        case bool():
            return str(value).lower()
        case str() | int() | float():
            return str(value)
        case _:
            import json

            return json.dumps(value, separators=(",", ":"), ensure_ascii=False)
