from __future__ import annotations

import json

import pytest

from tiphys.engine.supported import RULE, find_unsupported
from tiphys.errors import Position, Problem


def found(spec: str) -> list[Problem]:
    return find_unsupported({"spec": json.loads(spec)}, lambda path: Position("f.yaml", len(path), 1))


TEMPLATE = '{{"templates": [{{"name": "m", {}}}]}}'


@pytest.mark.parametrize(
    ("spec", "path", "name"),
    [
        ('{"synchronization": {"mutexes": [{"name": "m"}]}}', "spec.synchronization", "synchronization"),
        ('{"volumes": [{"name": "v"}]}', "spec.volumes", "volumes"),
        ('{"hooks": {"running": {"template": "m"}}}', "spec.hooks.running", "hook running"),
        (
            '{"workflowMetadata": {"labelsFrom": {"a": {"expression": "1"}}}}',
            "spec.workflowMetadata.labelsFrom",
            "labelsFrom",
        ),
        (TEMPLATE.format('"daemon": true'), "spec.templates[0].daemon", "daemon"),
        (TEMPLATE.format('"http": {"url": "u"}'), "spec.templates[0].http", "http"),
        (
            TEMPLATE.format('"inputs": {"artifacts": [{"name": "a"}]}'),
            "spec.templates[0].inputs.artifacts[0]",
            "artifacts",
        ),
        (
            TEMPLATE.format('"outputs": {"parameters": [{"name": "a", "valueFrom": {"supplied": {}}}]}'),
            "spec.templates[0].outputs.parameters[0].valueFrom.supplied",
            "valueFrom.supplied",
        ),
        (
            TEMPLATE.format('"retryStrategy": {"expression": "true"}'),
            "spec.templates[0].retryStrategy.expression",
            "retryStrategy.expression",
        ),
        (
            TEMPLATE.format('"steps": [[{"name": "a", "inline": {"memoize": {"key": "k"}}}]]'),
            "spec.templates[0].steps[0][0].inline.memoize",
            "memoize",
        ),
        (
            TEMPLATE.format('"dag": {"tasks": [{"name": "a", "hooks": {"exit": {"expression": "true"}}}]}'),
            "spec.templates[0].dag.tasks[0].hooks.exit.expression",
            "expression of an exit hook",
        ),
        (
            TEMPLATE.format('"container": {"args": ["{{=1+1}}"]}'),
            "spec.templates[0].container.args[0]",
            "expression tag {{=…}}",
        ),
        (
            TEMPLATE.format('"container": {"env": [{"name": "A", "valueFrom": {"secretKeyRef": {"name": "s"}}}]}'),
            "spec.templates[0].container.env[0].valueFrom",
            "env.valueFrom",
        ),
    ],
)
def test_what_is_not_done_is_refused_by_name_path_and_line(spec: str, path: str, name: str):
    (problem,) = found(spec)
    assert (problem.path, problem.rule, problem.severity) == (path, RULE, "error")
    assert problem.message == f"{name} is not supported yet"
    assert problem.position == Position("f.yaml", len(path), 1)


def test_what_only_a_cluster_can_honour_is_not_its_business():
    assert found('{"nodeSelector": {"a": "b"}, "templates": [{"metadata": {"labels": {"a": "b"}}}]}') == []


def test_fields_that_are_off_are_no_use_of_a_feature():
    assert found('{"archiveLogs": false, "volumes": [], "templates": [{"daemon": false, "sidecars": []}]}') == []


def test_the_exit_hook_of_the_workflow_may_carry_an_expression_that_argo_ignores():
    assert found('{"hooks": {"exit": {"template": "m", "expression": "false"}}}') == []
