"""`tiphys up` as a process of its own, and our commands against it; failure paths first."""

from __future__ import annotations

import json
import os
import signal
import stat
import subprocess
import sys
from contextlib import suppress

import pytest
import yaml

HELLO = {
    "apiVersion": "argoproj.io/v1alpha1",
    "kind": "Workflow",
    "metadata": {"generateName": "hello-", "labels": {"app": "demo"}},
    "spec": {
        "entrypoint": "main",
        "arguments": {"parameters": [{"name": "word", "value": "hello"}]},
        "templates": [
            {
                "name": "main",
                "container": {
                    "image": "busybox",
                    "command": ["sh", "-c"],
                    "args": ["echo {{workflow.parameters.word}}; echo two"],
                },
            }
        ],
    },
}
PAUSE = {
    **HELLO,
    "metadata": {"name": "pause"},
    "spec": {
        "entrypoint": "main",
        "templates": [
            {"name": "main", "steps": [[{"name": "approve", "template": "wait"}]]},
            {"name": "wait", "suspend": {}},
        ],
    },
}
TEMPLATE = {**HELLO, "kind": "WorkflowTemplate", "metadata": {"name": "tmpl"}}


def command(*arguments):
    return [sys.executable, "-c", "from tiphys.cli.main import main; main()", *arguments]


class Tiphys:
    """A running server and the command line that speaks to it."""

    def __init__(self, directory, address) -> None:
        self.directory = directory
        self.environment = {**os.environ, "TIPHYS_DATA": str(directory), "TIPHYS_SERVER": address, "NO_COLOR": "1"}

    def __call__(self, *arguments, stdin=None, **environment) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command(*arguments),
            env={**self.environment, **environment},
            input=stdin,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

    def json(self, *arguments):
        done = self(*arguments, "-o", "json")
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def submit(self, document, *flags):
        done = self("submit", "-", "-o", "name", *flags, stdin=yaml.safe_dump(document))
        assert done.returncode == 0, done.stderr
        return done.stdout.strip().splitlines()[0]


@pytest.fixture(scope="module")
def tiphys(tmp_path_factory):
    directory = tmp_path_factory.mktemp("data")
    manifests = tmp_path_factory.mktemp("manifests")
    (manifests / "t.yaml").write_text(yaml.safe_dump({**TEMPLATE, "metadata": {"name": "loaded"}}))
    with subprocess.Popen(
        command("up", str(manifests), "--port", "0", "--data-dir", str(directory)), stdout=subprocess.PIPE, text=True
    ) as process:
        address = process.stdout.readline().strip()
        assert address.startswith("http://127.0.0.1:")
        yield Tiphys(directory, address)
        process.send_signal(signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            process.wait(20)
        assert process.poll() == 0


def test_the_token_is_the_owners_alone(tiphys):
    assert stat.S_IMODE((tiphys.directory / "token").stat().st_mode) == 0o600


def test_without_the_token_nothing_is_told(tiphys, tmp_path):
    done = tiphys("list", TIPHYS_DATA=str(tmp_path))
    assert (done.returncode, done.stdout) == (1, "")
    assert "rpc error: code = Unauthenticated desc = token not valid" in done.stderr
    done = tiphys("list", ARGO_TOKEN="Bearer nonsense")
    assert done.stderr == "Error: rpc error: code = Unauthenticated desc = Unauthorized\n"


@pytest.mark.parametrize(
    "text", ["a: [", "kind: Workflow\nnonsense: 1", "kind: ConfigMap\napiVersion: v1\nmetadata: {name: a}"]
)
def test_what_is_no_workflow_is_not_sent(tiphys, text):
    done = tiphys("submit", "-", stdin=text)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr
    assert "Traceback" not in done.stderr


def test_what_the_server_refuses_is_told_in_argos_words(tiphys):
    broken = {**HELLO, "spec": {**HELLO["spec"], "entrypoint": "nope"}}
    done = tiphys("submit", "-", stdin=yaml.safe_dump(broken))
    assert done.returncode == 1
    assert done.stderr == (
        "Error: failed to submit workflow: rpc error: code = InvalidArgument desc = template name 'nope' undefined\n"
    )
    done = tiphys("get", "nope")
    assert done.stderr == 'Error: rpc error: code = NotFound desc = workflows.argoproj.io "nope" not found\n'


def test_a_second_server_is_refused_the_directory(tiphys):
    done = tiphys("up", "--port", "0")
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert done.stderr.startswith("Error: ")


def test_a_workflow_is_submitted_waited_for_shown_and_deleted(tiphys):
    done = tiphys("submit", "-", "-p", "word=hi", "--wait", stdin=yaml.safe_dump(HELLO))
    assert done.returncode == 0, done.stderr
    name = done.stdout.split()[1]
    assert f"{name} Succeeded at " in done.stdout
    shown = tiphys("get", name).stdout
    assert "Status:              Succeeded" in shown
    assert f" ✔ {name}" in shown
    assert tiphys("logs", name).stdout == f"{name}: hi\n{name}: two\n"
    assert tiphys("logs", name, "--grep", "^t").stdout == f"{name}: two\n"
    assert tiphys("logs", name, "--follow", "--tail", "1").stdout == f"{name}: two\n"
    (listed,) = [item for item in tiphys.json("list", "--completed") if item["metadata"]["name"] == name]
    assert listed["status"]["phase"] == "Succeeded"
    assert tiphys("delete", name).stdout == f"Workflow '{name}' deleted\n"
    assert tiphys("delete", name).stdout == f"Workflow '{name}' not found\n"


def test_a_failure_is_the_exit_status_of_wait(tiphys):
    failing = json.loads(json.dumps(HELLO))
    failing["spec"]["templates"][0]["container"]["args"] = ["exit 3"]
    name = tiphys.submit(failing)
    done = tiphys("wait", name)
    assert done.returncode == 1
    assert done.stdout.startswith(f"{name} Failed at ")
    assert tiphys("wait", "nope", "--ignore-not-found").returncode == 1


def test_verbs_act_on_what_runs(tiphys):
    tiphys.submit(PAUSE)
    assert tiphys("suspend", "pause").stdout == "workflow pause suspended\n"
    assert tiphys("resume", "pause", "--node-field-selector", "displayName=zzz").stderr == (
        "Error: failed to resume pause: rpc error: code = Internal desc = currently, set only targets suspend nodes:"
        " no suspend nodes matching nodeFieldSelector: displayName=zzz\n"
    )
    assert tiphys("terminate", "pause", "--dry-run").stdout == "workflow pause terminated (dry-run)\n"
    assert tiphys("resume", "pause").stdout == "workflow pause resumed\n"
    assert tiphys("wait", "pause").returncode == 0
    assert tiphys("stop", "pause").stderr == (
        "Error: rpc error: code = Internal desc = cannot shutdown a completed workflow:"
        ' workflow: "pause", namespace: "default"\n'
    )
    assert tiphys("watch", "pause").returncode == 0


def test_a_stored_template_is_submitted(tiphys, tmp_path):
    file = tmp_path / "t.yaml"
    file.write_text(yaml.safe_dump(TEMPLATE))
    assert tiphys("template", "create", str(file)).stdout.startswith("Name:                tmpl\n")
    assert tiphys("template", "create", str(file)).returncode == 1
    assert tiphys("template", "update", str(file)).returncode == 0
    assert tiphys("template", "list", "-o", "name").stdout.split() == ["loaded", "tmpl"]
    done = tiphys("submit", "--from", "workflowtemplate/tmpl", "-p", "word=yes", "--wait")
    assert done.returncode == 0, done.stderr
    assert "tmpl-" in done.stdout
    assert tiphys("template", "delete", "tmpl").stdout == "WorkflowTemplate 'tmpl' deleted\n"


def test_a_dry_run_leaves_nothing(tiphys):
    before = len(tiphys.json("list"))
    assert tiphys("submit", "-", "--dry-run", stdin=yaml.safe_dump(PAUSE)).returncode == 0
    assert len(tiphys.json("list")) == before


def test_events_are_sent_listed_and_traced(tiphys):
    sent = tiphys("events", "send", "--source", "s", "--event", "e", "--data", '{"a": 1}', "--id", "e1", "-o", "name")
    assert sent.stdout == "e1\n"
    (event,) = tiphys.json("events", "list", "--source", "s")
    assert (event["id"], event["subject"], event["data"]) == ("e1", "e", {"a": 1})
    assert tiphys.json("events", "trace", "e1")["records"] == []
    assert tiphys("events", "trace", "nope").returncode == 1
    assert "not JSON" in tiphys("events", "send", "--source", "s", "--event", "e", "--data", "{").stderr


def test_the_log_is_listed_and_verified_beside_the_running_server(tiphys):
    name = tiphys.submit(HELLO, "--wait")
    records = tiphys.json("audit", "list", "--subject", f"default/{name}")
    assert records[0]["entry"]["kind"] == "workflow.submitted"
    assert records[0]["entry"]["actor"].startswith("human:")
    assert tiphys("audit", "export").stdout.count("\n") == len(tiphys.json("audit", "list", "--limit", "0"))
    assert tiphys("audit", "verify").returncode == 0


def test_without_remediation_its_verbs_are_refused(tiphys):
    assert tiphys.json("incident", "list") == []
    assert tiphys.json("approval", "list") == []
    assert tiphys.json("switch", "list") == []
    assert "not found" in tiphys("approval", "grant", "apr-x").stderr


def test_with_json_nothing_else_is_on_standard_output(tiphys):
    done = tiphys("submit", "-", "-o", "json", stdin=yaml.safe_dump(HELLO))
    assert json.loads(done.stdout)["metadata"]["generateName"] == "hello-"


def test_versions_of_both_are_told(tiphys):
    assert tiphys.json("version").keys() == {"tiphys", "tiphys-server"}
