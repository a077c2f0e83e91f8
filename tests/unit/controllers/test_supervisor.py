from __future__ import annotations

import asyncio
from collections.abc import Callable

from tiphys.controllers.supervisor import FIRST_PAUSE_S, Supervisor
from tiphys.testing.clock import FakeClock


async def settle() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


class Flaky:
    """A source that fails as often as it is told to, then listens."""

    def __init__(self, failures: int) -> None:
        self.failures = failures
        self.runs = 0

    async def run(self, started: Callable[[], None]) -> None:
        self.runs += 1
        if self.runs <= self.failures:
            raise OSError("the port is taken")
        started()
        await asyncio.Event().wait()


async def test_a_source_that_fails_is_said_to_and_begun_again_with_growing_pauses():
    clock = FakeClock()
    supervisor = Supervisor(clock)
    source = Flaky(failures=2)
    supervisor.start("hook", source.run)
    await settle()
    (health,) = supervisor.health()
    assert (health.is_healthy, health.problem, source.runs) == (False, "the port is taken", 1)
    clock.advance(FIRST_PAUSE_S)
    await settle()
    assert source.runs == 2
    clock.advance(FIRST_PAUSE_S)
    await settle()
    assert source.runs == 2
    clock.advance(FIRST_PAUSE_S)
    await settle()
    (health,) = supervisor.health()
    assert (health.is_healthy, health.restarts, source.runs) == (True, 2, 3)
    await supervisor.close()


async def test_a_source_is_not_healthy_before_it_listens():
    supervisor = Supervisor(FakeClock())
    supervisor.start("hook", Flaky(failures=0).run)
    assert not supervisor.health()[0].is_healthy
    await settle()
    assert supervisor.health()[0].is_healthy
    await supervisor.close()


async def test_a_source_that_ends_by_itself_is_begun_again():
    async def ends(started: Callable[[], None]) -> None:
        started()

    supervisor = Supervisor(FakeClock())
    supervisor.start("hook", ends)
    await settle()
    assert supervisor.health()[0].problem == "it ended by itself"
    await supervisor.close()


async def test_one_that_fails_leaves_the_others_alone():
    supervisor = Supervisor(FakeClock())
    supervisor.start("bad", Flaky(failures=9).run)
    supervisor.start("good", Flaky(failures=0).run)
    await settle()
    assert [(each.name, each.is_healthy) for each in supervisor.health()] == [("bad", False), ("good", True)]
    await supervisor.stop("bad")
    assert [each.name for each in supervisor.health()] == ["good"]
    await supervisor.close()


async def test_a_part_that_fails_just_when_it_is_stopped_stays_stopped():
    async def fails_when_cancelled(started: Callable[[], None]) -> None:
        started()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            raise OSError("the disk is gone") from None

    supervisor = Supervisor(FakeClock())
    supervisor.start("hook", fails_when_cancelled)
    await settle()
    async with asyncio.timeout(5):
        await supervisor.stop("hook")
