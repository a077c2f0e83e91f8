"""An engine's part: starts an attempt that does not end, prints its process number, and waits to be killed."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

from tests.contracts.attempts import attempt

from tiphys.controllers.clock import SystemClock
from tiphys.executors.process import ProcessExecutor


async def main(data_dir: Path) -> None:
    executor = ProcessExecutor(data_dir, SystemClock(), images={}, base_env={"PATH": os.environ["PATH"]})
    await executor.recover(())
    wanted = attempt("hangs", command=("sh", "-c", "echo $$$$; exec sleep 600"), args=())
    await executor.start(wanted)
    log = executor.log_path("uid", wanted.node_id)
    while not log.read_text().endswith("\n"):
        await asyncio.sleep(0.01)
    sys.stdout.write(log.read_text())
    sys.stdout.flush()
    await asyncio.sleep(600)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
