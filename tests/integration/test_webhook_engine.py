"""From an event on the bus to a workflow that has run, with the real engine."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import yaml

from tiphys.controllers.ports import Change, DocumentRow, Event
from tiphys.controllers.sensor import SensorController
from tiphys.events.compiling import compile_sensor
from tiphys.manifest.events_model import Sensor
from tiphys.settings import Settings
from tiphys.wiring import Engine, open_engine

TEMPLATE = """
apiVersion: argoproj.io/v1alpha1
kind: WorkflowTemplate
metadata: {name: say, namespace: default}
spec:
  entrypoint: main
  arguments: {parameters: [{name: what}]}
  templates:
    - name: main
      inputs: {parameters: [{name: what}]}
      container: {image: any, command: [echo], args: ["{{inputs.parameters.what}}"]}
"""
SENSOR = """
metadata: {name: sayer}
spec:
  dependencies: [{name: said, eventSourceName: hook, eventName: words}]
  triggers:
    - template:
        name: say
        argoWorkflow:
          operation: submit
          source:
            resource:
              apiVersion: argoproj.io/v1alpha1
              kind: Workflow
              metadata: {generateName: say-}
              spec:
                workflowTemplateRef: {name: say}
                arguments: {parameters: [{name: what, value: nothing}]}
          parameters:
            - {src: {dependencyName: said, dataKey: body.what}, dest: spec.arguments.parameters.0.value}
            - {src: {dependencyName: said, dataKey: body.template, value: say}, dest: spec.workflowTemplateRef.name}
"""


@pytest.fixture
async def engine(tmp_path: Path) -> AsyncIterator[Engine]:
    async with open_engine(Settings(data_dir=tmp_path)) as engine:
        body = yaml.safe_load(TEMPLATE)
        await engine.store.commit(Change(documents=(DocumentRow("WorkflowTemplate", "default", "say", body),)))
        yield engine


async def firing(engine: Engine, phase: str) -> str:
    """The workflow of the first firing in the phase, or its message."""
    async with asyncio.timeout(20):
        while not (rows := await engine.store.states("firing", phases=(phase,))):
            await asyncio.sleep(0.01)
    return str(rows[0].body["message"] or rows[0].body["workflow"])


async def publish(engine: Engine, **body: str) -> None:
    await engine.bus.publish(Event("e1", "hook", "words", "webhook", engine.clock.now(), {"header": {}, "body": body}))


async def test_an_event_runs_a_workflow_of_a_template(engine: Engine):
    sensors = SensorController(engine.store, engine.bus, engine.backend, engine.clock)
    await sensors.apply([compile_sensor(Sensor.model_validate(yaml.safe_load(SENSOR)))])
    await publish(engine, what="ahoy")
    namespace, _, name = (await firing(engine, "Succeeded")).partition("/")
    async with asyncio.timeout(20):
        while not (row := await engine.store.workflow(namespace, name)) or not row.finished_at:
            await asyncio.sleep(0.02)
    await sensors.close()
    assert row.phase == "Succeeded"
    (node,) = await engine.store.nodes(row.uid)
    assert engine.executor.log_path(row.uid, node.node_id).read_text() == "ahoy\n"


async def test_a_template_that_does_not_exist_is_a_failed_firing(engine: Engine):
    sensors = SensorController(engine.store, engine.bus, engine.backend, engine.clock)
    await sensors.apply([compile_sensor(Sensor.model_validate(yaml.safe_load(SENSOR)))])
    await publish(engine, what="ahoy", template="sya")
    assert "sya" in await firing(engine, "Failed")
    await sensors.close()
