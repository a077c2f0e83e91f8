"""One recorded case: run with the engine of `tiphys run`, in this process, and compared with what Argo made of it."""

from __future__ import annotations

import asyncio
import json
import sys
import tempfile
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.argo import shared
from tests.argo.commands import NAMESPACE, Stage, unsupported

from tiphys.controllers.documents import apply_documents
from tiphys.controllers.endings import render_workflow
from tiphys.controllers.ports import WorkflowQuery, WorkflowRow
from tiphys.engine.supported import RULE, find_unsupported
from tiphys.errors import Problem, TiphysError
from tiphys.jsons import JsonObject
from tiphys.manifest.documents import Document, parse_documents
from tiphys.settings import ExecutorSettings, ImageSettings, Settings
from tiphys.wiring import Engine, open_engine

PARALLELISM = 64
"""Attempts at a time: on the cluster nothing waited for a place."""
LIMIT_S = 150.0
"""Seconds for a case; the longest that does not hang on Argo takes 70."""
POLL_S = 0.02
IMAGES = {
    "argoproj/argosay": ImageSettings(command=(sys.executable, str(Path(__file__).with_name("argosay.py")))),
}
"""Stand-ins for entrypoints of images, as the cluster had them."""
RUNNABLE = frozenset({"Workflow", "WorkflowTemplate", "ClusterWorkflowTemplate"})


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of one case: `refused` names what this engine lacks, `lines` are the differences."""

    case: str
    refused: tuple[str, ...] = ()
    lines: tuple[str, ...] = ()

    @property
    def agrees(self) -> bool:
        """Whether the case was run and ended as recorded."""
        return not self.refused and not self.lines


async def judge(outcome_file: Path) -> Verdict:
    """Runs one case; never raises for what the case does."""
    outcome = json.loads(outcome_file.read_text("utf-8"))
    try:
        workflows = await _run(outcome, _manifest_of(outcome_file, outcome))
    except _Refused as refusal:
        return Verdict(outcome_file.stem, refused=refusal.features)
    except _Differs as difference:
        return Verdict(outcome_file.stem, lines=(str(difference),))
    except TimeoutError:
        return Verdict(outcome_file.stem, lines=(f"not at its end after {LIMIT_S:g} s",))
    return Verdict(outcome_file.stem, lines=tuple(shared.differences(outcome, workflows)))


class _Refused(Exception):  # noqa: N818 - the answer of the engine, not an error
    def __init__(self, features: Sequence[str]) -> None:
        super().__init__(*features)
        self.features = tuple(dict.fromkeys(features))


class _Differs(Exception):  # noqa: N818 - the finding itself
    pass


def _manifest_of(outcome_file: Path, outcome: JsonObject) -> Path:
    beside = outcome_file.parent / outcome["manifest"]
    return beside if beside.exists() else shared.SHARED / outcome["manifest"]


async def _run(outcome: JsonObject, manifest: Path) -> list[JsonObject]:
    text = manifest.read_text("utf-8")
    _check_supported(parse_documents(text, file=manifest.name, strict=False).documents, outcome)
    read = parse_documents(text, file=manifest.name)
    if read.errors:
        return []
    documents = read.documents
    async with _engine() as engine, asyncio.timeout(LIMIT_S):
        stage = Stage(engine, next((d.json for d in documents if d.kind == "Workflow"), None))
        if shared.UPSTREAM in manifest.parents:
            await apply_documents(engine.store, shared.upstream_library(), NAMESPACE)
        await apply_documents(engine.store, (d.json for d in documents if d.kind != "Workflow"), NAMESPACE)
        await _submit(stage, outcome)
        for action in outcome.get("actions", ()):
            await _until(stage, action["after"])
            await _act(stage, action, may_fail=bool(outcome.get("timedOutAfter")))
        return [await _ended(engine, row) for row in await _all_rows(stage)]


def _check_supported(documents: Sequence[Document], outcome: JsonObject) -> None:
    """Refuses by name what is beyond this engine, before anything is run."""
    lines = [outcome["submit"], *(action["command"] for action in outcome.get("actions", ()))]
    features = [name for line in lines if (name := unsupported(line))]
    for document in documents:
        if document.kind in RUNNABLE:
            features += _features(find_unsupported(document.json, document.position_of))
        elif document.kind == "CronWorkflow":
            features.append("CronWorkflow")
    if features:
        raise _Refused(features)


def _features(problems: Sequence[Problem]) -> list[str]:
    return [problem.message.removesuffix(" is not supported yet") for problem in problems if problem.rule == RULE]


@asynccontextmanager
async def _engine() -> AsyncIterator[Engine]:
    with tempfile.TemporaryDirectory(prefix="tiphys-case-") as directory:
        settings = Settings(data_dir=Path(directory), executor=ExecutorSettings(parallelism=PARALLELISM), images=IMAGES)
        async with open_engine(settings) as engine:
            yield engine


async def _submit(stage: Stage, outcome: JsonObject) -> None:
    """Submits as the case was submitted; what Argo's client refused may have been created past it all the same."""
    try:
        await stage.carry_out(outcome["submit"])
    except TiphysError:
        if outcome["submission"].get("thenCreatedWithKubectl"):
            await stage.carry_out("kubectl create")


async def _act(stage: Stage, action: Mapping[str, Any], *, may_fail: bool) -> None:
    """Carries an action out; what Argo refused may be refused here, and what hangs there has ended here before."""
    try:
        await stage.carry_out(action["command"])
    except TiphysError as error:
        if action.get("exit") == 0 and not may_fail:
            raise _Differs(f"{action['command']}: {error}") from error


async def _until(stage: Stage, condition: str) -> None:
    """Waits for the condition of an action."""
    kind, _, rest = condition.partition(" ")
    name, _, phase = rest.rpartition(" ")
    match kind:
        case "submitted":
            return
        case "wait":
            await asyncio.sleep(float(rest.removesuffix("s")))
        case "node":
            await _poll(lambda: _has_node(stage, name, phase))
        case "phase":
            await _poll(lambda: _has_workflow(stage, stage.name, lambda row: row.phase == rest))
        case "done":
            await _poll(lambda: _has_workflow(stage, rest or stage.name, lambda row: row.finished_at is not None))
        case "exists":
            await _poll(lambda: _has_workflow(stage, rest, lambda row: True))
        case _:
            raise AssertionError(condition)


async def _poll(condition: Callable[[], Any]) -> None:
    while not await condition():
        await asyncio.sleep(POLL_S)


async def _has_node(stage: Stage, display_name: str, phase: str) -> bool:
    for row in await _all_rows(stage):
        nodes = render_workflow(row, [node.body for node in await stage.engine.store.nodes(row.uid)])["status"]["nodes"]
        if any(node["displayName"] == display_name and node["phase"] == phase for node in nodes.values()):
            return True
    return False


async def _has_workflow(stage: Stage, name: str, wanted: Callable[[WorkflowRow], bool]) -> bool:
    rows = await stage.engine.store.workflows(WorkflowQuery(namespace=NAMESPACE))
    return any(wanted(row) and (row.name.startswith(name) if name.endswith("-") else row.name == name) for row in rows)


async def _all_rows(stage: Stage) -> Sequence[WorkflowRow]:
    """The case's own workflow first, then all others as they came."""
    rows = await stage.engine.store.workflows(WorkflowQuery(namespace=NAMESPACE))
    return rows[::-1]


async def _ended(engine: Engine, row: WorkflowRow) -> JsonObject:
    ended = await engine.controller.wait_ended(row.uid)
    return render_workflow(ended, [node.body for node in await engine.store.nodes(row.uid)])
