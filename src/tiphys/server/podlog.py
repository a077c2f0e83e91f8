"""The log file of one pod, read line by line while it may still grow."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

MAX_LINE_BYTES: Final = 1024 * 1024
"""A longer line is cut into pieces of this size (Argo: startBufSize of the log scanner)."""
_READ_BYTES: Final = 256 * 1024


@dataclass(slots=True)
class PodLog:
    """The log file of one pod, and how far it has been read; `rest` is the beginning of an unfinished line."""

    pod: str
    path: Path
    offset: int = 0
    rest: bytes = b""

    def read_lines(self) -> tuple[list[str], bool]:
        """The next complete lines, and whether the end was reached."""
        try:
            with self.path.open("rb") as file:
                file.seek(self.offset)
                piece = file.read(_READ_BYTES)
        except FileNotFoundError:
            return [], True
        self.offset += len(piece)
        *lines, self.rest = (self.rest + piece).split(b"\n")
        if len(self.rest) >= MAX_LINE_BYTES:
            lines, self.rest = [*lines, self.rest], b""
        return [text for line in lines for text in _pieces(line)], len(piece) < _READ_BYTES

    def last_line(self) -> list[str]:
        """What stands behind the last newline."""
        rest, self.rest = self.rest, b""
        return list(_pieces(rest)) if rest else []

    def skip_to_tail(self, lines: int) -> None:
        """Goes on from the last so many lines of what is there."""
        if not self.path.exists():
            return
        starts: deque[int] = deque([0], maxlen=lines + 1)
        with self.path.open("rb") as file:
            for line in file:
                starts.append(starts[-1] + len(line))
        self.offset = starts[0]


def _pieces(line: bytes) -> Iterator[str]:
    for start in range(0, max(len(line), 1), MAX_LINE_BYTES):
        yield line[start : start + MAX_LINE_BYTES].decode("utf-8", "replace").removesuffix("\r")
