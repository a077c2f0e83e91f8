"""Deployments make replica sets, replica sets make pods, and what has lost its owner goes: one pass over everything.

Each pass looks at all objects and moves each one step towards what its spec says; a change sets the registry's signal
and so asks for another pass. With the few dozen objects of a practice cluster that is simpler than queues and as fast.
It starts no process: that is the node's work (`pods.py`).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from tiphys import jsons
from tiphys.jsons import JsonObject
from tiphys.sandbox import rollout
from tiphys.sandbox.conditions import conditions_of, is_ready, set_condition
from tiphys.sandbox.kinds import DEPLOYMENT, POD, REPLICA_SET
from tiphys.sandbox.recorder import Recorder
from tiphys.sandbox.registry import Registry, owner_reference, random_suffix
from tiphys.sandbox.rollout import HASH_LABEL, HISTORY, REVISION, Group

DEFAULT_HISTORY = 10
"""Old replica sets that are kept (Kubernetes: `revisionHistoryLimit`)."""
DEFAULT_PROGRESS_S = 600
"""Seconds without progress after which a rollout is said to hang (Kubernetes: `progressDeadlineSeconds`)."""

DeletePod = Callable[[JsonObject], None]


class Controllers:
    """Keeps deployments, replica sets and pods in step; `delete_pod` begins the graceful end of a pod."""

    def __init__(self, registry: Registry, recorder: Recorder, delete_pod: DeletePod) -> None:
        self._registry = registry
        self._recorder = recorder
        self._delete_pod = delete_pod

    async def run(self) -> None:
        """Passes whenever something has changed, until cancelled."""
        changed = self._registry.subscribe()
        while await changed.wait():
            changed.clear()
            self.reconcile()

    def reconcile(self) -> None:
        """One pass."""
        self._collect_orphans()
        for deployment in self._registry.list(DEPLOYMENT):
            self._sync_deployment(deployment)
        for replica_set in self._registry.list(REPLICA_SET):
            self._sync_replica_set(replica_set)

    def _collect_orphans(self) -> None:
        owners = {one["metadata"]["uid"] for kind in (DEPLOYMENT, REPLICA_SET) for one in self._registry.list(kind)}
        for kind in (REPLICA_SET, POD):
            for one in self._registry.list(kind):
                references = jsons.as_list(one["metadata"].get("ownerReferences"))
                if not references or any(reference["uid"] in owners for reference in references):
                    continue
                if kind is POD:
                    self._delete_pod(one)
                else:
                    self._registry.remove(kind, one["metadata"]["namespace"], one["metadata"]["name"])

    def _sync_deployment(self, deployment: JsonObject) -> None:
        uid, namespace = deployment["metadata"]["uid"], deployment["metadata"]["namespace"]
        new = self._current_replica_set(deployment)
        old = [
            one for one in self._registry.owned(REPLICA_SET, uid) if one["metadata"]["uid"] != new["metadata"]["uid"]
        ]
        old.sort(key=revision_of)
        chosen = rollout.choose_replicas(deployment["spec"], self._group(new), [self._group(one) for one in old])
        for one in (new, *old):
            self._scale(deployment, one, chosen[one["metadata"]["name"]])
        idle = [one for one in old if not self._group(one).pods and not one["spec"]["replicas"]]
        kept = deployment["spec"].get("revisionHistoryLimit", DEFAULT_HISTORY)
        for one in idle[: max(0, len(idle) - kept)]:
            self._registry.remove(REPLICA_SET, namespace, one["metadata"]["name"])
        self._report_deployment(deployment, new, old)

    def _current_replica_set(self, deployment: JsonObject) -> JsonObject:
        """The replica set of the deployment's template, made or brought back as the newest revision."""
        template, metadata = deployment["spec"]["template"], deployment["metadata"]
        owned = self._registry.owned(REPLICA_SET, metadata["uid"])
        newest = max((revision_of(one) for one in owned), default=0)
        plain = rollout.without_hash(template)
        found = next((one for one in owned if rollout.without_hash(one["spec"]["template"]) == plain), None)
        if found is None:
            return self._create_replica_set(deployment, newest + 1)
        if revision_of(found) == newest:
            return found

        def bring_back(document: JsonObject) -> None:
            annotations = document["metadata"]["annotations"]
            annotations[HISTORY] = ",".join(filter(None, (annotations.get(HISTORY), annotations[REVISION])))
            annotations[REVISION] = str(newest + 1)

        return self._registry.update(REPLICA_SET, metadata["namespace"], found["metadata"]["name"], bring_back)

    def _create_replica_set(self, deployment: JsonObject, revision: int) -> JsonObject:
        spec, metadata = deployment["spec"], deployment["metadata"]
        mark = {HASH_LABEL: rollout.template_hash(spec["template"])}
        template = rollout.without_hash(spec["template"])
        template["metadata"]["labels"] |= mark
        selector = {**spec["selector"], "matchLabels": {**jsons.as_object(spec["selector"].get("matchLabels")), **mark}}
        document: JsonObject = {
            "metadata": {
                "name": f"{metadata['name']}-{mark[HASH_LABEL]}",
                "labels": template["metadata"]["labels"],
                "annotations": {REVISION: str(revision)},
                "ownerReferences": [owner_reference(deployment)],
            },
            "spec": {"replicas": 0, "selector": selector, "template": template},
            "status": {"replicas": 0, "readyReplicas": 0, "availableReplicas": 0},
        }
        return self._registry.create(REPLICA_SET, metadata["namespace"], document)

    def _scale(self, deployment: JsonObject, replica_set: JsonObject, replicas: int) -> None:
        before, name = replica_set["spec"]["replicas"], replica_set["metadata"]["name"]
        if before == replicas:
            return

        def scale(document: JsonObject) -> None:
            document["spec"]["replicas"] = replicas

        self._registry.update(REPLICA_SET, replica_set["metadata"]["namespace"], name, scale)
        move = f"Scaled {'up' if replicas > before else 'down'} replica set {name} from {before} to {replicas}"
        self._recorder.record(deployment, "Normal", "ScalingReplicaSet", move)

    def _group(self, replica_set: JsonObject) -> Group:
        pods = self._registry.owned(POD, replica_set["metadata"]["uid"])
        live = [pod for pod in pods if "deletionTimestamp" not in pod["metadata"]]
        ready = sum(1 for pod in live if is_ready(pod))
        name, wanted = replica_set["metadata"]["name"], replica_set["spec"]["replicas"]
        return Group(name, wanted, len(live), ready, ending=len(pods) - len(live))

    def _sync_replica_set(self, replica_set: JsonObject) -> None:
        metadata, wanted = replica_set["metadata"], replica_set["spec"]["replicas"]
        pods = self._registry.owned(POD, metadata["uid"])
        live = [pod for pod in pods if "deletionTimestamp" not in pod["metadata"]]
        for _ in range(wanted - len(live)):
            pod = self._registry.create(POD, metadata["namespace"], _pod_document(replica_set))
            self._recorder.record(replica_set, "Normal", "SuccessfulCreate", f"Created pod: {pod['metadata']['name']}")
        live.sort(key=lambda pod: (is_ready(pod), -int(pod["metadata"]["resourceVersion"])))
        for pod in live[: max(0, len(live) - wanted)]:
            self._delete_pod(pod)
            self._recorder.record(replica_set, "Normal", "SuccessfulDelete", f"Deleted pod: {pod['metadata']['name']}")
        group = self._group(self._registry.get(REPLICA_SET, metadata["namespace"], metadata["name"]))

        def report(document: JsonObject) -> None:
            counts = {"replicas": group.pods, "readyReplicas": group.available, "availableReplicas": group.available}
            document["status"] = {**counts, "observedGeneration": metadata["generation"]}

        self._registry.update(REPLICA_SET, metadata["namespace"], metadata["name"], report)

    def _report_deployment(self, deployment: JsonObject, new: JsonObject, old: list[JsonObject]) -> None:
        groups = [self._group(self._registry.get(REPLICA_SET, new["metadata"]["namespace"], new["metadata"]["name"]))]
        groups += [self._group(one) for one in old]
        spec, total = deployment["spec"], sum(group.pods for group in groups)
        available = sum(group.available for group in groups)

        def report(document: JsonObject) -> None:
            document["metadata"].setdefault("annotations", {})[REVISION] = str(revision_of(new))
            status: JsonObject = {
                "observedGeneration": deployment["metadata"]["generation"],
                "replicas": total,
                "updatedReplicas": groups[0].pods,
                "readyReplicas": available,
                "availableReplicas": available,
                "unavailableReplicas": max(0, max(spec["replicas"], total) - available),
                "conditions": conditions_of(document),
            }
            document["status"] = status
            _judge(document, enough=available >= spec["replicas"] - rollout.limits(spec)[1], groups=groups)

        self._registry.update(DEPLOYMENT, deployment["metadata"]["namespace"], deployment["metadata"]["name"], report)


def _judge(deployment: JsonObject, *, enough: bool, groups: list[Group]) -> None:
    """Sets the conditions Available and Progressing, as far as they change."""
    spec = deployment["spec"]
    if enough:
        set_condition(
            deployment, "Available", "True", "MinimumReplicasAvailable", "Deployment has minimum availability."
        )
    else:
        text = "Deployment does not have minimum availability."
        set_condition(deployment, "Available", "False", "MinimumReplicasUnavailable", text)
    new, others = groups[0], sum(group.pods for group in groups[1:])
    done = f'ReplicaSet "{new.name}" has successfully progressed.'
    present = next((one for one in conditions_of(deployment) if one["type"] == "Progressing"), None)
    if present and present["message"] == done and not others:
        return  # what happens to its pods later does not undo that a rollout was completed
    if new.available == new.pods == spec["replicas"] and not others:
        set_condition(deployment, "Progressing", "True", "NewReplicaSetAvailable", done)
        return
    text = f'ReplicaSet "{new.name}" is progressing: ready {new.available}, new {new.pods}, old {others}.'
    if present and present["message"] in (text, _hangs(new.name)):
        since = datetime.fromisoformat(present["lastUpdateTime"])
        if (datetime.now(UTC) - since).total_seconds() > spec.get("progressDeadlineSeconds", DEFAULT_PROGRESS_S):
            set_condition(deployment, "Progressing", "False", "ProgressDeadlineExceeded", _hangs(new.name))
        return
    set_condition(deployment, "Progressing", "True", "ReplicaSetUpdated", text)


def _hangs(name: str) -> str:
    return f'ReplicaSet "{name}" has timed out progressing.'


def revision_of(replica_set: JsonObject) -> int:
    """The revision of the deployment that a replica set stands for."""
    return int(jsons.as_object(replica_set["metadata"].get("annotations")).get(REVISION, "0"))


def _pod_document(replica_set: JsonObject) -> JsonObject:
    template = replica_set["spec"]["template"]
    return {
        "metadata": {
            **jsons.as_object(template.get("metadata")),
            "name": f"{replica_set['metadata']['name']}-{random_suffix()}",
            "ownerReferences": [owner_reference(replica_set)],
        },
        "spec": {"restartPolicy": "Always", "terminationGracePeriodSeconds": 30, **template["spec"]},
        "status": {"phase": "Pending"},
    }
