"""The commands that need no server, called as a user calls them."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from datetime import UTC, datetime

import pytest
import yaml

from tiphys.audit.record import Record
from tiphys.cli.main import invoke
from tiphys.controllers.ports import Change
from tiphys.store.sqlite import open_sqlite

WORKFLOW = {
    "apiVersion": "argoproj.io/v1alpha1",
    "kind": "Workflow",
    "metadata": {"generateName": "deploy-"},
    "spec": {
        "entrypoint": "main",
        "onExit": "clean",
        "activeDeadlineSeconds": 600,
        "templates": [
            {
                "name": "main",
                "steps": [
                    [{"name": "push", "template": "push", "withItems": ["a", "b"]}],
                    [{"name": "ask", "template": "ask"}],
                ],
            },
            {
                "name": "push",
                "container": {"image": "busybox", "command": ["true"]},
                "retryStrategy": {"limit": 2, "retryPolicy": "OnFailure", "backoff": {"duration": "5s", "factor": 2}},
                "activeDeadlineSeconds": 60,
                "outputs": {"parameters": [{"name": "id", "valueFrom": {"path": "/tmp/id"}}]},
            },
            {"name": "ask", "suspend": {}},
            {"name": "clean", "container": {"image": "busybox", "command": ["true"]}},
        ],
    },
}


@pytest.fixture
def write(tmp_path):
    def write_(name, *documents):
        file = tmp_path / name
        file.write_text(yaml.safe_dump_all(documents, sort_keys=False))
        return str(file)

    return write_


def printed(capsys):
    return json.loads(capsys.readouterr().out)


# --- failure-modes ---


def test_failure_modes_tells_what_the_manifest_says(write, capsys):
    assert invoke(["failure-modes", write("w.yaml", WORKFLOW), "-o", "json"]) == 0
    (table,) = printed(capsys)
    assert table["document"] == "Workflow deploy-"
    rows = {row["step"]: row for row in table["steps"]}
    assert rows.keys() == {"main.push", "main.ask", "clean"}
    push = rows["main.push"]
    assert push["fails"] == "exit code other than 0, or killed; output id not written"
    assert push["retry"] == "at most 2 times on OnFailure, after 5s times 2"
    assert push["deadline"] == "60 s an attempt, 600 s for the workflow"
    assert push["cleanup"] == "clean"
    assert push["left"] == "what the exit handler does not undo; items that have ended stay done"
    assert push["repeat"] == "not said, but it is retried"
    assert rows["main.ask"]["fails"] == "nobody resumes it"
    assert rows["main.ask"]["left"] == "nothing"
    assert rows["clean"]["cleanup"] == "nobody: it is the exit handler"


@pytest.mark.parametrize(
    ("declared", "told"), [("true", "yes, as its author says"), ("false", "no, as its author says")]
)
def test_an_author_declares_what_is_safe_to_repeat(write, capsys, declared, told):
    template = {
        "name": "main",
        "metadata": {"annotations": {"tiphys.dev/safe-to-repeat": declared}},
        "container": {"image": "busybox"},
    }
    document = {**WORKFLOW, "spec": {"entrypoint": "main", "templates": [template]}}
    assert invoke(["failure-modes", write("w.yaml", document), "-o", "json"]) == 0
    (row,) = printed(capsys)[0]["steps"]
    assert row["repeat"] == told
    assert row["deadline"] == "none: it may run for ever"
    assert row["cleanup"] == "nobody"


def test_templates_that_call_each_other_for_ever_are_seen_once(write, capsys):
    template = {"name": "main", "steps": [[{"name": "again", "template": "main"}]]}
    document = {**WORKFLOW, "spec": {"entrypoint": "main", "templates": [template]}}
    assert invoke(["failure-modes", write("w.yaml", document)]) == 0
    assert "Workflow deploy-" in capsys.readouterr().out


def test_files_without_a_workflow_are_refused(write, capsys):
    config_map = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c"}}
    assert invoke(["failure-modes", write("c.yaml", config_map)]) == 1
    assert "no Workflow" in capsys.readouterr().err


# --- lint ---


@pytest.fixture
def broken(write):
    return write("b.yaml", WORKFLOW, {**WORKFLOW, "spec": {**WORKFLOW["spec"], "entrypoint": "nope"}})


def test_lint_is_content_with_what_is_right(write, capsys):
    assert invoke(["lint", write("w.yaml", WORKFLOW), "--no-warnings"]) == 0
    assert capsys.readouterr().out == "✔ no linting errors found!\n"


def test_lint_names_what_has_no_effect_once(write, tmp_path, capsys):
    placed = {**WORKFLOW, "spec": {**WORKFLOW["spec"], "nodeSelector": {"a": "b"}}}
    write("a.yaml", placed)
    write("b.yaml", placed)
    assert invoke(["lint", str(tmp_path), "-o", "simple"]) == 0
    assert capsys.readouterr().out.count("nodeSelector has no effect here") == 1


def test_lint_names_the_document_and_the_fault(broken, capsys):
    assert invoke(["lint", broken, "--no-warnings"]) == 1
    out = capsys.readouterr().out
    assert out.startswith(f"{broken}:\n")
    assert '✖ in "deploy-" (Workflow): ' in out
    assert "template name 'nope' undefined" in out
    assert out.endswith("✖ 1 linting errors found!\n")


def test_lint_has_forms_for_programs(broken, capsys):
    assert invoke(["lint", broken, "-o", "json", "--no-warnings"]) == 1
    (finding,) = printed(capsys)
    assert finding["severity"] == "error"
    assert finding["line"] > 1
    assert invoke(["lint", broken, "-o", "simple", "--no-warnings"]) == 1
    assert capsys.readouterr().out.startswith(f"{broken}:{finding['line']}:{finding['column']}: ")
    assert invoke(["lint", broken, "-o", "github", "--no-warnings"]) == 1
    assert capsys.readouterr().out.startswith(f"::error file={broken},line={finding['line']},col={finding['column']}::")
    assert invoke(["lint", broken, "-o", "sarif", "--no-warnings"]) == 1
    (run,) = printed(capsys)["runs"]
    (result,) = run["results"]
    assert result["level"] == "error"
    assert result["locations"][0]["physicalLocation"]["region"]["startLine"] == finding["line"]


@pytest.mark.parametrize("text", ["a: [", "\tx", "kind: Workflow\nkind: Workflow", "- 1", "{"])
def test_what_cannot_be_read_is_an_error_with_its_place(tmp_path, capsys, text):
    file = tmp_path / "x.yaml"
    file.write_text(text)
    assert invoke(["lint", str(file), "-o", "simple"]) == 1
    assert capsys.readouterr().out.startswith(f"{file}:")


def test_bytes_that_are_no_text_are_an_error(tmp_path, capsys):
    file = tmp_path / "x.yaml"
    file.write_bytes(b"\xff\xfe\x00")
    assert invoke(["lint", str(file)]) == 1
    assert "not UTF-8" in capsys.readouterr().err


def test_a_directory_is_one_universe_of_templates(write, tmp_path, capsys):
    template = {**WORKFLOW, "kind": "WorkflowTemplate", "metadata": {"name": "t"}}
    reference = {**WORKFLOW, "spec": {"workflowTemplateRef": {"name": "t"}}}
    write("a.yaml", reference)
    assert invoke(["lint", str(tmp_path), "--no-warnings"]) == 1
    assert 'couldn\'t find workflow template "t"' in capsys.readouterr().out
    write("b.yaml", template)
    assert invoke(["lint", str(tmp_path), "--no-warnings"]) == 0


# --- audit verify ---


@pytest.fixture
def state_file(tmp_path):
    file = tmp_path / "state.db"

    async def fill():
        store = await open_sqlite(file)
        at = datetime(2026, 1, 1, tzinfo=UTC)
        for number in range(5):
            await store.commit(Change(records=(Record("test.happened", f"s{number}", "human:ada", at),)))
        await store.close()

    asyncio.run(fill())
    return file


def test_a_whole_log_is_clean(state_file, capsys):
    assert invoke(["audit", "verify", "--db", str(state_file)]) == 0
    assert capsys.readouterr().out == "the audit log is whole\n"
    assert invoke(["audit", "verify", "--data-dir", str(state_file.parent), "-o", "json"]) == 0
    assert printed(capsys) == []


def test_a_changed_row_is_named(state_file, capsys):
    with sqlite3.connect(state_file) as connection:
        connection.execute(
            "UPDATE audit_record SET entry = CAST(replace(CAST(entry AS TEXT), 'ada', 'eve') AS BLOB) WHERE seq = 3"
        )
    connection.close()
    assert invoke(["audit", "verify", "--db", str(state_file), "-o", "json"]) == 10
    finding = printed(capsys)[0]
    assert (finding["kind"], finding["seq"]) == ("modified", 3)


def test_a_missing_file_is_told(tmp_path, capsys):
    assert invoke(["audit", "verify", "--db", str(tmp_path / "none.db")]) == 1
    assert "no such state file" in capsys.readouterr().err


# --- sensor, catalog, config, doctor, completion ---

SENSOR = {
    "apiVersion": "argoproj.io/v1alpha1",
    "kind": "Sensor",
    "metadata": {"name": "s"},
    "spec": {
        "dependencies": [
            {
                "name": "push",
                "eventSourceName": "hook",
                "eventName": "push",
                "filters": {"data": [{"path": "body.ref", "type": "string", "value": ["main"]}]},
            }
        ],
        "triggers": [{"template": {"name": "say", "log": {}}}],
    },
}


@pytest.mark.parametrize(("ref", "status"), [("main", 0), ("other", 1)])
def test_a_sensor_is_tried_without_doing_anything(write, tmp_path, capsys, ref, status):
    event = tmp_path / "e.json"
    event.write_text(json.dumps({"source": "hook", "subject": "push", "id": "e1", "data": {"body": {"ref": ref}}}))
    assert invoke(["sensor", "simulate", write("s.yaml", SENSOR), str(event)]) == status
    out = capsys.readouterr().out
    assert "event e1 at say/push" in out
    assert ("trigger say would fire" in out) is (status == 0)


def test_an_event_without_source_is_refused(write, tmp_path, capsys):
    event = tmp_path / "e.json"
    event.write_text("{}")
    assert invoke(["sensor", "simulate", write("s.yaml", SENSOR), str(event)]) == 1
    assert "source" in capsys.readouterr().err


def test_a_catalog_that_breaks_a_rule_is_refused_with_its_place(write, capsys):
    file = write("c.yaml", {"actions": [{"name": "drop_tables"}]})
    assert invoke(["catalog", "lint", file]) == 1
    assert f"{file}:" in capsys.readouterr().err
    assert invoke(["catalog", "lint", file, "-o", "json"]) == 1
    assert printed(capsys)


def test_settings_are_shown_with_their_origin(tmp_path, capsys, monkeypatch):
    config = tmp_path / "tiphys.yaml"
    config.write_text("server: {port: 8080}\n")
    monkeypatch.setenv("TIPHYS_SERVER__HOST", "::1")
    assert invoke(["config", "show", "--config", str(config), "--data-dir", "/x", "-o", "json"]) == 0
    told = {item["key"]: (item["value"], item["origin"]) for item in printed(capsys)}
    assert told["server.port"] == (8080, "file")
    assert told["server.host"] == ("::1", "environment")
    assert told["data_dir"] == ("/x", "command line")
    assert told["executor.grace_s"] == (30.0, "default")


def test_a_bad_setting_is_named(tmp_path, capsys):
    config = tmp_path / "tiphys.yaml"
    config.write_text("server: {prt: 8080}\n")
    assert invoke(["config", "show", "--config", str(config)]) == 1
    assert "server.prt" in capsys.readouterr().err


def test_the_doctor_finds_what_is_needed(tmp_path, capsys):
    assert invoke(["doctor", "--data-dir", str(tmp_path), "-o", "json"]) == 0
    found = {item["name"]: item for item in printed(capsys)}
    assert found["python"]["present"]
    assert found["sqlite"]["needed"]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_shells_are_given_a_script(shell, capsys):
    assert invoke(["completion", shell]) == 0
    assert "_TIPHYS_COMPLETE" in capsys.readouterr().out


def test_nobody_answers(capsys):
    assert invoke(["list", "--server", "http://127.0.0.1:9"]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert "no server answers at http://127.0.0.1:9" in err
    assert "tiphys up" in err
