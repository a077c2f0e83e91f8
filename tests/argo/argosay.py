"""Stands in for the program of the image `argoproj/argosay`: `echo TEXT [FILE]`, `cat FILE…`, `sleep D`, `exit N`."""

from __future__ import annotations

import sys
import time
from pathlib import Path

SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0}


def main(arguments: list[str]) -> int:
    """Does what the first argument says; without one it greets."""
    match arguments:
        case []:
            sys.stdout.write("hello argo\n")
        case ["echo", text]:
            sys.stdout.write(f"{text}\n")
        case ["echo", text, file]:
            Path(file).parent.mkdir(parents=True, exist_ok=True)
            Path(file).write_text(f"{text}\n")
        case ["cat", *files]:
            sys.stdout.writelines(Path(file).read_text() for file in files)
        case ["sleep", duration]:
            unit = next(unit for unit in SECONDS if duration.endswith(unit))
            time.sleep(float(duration.removesuffix(unit)) * SECONDS[unit])
        case ["exit", code]:
            return int(code)
        case _:
            sys.stderr.write(f"unknown arguments: {arguments}\n")
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
