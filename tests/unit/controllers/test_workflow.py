"""The workflow controller over fakes."""

from __future__ import annotations

import asyncio
import json

import pytest
from tests.unit.controllers.engine import POD, engine, settle, steps

from tiphys.controllers.ports import Change
from tiphys.engine.commands import Transition
from tiphys.engine.facts import Fact
from tiphys.engine.machine import WorkflowMachine
from tiphys.errors import AlreadyExists, InvalidManifest, NotFound, Refused, Unavailable
from tiphys.testing.executor import Plan

FAN = {
    "entrypoint": "main",
    "templates": [
        {"name": "main", "steps": [[{"name": "f", "template": "pod", "withSequence": {"count": "6"}}]]},
        {"name": "pod", "container": POD},
    ],
}


def phase_of(commit: Change, node: str) -> str | None:
    return next((row.phase for row in commit.nodes if row.body["displayName"] == node), None)


async def test_a_workflow_runs_to_its_end():
    bench = await engine()
    row = await bench.submit(steps(["a"], ["b"]))
    assert (await bench.ended(row))["phase"] == "Succeeded"
    assert [attempt.template_name for attempt in bench.executor.started] == ["a", "b"]


async def test_the_intent_is_durable_before_the_start_and_the_result_before_what_waits_for_it():
    bench = await engine(plans={"a": Plan(held=True), "b": Plan(held=True)})
    row = await bench.submit(steps(["a"], ["b"]))
    assert phase_of(bench.store.commits[0], "a") == "Pending"
    await settle()
    bench.executor.release(bench.executor.started[0].token)
    bench.store.commits_left = 0
    await settle()
    assert [attempt.template_name for attempt in bench.executor.started] == ["a"]
    with pytest.raises(Unavailable, match="full"):
        await bench.ended(row)


async def test_the_result_of_one_and_the_intent_of_the_next_are_one_commit():
    bench = await engine()
    await bench.ended(await bench.submit(steps(["a"], ["b"])))
    (both,) = [commit for commit in bench.store.commits if phase_of(commit, "a") == "Succeeded"]
    assert phase_of(both, "b") == "Pending"


async def test_the_ending_is_told_in_the_same_commit():
    bench = await engine(plans={"a": Plan(exit_code=3)})
    row = await bench.submit(steps(["a"]))
    await bench.ended(row)
    (commit,) = [commit for commit in bench.store.commits if commit.events]
    assert commit.workflows[0].phase == "Failed"
    (event,) = commit.events
    assert (event.source, event.subject, event.id) == ("tiphys", "workflow-ended", f"workflow-ended/{row.uid}")
    assert {key: event.data[key] for key in ("namespace", "name", "uid", "phase")} == {
        "namespace": "argo",
        "name": "wf",
        "uid": row.uid,
        "phase": "Failed",
    }
    assert "failed" in event.data["message"]
    assert event.data["labels"]["workflows.argoproj.io/completed"] == "true"


async def test_no_more_attempts_run_than_there_are_places():
    bench = await engine(plans={"pod": Plan(held=True)}, parallelism=2)
    row = await bench.submit(FAN)
    for ended in range(6):
        await settle()
        assert len(bench.executor.started) == min(ended + 2, 6)
        bench.executor.release(bench.executor.started[ended].token)
    assert (await bench.ended(row))["phase"] == "Succeeded"


async def test_a_waiting_attempt_is_pending_until_it_is_started():
    bench = await engine(plans={"pod": Plan(held=True)}, parallelism=1)
    row = await bench.submit(FAN)
    await settle()
    phases = await bench.phases(row)
    assert sorted(phases[name] for name in phases if name.startswith("f(")) == ["Pending"] * 5 + ["Running"]


async def test_stop_ends_what_runs_and_what_waits():
    bench = await engine(plans={"pod": Plan(held=True)}, parallelism=1)
    row = await bench.submit(FAN)
    await settle()
    await bench.backend.shutdown("argo", "wf", "Stop", actor="human:ada")
    assert (await bench.ended(row))["phase"] == "Failed"
    assert len(bench.executor.started) == len(bench.executor.stopped) == 1
    stored = await bench.store.workflow("argo", "wf")
    assert stored
    assert stored.manifest["spec"]["shutdown"] == "Stop"


async def test_a_timer_wakes_the_machine():
    bench = await engine()
    row = await bench.submit(
        {"entrypoint": "main", "templates": [{"name": "main", "suspend": {"duration": "20"}}]},
    )
    await settle()
    bench.clock.advance(19)
    await settle()
    assert (await bench.status(row))["phase"] == "Running"
    bench.clock.advance(2)
    assert (await bench.ended(row))["phase"] == "Succeeded"


async def test_suspend_and_resume_are_in_the_document_and_in_the_log():
    bench = await engine(plans={"a": Plan(held=True)})
    row = await bench.submit(steps(["a"], ["b"]))
    await settle()
    await bench.backend.suspend("argo", "wf", actor="human:ada")
    bench.executor.release(bench.executor.started[0].token)
    await settle()
    suspended = await bench.store.workflow("argo", "wf")
    assert suspended
    assert suspended.manifest["spec"]["suspend"] is True
    assert len(bench.executor.started) == 1
    await bench.backend.resume("argo", "wf", actor="human:ada")
    assert (await bench.ended(row))["phase"] == "Succeeded"
    resumed = await bench.store.workflow("argo", "wf")
    assert resumed
    assert "suspend" not in resumed.manifest["spec"]
    log = [json.loads(record.entry) async for record in bench.store.records(subject="argo/wf")]
    asked = [(line["kind"], line["actor"]) for line in log if line["actor"].startswith("human:")]
    assert asked == [
        ("workflow.submitted", "human:test"),
        ("workflow.suspended", "human:ada"),
        ("workflow.resumed", "human:ada"),
    ]


async def test_what_has_finished_can_be_resumed_but_not_suspended_or_stopped():
    bench = await engine()
    await bench.ended(await bench.submit(steps(["a"])))
    await bench.backend.resume("argo", "wf", actor="human:ada")
    with pytest.raises(Refused, match="cannot suspend a completed workflow"):
        await bench.backend.suspend("argo", "wf", actor="human:ada")
    with pytest.raises(Refused, match="cannot shutdown a completed workflow"):
        await bench.backend.shutdown("argo", "wf", "Terminate", actor="human:ada")


async def test_verbs_name_what_does_not_exist_and_refuse_bad_selectors():
    bench = await engine()
    with pytest.raises(NotFound, match='"nothing" not found'):
        await bench.backend.suspend("argo", "nothing", actor="human:ada")
    await bench.submit({"entrypoint": "main", "templates": [{"name": "main", "suspend": {}}]})
    with pytest.raises(Refused, match="selector"):
        await bench.backend.resume("argo", "wf", node_selector="phase", actor="human:ada")


async def test_delete_kills_what_runs_and_leaves_nothing():
    bench = await engine(plans={"pod": Plan(held=True)}, parallelism=2)
    row = await bench.submit(FAN)
    await settle()
    waiting = asyncio.ensure_future(bench.controller.wait_ended(row.uid))
    await settle()
    await bench.backend.delete("argo", "wf", actor="human:ada")
    assert len(bench.executor.started) == len(bench.executor.stopped) == 2
    assert await bench.store.workflow("argo", "wf") is None
    assert list(await bench.store.nodes(row.uid)) == []
    with pytest.raises(NotFound):
        await waiting


async def test_a_bug_in_the_machine_ends_its_workflow_alone(monkeypatch: pytest.MonkeyPatch):
    bench = await engine(plans={"a": Plan(held=True)})
    broken, sound = await bench.submit(steps(["a"]), name="broken"), await bench.submit(steps(["a"]), name="sound")
    await settle()
    receive = WorkflowMachine.receive

    def fail(machine: WorkflowMachine, fact: Fact) -> Transition:
        if getattr(fact, "token", "").startswith(broken.uid):
            raise ZeroDivisionError("a bug")
        return receive(machine, fact)

    monkeypatch.setattr(WorkflowMachine, "receive", fail)
    for attempt in bench.executor.started:
        bench.executor.release(attempt.token)
    status = await bench.ended(broken)
    assert (status["phase"], "ZeroDivisionError: a bug" in status["message"]) == ("Error", True)
    assert (await bench.ended(sound))["phase"] == "Succeeded"
    log = [json.loads(record.entry)["kind"] async for record in bench.store.records(subject="argo/broken")]
    assert log[-1] == "workflow.broken"
    assert await bench.store.event(f"workflow-ended/{broken.uid}")


async def test_a_name_is_taken_once_and_generated_names_are_tried_again():
    bench = await engine()
    await bench.submit(steps(["a"]))
    with pytest.raises(AlreadyExists):
        await bench.submit(steps(["a"]))
    document = {"apiVersion": "argoproj.io/v1alpha1", "kind": "Workflow", "spec": steps(["a"])}
    named = await bench.backend.submit({**document, "metadata": {"generateName": "x" * 70}}, actor="a:b")
    assert (len(named.name), named.namespace) == (63, "default")
    with pytest.raises(InvalidManifest, match="generateName"):
        await bench.backend.submit({**document, "metadata": {}}, actor="a:b")


async def test_what_is_not_done_yet_is_refused_before_anything_is_written():
    bench = await engine()
    with pytest.raises(InvalidManifest, match="http is not supported yet"):
        await bench.submit({"entrypoint": "main", "templates": [{"name": "main", "http": {"url": "http://x"}}]})
    assert bench.store.commits == []


async def test_a_wrong_spec_is_refused_at_submission_and_ends_at_once_when_created_past_it():
    bench = await engine()
    spec = {"entrypoint": "nothing", "templates": [{"name": "main", "suspend": {}}]}
    with pytest.raises(InvalidManifest, match="nothing"):
        await bench.submit(spec)
    metadata = {"name": "wf", "namespace": "argo"}
    document = {"apiVersion": "argoproj.io/v1alpha1", "kind": "Workflow", "metadata": metadata, "spec": spec}
    row = await bench.backend.create(document, actor="human:test")
    status = await bench.ended(row)
    assert (status["phase"], status["message"].startswith("invalid spec: ")) == ("Failed", True)
    assert await bench.store.event(f"workflow-ended/{row.uid}")


async def test_a_verb_asked_of_a_store_that_fails_is_told():
    bench = await engine(plans={"a": Plan(held=True)})
    await bench.submit(steps(["a"]))
    await settle()
    bench.store.commits_left = 0
    with pytest.raises(Unavailable):
        await bench.backend.suspend("argo", "wf", actor="human:ada")
