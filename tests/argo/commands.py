"""The command lines that a case names, carried out through our own engine instead of `argo` and `kubectl`."""

from __future__ import annotations

import asyncio
import json
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tiphys.cli.overrides import Overrides, parse_pairs
from tiphys.controllers.documents import apply_documents
from tiphys.controllers.ports import WorkflowRow
from tiphys.errors import NotFound
from tiphys.jsons import JsonObject, as_object
from tiphys.wiring import Engine

NAMESPACE = "argo"
ACTOR = "human:case"
KINDS = {
    "workflowtemplate": "WorkflowTemplate",
    "clusterworkflowtemplate": "ClusterWorkflowTemplate",
    "configmap": "ConfigMap",
}
READERS = frozenset({"argo get", "argo list", "argo logs", "argo wait", "argo watch", "kubectl get", "kubectl logs"})
"""Commands that only look."""
VERBS = frozenset({"argo stop", "argo terminate", "argo suspend", "argo resume", "argo submit", "argo delete"})


@dataclass(frozen=True, slots=True)
class Command:
    """A parsed command line: `argo stop`, its plain arguments, its flags (each may be given more than once)."""

    name: str
    arguments: tuple[str, ...] = ()
    flags: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, "tuple[str, ...]"])

    def flag(self, *names: str) -> str:
        """The last value of a flag, empty when it is not given."""
        return next((self.flags[name][-1] for name in names if name in self.flags), "")


def parse_command(line: str) -> Command:
    """Splits a command line as a shell would; `-p JSON` of a patch stands without quotes."""
    head, separator, patch = line.partition(" -p {")
    words = shlex.split(head if separator else line)
    depth = 1 if words[0] == "sleep" else 2
    arguments: list[str] = []
    flags: dict[str, tuple[str, ...]] = {"-p": ("{" + patch,)} if separator else {}
    rest = iter(words[depth:])
    for word in rest:
        if word.startswith("-"):
            name, equals, value = word.partition("=")
            flags[name] = (*flags.get(name, ()), value if equals else next(rest, ""))
        else:
            arguments.append(word)
    return Command(" ".join(words[:depth]), tuple(arguments), flags)


def unsupported(line: str) -> str:
    """What of a command line this engine cannot do, by name; empty when it can."""
    command = parse_command(line)
    if command.name in READERS or command.name in ("sleep", "kubectl create", "none"):
        return ""
    if command.name == "kubectl patch" and command.arguments[0] in KINDS:
        return ""
    if command.name in VERBS and "--priority" not in command.flags:
        return ""
    return f"{line if command.name in VERBS else command.name}"


@dataclass(slots=True)
class Stage:
    """The engine of one case and the Workflow document that `FILE` stands for."""

    engine: Engine
    workflow: JsonObject | None
    rows: list[WorkflowRow] = field(default_factory=list[WorkflowRow])

    @property
    def name(self) -> str:
        """What `NAME` stands for: the case's own workflow."""
        return self.rows[0].name if self.rows else str(as_object((self.workflow or {}).get("metadata")).get("name", ""))

    async def carry_out(self, line: str) -> None:  # noqa: C901 - one line for each command
        """Does what a command line means; raises what our engine refuses it with."""
        command = parse_command(line.replace("NAME", self.name) if " NAME" in line else line)
        target = command.arguments[0] if command.arguments else ""
        backend, selector = self.engine.backend, command.flag("--node-field-selector")
        match command.name:
            case "sleep":
                await asyncio.sleep(float(target))
            case "argo submit":
                await self._submit(command)
            case "argo stop" if selector:
                await backend.stop_nodes(NAMESPACE, target, selector, actor=ACTOR, message=command.flag("--message"))
            case "argo stop":
                await backend.shutdown(NAMESPACE, target, "Stop", actor=ACTOR, message=command.flag("--message"))
            case "argo terminate":
                await backend.shutdown(NAMESPACE, target, "Terminate", actor=ACTOR)
            case "argo suspend":
                await backend.suspend(NAMESPACE, target, actor=ACTOR)
            case "argo resume":
                await backend.resume(NAMESPACE, target, node_selector=selector, actor=ACTOR)
            case "argo delete":
                await backend.delete(NAMESPACE, target, actor=ACTOR)
            case "kubectl create":
                assert self.workflow
                self.rows.append(await backend.create(self._placed(self.workflow), actor=ACTOR))
            case "kubectl patch":
                await self._patch(KINDS[target], command.arguments[1], json.loads(command.flag("-p")))
            case _:
                assert command.name in READERS or command.name == "none", command.name

    async def _submit(self, command: Command) -> None:
        overrides = Overrides(
            name=command.flag("--name"),
            generate_name=command.flag("--generate-name"),
            entrypoint=command.flag("--entrypoint"),
            labels=parse_pairs([p for text in command.flags.get("-l", ()) for p in text.split(",")], "labels"),
            parameters=parse_pairs(command.flags.get("-p", ()), "parameters"),
        )
        base = await self._from(command.flag("--from")) if "--from" in command.flags else self.workflow
        assert base
        self.rows.append(await self.engine.backend.submit(self._placed(overrides.apply(base)), actor=ACTOR))

    async def _from(self, reference: str) -> JsonObject:
        """The Workflow that `argo submit --from KIND/NAME` makes (Argo: workflow/common/convert.go)."""
        kind, _, name = reference.partition("/")
        scope = "" if KINDS[kind] == "ClusterWorkflowTemplate" else NAMESPACE
        row = await self.engine.store.document(KINDS[kind], scope, name)
        if row is None:
            raise NotFound(f"{reference} not found")
        ref = {"name": name, **({} if scope else {"clusterScope": True})}
        return {
            "apiVersion": "argoproj.io/v1alpha1",
            "kind": "Workflow",
            "metadata": {"generateName": f"{name}-"},
            "spec": {"workflowTemplateRef": ref},
        }

    async def _patch(self, kind: str, name: str, patch: JsonObject) -> None:
        row = await self.engine.store.document(
            kind, "" if kind == KINDS["clusterworkflowtemplate"] else NAMESPACE, name
        )
        assert row
        await apply_documents(self.engine.store, [_merged(dict(row.body), patch)], NAMESPACE)

    @staticmethod
    def _placed(document: JsonObject) -> JsonObject:
        return {**document, "metadata": {**as_object(document.get("metadata")), "namespace": NAMESPACE}}


def _merged(target: JsonObject, patch: JsonObject) -> JsonObject:
    """A merge patch (RFC 7386)."""
    merged: dict[str, Any] = dict(target)
    for key, value in patch.items():
        if value is None:
            merged.pop(key, None)
        elif isinstance(value, dict) and isinstance(merged.get(key), dict):
            merged[key] = _merged(merged[key], as_object(value))
        else:
            merged[key] = value
    return merged
