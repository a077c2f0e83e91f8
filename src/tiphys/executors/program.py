"""From an attempt to the program that the host runs: command line, environment, script. Pure but for the look in PATH.

There is never a shell between the manifest and the program. What cannot be run ends as on Argo, in the words of Go's
`exec.LookPath`, which Argo's executor calls (cmd/argoexec/commands/emissary.go, v4.1.2).
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from tiphys.controllers.ports import Attempt
from tiphys.ids import node_id
from tiphys.settings import ImageSettings

EXIT_EXECUTOR_ERROR = 64
"""Exit code of Argo's executor when it could not run the command."""
ARGO_ENV = {
    "ARGO_CONTAINER_NAME": "main",
    "ARGO_PROGRESS_FILE_TICK_DURATION": "3s",
    "ARGO_PROGRESS_PATCH_TICK_DURATION": "1m0s",
}
"""Variables with the same value in every pod (Argo: workflow/controller/workflowpod.go, addInitContainers and env)."""

_VARIABLE = re.compile(r"\$(?:\$|\(([^()]*)\))")
_ATTEMPT_NUMBER = re.compile(r"\(\d+\)$")


@dataclass(frozen=True, slots=True)
class Program:
    """What is executed: `argv`, with `argv[0]` still to be looked up in the PATH of `env`."""

    argv: tuple[str, ...]
    env: Mapping[str, str]


class CannotRun(Exception):  # noqa: N818 - a fact of the attempt, not an error of ours
    """The program cannot be started; `exit_code` is what the pod would show, None when there is nothing to run."""

    def __init__(self, message: str, exit_code: int | None) -> None:
        super().__init__(message)
        self.exit_code = exit_code


def resolve_program(
    attempt: Attempt, images: Mapping[str, ImageSettings], base_env: Mapping[str, str], directory: Path
) -> Program:
    """The command line and environment of an attempt whose files lie in `directory`; raises `CannotRun`."""
    image = find_image(images, attempt.image)
    env = {**base_env, **image.env, **_argo_env(attempt, directory)}
    for name, value in attempt.env:
        env[name] = expand_variables(value, env)
    command = attempt.command or image.command
    args = attempt.args or (() if attempt.command else image.args)
    if not command:
        raise CannotRun(
            f'template {attempt.template_name} has no command and nothing is known of image "{attempt.image}"; '
            f'give it a command, or its entrypoint under "images" in tiphys.yaml',
            None,
        )
    argv = [expand_variables(word, env) for word in (*command, *args)]
    script = [str(script_path(directory))] if attempt.source is not None else []
    return Program((*argv, *script), env)


def script_path(directory: Path) -> Path:
    """Where the source of a script template is put."""
    return directory / "script"


def script_text(attempt: Attempt) -> str:
    """The source as it reaches the interpreter.

    On a cluster the template travels in an environment value of the init container, and Kubernetes expands that:
    `$$` becomes `$`, and the variables that stand before it in that container are replaced.
    """
    seen = {
        "ARGO_POD_NAME": attempt.pod_name,
        "ARGO_WORKFLOW_NAME": attempt.workflow_name,
        "ARGO_WORKFLOW_UID": attempt.workflow_uid,
        "ARGO_CONTAINER_NAME": "init",
    }
    return expand_variables(attempt.source or "", seen)


def find_image(images: Mapping[str, ImageSettings], name: str) -> ImageSettings:
    """What the settings say of an image: by its full name, else without digest and tag; nothing by default."""
    untagged = re.sub(r"(@[^/]*|:[^/:]*)$", "", name.partition("@")[0])
    return images.get(name) or images.get(untagged) or ImageSettings()


def expand_variables(text: str, env: Mapping[str, str]) -> str:
    """`$(NAME)` by its value, `$$` by `$`; an unknown name stays (Kubernetes: third_party/forked/golang/expansion)."""
    return _VARIABLE.sub(lambda found: "$" if found[1] is None else env.get(found[1], found[0]), text)


def find_executable(program: Program, working_dir: Path) -> str:
    """The file that `argv[0]` means; raises `CannotRun` in the words of Go's `exec.LookPath`."""
    name = program.argv[0]
    if "/" in name:
        _check_executable(name, working_dir / name)
        return str(working_dir / name)
    for folder in _search_path(program.env):
        candidate = working_dir / (folder or ".") / name
        if candidate.is_file() and os.access(candidate, os.X_OK):
            return str(candidate)
    raise _not_found(f'exec: "{name}": executable file not found in $PATH')


def _argo_env(attempt: Attempt, directory: Path) -> dict[str, str]:
    deadline = attempt.deadline.strftime("%Y-%m-%dT%H:%M:%SZ") if attempt.deadline else "0001-01-01T00:00:00Z"
    retried = node_id(attempt.workflow_name, _ATTEMPT_NUMBER.sub("", attempt.node_name))
    return {
        **ARGO_ENV,
        "ARGO_WORKFLOW_NAME": attempt.workflow_name,
        "ARGO_NODE_ID": attempt.node_id,
        "ARGO_DEADLINE": deadline,
        "ARGO_INCLUDE_SCRIPT_OUTPUT": str(attempt.outputs.result).lower(),
        "ARGO_PROGRESS_FILE": str(directory / "progress"),
        "TIPHYS_ATTEMPT_DIR": str(directory),
        "TIPHYS_IDEMPOTENCY_KEY": f"{attempt.workflow_uid}/{retried}",
    }


def _search_path(env: Mapping[str, str]) -> Iterable[str]:
    path = env.get("PATH", "")
    return path.split(os.pathsep) if path else []


def _check_executable(name: str, file: Path) -> None:
    try:
        mode = file.stat().st_mode
    except NotADirectoryError:
        raise _not_found(f'exec: "{name}": stat {name}: not a directory') from None
    except OSError:
        raise _not_found(f'exec: "{name}": stat {name}: no such file or directory') from None
    if stat.S_ISDIR(mode):
        raise _not_found(f'exec: "{name}": is a directory')
    if not mode & 0o111:
        raise _not_found(f'exec: "{name}": permission denied')


def _not_found(reason: str) -> CannotRun:
    return CannotRun(f"failed to find name in PATH: {reason}", EXIT_EXECUTOR_ERROR)
