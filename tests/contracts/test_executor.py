"""What is true of every `Executor`."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.contracts.attempts import PLANS, attempt

from tiphys.controllers.clock import SystemClock
from tiphys.controllers.ports import Executor, OutputSpec
from tiphys.executors.process import ProcessExecutor
from tiphys.testing.executor import FakeExecutor

ALL_OUTPUTS = OutputSpec({"out": "/tmp/out", "none": "/tmp/none"}, result=True)


def process_executor(data_dir: Path) -> ProcessExecutor:
    return ProcessExecutor(data_dir, SystemClock(), images={}, base_env={"PATH": os.environ["PATH"]})


@pytest.fixture(params=["fake", "process"])
async def executor(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Executor]:
    made = FakeExecutor(SystemClock(), PLANS) if request.param == "fake" else process_executor(tmp_path)
    await made.recover(())
    yield made
    await made.close()


@pytest.fixture
def later(executor: Executor, tmp_path: Path) -> Executor:
    """The executor of the next engine over the same directory; the fake is its own successor."""
    return process_executor(tmp_path) if isinstance(executor, ProcessExecutor) else executor


async def test_an_exit_code_is_reported_with_its_times(executor: Executor):
    started_at = await executor.start(attempt("fails"))
    outcome = await executor.wait("uid/wf-fails/0")
    assert (outcome.exit_code, outcome.error, outcome.lost, outcome.result) == (3, "", False, None)
    assert outcome.started_at == started_at <= outcome.finished_at


async def test_the_same_token_is_started_once(executor: Executor):
    first = await executor.start(attempt("hangs"))
    assert await executor.start(attempt("hangs")) == first
    await executor.stop("uid/wf-hangs/0")
    assert await executor.wait("uid/wf-hangs/0") == await executor.wait("uid/wf-hangs/0")


async def test_a_stopped_attempt_ends(executor: Executor):
    await executor.start(attempt("hangs"))
    waiting = asyncio.ensure_future(executor.wait("uid/wf-hangs/0"))
    await executor.stop("uid/wf-hangs/0")
    await executor.stop("uid/wf-hangs/0")
    assert (await waiting).exit_code == 143


async def test_stopping_what_has_ended_or_is_unknown_does_nothing(executor: Executor):
    await executor.start(attempt("fails"))
    outcome = await executor.wait("uid/wf-fails/0")
    await executor.stop("uid/wf-fails/0")
    await executor.stop("unknown")
    assert await executor.wait("uid/wf-fails/0") == outcome


async def test_outputs_are_handed_over_as_asked(executor: Executor):
    await executor.start(attempt("writes", outputs=ALL_OUTPUTS))
    outcome = await executor.wait("uid/wf-writes/0")
    assert outcome.exit_code == 0
    assert outcome.parameters == {"out": "text\n"}
    assert outcome.missing == {"none": "/tmp/none"}
    assert outcome.result == "text"


async def test_an_unknown_token_is_lost(executor: Executor):
    assert (await executor.wait("unknown")).lost


async def test_what_may_have_been_started_before_is_lost_and_not_started_again(executor: Executor, later: Executor):
    await executor.start(attempt("succeeds"))
    await executor.wait("uid/wf-succeeds/0")
    await later.recover(["uid/wf-succeeds/0", "uid/wf-fails/0"])
    await later.start(attempt("succeeds"))
    assert (await later.wait("uid/wf-succeeds/0")).lost
    await later.start(attempt("fails"))
    assert (await later.wait("uid/wf-fails/0")).exit_code == 3


async def test_another_generation_of_a_node_is_another_attempt(executor: Executor):
    for generation in (0, 1):
        await executor.start(attempt("fails", generation=generation))
        assert (await executor.wait(f"uid/wf-fails/{generation}")).exit_code == 3
        await executor.forget(f"uid/wf-fails/{generation}")


async def test_close_ends_what_runs(executor: Executor):
    await executor.start(attempt("hangs"))
    waiting = asyncio.ensure_future(executor.wait("uid/wf-hangs/0"))
    await asyncio.sleep(0)
    await executor.close()
    assert (await waiting).exit_code == 143
