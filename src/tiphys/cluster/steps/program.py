"""What every step program shares: its arguments and their grammar, the client, and how it ends.

The grammar is checked here once more, behind the guards: a program that anyone can start must not trust its caller.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import re
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

from tiphys import errors
from tiphys.cluster.client import KubeClient, resolve_access

_LABEL = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")
_SELECTOR_TERM = re.compile(
    r"([a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?"
    r"={1,2}[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?"
)
"""`key=value`; Kubernetes: labels are qualified names and their values (apimachinery/pkg/util/validation)."""

Work = Callable[[KubeClient, argparse.Namespace], Awaitable[str]]
"""Does the step's work and says what it did; raises what keeps it from it."""


def parser(name: str, about: str | None) -> argparse.ArgumentParser:
    """A parser without abbreviations, named as the program is started, with the namespace that every step needs."""
    made = argparse.ArgumentParser(
        prog=f"python -m tiphys.cluster.steps.{name}", description=(about or "").partition("\n")[0], allow_abbrev=False
    )
    made.add_argument("--namespace", required=True, type=dns_label, metavar="NAME", help="where the target lives")
    return made


def run(arguments: argparse.Namespace, work: Work) -> int:
    """Does the work with a client as the environment says; the exit status."""
    try:
        sys.stdout.write(f"OK: {asyncio.run(_with_client(arguments, work))}\n")
    except errors.TiphysError as error:
        sys.stdout.write("FAIL\n")
        sys.stderr.write(f"FAIL: {error}\n")
        return 1
    return 0


async def _with_client(arguments: argparse.Namespace, work: Work) -> str:
    async with KubeClient(resolve_access(os.environ)) as client:
        return await work(client, arguments)


def add_output(made: argparse.ArgumentParser) -> None:
    """The file that becomes an output parameter."""
    made.add_argument("--output", required=True, type=Path, metavar="FILE", help="where to write the snapshot")


def add_lock_owner(made: argparse.ArgumentParser) -> None:
    """Who holds the target."""
    made.add_argument("--lock-owner", required=True, type=dns_name, metavar="NAME", help="the workflow's name")


def add_lock(made: argparse.ArgumentParser) -> None:
    """Who shall hold the target, and for how long at most."""
    add_lock_owner(made)
    made.add_argument(
        "--lock-seconds",
        required=True,
        type=whole(1, 86400),
        metavar="N",
        help="after which the lock counts for nothing",
    )


def add_polling(made: argparse.ArgumentParser) -> None:
    """How long to wait for the target to become well."""
    made.add_argument("--within-seconds", required=True, type=whole(1, 3600), metavar="N", help="how long to wait")
    made.add_argument("--poll-seconds", default=2.0, type=float, metavar="N", help="between two looks (default 2)")


def write_output(path: Path, text: str) -> None:
    """Writes an output parameter."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def dns_label(text: str) -> str:
    """A namespace or the name of a deployment."""
    if not _LABEL.fullmatch(text):
        raise argparse.ArgumentTypeError(f"{text!r} is not a DNS-1123 label (lower case letters, digits, hyphens)")
    return text


def dns_name(text: str) -> str:
    """The name of a workflow: labels with dots between them."""
    if len(text) > 253 or not all(_LABEL.fullmatch(part) for part in text.split(".")):
        raise argparse.ArgumentTypeError(f"{text!r} is not a DNS-1123 name")
    return text


def selector(text: str) -> str:
    """A label selector of equalities only; an empty one would mean every pod."""
    if not text or not all(_SELECTOR_TERM.fullmatch(term) for term in text.split(",")):
        raise argparse.ArgumentTypeError(f"{text!r} is not a label selector of the form key=value,key=value")
    return text


def whole(least: int, most: int) -> Callable[[str], int]:
    """A whole number within limits."""

    def parse(text: str) -> int:
        if not re.fullmatch(r"[0-9]{1,9}", text) or not least <= int(text) <= most:
            raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from {least} to {most}")
        return int(text)

    return parse


def short_text(text: str) -> str:
    """A word or two for the log: printable, at most 200 characters."""
    return "".join(letter if letter.isprintable() else "?" for letter in text[:200])
