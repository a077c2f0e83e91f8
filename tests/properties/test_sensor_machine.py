"""A trigger comes to the same end whatever is delivered twice and wherever it is loaded again."""

from __future__ import annotations

import json
from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st
from tests.unit.events.plans import NOW, event, later, plan_of, submit

from tiphys.events.commands import Firing, FiringPhase, SubmitWorkflow, Transition
from tiphys.events.facts import EventArrived, Fact, SensorLoaded, TriggerFailed, TriggerSucceeded, Woken
from tiphys.events.machine import TriggerMachine
from tiphys.events.plan import RetryStrategy, SensorPlan

NAMES = ("a", "b", "c")
CONDITIONS = ("", "a", "a && b", "a || b", "a && b || c", "(a || b) && c", "a || b || c")
arrivals = st.lists(st.sampled_from([*NAMES, "other"]), max_size=12)


def plan(condition: str) -> SensorPlan:
    return plan_of(submit(*NAMES, condition=condition, retry=RetryStrategy(steps=2)), *NAMES)


class Run:
    """A machine, what it has made durable, and the world that answers its commands."""

    def __init__(self, sensor: SensorPlan) -> None:
        self.sensor = sensor
        self.state: object = None
        self.firings: dict[str, Firing] = {}
        self.commands: list[SubmitWorkflow] = []
        self.load(0)

    def load(self, head: int) -> None:
        """As after a crash: commands that were not answered are asked for again."""
        pending = [firing for firing in self.firings.values() if firing.phase is FiringPhase.PENDING]
        state = json.loads(json.dumps(self.state))
        self.machine = TriggerMachine(self.sensor, self.sensor.triggers[0], state, pending)
        self.commands = []
        self.take(SensorLoaded(NOW, head))

    def take(self, fact: Fact) -> Transition:
        done = self.machine.receive(fact)
        self.state = done.state if done.state is not None else self.state
        self.firings |= {firing.id: firing for firing in done.firings}
        self.commands += [command for command in done.commands if isinstance(command, SubmitWorkflow)]
        return done

    def answer(self, *, well: bool) -> None:
        if self.commands:
            command = self.commands.pop(0)
            at = later(100)
            failed = TriggerFailed(at, command.firing_id, command.attempt, "boom")
            self.take(TriggerSucceeded(at, command.firing_id, command.attempt) if well else failed)

    def finish(self) -> set[tuple[str, str]]:
        """Every firing to its end: which events, and the name of the workflow."""
        while self.commands or any(firing.phase is FiringPhase.PENDING for firing in self.firings.values()):
            self.answer(well=True)
            self.take(Woken(later(1000)))
        return {(json.dumps(firing.events, sort_keys=True), firing.workflow) for firing in self.firings.values()}


def facts_of(names: Sequence[str]) -> list[EventArrived]:
    return [EventArrived(later(place), place + 1, event(f"e{place}", name)) for place, name in enumerate(names)]


@given(st.sampled_from(CONDITIONS), arrivals, st.data())
def test_duplicates_failures_and_reloads_change_nothing(condition: str, names: list[str], data: st.DataObject):
    undisturbed, disturbed = Run(plan(condition)), Run(plan(condition))
    facts = facts_of(names)
    for place, fact in enumerate(facts):
        undisturbed.take(fact)
        disturbed.take(fact)
        for trouble in data.draw(st.lists(st.sampled_from(["again", "load", "fail", "succeed", "wake"]), max_size=3)):
            match trouble:
                case "again":
                    again = disturbed.take(data.draw(st.sampled_from(facts[: place + 1])))
                    assert [*again.firings, *again.commands, *again.records, again.state] == [None]
                case "load":
                    disturbed.load(fact.seq)
                case "wake":
                    disturbed.take(Woken(later(1000)))
                case _:
                    disturbed.answer(well=trouble == "succeed")
    assert disturbed.finish() == undisturbed.finish()


@given(st.sampled_from(CONDITIONS), arrivals)
def test_no_workflow_is_asked_for_under_two_names_and_none_twice(condition: str, names: list[str]):
    run = Run(plan(condition))
    for fact in facts_of(names):
        run.take(fact)
    asked = [command.manifest["metadata"]["name"] for command in run.commands]
    assert len(asked) == len(set(asked)) == len(run.firings)
