"""Prints one workflow in the form that was asked for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import click

from tiphys.cli import output
from tiphys.cli.tree import Look
from tiphys.cli.workflow_text import fact_lines, tree_table
from tiphys.jsons import JsonObject
from tiphys.lang import selectors
from tiphys.server.nodes import node_fields

_ALL_NODES: Final = selectors.FieldSelector()


@dataclass(frozen=True, slots=True)
class NodeFilter:
    """Which nodes of a tree are shown."""

    selector: selectors.FieldSelector = _ALL_NODES
    phases: tuple[str, ...] = ()

    @staticmethod
    def parse(selector: str, phases: str) -> NodeFilter:
        """From the flags `--node-field-selector` and `--status`."""
        return NodeFilter(selectors.parse_fields(selector), tuple(filter(None, phases.split(","))))

    def shows(self, node: JsonObject) -> bool:
        """Whether that node is shown."""
        return self.selector.matches(node_fields(node)) and (not self.phases or node.get("phase") in self.phases)


@dataclass(frozen=True, slots=True)
class Style:
    """How a tree looks on this terminal."""

    utf8: bool = True
    colour: bool = True
    nodes: NodeFilter = NodeFilter()


def print_workflow(workflow: JsonObject, form: str | None = None, style: Style | None = None) -> None:
    """The workflow as JSON, YAML, its name, or as a block of facts with the tree of its nodes."""
    match form:
        case "json":
            output.print_json(workflow)
        case "yaml":
            output.print_yaml(workflow)
        case "name":
            click.echo(workflow["metadata"]["name"])
        case _:
            _print_text(workflow, style or Style())


def _print_text(workflow: JsonObject, style: Style) -> None:
    now = output.now()
    for line in fact_lines(workflow, now):
        click.echo(line)
    look = Look(now, utf8=style.utf8, shows=style.nodes.shows)
    table = tree_table(workflow, look)
    if not table:
        return
    click.echo()
    for line in output.table_lines(table, gap=2):
        click.echo(_painted(line) if style.colour and style.utf8 else line)


def _painted(line: str) -> str:
    """The icon of a line in the colour of its phase; colours come after the columns were measured."""
    from tiphys.cli.tree import ICONS

    for icon, colour in (*ICONS.values(), ("ǁ", "cyan")):
        if icon in line:
            return line.replace(icon, click.style(icon, fg=colour), 1)
    return line
