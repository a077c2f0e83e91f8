"""The forms of a lint report. Pure: problems in, text out.

Argo: workflow/../lint/formatter_pretty.go and formatter_simple.go, v4.1.2. SARIF 2.1.0; GitHub's workflow commands.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from tiphys.errors import Position, Problem
from tiphys.jsons import JsonObject


@dataclass(frozen=True, slots=True)
class Finding:
    """A problem, and the file and document (`"hello" (Workflow)`; empty for a whole file) that it is in."""

    file: str
    document: str
    problem: Problem

    @property
    def is_error(self) -> bool:
        """Whether it counts for the exit status."""
        return self.problem.severity == "error"


@dataclass(frozen=True, slots=True)
class Report:
    """Everything that was found, in the order of the files; `documents` were looked at."""

    findings: Sequence[Finding]
    documents: int

    @property
    def errors(self) -> int:
        """How many findings are errors."""
        return sum(finding.is_error for finding in self.findings)


def pretty(report: Report) -> str:
    """Grouped by file, for reading."""
    lines: list[str] = []
    file = ""
    for finding in report.findings:
        if finding.file != file:
            lines += ([""] if lines else []) + [f"{finding.file}:"]
            file = finding.file
        lines.append(f"   {'✖' if finding.is_error else '⚠'} {_in_document(finding)}{_place(finding)}{_text(finding)}")
    return "\n".join([*lines, "", _summary(report)] if lines else [_summary(report)])


def _summary(report: Report) -> str:
    warnings = len(report.findings) - report.errors
    also = f", {warnings} warnings" if warnings else ""
    if not report.errors:
        return f"✔ no linting errors found!{also and ' (' + also[2:] + ')'}"
    return f"✖ {report.errors} linting errors found!{also}"


def simple(report: Report) -> str:
    """One line each: `file:line:column: text`."""
    return "\n".join(
        f"{_where(finding)}: {_in_document(finding)}{_severity(finding)}{_text(finding)}" for finding in report.findings
    )


def as_json(report: Report) -> str:
    """A list of objects."""
    return json.dumps([_json(finding) for finding in report.findings], indent=2, ensure_ascii=False)


def github(report: Report) -> str:
    """Annotations for a pull request."""
    return "\n".join(_annotation(finding) for finding in report.findings)


def sarif(report: Report) -> str:
    """SARIF, for code scanning."""
    rules = sorted({finding.problem.rule or "invalid" for finding in report.findings})
    driver = {
        "name": "tiphys",
        "informationUri": "https://argo-workflows.readthedocs.io/en/latest/cli/argo_lint/",
        "rules": [{"id": rule} for rule in rules],
    }
    run = {"tool": {"driver": driver}, "results": [_result(finding) for finding in report.findings]}
    return json.dumps(
        {"$schema": "https://json.schemastore.org/sarif-2.1.0.json", "version": "2.1.0", "runs": [run]},
        indent=2,
        ensure_ascii=False,
    )


REPORTS: Final[Mapping[str, Callable[[Report], str]]] = {
    "pretty": pretty,
    "simple": simple,
    "json": as_json,
    "github": github,
    "sarif": sarif,
}


def _in_document(finding: Finding) -> str:
    return f"in {finding.document}: " if finding.document else ""


def _where(finding: Finding) -> str:
    return str(finding.problem.position or finding.file)


def _place(finding: Finding) -> str:
    position = finding.problem.position
    return f"{position.line}:{position.column}: " if position else ""


def _severity(finding: Finding) -> str:
    return "" if finding.is_error else "warning: "


def _text(finding: Finding) -> str:
    problem = finding.problem
    place = f"{problem.path}: " if problem.path and problem.path not in problem.message else ""
    return f"{place}{problem.message}{f' ({problem.hint})' if problem.hint else ''}"


def _json(finding: Finding) -> JsonObject:
    problem, position = finding.problem, finding.problem.position
    return {
        "file": finding.file,
        "document": finding.document,
        "line": position.line if position else None,
        "column": position.column if position else None,
        "severity": problem.severity,
        "rule": problem.rule,
        "path": problem.path,
        "message": problem.message,
        "hint": problem.hint,
    }


def _annotation(finding: Finding) -> str:
    position = finding.problem.position
    place = f",line={position.line},col={position.column}" if position else ""
    text = _text(finding).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
    return f"::{finding.problem.severity} file={finding.file}{place}::{_in_document(finding)}{text}"


def _result(finding: Finding) -> JsonObject:
    location: JsonObject = {"artifactLocation": {"uri": finding.file}}
    location |= {"region": region} if (region := _region(finding.problem.position)) else {}
    return {
        "ruleId": finding.problem.rule or "invalid",
        "level": finding.problem.severity,
        "message": {"text": f"{_in_document(finding)}{_text(finding)}"},
        "locations": [{"physicalLocation": location}],
    }


def _region(position: Position | None) -> JsonObject:
    return {"startLine": position.line, "startColumn": position.column} if position else {}
