"""What an attempt sees of the file system: the host's own, but for the absolute paths that would collide.

On a cluster every pod has a file system of its own, so manifests write to `/tmp/x` without a thought. Here a step whose
template names such a path gets a private directory in its place, in a mount namespace of its own; all other steps run
without one and without its price (some 3 ms).
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tiphys.controllers.ports import Attempt
from tiphys.errors import Unavailable

SCRATCH_ROOTS = ("/tmp", "/var/tmp")  # noqa: S108 - these are named to be made private
"""Directories that are private as a whole when a template mentions them."""


@dataclass(frozen=True, slots=True)
class Bind:
    """`source` (in the attempt's own directory) stands at `target`; a file when `target` is one."""

    source: Path
    target: str
    is_file: bool = False


@dataclass(frozen=True, slots=True)
class View:
    """Private paths of one attempt; empty when it runs in the host's file system as it is."""

    binds: tuple[Bind, ...] = ()

    def host_path(self, path: str) -> Path:
        """Where on the host a path of the attempt's view lies."""
        for bind in self.binds:
            if path == bind.target or path.startswith(f"{bind.target}/"):
                return Path(f"{bind.source}{path[len(bind.target) :]}")
        return Path(path)

    def was_written(self, path: str) -> bool:
        """Whether the attempt has made that file; one that is bound itself was there before, with its time at zero."""
        file = self.host_path(path)
        bound = any(bind.is_file and bind.target == path for bind in self.binds)
        return file.is_file() and not (bound and file.stat().st_mtime_ns == 0)


def plan_view(attempt: Attempt, directory: Path) -> View:
    """Which paths must be private: those of declared outputs, a missing working directory, scratch roots mentioned."""
    wanted = [root for root in SCRATCH_ROOTS if any(root in text for text in _texts(attempt))]
    wanted += [_private_place(os.path.normpath(path)) for path in attempt.outputs.parameters.values()]
    if attempt.working_dir and not Path(attempt.working_dir).exists():
        wanted.append(_topmost_missing(os.path.normpath(attempt.working_dir)))
    targets = [target for target in dict.fromkeys(wanted) if not any(_is_below(target, other) for other in wanted)]
    return View(
        tuple(
            Bind(directory / f"view{number}", target, is_file=target in attempt.outputs.parameters.values())
            for number, target in enumerate(targets)
        )
    )


def prepare_view(view: View, attempt: Attempt) -> None:
    """Makes the private directories and the places on the host where they are mounted; raises `Unavailable`."""
    for bind in view.binds:
        try:
            _make(bind.source, is_file=bind.is_file)
            os.utime(bind.source, (0, 0))
            if not Path(bind.target).exists():
                _make(Path(bind.target), is_file=bind.is_file)
        except OSError as error:
            raise Unavailable(
                f"{bind.target} cannot be made private for {attempt.node_name}: {error.strerror}; "
                "let the template use a path below /tmp, or make that directory"
            ) from error
    if attempt.working_dir:
        view.host_path(os.path.normpath(attempt.working_dir)).mkdir(parents=True, exist_ok=True)


class Namespaces:
    """The tools of this host for private views, tried once."""

    def __init__(self, unshare: Sequence[str], mount: str) -> None:
        self._unshare = unshare
        self._mount = mount

    def wrap(self, view: View, argv: Sequence[str], working_dir: str, shared: Iterable[Path]) -> list[str]:
        """The command line that makes the view and becomes the program in `working_dir`; `shared` stay the host's."""
        steps = [
            f"{self._mount} -n --rbind {shlex.quote(str(source))} {shlex.quote(str(target))}"
            for source, target in _mounts(view, shared)
        ]
        script = " && ".join([*steps, f"cd -- {shlex.quote(working_dir)}", 'exec "$@"'])
        return [*self._unshare, "/bin/sh", "-c", script, "sh", *argv]


def find_namespaces(directory: Path) -> Namespaces | None:
    """The tools, tried on a directory; None when this host does not let us have mount namespaces."""
    unshare, mount = shutil.which("unshare"), shutil.which("mount")
    if unshare is None or mount is None:
        return None
    options = ["-m"] if os.geteuid() == 0 else ["-r", "-m"]
    namespaces = Namespaces([unshare, *options], mount)
    directory.mkdir(parents=True, exist_ok=True)
    trial = namespaces.wrap(View((Bind(directory, str(directory)),)), ["true"], str(directory), ())
    tried = subprocess.run(trial, stdin=subprocess.DEVNULL, capture_output=True, check=False)  # noqa: S603 - our own words
    return namespaces if tried.returncode == 0 else None


def _mounts(view: View, shared: Iterable[Path]) -> Iterator[tuple[Path, str | Path]]:
    for bind in view.binds:
        for path in shared:
            if _is_below(str(path), bind.target):
                place = bind.source / path.relative_to(bind.target)
                _make(place, is_file=path.is_file())
                yield path, place
    for bind in view.binds:
        yield bind.source, bind.target


def _texts(attempt: Attempt) -> Iterator[str]:
    yield from attempt.command
    yield from attempt.args
    yield attempt.source or ""
    yield attempt.working_dir
    for _, value in attempt.env:
        yield value


def _private_place(path: str) -> str:
    """The directory that is private for an output file; the file itself where its directory has things of the host."""
    for root in SCRATCH_ROOTS:
        if _is_below(path, root):
            return root
    parent = str(Path(path).parent)
    if not Path(parent).exists():
        return _topmost_missing(parent)
    return parent if parent != "/" and not any(Path(parent).iterdir()) else path


def _topmost_missing(path: str) -> str:
    for root in SCRATCH_ROOTS:
        if _is_below(path, root):
            return root
    missing = Path(path)
    while not missing.parent.exists():
        missing = missing.parent
    return str(missing)


def _is_below(path: str, folder: str) -> bool:
    return path.startswith(f"{folder}/")


def _make(path: Path, *, is_file: bool) -> None:
    if is_file:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    else:
        path.mkdir(parents=True, exist_ok=True)
