"""Rules of a `dag`: its tasks can be sorted, and each refers only to what it depends on.

Argo: workflow/validate/validate.go (validateDAG), workflow/common/ancestry.go, util/sorting/topological_sorting.go,
v4.1.2; messages are Argo's.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from tiphys.jsons import as_list, as_object
from tiphys.lang import depends
from tiphys.manifest.faults import Fault, Faults, Site, within
from tiphys.manifest.model import Json
from tiphys.manifest.nearest import did_you_mean
from tiphys.manifest.scope import is_loop, is_parameter, item_names
from tiphys.manifest.validate_arguments import check_arguments, check_names
from tiphys.manifest.validate_calls import Visitor, add_outputs, check_calls_type, inline_names, unresolved_faults
from tiphys.manifest.validate_leaf import find_cycle

_NO_CONTINUE = "cannot use 'continueOn' when using 'depends'. Instead use 'dep-task.Failed'/'dep-task.Errored'"
_BY_ITEMS = "uses an items-based condition such as .AnySucceeded or .AllFailed but does not contain any items"


def check_dag(template: Json, scope: set[str], site: Site, visitor: Visitor) -> Faults:
    """All tasks, first what they call and depend on, then what they refer to."""
    yield from check_calls_type(template, site)
    name = f"templates.{template.get('name', '')}"
    tasks = [as_object(task) for task in as_list(as_object(template.get("dag")).get("tasks"))]
    if not tasks:
        yield site.at("dag").fault(f"{name} must have at least one task")
        return
    dag = _Dag(name, tasks, scope, site, visitor)
    wrong = dag.sort()
    if wrong is not None:
        yield from within(f"{name} sorting failed: ", [wrong])
        return
    yield from check_names(tasks, f"{name}.tasks", site.at("dag", "tasks"), order=dag.order)
    for index in dag.order:
        yield from dag.check_task(index)
    yield from dag.check_targets(str(as_object(template.get("dag")).get("target", "")))
    for index in dag.order:
        yield from dag.check_references(index)


@dataclass(slots=True)
class _Dag:
    name: str
    tasks: list[Json]
    scope: set[str]
    site: Site
    visitor: Visitor
    order: list[int] = field(default_factory=list[int])
    needs: dict[str, dict[str, bool]] = field(default_factory=dict[str, dict[str, bool]])
    """By task name: the tasks that it depends on, and whether it asks for a result of a loop."""
    called: dict[str, Json | None] = field(default_factory=dict[str, "Json | None"])
    faulty: set[str] = field(default_factory=set[str])
    sound: bool = True

    def at(self, index: int) -> Site:
        return self.site.at("dag", "tasks", index)

    def sort(self) -> Fault | None:
        """Tasks after what they depend on, in `order`; gives back what makes that impossible."""
        names = [str(task.get("name", "")) for task in self.tasks]
        for index, (name, task) in enumerate(zip(names, self.tasks, strict=True)):
            if name in self.needs:
                return self.at(index).at("name").fault(f"duplicated nodeName {name}", rule="name")
            self.needs[name] = _needs(task)
        for index, name in enumerate(names):
            for needed in self.needs[name]:
                if needed not in self.needs:
                    hint = did_you_mean(needed, self.needs)
                    return self.at(index).fault(f"invalid dependency {needed}", hint, rule="dependency")
        ready = _sorted_names(self.needs)
        if len(ready) < len(names):
            stuck = next(index for index, name in enumerate(names) if name not in ready)
            cycle = find_cycle({name: list(needed) for name, needed in self.needs.items()})
            return self.at(stuck).fault("graph with cycle", cycle, rule="cycle")
        places = {name: index for index, name in enumerate(names)}
        self.order = [places[name] for name in ready]
        return None

    def check_task(self, index: int) -> Faults:
        task, site = self.tasks[index], self.at(index)
        name = str(task.get("name", ""))
        prefix = f"{self.name}.tasks.{name}"
        using_depends = any(other.get("depends") for other in self.tasks)
        if (using_depends or task.get("dependencies")) and name[:1].isdecimal():
            message = f"{prefix} name cannot begin with a digit when using either 'depends' or 'dependencies'"
            yield site.at("name").fault(message, rule="name")
        if using_depends and task.get("dependencies"):
            message = f"{self.name} cannot use both 'depends' and 'dependencies' in the same DAG template"
            yield site.at("dependencies").fault(message, rule="dependency")
        if using_depends and "continueOn" in task:
            yield site.at("continueOn").fault(f"{self.name} {_NO_CONTINUE}", rule="dependency")
        faults = list(within(f"{prefix} ", self.visitor.visit(task, site, None)))
        yield from faults
        self.called[name] = self.visitor.called(task, site)
        self.sound = self.sound and not (faults and self.called[name] is None)
        self.faulty |= {name} if faults else set()
        self.scope |= add_outputs(self.called[name], f"tasks.{name}", self.visitor, aggregate=is_loop(task))
        yield from self._check_depends(task, name, prefix, site)

    def _check_depends(self, task: Json, name: str, prefix: str, site: Site) -> Faults:
        for other, result in depends.mentions(str(task.get("depends", ""))):
            if result and result not in depends.RESULTS:
                hint = did_you_mean(result, depends.RESULTS)
                message = f"{prefix} task result '{result}' for task '{other}' is invalid"
                yield site.at("depends").fault(message, hint, rule="dependency")
        loops = {str(other.get("name", "")) for other in self.tasks if is_loop(other) or "withSequence" in other}
        for needed, by_items in self.needs[name].items():
            if by_items and needed not in loops:
                # Argo names the dependency itself as the task: its loop variable shadows the outer one
                message = f"{self.name}.tasks.{needed} dependency '{needed}' {_BY_ITEMS}"
                yield site.at("depends").fault(message, rule="dependency")

    def check_targets(self, target: str) -> Faults:
        place = self.site.at("dag", "target")
        if not target:
            return
        yield from within(f"{self.name}.targets ", unresolved_faults(target, self.scope, place, self.visitor))
        for name in target.split(" "):
            if not is_parameter(name) and name not in self.needs:
                hint = did_you_mean(name, self.needs)
                yield place.fault(f"{self.name}.targets: target '{name}' is not defined", hint, rule="dependency")

    def check_references(self, index: int) -> Faults:
        task, site, visitor = self.tasks[index], self.at(index), self.visitor
        name = str(task.get("name", ""))
        prefix = f"{self.name}.tasks.{name}"
        if "hooks" in task:
            self.scope.add(f"tasks.{name}.status")
        self.scope |= add_outputs(self.called[name], f"tasks.{name}", visitor)
        ancestors = self._ancestors(name)
        names, wrong = item_names(task)
        own = self.scope | names | inline_names(task)
        for ancestor in ancestors:
            loop = is_loop(next(other for other in self.tasks if other.get("name", "") == ancestor))
            own |= add_outputs(self.called[ancestor], f"tasks.{ancestor}", visitor, aggregate=loop, ancestor=True)
        if wrong:
            yield from within(f"{prefix} ", [site.fault(wrong, rule="loop")])
        if self.sound:
            yield from within(f"{prefix} ", unresolved_faults(task, own, site, visitor))
        arguments = as_object(task.get("arguments"))
        yield from check_arguments(f"{prefix}.arguments.", arguments, site.at("arguments"), may_be_empty=False)
        yield from within(f"{prefix} ", _missing_dependencies(arguments, ancestors, site))
        if name not in self.faulty:
            yield from within(f"{prefix} ", visitor.visit(task, site, arguments))

    def _ancestors(self, name: str) -> set[str]:
        found: set[str] = set()
        queue = [name]
        while queue:
            for needed in self.needs[queue.pop()]:
                if needed not in found:
                    found.add(needed)
                    queue.append(needed)
        return found


def _needs(task: Json) -> dict[str, bool]:
    """What a task depends on, read from `depends` or from what Argo writes for `dependencies`."""
    text = str(task.get("depends", ""))
    if not text:
        text = " && ".join(f"({needed}.Succeeded || {needed}.Skipped)" for needed in as_list(task.get("dependencies")))
    needs: dict[str, bool] = {}
    for name, result in depends.mentions(text):
        needs[name] = needs.get(name, False) or result in ("AnySucceeded", "AllFailed")
    return needs


def _missing_dependencies(arguments: Json, ancestors: set[str], site: Site) -> Faults:
    for family, kind, key in (("parameters", "parameter", "value"), ("artifacts", "artifact", "from")):
        for index, item in enumerate(map(as_object, as_list(arguments.get(family)))):
            text = str(item.get(key, ""))
            if text.startswith("{{tasks.") and (task := text.split(".")[1]) not in ancestors:
                message = f"missing dependency '{task}' for {kind} '{item.get('name', '')}'"
                place = site.at("arguments", family, index)
                yield place.fault(message, f"add {task} to the task's dependencies", rule="dependency")


def _sorted_names(needs: dict[str, dict[str, bool]]) -> list[str]:
    """The names after what each needs, as far as that goes."""
    missing = {name: len(needed) for name, needed in needs.items()}
    followers: dict[str, list[str]] = {name: [] for name in needs}
    for name, needed in needs.items():
        for other in needed:
            followers[other].append(name)
    ready = [name for name, count in missing.items() if not count]
    for name in ready:
        for follower in followers[name]:
            missing[follower] -= 1
            if not missing[follower]:
                ready.append(follower)
    return ready
