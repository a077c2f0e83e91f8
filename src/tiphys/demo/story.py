"""How the demo tells what happens: timed lines while it happens, and a table of what was promised and seen.

Output is the product here, so it goes to one `rich` console that honours `NO_COLOR` and a pipe.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from rich.console import Console
from rich.markup import escape
from rich.table import Table


@dataclass(frozen=True, slots=True)
class Promise:
    """One thing that a scene promises: `seen` is what was really observed, `kept` whether that is what was promised."""

    scene: str
    promised: str
    seen: str
    kept: bool


@dataclass(slots=True)
class Story:
    """Tells a run of the demo; times are seconds since it began."""

    console: Console
    promises: list[Promise] = field(default_factory=list[Promise])
    _began: float = field(default_factory=time.monotonic)
    _scene: str = ""

    def scene(self, name: str, what: str) -> None:
        """Opens a scene; what is promised from here on belongs to it."""
        self._scene = name
        self.console.print()
        self.console.rule(f"[bold]{escape(name)}[/]  {escape(what)}", align="left")

    def tell(self, text: str, *, evidence: Sequence[str] = ()) -> None:
        """One thing that has happened, with the evidence for it, indented below."""
        self.console.print(f"[dim]{time.monotonic() - self._began:7.2f}s[/]  {escape(text)}", highlight=False)
        for line in evidence:
            self.console.print(f"            [dim]{escape(line)}[/]", highlight=False, overflow="fold")

    def promise(self, promised: str, *, seen: str, kept: bool) -> None:
        """Notes a promise with what was seen, and says so when it was not kept."""
        self.promises.append(Promise(self._scene, promised, seen, kept))
        mark = "[green]kept[/]" if kept else "[bold red]broken[/]"
        self.console.print(f"            {mark}: {escape(promised)} ({escape(seen)})", highlight=False)

    def close(self) -> bool:
        """Prints the table; true when every promise was kept."""
        table = Table(title="What was promised, and what was seen", title_justify="left", show_lines=False)
        for heading in ("scene", "promised", "seen", ""):
            table.add_column(heading, overflow="fold")
        for promise in self.promises:
            mark = "[green]✓[/]" if promise.kept else "[bold red]✗[/]"
            table.add_row(escape(promise.scene), escape(promise.promised), escape(promise.seen), mark)
        self.console.print()
        self.console.print(table)
        kept = all(promise.kept for promise in self.promises) and bool(self.promises)
        count = sum(promise.kept for promise in self.promises)
        self.console.print(f"{count} of {len(self.promises)} promises kept", highlight=False)
        return kept
