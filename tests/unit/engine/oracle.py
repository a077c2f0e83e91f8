"""The slow, obvious oracle: a full walk over the whole workflow in Argo's manner, at every look.

From the manifest and the rows alone it says which phase each group must be in and which nodes must exist by now. It
keeps nothing between two looks, counts nothing, and shares no code with the machine. It knows what the generated
workflows and the unit tests use: containers, suspends, steps, dag, loops over literal items, literal conditions,
retries by limit, continueOn, exit hooks. What it cannot tell from the rows (parallelism, errors before a node,
shutdown) it does not judge.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Protocol

DONE = {"Succeeded", "Failed", "Error", "Skipped", "Omitted"}
BAD = {"Failed", "Error"}
BODIES = ("container", "script", "suspend", "steps", "dag")


class Rows(Protocol):
    """What is looked at."""

    manifest: dict[str, Any]
    state: dict[str, Any]
    nodes: dict[str, dict[str, Any]]


def problems(world: Rows) -> list[str]:
    """What is not as a full walk says; empty when all is well."""
    state = world.state
    if not state.get("phase") or state.get("suspended") or state.get("shutdown") or state.get("stuck"):
        return []
    spec = world.manifest["spec"]
    if spec.get("workflowTemplateRef") or "templateRef" in str(spec):
        return []
    return list(_Walk(spec, world.nodes).run(state))


class _Walk:
    def __init__(self, spec: dict[str, Any], nodes: dict[str, dict[str, Any]]) -> None:
        self.templates = {t["name"]: t for t in spec["templates"]}
        self.spec = spec
        self.nodes = nodes
        self.limited = bool(spec.get("parallelism")) or any(
            t.get("parallelism") or t.get("failFast") for t in spec["templates"]
        )

    def run(self, state: dict[str, Any]) -> Iterator[str]:
        root = next(
            (
                n
                for n in self.nodes.values()
                if not n.get("boundaryID") and not self._flag(n, "hooked") and not self._flag(n, "retried")
            ),
            None,
        )
        if root is None:
            return
        yield from self.call(root["name"], {"template": self.spec["entrypoint"]})
        handler = self.nodes.get(root["name"] + ".onExit")
        if root["phase"] in DONE and self.spec.get("onExit") and handler is None and state["phase"] != "Error":
            yield "the exit handler is missing"
        if root["phase"] not in DONE and handler is not None:
            yield "the exit handler runs too soon"
        over = root["phase"] in DONE and (handler is None or handler["phase"] in DONE)
        ended = state["phase"] != "Running"
        if ended and not over and state["phase"] != "Error":
            yield "the workflow has ended before its root"

    # --- one call ---

    def call(self, name: str, call: dict[str, Any]) -> Iterator[str]:
        """The node of a call and everything below it."""
        node = self.nodes.get(name)
        template = call.get("inline") or self.templates.get(call["template"])
        if node is None or template is None or node["type"] == "Skipped":
            return
        strategy = template.get("retryStrategy") or self.spec.get("retryStrategy")
        if strategy is None:
            yield from self.body(name, template)
            return
        yield from self.retry(name, template, strategy)

    def retry(self, name: str, template: dict[str, Any], strategy: dict[str, Any]) -> Iterator[str]:
        node = self.nodes[name]
        attempts: list[dict[str, Any]] = []
        while f"{name}({len(attempts)})" in self.nodes:
            attempts.append(self.nodes[f"{name}({len(attempts)})"])
            yield from self.body(attempts[-1]["name"], template)
        for attempt in attempts[:-1]:
            if attempt["phase"] not in BAD:
                yield f"{attempt['name']} was repeated although it is {attempt['phase']}"
        if not attempts or attempts[-1]["phase"] not in DONE or node["phase"] == "Error":
            if node["phase"] in DONE and node["phase"] != "Error":
                yield f"{name} has ended before its attempts"
            return
        last = attempts[-1]["phase"]
        if last in BAD and node["phase"] == "Running" and node.get("message", "").startswith("Backoff for "):
            return
        policy = strategy.get("retryPolicy", "OnFailure")
        again = last in {"Always": BAD, "OnFailure": {"Failed"}, "OnError": {"Error"}}.get(policy, set())
        limit = strategy.get("limit")
        if last in BAD and again and (limit is None or len(attempts) <= int(limit)):
            if not (self.limited or strategy.get("backoff")):
                yield f"{name} must have begun attempt {len(attempts)}"
        else:
            yield from self.must_be(name, "Succeeded" if last not in BAD else last)

    def body(self, name: str, template: dict[str, Any]) -> Iterator[str]:
        if "steps" in template:
            yield from self.steps(name, template)
        elif "dag" in template:
            yield from self.dag(name, template)

    # --- steps ---

    def steps(self, name: str, template: dict[str, Any]) -> Iterator[str]:
        node = self.nodes[name]
        if node["type"] != "Steps":
            return
        for index, members in enumerate(template["steps"]):
            group = self.nodes.get(f"{name}[{index}]")
            if group is None:
                if node["phase"] not in DONE:
                    yield f"{name}[{index}] must have begun"
                return
            yield from self.group(group, members)
            if group["phase"] in BAD:
                yield from self.must_be(name, "Failed", or_error=True)
                return
            if group["phase"] not in DONE:
                if not template.get("failFast"):
                    yield from self.must_be(name, "Running", or_error=True)
                return
        yield from self.must_be(name, "Succeeded", or_error=True)

    def group(self, group: dict[str, Any], members: list[dict[str, Any]]) -> Iterator[str]:
        name = group["name"]
        worst, open_ = "", False
        for member in members:
            for child_name, literal in self.instances(f"{name}.{member['name']}", member):
                child = self.nodes.get(child_name)
                if literal:
                    yield from self.call(child_name, member)
                if child is None:
                    open_ = True
                    yield from self.must_begin(child_name, group, literal=literal)
                    continue
                open_ = open_ or not self.settled(child, member)
                if child["phase"] in BAD and not self.covered(member, child["phase"]):
                    worst = child["phase"]
        if group["phase"] != "Error" and all(self.literal(member) for member in members):
            yield from self.must_be(name, "Running" if open_ else "Failed" if worst else "Succeeded")

    def must_begin(self, child: str, group: dict[str, Any], *, literal: bool) -> Iterator[str]:
        if literal and not self.limited and group["phase"] not in DONE:
            yield f"{child} must have begun"

    # --- dag ---

    def dag(self, name: str, template: dict[str, Any]) -> Iterator[str]:
        node = self.nodes[name]
        if node["type"] != "DAG":
            return
        tasks = {t["name"]: t for t in template["dag"]["tasks"]}
        depended = {d for t in tasks.values() for d in self.mentioned(t, tasks)}
        targets = (template["dag"].get("target") or "").split() or sorted(set(tasks) - depended)
        for task_name in self.needed(targets, tasks):
            yield from self.task(f"{name}.{task_name}", tasks[task_name], tasks, name)
        names = self.needed(targets, tasks)
        found = [self.nodes.get(f"{name}.{t}") for t in names]
        if any(n is None or not self.settled(n, tasks[t]) for n, t in zip(found, names, strict=True)):
            if not template.get("failFast"):
                yield from self.must_be(name, "Running", or_error=True)
            return
        if not self.phases_told(name, targets):
            if node["phase"] not in DONE:
                yield f"{name} must have ended"
            return
        yield from self.must_be(name, self.dag_phase(name, targets, tasks, template), or_error=True)

    def task(self, name: str, task: dict[str, Any], tasks: dict[str, Any], dag: str) -> Iterator[str]:
        node = self.nodes.get(name)
        dependencies = [self.nodes.get(f"{dag}.{d}") for d in self.mentioned(task, tasks)]
        names = self.mentioned(task, tasks)
        ready = all(d is not None and self.settled(d, tasks[n]) for d, n in zip(dependencies, names, strict=True))
        if node is None:
            if ready and not self.limited and self.nodes[dag]["phase"] not in DONE:
                yield f"{name} must have begun"
            return
        if not ready:
            yield f"{name} has begun too soon"
        runs = self.allowed(task, tasks, dag)
        if node["phase"] == "Omitted" and runs:
            yield f"{name} is omitted although its logic is true"
        if node["phase"] != "Omitted" and not runs:
            yield f"{name} runs although its logic is false"
        if node["type"] != "TaskGroup":
            yield from self.call(name, task)
            return
        yield from self.task_group(name, task)

    def task_group(self, name: str, task: dict[str, Any]) -> Iterator[str]:
        last, open_, failed_call = "Succeeded", False, False
        for child_name, _ in self.instances(name, task):
            yield from self.call(child_name, task)
            child = self.nodes.get(child_name)
            if child is None:
                open_ = True
                continue
            open_ = open_ or not self.settled(child, task)
            failed_call = failed_call or (child["type"] == "Skipped" and child["phase"] == "Error")
            if child["phase"] in BAD:
                last = child["phase"]
        if not failed_call and self.literal(task):
            yield from self.must_be(name, "Running" if open_ else last)

    def phases_told(self, name: str, targets: list[str]) -> bool:
        """Whether the phases of all targets are their own; what an omitted one inherits is not judged here."""
        return all(self.nodes[f"{name}.{t}"]["phase"] in {"Succeeded", "Failed", "Error"} for t in targets)

    def dag_phase(self, name: str, targets: list[str], tasks: dict[str, Any], template: dict[str, Any]) -> str:
        result = "Succeeded"
        for target in targets:
            phase = self.nodes[f"{name}.{target}"]["phase"]
            if phase in BAD and not self.covered(tasks[target], phase):
                result = phase
                if template["dag"].get("failFast", True):
                    break
        return result

    # --- small questions ---

    def needed(self, targets: list[str], tasks: dict[str, Any]) -> list[str]:
        found, todo = [], list(targets)
        while todo:
            name = todo.pop()
            if name not in found:
                found.append(name)
                todo += self.mentioned(tasks[name], tasks)
        return found

    @staticmethod
    def mentioned(task: dict[str, Any], tasks: dict[str, Any]) -> list[str]:
        if task.get("depends"):
            words = re.findall(r"([A-Za-z0-9][-A-Za-z0-9]*)(?:\.[A-Za-z]+)?", task["depends"])
            return [word for word in words if word in tasks]
        return list(task.get("dependencies", []))

    def allowed(self, task: dict[str, Any], tasks: dict[str, Any], dag: str) -> bool:
        logic = task.get("depends") or " && ".join(task.get("dependencies", []))

        def value(match: re.Match[str]) -> str:
            name, result = match[1], match[2]
            if name not in tasks:
                return match[0]
            wanted = [result] if result else ["Succeeded", "Skipped", *self.extra(tasks[name])]
            return str(any(self.result(f"{dag}.{name}", one) for one in wanted))

        text = re.sub(r"([A-Za-z0-9][-A-Za-z0-9]*)(?:\.([A-Za-z]+))?", value, logic)
        text = text.replace("&&", " and ").replace("||", " or ").replace("!", " not ")
        return bool(eval(text)) if text else True

    def result(self, name: str, result: str) -> bool:
        node = self.nodes.get(name)
        if node is None:
            return False
        if result in {"AnySucceeded", "AllFailed"}:
            ids = {n["id"]: n for n in self.nodes.values()}
            found = [ids[c]["phase"] for c in node.get("children", [])] if node["type"] == "TaskGroup" else []
            return "Succeeded" in found if result == "AnySucceeded" else bool(found) and set(found) == {"Failed"}
        return node["phase"] == {"Errored": "Error"}.get(result, result)

    @staticmethod
    def extra(task: dict[str, Any]) -> list[str]:
        tolerated = task.get("continueOn") or {}
        return [r for r, key in (("Errored", "error"), ("Failed", "failed")) if tolerated.get(key)]

    @staticmethod
    def covered(call: dict[str, Any], phase: str) -> bool:
        return bool((call.get("continueOn") or {}).get("error" if phase == "Error" else "failed"))

    @staticmethod
    def literal(call: dict[str, Any]) -> bool:
        return not call.get("withParam") and "{{" not in str(call.get("withItems", "")) and "withSequence" not in call

    def instances(self, name: str, call: dict[str, Any]) -> list[tuple[str, bool]]:
        """The names of the nodes of a step or task, and whether they can be told from the manifest."""
        if not self.literal(call):
            return [(n, False) for n in self.nodes if n == name or re.match(re.escape(name) + r"\(\d+:[^)]*\)$", n)]
        if not call.get("withItems"):
            return [(name, True)]
        plain = [str(item).lower() if isinstance(item, bool) else item for item in call["withItems"]]
        if any(not isinstance(item, (str, int)) or "(" in str(item) for item in plain):
            return [(n, False) for n in self.nodes if re.match(re.escape(name) + r"\(\d+:[^)]*\)$", n)]
        return [(f"{name}({index}:{item})", True) for index, item in enumerate(plain)]

    def settled(self, node: dict[str, Any], call: dict[str, Any]) -> bool:
        """Whether a node has ended and its exit hook, if it has one, too; a group's hooks are its items' matter."""
        if node["phase"] not in DONE:
            return False
        has_hook = bool(call.get("onExit") or (call.get("hooks") or {}).get("exit"))
        if not has_hook or node["type"] == "TaskGroup" or node["phase"] in {"Skipped", "Omitted"}:
            return True
        hook = self.nodes.get(node["name"] + ".onExit")
        return hook is not None and hook["phase"] in DONE

    def must_be(self, name: str, phase: str, *, or_error: bool = False) -> Iterator[str]:
        have = self.nodes[name]["phase"]
        if (
            have != phase
            and not (or_error and have == "Error" and phase != "Error")
            and "failFast" not in self.nodes[name].get("message", "")
        ):
            yield f"{name} is {have}, a full walk says {phase}"

    @staticmethod
    def _flag(node: dict[str, Any], flag: str) -> bool:
        return bool((node.get("nodeFlag") or {}).get(flag))
