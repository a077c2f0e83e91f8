"""What can go wrong in each step of a workflow, and what is then left: read off the manifest, before anything runs.

A table for the reviewer of a manifest. Only what the manifest says is told: whether a step may be repeated is the
author's knowledge, declared by an annotation of its template.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from tiphys.jsons import as_object
from tiphys.manifest import resolve
from tiphys.manifest.model import Call, RetryStrategy, Template, Workflow, WorkflowSpec

REPEATABLE: Final = "tiphys.dev/safe-to-repeat"
"""Annotation of a template: `true` says that running it twice does no more than running it once."""
_LEAVES: Final[Mapping[str, str]] = {
    "container": "exit code other than 0, or killed",
    "script": "exit code other than 0, or killed",
    "suspend": "nobody resumes it",
    "http": "no answer, or an answer that is no success",
    "resource": "the resource cannot be written, or its failure condition holds",
    "data": "the source cannot be read",
    "plugin": "the plugin fails or does not answer",
    "container_set": "exit code other than 0 of any container",
}
"""What fails, by the type of a template."""


@dataclass(frozen=True, slots=True)
class FailureMode:
    """One row; every field is a phrase for people."""

    step: str
    fails: str
    retry: str
    deadline: str
    cleanup: str
    left: str
    repeat: str


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a leaf is called: by `call` (None for the entrypoint) of the template `owner` in the workflow `spec`."""

    spec: WorkflowSpec
    owner: str
    call: Call | None
    template: Template

    @property
    def step(self) -> str:
        """Its name for people."""
        return f"{self.owner}.{self.call.name}" if self.call else self.template.name


def failure_modes(workflow: Workflow, catalogue: resolve.Catalogue, *, namespace: str) -> tuple[FailureMode, ...]:
    """A row for each step of a Workflow or template; raises as `resolve_workflow` for what is missing."""
    resolved = resolve.resolve_workflow(workflow, catalogue, namespace=namespace)
    return tuple(_row(place) for place in _places(resolved))


def _places(resolved: resolve.Resolved) -> Iterator[_Place]:
    """The leaves, as they are called; composite templates are seen through, each once."""
    spec = resolved.workflow.spec
    roots = [name for name in (spec.entrypoint, spec.on_exit, *_hooks(spec)) if name]
    pending = [(resolved.scope, resolved.named(name, resolved.scope)) for name in roots]
    for _, template in pending:
        if _kind(template):
            yield _Place(spec, template.name, None, template)
    seen: set[tuple[str, str]] = set()
    while pending:
        scope, template = pending.pop(0)
        if (scope, template.name) in seen and template.name:
            continue
        seen.add((scope, template.name))
        for call in _calls(template):
            inner_scope, called = resolved.called(call, scope)
            if _kind(called):
                yield _Place(spec, template.name, call, called)
            else:
                pending.append((inner_scope, called))


def _hooks(spec: WorkflowSpec) -> Iterator[str]:
    for hook in (spec.hooks or {}).values():
        if hook.template:
            yield hook.template


def _calls(template: Template) -> Iterator[Call]:
    for group in template.steps or ():
        yield from group
    yield from template.dag.tasks if template.dag else ()


def _kind(template: Template) -> str:
    """The type of a leaf template; empty for steps and dag."""
    return next((name for name in _LEAVES if getattr(template, name) is not None), "")


def _row(place: _Place) -> FailureMode:
    return FailureMode(
        step=place.step,
        fails=_fails(place),
        retry=_retry(place),
        deadline=_deadline(place),
        cleanup=_cleanup(place),
        left=_left(place),
        repeat=_repeat(place),
    )


def _fails(place: _Place) -> str:
    template = place.template
    if template.suspend and template.suspend.duration:
        return f"nothing: it ends by itself after {template.suspend.duration}"
    wanted = [
        item.name
        for item in template.outputs.parameters
        if item.value_from and item.value_from.path and item.value_from.default is None
    ]
    missing = f"; output {', '.join(wanted)} not written" if wanted else ""
    return _LEAVES[_kind(template)] + missing


def _strategy(place: _Place) -> RetryStrategy | None:
    """A retry of the whole workflow is for its entrypoint only."""
    own = place.template.retry_strategy
    return own if own or place.call else place.spec.retry_strategy


def _retry(place: _Place) -> str:
    strategy = _strategy(place)
    if strategy is None:
        return "never"
    count = f"at most {strategy.limit} times" if strategy.limit is not None else "without limit"
    reason = f" on {strategy.retry_policy}" if strategy.retry_policy else " on failure"
    condition = f" while {strategy.expression}" if strategy.expression else ""
    backoff = strategy.backoff
    pause = f", after {backoff.duration}" if backoff and backoff.duration else ""
    growing = f" times {backoff.factor}" if backoff and backoff.duration and backoff.factor else ""
    return f"{count}{reason}{condition}{pause}{growing}"


def _deadline(place: _Place) -> str:
    template, spec = place.template, place.spec
    own = [f"{template.active_deadline_seconds} s an attempt"] if template.active_deadline_seconds else []
    own += [f"{template.timeout} in all"] if template.timeout else []
    own += [f"{spec.active_deadline_seconds} s for the workflow"] if spec.active_deadline_seconds else []
    return ", ".join(own) or "none: it may run for ever"


def _handlers(place: _Place) -> list[str]:
    call, spec = place.call, place.spec
    names = [call.on_exit] if call and call.on_exit else []
    if call and call.hooks:
        names += [hook.template for name, hook in call.hooks.items() if name == "exit"]
    names += [spec.on_exit] if spec.on_exit else []
    names += [hook.template for name, hook in (spec.hooks or {}).items() if name == "exit"]
    return [name for name in names if name]


def _cleanup(place: _Place) -> str:
    if place.call is None and place.template.name in _handlers(place):
        return "nobody: it is the exit handler"
    return ", ".join(_handlers(place)) or "nobody"


def _left(place: _Place) -> str:
    call = place.call
    if place.template.suspend:
        left = "nothing"
    elif _handlers(place):
        left = "what the exit handler does not undo"
    else:
        left = "whatever it had changed outside"
    if call and (call.with_items is not None or call.with_param or call.with_sequence):
        left += "; items that have ended stay done"
    if call and call.continue_on and (call.continue_on.failed or call.continue_on.error):
        left += "; the workflow goes on"
    return left


def _repeat(place: _Place) -> str:
    of_pod = as_object(as_object(place.template.metadata).get("annotations"))
    declared = of_pod.get(REPEATABLE, (place.template.annotations or {}).get(REPEATABLE))
    if declared is not None:
        return "yes, as its author says" if declared == "true" else "no, as its author says"
    if place.template.suspend:
        return "yes"
    return "not said, but it is retried" if _strategy(place) else "not said"
