"""What `tiphys run` does between reading files and printing results: prepare, submit, show, wait, and heed Ctrl-C."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import AsyncGenerator, Coroutine, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import click
from rich.console import Console
from rich.live import Live
from rich.text import Text

from tiphys.cli.documents import read_texts
from tiphys.cli.output import now, table_lines, warn
from tiphys.cli.overrides import Overrides
from tiphys.cli.tree import Look
from tiphys.cli.workflow_text import status_text, tree_table
from tiphys.controllers.documents import apply_documents
from tiphys.controllers.endings import render_workflow
from tiphys.controllers.ports import Change, WorkflowRow
from tiphys.engine.supported import find_unsupported
from tiphys.errors import InvalidManifest, NotFound, Problem, Refused, TiphysError
from tiphys.jsons import JsonObject, as_object
from tiphys.manifest.documents import Document, find_duplicates, parse_documents
from tiphys.manifest.no_effect import find_no_effect
from tiphys.wiring import Engine

ACTOR = "human:run"
"""Who submits, in the audit log."""
REFRESH_S = 0.2
"""Seconds between two pictures of the live tree; it is drawn only when something has changed."""
OPEN_OR_BAD = frozenset({"", "Pending", "Running", "Failed", "Error"})
"""Phases that are shown of a tree that is higher than the terminal."""
USED = frozenset({"Workflow", "WorkflowTemplate", "ClusterWorkflowTemplate", "ConfigMap", "Secret"})
"""Kinds that a run makes use of; others are stored and named."""
TEMPLATED = frozenset({"Workflow", "WorkflowTemplate", "ClusterWorkflowTemplate"})
SHOWN = frozenset({"Pod", "Suspend", "Skipped"})
"""Types of nodes that get a line where there is no live tree."""


@dataclass(frozen=True, slots=True)
class Files:
    """The documents of all files; what is wrong with them is told before anything is opened."""

    documents: tuple[Document, ...]

    @classmethod
    def read(cls, names: Sequence[str]) -> Files:
        """Raises `InvalidManifest` with the errors of all files, `Refused` when there is no Workflow in them."""
        parsed = [parse_documents(text, file=file) for file, text in read_texts(names)]
        documents = tuple(document for file in parsed for document in file)
        problems = [problem for file in parsed for problem in file.problems]
        problems += [*find_duplicates(documents), *find_no_effect(*documents)]
        for document in documents:
            if document.kind in TEMPLATED:
                problems += find_unsupported(document.json, document.position_of)
        errors = [problem for problem in problems if problem.severity == "error"]
        if errors:
            raise InvalidManifest(errors)
        warn(problems)
        _warn_of_stored(documents)
        files = cls(documents)
        if not files.workflows:
            raise Refused(f"no Workflow found in {', '.join(names)}")
        return files

    @property
    def workflows(self) -> tuple[Document, ...]:
        """The documents to run, in order."""
        return tuple(document for document in self.documents if document.kind == "Workflow")


def _warn_of_stored(documents: Sequence[Document]) -> None:
    for document in documents:
        if document.kind not in USED:
            click.echo(f"warning: {document.kind} {document.name} is stored, but not run by this command", err=True)


@dataclass(slots=True)
class Session:
    """One run of some files on an engine."""

    engine: Engine
    files: Files
    namespace: str
    _manifests: list[tuple[Document, JsonObject]] = field(default_factory=list["tuple[Document, JsonObject]"])
    _rows: dict[str, WorkflowRow] = field(default_factory=dict[str, WorkflowRow])
    _bodies: dict[str, dict[str, Any]] = field(default_factory=dict[str, dict[str, Any]])
    _is_stale: bool = True
    _interrupts: list[asyncio.Task[None]] = field(default_factory=list["asyncio.Task[None]"])

    async def prepare(self, overrides: Overrides) -> None:
        """Stores what the workflows refer to and checks all of them; nothing has begun when one is refused."""
        others = [document.json for document in self.files.documents if document.kind != "Workflow"]
        await apply_documents(self.engine.store, others, self.namespace)
        for document in self.files.workflows:
            manifest = overrides.apply(document.json)
            manifest["metadata"]["namespace"] = manifest["metadata"].get("namespace") or self.namespace
            self._manifests.append((document, manifest))
            try:
                await self.engine.backend.check(manifest)
            except InvalidManifest as error:
                raise InvalidManifest([_placed(problem, document) for problem in error.problems]) from error
            except NotFound as error:
                raise InvalidManifest(_placed(Problem(str(error), "spec.workflowTemplateRef"), document)) from error

    async def run(self, *, show: bool) -> list[JsonObject]:
        """Submits all, waits for all, and returns the finished objects."""
        rows = [await self._submit(manifest) for _, manifest in self._manifests]
        async with self._shown(enabled=show), self._interruptible():
            ended = await asyncio.gather(*(self.engine.controller.wait_ended(row.uid) for row in rows))
        return [await self._object(row) for row in ended]

    def point_to_logs(self, workflows: Sequence[JsonObject]) -> None:
        """Says where the logs of failed pods are."""
        for workflow in workflows:
            for node in as_object(workflow["status"].get("nodes")).values():
                path = self.engine.executor.log_path(workflow["metadata"]["uid"], node["id"])
                if node["type"] == "Pod" and node["phase"] in ("Failed", "Error") and path.exists():
                    click.echo(f"log of {node['displayName']}: {path}", err=True)

    async def _submit(self, manifest: JsonObject) -> WorkflowRow:
        """Submits; a finished workflow of the same name makes room, so that a file can be run again and again."""
        namespace, name = manifest["metadata"]["namespace"], manifest["metadata"].get("name", "")
        before = await self.engine.store.workflow(namespace, name) if name else None
        if before and before.finished_at:
            click.echo(f"the finished workflow {namespace}/{name} is replaced", err=True)
            await self.engine.backend.delete(namespace, name, actor=ACTOR)
        row = await self.engine.backend.submit(manifest, actor=ACTOR)
        self._rows[row.uid] = row
        self._bodies[row.uid] = {node.node_id: node.body for node in await self.engine.store.nodes(row.uid)}
        return row

    async def _object(self, row: WorkflowRow) -> JsonObject:
        return render_workflow(row, [node.body for node in await self.engine.store.nodes(row.uid)])

    # --- on the way ---

    @asynccontextmanager
    async def _shown(self, *, enabled: bool) -> AsyncGenerator[None]:
        """Shows what happens: a live tree on a terminal, a line for each change of phase elsewhere."""
        if not enabled:
            yield
            return
        console = Console(file=sys.stdout)
        if console.is_terminal:
            with Live(console=console, auto_refresh=False, transient=True) as live:
                async with _beside(self._follow(lines=False)), _beside(self._repaint(live)):
                    yield
        else:
            async with _beside(self._follow(lines=True)):
                yield

    async def _follow(self, *, lines: bool) -> None:
        with self.engine.store.changes() as changes:
            async for change in changes:
                for line in self._take(change):
                    if lines:
                        click.echo(line)

    def _take(self, change: Change) -> list[str]:
        """Takes up what was committed; the lines that tell of it."""
        self._is_stale = True
        lines: list[str] = []
        for row in (*change.created, *change.workflows):
            if row.uid in self._rows:
                self._rows[row.uid] = row
        for node in change.nodes:
            known = self._bodies.get(node.workflow_uid)
            if known is None:
                continue
            before = known.get(node.node_id, {}).get("phase")
            known[node.node_id] = node.body
            if before != node.phase and node.body.get("type") in SHOWN:
                message = f": {node.body['message']}" if node.body.get("message") else ""
                lines.append(
                    f"{now():%H:%M:%S} {self._rows[node.workflow_uid].name} {_name(node.body)} {node.phase}{message}"
                )
        return lines

    async def _repaint(self, live: Live) -> None:
        while True:
            if self._is_stale:
                self._is_stale = False
                live.update(self._tree(live.console.height), refresh=True)
            await asyncio.sleep(REFRESH_S)

    def _tree(self, height: int) -> Text:
        """All nodes while they fit, else those that are open or bad."""
        fits = sum(len(bodies) + 2 for bodies in self._bodies.values()) <= height
        look = Look(now(), shows=lambda node: fits or node.get("phase", "") in OPEN_OR_BAD)
        lines: list[str] = []
        for uid, row in self._rows.items():
            workflow = render_workflow(row, self._bodies[uid].values())
            lines.append(f"{row.name}: {status_text(workflow)} {workflow['status'].get('progress', '')}")
            table = tree_table(workflow, look)
            lines += table_lines(table, gap=2) if table else []
        return Text("\n".join(lines), no_wrap=True)

    @asynccontextmanager
    async def _interruptible(self) -> AsyncGenerator[None]:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self._interrupt)
        try:
            yield
        finally:
            for number in (signal.SIGINT, signal.SIGTERM):
                loop.remove_signal_handler(number)

    def _interrupt(self) -> None:
        """The first time stops the workflows, and their exit handlers run; the second kills everything."""
        if self._interrupts:
            self._interrupts.append(asyncio.ensure_future(self._shut_down("Terminate")))
            self.engine.executor.kill()
        else:
            self._interrupts.append(asyncio.ensure_future(self._shut_down("Stop")))
            click.echo("stopping; once more to kill", err=True)

    async def _shut_down(self, strategy: str) -> None:
        for row in tuple(self._rows.values()):
            try:
                await self.engine.backend.shutdown(row.namespace, row.name, strategy, actor=ACTOR)
            except TiphysError:
                continue  # it has ended by itself


@asynccontextmanager
async def _beside(work: Coroutine[Any, Any, None]) -> AsyncGenerator[None]:
    task = asyncio.ensure_future(work)
    await asyncio.sleep(0)
    try:
        yield
    finally:
        await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def _placed(problem: Problem, document: Document) -> Problem:
    return problem if problem.position else replace(problem, position=document.position_of(problem.path))


def _name(body: Any) -> str:
    return str(body.get("displayName") or body.get("name", ""))
