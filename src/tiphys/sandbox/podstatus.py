"""The status of a pod as the kubelet writes it: phase, conditions, container states. Pure but for now.

Kubernetes: pkg/kubelet/kubelet_pods.go (generateAPIPodStatus, getPhase) and pkg/kubelet/status/generate.go.
"""

from __future__ import annotations

from datetime import UTC, datetime

from tiphys.jsons import JsonObject
from tiphys.sandbox.conditions import set_condition
from tiphys.sandbox.registry import timestamp

NODE = "practice"
"""The name of the only node."""


def schedule(pod: JsonObject, address: str) -> None:
    """The pod has a node and an address; its container has not run yet."""
    container = pod["spec"]["containers"][0]
    pod["spec"]["nodeName"] = NODE
    pod["status"].update(
        phase="Pending",
        hostIP="127.0.0.1",
        podIP=address,
        podIPs=[{"ip": address}],
        startTime=timestamp(datetime.now(UTC)),
        containerStatuses=[
            {
                "name": container["name"],
                "image": container["image"],
                "imageID": "",
                "ready": False,
                "started": False,
                "restartCount": 0,
                "state": {"waiting": {"reason": "ContainerCreating"}},
                "lastState": {},
            }
        ],
    )
    for condition in ("PodScheduled", "Initialized"):
        set_condition(pod, condition, "True", "", "")
    set_ready(pod, ready=False)


def set_running(pod: JsonObject, container_id: str) -> None:
    """The container has been started."""
    status = container_status(pod)
    status.update(
        containerID=container_id, started=True, state={"running": {"startedAt": timestamp(datetime.now(UTC))}}
    )
    pod["status"]["phase"] = "Running"


def set_waiting(pod: JsonObject, reason: str, message: str) -> None:
    """The container is not running and will be started later."""
    status = container_status(pod)
    if "terminated" in status["state"]:
        status["lastState"] = status["state"]
    status["state"] = {"waiting": {"reason": reason, "message": message}}


def set_terminated(pod: JsonObject, exit_code: int, started: datetime) -> None:
    """The container has ended."""
    status = container_status(pod)
    status["started"] = False
    status["state"] = {
        "terminated": {
            "exitCode": exit_code,
            "reason": "Completed" if exit_code == 0 else "Error",
            "startedAt": timestamp(started),
            "finishedAt": timestamp(datetime.now(UTC)),
            "containerID": status.get("containerID", ""),
        }
    }
    set_ready(pod, ready=False)


def count_restart(pod: JsonObject) -> None:
    """The container is about to be started again."""
    status = container_status(pod)
    status["restartCount"] += 1
    if "terminated" in status["state"]:
        status["lastState"] = status["state"]


def set_ready(pod: JsonObject, *, ready: bool) -> None:
    """The readiness probe has changed its mind."""
    name = pod["spec"]["containers"][0]["name"]
    container_status(pod)["ready"] = ready
    for condition in ("ContainersReady", "Ready"):
        if ready:
            set_condition(pod, condition, "True", "", "")
        else:
            text = f"containers with unready status: [{name}]"
            set_condition(pod, condition, "False", "ContainersNotReady", text)


def container_status(pod: JsonObject) -> JsonObject:
    """The status of the pod's only container."""
    status: JsonObject = pod["status"]["containerStatuses"][0]
    return status
