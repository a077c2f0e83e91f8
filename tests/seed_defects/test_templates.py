"""The defects of the source documents' WorkflowTemplates, looked for in every template that is shipped."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.unit.remediation.builders import ROOT, catalog

FILES = sorted((ROOT / "catalog/templates").glob("*.yaml"))
ACCOUNTS = ROOT / "deploy/rbac"
each = pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)


def spec_of(path: Path) -> dict[str, Any]:
    return yaml.safe_load(path.read_text())["spec"]


def leaves_of(path: Path) -> list[dict[str, Any]]:
    """The templates that run a program."""
    return [item for item in spec_of(path)["templates"] if "container" in item or "script" in item]


def named(path: Path, name: str) -> dict[str, Any]:
    return next(item for item in leaves_of(path) if item["name"] == name)


@each
def test_t14_every_template_has_an_exit_handler_and_every_step_its_retry_and_deadline(path: Path):
    spec = spec_of(path)
    assert spec["onExit"] in {item["name"] for item in spec["templates"]}
    assert all(item["activeDeadlineSeconds"] and int(item["retryStrategy"]["limit"]) <= 3 for item in leaves_of(path))
    assert all(item["retryStrategy"]["retryPolicy"] == "OnError" for item in leaves_of(path))


@each
def test_t15_verify_is_given_the_snapshot(path: Path):
    verify = named(path, "verify")
    assert "snapshot" in {item["name"] for item in verify["inputs"]["parameters"]}
    assert any("{{inputs.parameters.snapshot}}" in text for text in verify["container"]["args"])


@each
def test_t16_all_attempts_of_all_steps_fit_into_the_workflow_s_deadline_and_that_into_the_catalog_s(path: Path):
    spec = spec_of(path)
    steps = [item for item in leaves_of(path) if item["name"] != spec["onExit"]]
    longest = sum(int(item["activeDeadlineSeconds"]) * (1 + int(item["retryStrategy"]["limit"])) for item in steps)
    action = next(item for item in catalog().actions if item.template == path.stem)
    assert longest < spec["activeDeadlineSeconds"] <= action.timeout.total_seconds()


@each
def test_t17_the_snapshot_is_an_output_parameter(path: Path):
    outputs = named(path, "snapshot")["outputs"]["parameters"]
    assert "snapshot" in {item["name"] for item in outputs}


@each
def test_t18_no_parameter_stands_in_script_text_or_behind_a_shell(path: Path):
    for item in leaves_of(path):
        assert "script" not in item
        command = item["container"]["command"]
        assert command[:2] == ["python", "-m"]
        tagged = [text for text in item["container"].get("args", []) if "{{" in text]
        assert all(re.fullmatch(r"--[a-z-]+=\{\{[a-z._\-]+\}\}", text) for text in tagged)


@each
def test_t19_no_image_is_without_a_version(path: Path):
    assert all(re.search(r":\d|@sha256:", item["container"]["image"]) for item in leaves_of(path))


@each
def test_t27_each_action_has_an_account_of_its_own_and_no_star_in_its_verbs(path: Path):
    account = spec_of(path)["serviceAccountName"]
    accounts = [spec_of(other)["serviceAccountName"] for other in FILES]
    assert accounts.count(account) == 1
    rules = [
        rule
        for document in yaml.safe_load_all((ACCOUNTS / f"{account}.yaml").read_text())
        for rule in document.get("rules", [])
    ]
    assert rules
    assert all("*" not in rule["verbs"] + rule["resources"] for rule in rules)
