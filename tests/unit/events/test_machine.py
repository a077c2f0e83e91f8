from __future__ import annotations

import json

from tests.unit.events.plans import (
    NOW,
    WORKFLOW,
    arrived,
    event,
    later,
    machine_of,
    on,
    plan_of,
    run,
    submit,
    take,
)

from tiphys.events import conditions
from tiphys.events.commands import FiringPhase, SubmitWorkflow, TraceOutcome, Transition, WriteLog
from tiphys.events.facts import SensorLoaded, TriggerFailed, TriggerSucceeded, Woken
from tiphys.events.machine import TriggerMachine
from tiphys.events.plan import RetryStrategy, Trigger
from tiphys.manifest.events_model import EventDependencyFilter


def is_nothing(transition: Transition) -> bool:
    return not (
        transition.state or transition.firings or transition.traces or transition.commands or transition.records
    )


def submitted(transition: Transition) -> SubmitWorkflow:
    (command,) = transition.commands
    assert isinstance(command, SubmitWorkflow)
    return command


def test_an_event_submits_a_workflow_with_its_values():
    machine = machine_of(submit("a", parameters=(take("a", "body.pod", "spec.arguments.parameters.0.value"),)), "a")
    command = submitted(machine.receive(arrived(1, event("e1", body={"pod": "web-1"}))))
    assert command.manifest["spec"]["arguments"] == {"parameters": [{"value": "web-1"}]}
    assert command.manifest["metadata"]["namespace"] == "ops"
    assert command.manifest["metadata"]["labels"]["events.argoproj.io/sensor"] == "healer"
    assert command.manifest["metadata"]["labels"]["events.argoproj.io/trigger"] == "go"
    assert WORKFLOW["metadata"] == {"generateName": "heal-"}


def test_the_same_event_twice_is_nothing():
    machine = machine_of(submit("a"), "a")
    first, second = run(machine, arrived(1, event("e1")), arrived(1, event("e1")))
    assert first.commands
    assert is_nothing(second)


def test_the_name_is_the_same_after_a_reload_from_before():
    trigger = submit("a")
    names = {
        submitted(machine_of(trigger, "a").receive(arrived(1, event("e1")))).manifest["metadata"]["name"]
        for _ in range(2)
    }
    assert len(names) == 1
    assert names.pop().startswith("heal-")


def test_another_event_makes_another_name():
    machine = machine_of(submit("a"), "a")
    first, second = run(machine, arrived(1, event("e1")), arrived(2, event("e2")))
    assert submitted(first).manifest["metadata"]["name"] != submitted(second).manifest["metadata"]["name"]


def test_a_name_that_a_parameter_sets_is_used_as_it_is():
    machine = machine_of(submit("a", parameters=(take("a", "body.name", "metadata.name"),)), "a")
    command = submitted(machine.receive(arrived(1, event("e1", body={"name": "heal-decision-7"}))))
    assert command.manifest["metadata"]["name"] == "heal-decision-7"


def test_a_missing_key_without_value_is_a_visible_failure():
    machine = machine_of(submit("a", parameters=(take("a", "body.pod", "metadata.name"),)), "a")
    transition = machine.receive(arrived(1, event("e1", body={})))
    assert not transition.commands
    (firing,) = transition.firings
    assert firing.phase is FiringPhase.FAILED
    assert "body.pod" in firing.message
    assert [record.kind for record in transition.records] == ["sensor.failed"]
    assert is_nothing(machine.receive(Woken(later(1000))))


def test_an_event_of_another_name_is_nothing():
    machine = machine_of(submit("a"), "a")
    assert is_nothing(machine.receive(arrived(1, event("e1", subject="b"))))
    assert is_nothing(machine.receive(arrived(2, event("e2", source="other"))))


def test_a_filtered_event_says_why():
    firing = {"data": [{"path": "body.status", "type": "string", "value": ["^firing$"]}]}
    dependency = on("a", "a", EventDependencyFilter.model_validate(firing))
    trigger = submit("a")
    machine = TriggerMachine(plan_of(trigger, dependency), trigger)
    machine.receive(SensorLoaded(NOW, 0))
    transition = machine.receive(arrived(1, event("e1", body={"status": "resolved"})))
    (trace,) = transition.traces
    assert (trace.event_id, trace.outcome, trace.reason) == (
        "e1",
        TraceOutcome.FILTERED,
        "data filter did not match",
    )
    assert [record.kind for record in transition.records] == ["sensor.filtered"]
    assert transition.state is not None
    assert transition.state["positions"] == {"a": 1}


def test_two_dependencies_wait_for_each_other_and_the_latest_wins():
    machine = machine_of(submit("a", "b"), "a", "b")
    first, second, third, fourth = run(
        machine,
        arrived(1, event("e1", "a")),
        arrived(2, event("e2", "a")),
        arrived(3, event("e3", "b")),
        arrived(4, event("e4", "b")),
    )
    assert [trace.outcome for trace in first.traces] == [TraceOutcome.WAITING]
    assert [(trace.event_id, trace.outcome) for trace in second.traces] == [
        ("e1", TraceOutcome.REPLACED),
        ("e2", TraceOutcome.WAITING),
    ]
    assert third.firings[0].events == {"a": "e2", "b": "e3"}
    assert [trace.outcome for trace in third.traces] == [TraceOutcome.FIRED, TraceOutcome.FIRED]
    assert not fourth.commands


def test_one_event_may_complete_a_condition_alone_when_two_dependencies_name_it():
    trigger = submit("x", "y")
    machine = TriggerMachine(plan_of(trigger, on("x", "a"), on("y", "a")), trigger)
    machine.receive(SensorLoaded(NOW, 0))
    assert machine.receive(arrived(1, event("e1"))).firings[0].events == {"x": "e1", "y": "e1"}


def test_waiting_events_survive_a_reload():
    trigger = submit("a", "b")
    plan = plan_of(trigger, "a", "b")
    before = TriggerMachine(plan, trigger)
    before.receive(SensorLoaded(NOW, 0))
    state = before.receive(arrived(1, event("e1", "a", {"n": 1}))).state
    after = TriggerMachine(plan, trigger, json.loads(json.dumps(state)))
    reloaded = after.receive(SensorLoaded(later(5), 1))
    assert reloaded.state is None
    assert after.receive(arrived(2, event("e2", "b"))).firings[0].events == {"a": "e1", "b": "e2"}


def test_a_new_sensor_begins_at_the_head_of_the_bus():
    trigger = submit("a")
    machine = TriggerMachine(plan_of(trigger, "a"), trigger)
    machine.receive(SensorLoaded(NOW, 7))
    assert is_nothing(machine.receive(arrived(7, event("old"))))
    assert machine.receive(arrived(8, event("new"))).commands


def test_a_changed_condition_forgets_what_waits_and_says_so():
    plan = plan_of(submit("a", "b"), "a", "b")
    before = TriggerMachine(plan, plan.triggers[0])
    before.receive(SensorLoaded(NOW, 0))
    state = before.receive(arrived(1, event("e1", "a"))).state
    changed = submit("a", "b", condition="(a && b)")
    after = TriggerMachine(plan_of(changed, "a", "b"), changed, state)
    transition = after.receive(SensorLoaded(later(9), 5))
    assert [(trace.event_id, trace.outcome) for trace in transition.traces] == [("e1", TraceOutcome.RESET)]
    assert not after.receive(arrived(6, event("e6", "b"))).commands
    assert after.receive(arrived(7, event("e7", "a"))).commands


def test_a_dependency_with_only_its_filter_changed_keeps_its_place():
    plan = plan_of(submit("a"), "a")
    before = TriggerMachine(plan, plan.triggers[0])
    state = before.receive(SensorLoaded(NOW, 3)).state
    filtered = on("a", "a", EventDependencyFilter(data=()))
    after = TriggerMachine(plan_of(plan.triggers[0], filtered), plan.triggers[0], state)
    after.receive(SensorLoaded(later(9), 50))
    assert after.receive(arrived(4, event("missed while down"))).commands


def test_a_failing_submit_is_tried_again_as_often_as_the_strategy_says():
    machine = machine_of(submit("a", retry=RetryStrategy(steps=3, duration_s=2, factor=3)), "a")
    first = submitted(machine.receive(arrived(1, event("e1"))))
    failed = machine.receive(TriggerFailed(later(10), first.firing_id, 1, "no such template"))
    assert failed.wake_at == later(12)
    assert failed.firings[0].phase is FiringPhase.PENDING
    assert is_nothing(machine.receive(Woken(later(11))))
    second = submitted(machine.receive(Woken(later(12))))
    assert (second.attempt, second.manifest) == (2, first.manifest)
    again = machine.receive(TriggerFailed(later(13), first.firing_id, 2, "no such template"))
    assert again.wake_at == later(19)
    third = submitted(machine.receive(Woken(later(19))))
    last = machine.receive(TriggerFailed(later(20), third.firing_id, 3, "no such template"))
    assert (last.firings[0].phase, last.wake_at) == (FiringPhase.FAILED, None)
    assert [record.kind for record in last.records] == ["sensor.failed"]


def test_without_a_strategy_one_failure_is_the_end():
    machine = machine_of(submit("a"), "a")
    command = submitted(machine.receive(arrived(1, event("e1"))))
    failed = machine.receive(TriggerFailed(later(2), command.firing_id, 1, "boom"))
    assert (failed.firings[0].phase, failed.firings[0].message) == (FiringPhase.FAILED, "boom")


def test_results_of_ended_or_other_attempts_are_nothing():
    machine = machine_of(submit("a", retry=RetryStrategy(steps=2)), "a")
    command = submitted(machine.receive(arrived(1, event("e1"))))
    assert is_nothing(machine.receive(TriggerSucceeded(later(2), command.firing_id, 2)))
    assert is_nothing(machine.receive(TriggerFailed(later(2), "unknown", 1, "boom")))
    done = machine.receive(TriggerSucceeded(later(3), command.firing_id, 1))
    assert done.firings[0].phase is FiringPhase.SUCCEEDED
    assert is_nothing(machine.receive(TriggerSucceeded(later(4), command.firing_id, 1)))
    assert is_nothing(machine.receive(TriggerFailed(later(4), command.firing_id, 1, "late")))


def test_an_open_firing_is_asked_for_again_after_a_reload():
    trigger = submit("a")
    before = machine_of(trigger, "a")
    fired = before.receive(arrived(1, event("e1")))
    after = TriggerMachine(before.plan, trigger, fired.state, fired.firings)
    assert after.receive(SensorLoaded(later(9), 1)).commands == fired.commands


def test_a_firing_that_waits_for_its_retry_still_does_after_a_reload():
    trigger = submit("a", retry=RetryStrategy(steps=2, duration_s=60))
    before = machine_of(trigger, "a")
    fired = before.receive(arrived(1, event("e1")))
    failed = before.receive(TriggerFailed(later(2), fired.firings[0].id, 1, "boom"))
    after = TriggerMachine(before.plan, trigger, fired.state, failed.firings)
    loaded = after.receive(SensorLoaded(later(9), 1))
    assert (loaded.commands, loaded.wake_at) == ([], later(62))
    assert submitted(after.receive(Woken(later(62)))).attempt == 2


def test_a_log_trigger_writes_context_and_data():
    trigger = Trigger("say", "log", {"name": "say", "log": {}}, conditions.parse("a", ["a"]))
    machine = TriggerMachine(plan_of(trigger, "a"), trigger)
    machine.receive(SensorLoaded(NOW, 0))
    (command,) = machine.receive(arrived(1, event("e1", body={"n": 1}))).commands
    assert isinstance(command, WriteLog)
    (line,) = command.lines
    assert (line["dependencyName"], line["context"]["id"], line["data"]["body"]) == ("a", "e1", {"n": 1})
