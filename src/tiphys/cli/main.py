"""The entry point: which commands there are, loaded one at a time, and what becomes of an error.

The names and the one-line summaries stand here as text, so that `tiphys --help` imports nothing but click; a command's
module is imported when the command is called. What a command does is in its own module.
"""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Mapping
from typing import Any, cast

import click

from tiphys.cli.failures import report

SECTIONS: Mapping[str, Mapping[str, tuple[str, str]]] = {
    "Without a server": {
        "run": ("tiphys.cli.run:run", "Run the workflows of files to their end, without a server."),
        "lint": ("tiphys.cli.lint:lint", "Check manifests of any kind, offline."),
        "failure-modes": ("tiphys.cli.failure_modes:failure_modes", "Say for each step what fails and what is left."),
        "sensor": ("tiphys.cli.sensor:sensor", "Try a sensor on events, executing nothing."),
        "catalog": ("tiphys.cli.catalog:catalog", "Check the catalog of remediation actions."),
        "config": ("tiphys.cli.config:config", "Show the settings and where each comes from."),
        "doctor": ("tiphys.cli.doctor:doctor", "Say what this machine offers and what is missing."),
        "sandbox": ("tiphys.cli.sandbox:sandbox", "Run the practice cluster: real processes as pods."),
        "demo": ("tiphys.cli.demo:demo", "Break real services and watch them being healed."),
        "completion": ("tiphys.cli.completion:completion", "Print the completion script for a shell."),
    },
    "The server": {
        "up": ("tiphys.cli.up:up", "Run everything in one process."),
        "version": ("tiphys.cli.version:version", "Print the versions of this command and of the server."),
    },
    "Workflows on a server, as argo": {
        "submit": ("tiphys.cli.submit:submit", "Create workflows from files or from a stored template."),
        "get": ("tiphys.cli.workflows:get", "Show workflows as trees."),
        "list": ("tiphys.cli.workflows:list_", "List workflows."),
        "logs": ("tiphys.cli.logs:logs", "Print or follow the logs of a workflow."),
        "watch": ("tiphys.cli.watch:watch", "Watch a workflow until it ends."),
        "wait": ("tiphys.cli.watch:wait", "Wait for workflows to end."),
        "stop": ("tiphys.cli.verbs:stop", "Stop workflows; their exit handlers run."),
        "terminate": ("tiphys.cli.verbs:terminate", "End workflows at once; no exit handler runs."),
        "suspend": ("tiphys.cli.verbs:suspend", "Start nothing new in workflows until they are resumed."),
        "resume": ("tiphys.cli.verbs:resume", "Let suspended workflows go on."),
        "delete": ("tiphys.cli.delete:delete", "Delete workflows."),
        "template": ("tiphys.cli.template:template", "Work with WorkflowTemplates."),
        "cluster-template": ("tiphys.cli.template:cluster_template", "Work with ClusterWorkflowTemplates."),
    },
    "Remediation on a server": {
        "incident": ("tiphys.cli.incident:incident", "What happened, and why it was or was not acted on."),
        "approval": ("tiphys.cli.approval:approval", "Answer what waits for a human."),
        "deploy": ("tiphys.cli.deploy:deploy", "Mark the start and end of a deployment."),
        "switch": ("tiphys.cli.switch:switch", "The kill switch: forbid every remediation."),
        "events": ("tiphys.cli.events:events", "Send events, list them, and see what came of one."),
        "audit": ("tiphys.cli.audit:audit", "Read, verify and export the audit log."),
    },
}
"""Section title → command name → where it is (`module:attribute`) and its summary."""

COMMANDS: Mapping[str, tuple[str, str]] = {
    name: entry for section in SECTIONS.values() for name, entry in section.items()
}


class LazyGroup(click.Group):
    """The root group: knows its commands by name, and imports the one that is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """All names, in the order of the help page."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's signature
        """The command of that name, imported now; None when there is none."""
        entry = COMMANDS.get(cmd_name)
        if entry is None:
            return None
        module, _, attribute = entry[0].partition(":")
        return cast("click.Command", getattr(importlib.import_module(module), attribute))

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - click's signature
        """Writes the sections from the table, importing nothing."""
        for title, section in SECTIONS.items():
            with formatter.section(title):
                formatter.write_dl([(name, summary) for name, (_, summary) in section.items()])


def _print_version(ctx: click.Context, _: click.Parameter, value: bool) -> None:  # noqa: FBT001 - click's callback
    if not value or ctx.resilient_parsing:
        return
    from tiphys.server.release import RELEASE

    click.echo(f"tiphys {RELEASE}")
    ctx.exit()


@click.group(
    cls=LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Example: tiphys run hello.yaml",
)
@click.option(
    "--version", is_flag=True, expose_value=False, is_eager=True, callback=_print_version, help="Print the version."
)
def cli() -> None:
    """Run Argo Workflows and Argo Events on this machine, and let agents act safely around them."""


def main(arguments: list[str] | None = None) -> None:
    """Runs one command and leaves the process with its exit status."""
    sys.exit(invoke(sys.argv[1:] if arguments is None else arguments))


def invoke(arguments: list[str]) -> int:
    """Runs one command and returns its exit status; errors are printed to standard error, without a traceback."""
    extra: dict[str, Any] = {"color": False} if os.environ.get("NO_COLOR") else {}
    try:
        status = cli.main(args=arguments, prog_name="tiphys", standalone_mode=False, **extra)
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except click.Abort:
        click.echo("Aborted.", err=True)
        return 130
    except Exception as error:  # noqa: BLE001 - the last frame of the program: whatever it is, it is reported once
        return report(error)
    return status if isinstance(status, int) else 0
