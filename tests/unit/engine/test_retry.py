from __future__ import annotations

import pytest
from tests.unit.engine.world import World, workflow


def retry(
    strategy: str, template: str = 'container: {image: i, command: [x, "{{retries}} {{lastRetry.exitCode}}"]}'
) -> World:
    return workflow(f"entrypoint: main\ntemplates:\n- name: main\n  retryStrategy: {strategy}\n  {template}")


def test_attempts_follow_one_another_until_one_succeeds():
    world = retry("{limit: 2}").end("wf(0)", 7)
    assert world.command("wf(1)").container["command"] == ["x", "1 7"]
    world.end("wf(1)")
    assert world.children("wf") == ["wf(0)", "wf(1)"]
    assert world.nodes["wf(0)"]["nodeFlag"] == {"retried": True}
    assert world.outputs("wf") == {"exitCode": "0"}
    assert world.end_phase == ("Succeeded", "")


def test_the_limit_counts_repetitions():
    world = retry("{limit: 1}").end("wf(0)", 1).end("wf(1)", 2)
    assert world.end_phase == ("Failed", "No more retries left")
    assert world.outputs("wf") == {"exitCode": "2"}


@pytest.mark.parametrize(
    ("policy", "code", "error", "again"),
    [
        ("OnFailure", 1, "", True),
        ("OnFailure", None, "gone", False),
        ("OnError", 1, "", False),
        ("OnError", None, "gone", True),
        ("Always", None, "gone", True),
        ("OnTransientError", None, "dial: i/o timeout", True),
        ("OnTransientError", None, "gone", False),
    ],
)
def test_policies(policy: str, code: int | None, error: str, again: bool):  # noqa: FBT001 - a table
    world = retry(f"{{limit: 3, retryPolicy: {policy}}}").end("wf(0)", code, error=error)
    assert (world.waiting() == ["wf(1)"]) is again
    if not again:
        assert world.message("wf") == world.message("wf(0)")


def test_a_back_off_is_waited_for_and_grows():
    world = retry("{limit: 5, backoff: {duration: 10s, factor: 2}}").end("wf(0)", 1)
    assert world.message("wf") == "Backoff for 10 seconds"
    assert world.after(9).waiting() == []
    assert world.after(1).waiting() == ["wf(1)"]
    assert world.message("wf") == ""
    world.end("wf(1)", 1)
    assert world.message("wf") == "Backoff for 20 seconds"
    world.reload()
    assert world.after(20).waiting() == ["wf(2)"]


def test_max_duration_ends_the_tries_and_bounds_the_next_attempt():
    world = retry("{limit: 9, backoff: {duration: 10s, factor: 2, maxDuration: 25s}}").end("wf(0)", 1).after(10)
    deadline = world.command("wf(1)").deadline
    assert deadline is not None
    assert (deadline - world.now).total_seconds() == 15
    assert world.end("wf(1)", 1).end_phase == ("Failed", "Backoff would exceed max duration limit")


def test_a_back_off_without_duration_is_an_error():
    world = retry("{limit: 1, backoff: {factor: 2}}").end("wf(0)", 1)
    assert world.phase("wf") == "Error"
    assert world.end_phase == (
        "Error",
        "error in entry template execution: no base duration specified for retryStrategy",
    )


def test_a_whole_dag_is_repeated_under_the_name_of_the_attempt():
    world = retry("{limit: 1}", "dag: {tasks: [{name: a, inline: {container: {image: i, command: [x]}}}]}").end(
        "wf(0).a", 1
    )
    assert world.waiting() == ["wf(1).a"]
    world.end("wf(1).a")
    assert world.nodes["wf(1)"]["type"] == "DAG"
    assert world.end_phase == ("Succeeded", "")


def test_dependants_hang_on_the_last_attempt():
    spec = """
entrypoint: main
templates:
- {name: main, steps: [[{name: a, template: r}], [{name: b, template: r}]]}
- {name: r, retryStrategy: {limit: 1}, container: {image: i, command: [x]}}
"""
    world = workflow(spec).end("wf[0].a(0)", 1).end("wf[0].a(1)")
    assert world.children("wf[0].a(1)") == ["wf[1]"]
    assert world.children("wf[0].a(0)") == []


def test_the_strategy_of_the_workflow_is_every_templates_default():
    spec = """
entrypoint: main
retryStrategy: {limit: 0}
templates: [{name: main, suspend: {duration: 1s}}]
"""
    world = workflow(spec)
    assert world.nodes["wf"]["type"] == "Retry"
    assert world.after(1).end_phase == ("Succeeded", "")


def test_a_lost_attempt_is_an_error_that_its_policy_may_cover():
    world = retry("{limit: 1, retryPolicy: OnError}").end("wf(0)", None, lost=True)
    assert world.message("wf(0)") == "pod deleted"
    assert world.waiting() == ["wf(1)"]
