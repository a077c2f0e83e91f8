"""Every recorded case that uses only what this engine does ends as on a real Argo; the others are refused by name."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from tests.argo import shared
from tests.argo.cases import judge_all

CASES = shared.SHARED / "conformance" / "cases"

BY_DESIGN = {
    "dag-task-level-timeout": "starting a pod took some of the 20 s there, so a sleep of 15 s was too long",
    "138-retry-backoff-max-duration": "the first pod took 5 s of the 15 s there, so the second attempt came too late",
    "363-podfail-image-never": "an image is a name here, so one that is nowhere to be found hinders nothing",
    "482-podfail-unschedulable": "a nodeSelector has no effect here",
    "timeouts-workflow": "a nodeSelector has no effect here",
}
"""Cases that differ, and why: what decides them exists on a cluster only."""


@pytest.mark.timeout(400)
@pytest.mark.parametrize("folder", ["own", "examples"])
async def test_cases_end_as_recorded_or_are_refused_by_name(folder: str):
    files = sorted((CASES / folder).glob("*.json"))
    if not files and not os.environ.get("CI"):
        pytest.skip(f"no cases in {CASES / folder}")
    verdicts = await judge_all(files)
    differing = {verdict.case: verdict.lines for verdict in verdicts if verdict.lines}
    assert {case: lines for case, lines in differing.items() if case not in BY_DESIGN} == {}
    assert sum(verdict.agrees for verdict in verdicts) > len(files) // 2
    assert {verdict.case for verdict in verdicts if verdict.agrees} & BY_DESIGN.keys() == set()


async def test_what_is_not_done_yet_is_named(tmp_path: Path):
    (tmp_path / "x.yaml").write_text(
        "apiVersion: argoproj.io/v1alpha1\nkind: Workflow\nmetadata: {name: x}\n"
        "spec: {entrypoint: m, templates: [{name: m, http: {url: 'http://x'}}]}\n"
    )
    (tmp_path / "x.json").write_text('{"manifest": "x.yaml", "submit": "argo submit", "submission": {"exit": 0}}')
    (verdict,) = await judge_all([tmp_path / "x.json"])
    assert verdict.refused == ("http",)
