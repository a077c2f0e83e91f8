"""Commits numbered changes to a state file and prints each number once it is durable, until it is killed."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from tests.contracts.rows import AT, event, node, workflow

from tiphys.audit.record import Record
from tiphys.controllers.ports import Change, Cursor
from tiphys.store.sqlite import SqliteStore, open_sqlite

WRITERS = 8


async def write(store: SqliteStore, writer: int) -> None:
    number = writer
    while True:
        row = workflow(f"w{number}")
        record = Record("workflow.submitted", f"argo/w{number}", "human:test", AT, {"number": number})
        await store.commit(
            Change(
                created=(row,),
                nodes=(node(row, "n"),),
                events=(event(str(number)),),
                cursors=(Cursor(f"c{number}", number + 1),),
                records=(record,),
            )
        )
        sys.stdout.write(f"{number}\n")
        sys.stdout.flush()
        number += WRITERS


async def main(path: Path) -> None:
    store = await open_sqlite(path)
    await asyncio.gather(*(write(store, writer) for writer in range(WRITERS)))


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
