from __future__ import annotations

import importlib
import subprocess
import sys

import click
import pytest

from tiphys.cli import main
from tiphys.errors import Bug, InvalidManifest, Position, Problem, Refused

HEAVY = ("pydantic", "starlette", "httpx", "rich", "yaml", "uvicorn", "sqlite3", "asyncio", "re2")


def commands():
    """Every command with the words that call it, groups and their members."""
    found = []
    for name, (where, _) in main.COMMANDS.items():
        module, _, attribute = where.partition(":")
        command = getattr(importlib.import_module(module), attribute)
        found.append(([name], command))
        if isinstance(command, click.Group):
            found += [([name, inner], command.commands[inner]) for inner in command.commands]
    return found


COMMANDS = commands()
WORDS = [" ".join(words) for words, _ in COMMANDS]


def test_help_imports_nothing_heavy():
    code = (
        "import sys\n"
        "from tiphys.cli.main import invoke\n"
        "assert invoke(['--help']) == 0\n"
        f"print([name for name in {HEAVY!r} if name in sys.modules], file=sys.stderr)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr.strip() == "[]"
    assert "Workflows on a server, as argo" in done.stdout


@pytest.mark.parametrize(("words", "command"), COMMANDS, ids=WORDS)
def test_every_help_has_an_example_that_begins_with_its_own_words(words, command, capsys):
    assert main.invoke([*words, "--help"]) == 0
    printed = capsys.readouterr().out
    assert "Example: " in printed
    example = printed.partition("Example: ")[2]
    called = "source <(tiphys completion" if words == ["completion"] else f"tiphys {' '.join(words)}"
    assert example.startswith(called)
    assert (command.help or "").strip()


@pytest.mark.parametrize(("words", "command"), COMMANDS, ids=WORDS)
def test_what_prints_data_can_print_it_as_json(words, command):
    silent = {"up", "logs", "watch", "wait", "completion", "sandbox", "demo", "audit export", "stop", "terminate"}
    silent |= {"suspend", "resume", "delete", "template delete", "cluster-template delete"}
    if isinstance(command, click.Group) or " ".join(words) in silent:
        return
    (option,) = [parameter for parameter in command.params if parameter.name == "output"]
    assert "json" in option.type.choices


@pytest.mark.parametrize(("name", "command"), [(words[0], c) for words, c in COMMANDS if len(words) == 1])
def test_the_table_says_what_the_command_says(name, command):
    assert main.COMMANDS[name][1] == command.short_help


def test_the_version_is_told(capsys):
    assert main.invoke(["--version"]) == 0
    assert capsys.readouterr().out.startswith("tiphys ")


@pytest.mark.parametrize("arguments", [["nonsense"], ["list", "--nonsense"], ["get"], ["--nonsense"]])
def test_wrong_usage_is_told_on_standard_error(arguments, capsys):
    assert main.invoke(arguments) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert "Error" in err


@pytest.fixture
def failing(monkeypatch):
    """Makes `tiphys version` raise an error."""

    def failing_(error):
        def fail(*_):
            raise error

        monkeypatch.setattr(main.LazyGroup, "get_command", lambda *_: click.Command("version", callback=fail))

    return failing_


def test_an_invalid_manifest_is_told_with_its_place(failing, capsys):
    failing(InvalidManifest(Problem("unknown field", "spec.x", Position("a.yaml", 12, 7), "did you mean y")))
    assert main.invoke(["version"]) == 1
    assert capsys.readouterr().err == "a.yaml:12:7: spec.x: unknown field (did you mean y)\n"


def test_a_refusal_has_no_traceback(failing, capsys):
    failing(Refused("not possible"))
    assert main.invoke(["version"]) == 1
    assert capsys.readouterr().err == "Error: not possible\n"


def test_a_missing_file_is_named(capsys):
    assert main.invoke(["lint", "/nonexistent.yaml"]) == 1
    assert capsys.readouterr().err == "Error: /nonexistent.yaml: No such file or directory\n"


@pytest.mark.parametrize("error", [Bug("broken"), ZeroDivisionError("division by zero")])
def test_a_fault_of_ours_leaves_its_traceback_in_a_file(failing, capsys, error, tmp_path, monkeypatch):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    failing(error)
    assert main.invoke(["version"]) == 1
    err = capsys.readouterr().err
    assert str(error) in err
    assert "Traceback" not in err
    (kept,) = tmp_path.iterdir()
    assert str(kept) in err
    assert "Traceback" in kept.read_text()
