"""The node: gives each pod an address and a process, probes it, restarts it, and ends it with grace.

Kubernetes: pkg/kubelet/kuberuntime/kuberuntime_manager.go (SyncPod, doBackOff). One task per pod; what it finds goes
into the registry, and what the registry says (a deletion) reaches it through `Node.delete`.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import signal
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tiphys import errors, jsons
from tiphys.jsons import JsonObject
from tiphys.sandbox import podstatus, probes
from tiphys.sandbox.kinds import POD
from tiphys.sandbox.network import Network
from tiphys.sandbox.pace import Image, Pace
from tiphys.sandbox.processes import Process, Processes
from tiphys.sandbox.recorder import Recorder
from tiphys.sandbox.registry import Registry, timestamp

BACK_OFF_S = 10
"""Seconds before the second restart; doubled each time (Kubernetes: `backOffPeriod`, kubelet.go)."""
MAX_BACK_OFF_S = 300
"""Seconds; Kubernetes: `MaxContainerBackOff`."""
SCHEDULE_AGAIN_S = 5
"""Seconds between two tries to place a pod for which there was no room."""
FORGIVEN_AFTER_S = 600
"""Seconds of running after which a container's back-off starts again (Kubernetes: twice the maximum)."""


class Node:
    """Runs every pod of the registry that it finds."""

    def __init__(
        self,
        registry: Registry,
        processes: Processes,
        network: Network,
        directory: Path,
        images: dict[str, Image],
        pace: Pace,
    ) -> None:
        self.registry = registry
        self.recorder = Recorder(registry)
        self.processes = processes
        self.network = network
        self.images = images
        self.pace = pace
        self._directory = directory
        self._pods: dict[str, _Pod] = {}

    async def run(self) -> None:
        """Takes care of pods until cancelled; a pod whose care fails ends the node, and so the sandbox, loudly."""
        changed = self.registry.subscribe()
        async with asyncio.TaskGroup() as tasks:
            while await changed.wait():
                changed.clear()
                for document in self.registry.list(POD):
                    uid = document["metadata"]["uid"]
                    if uid not in self._pods and "deletionTimestamp" not in document["metadata"]:
                        self._pods[uid] = _Pod(self, document, self.log_directory(document))
                        tasks.create_task(self._care(self._pods[uid], uid))

    def delete(self, pod: JsonObject, grace_s: float | None = None) -> None:
        """Begins the end of a pod; asked again, only a shorter grace changes anything."""
        metadata, asked = pod["metadata"], grace_s
        if asked is None:
            if "deletionTimestamp" in metadata:
                return
            asked = pod["spec"].get("terminationGracePeriodSeconds", 30)
        present = metadata.get("deletionGracePeriodSeconds", asked)
        seconds = min(asked, present)

        def mark(document: JsonObject) -> None:
            document["metadata"]["deletionTimestamp"] = timestamp(datetime.now(UTC) + timedelta(seconds=seconds))
            document["metadata"]["deletionGracePeriodSeconds"] = seconds

        self.registry.update(POD, metadata["namespace"], metadata["name"], mark)
        if running := self._pods.get(metadata["uid"]):
            running.end(self.pace.real_s(seconds))
        else:
            self.registry.remove(POD, metadata["namespace"], metadata["name"])

    def log_directory(self, pod: JsonObject) -> Path:
        """Where the logs of a pod are, one file for each start, `<restart count>.log`."""
        metadata = pod["metadata"]
        return self._directory / f"{metadata['namespace']}_{metadata['name']}_{metadata['uid']}"

    async def _care(self, pod: _Pod, uid: str) -> None:
        try:
            await pod.run()
        finally:
            del self._pods[uid]


class _Pod:
    """One pod: its address, its process, its restarts."""

    def __init__(self, node: Node, document: JsonObject, logs: Path) -> None:
        self._node = node
        self._document = document
        self._namespace, self._name = document["metadata"]["namespace"], document["metadata"]["name"]
        self._container = document["spec"]["containers"][0]
        self._logs = logs
        self._restarts = 0
        self._address = ""
        self._ending = asyncio.Event()
        self._grace_s = 0.0

    def end(self, grace_s: float) -> None:
        """Asks for the end; `grace_s` real seconds lie between TERM and KILL."""
        self._grace_s = grace_s
        self._ending.set()

    async def run(self) -> None:
        """From the first start to the removal from the registry."""
        self._logs.mkdir(parents=True, exist_ok=True)
        if await self._schedule():
            await self._keep_running()
            self._node.network.give_back(self._address)
        self._node.registry.remove(POD, self._namespace, self._name)
        shutil.rmtree(self._logs, ignore_errors=True)

    async def _schedule(self) -> bool:
        """Gives the pod an address, as soon as there is one; False when its end was asked for before."""
        while not self._ending.is_set():
            try:
                self._address = self._node.network.take_pod_address()
            except errors.Unavailable as error:
                self._record("Warning", "FailedScheduling", f"0/1 nodes are available: {error}")
                await self._wait_for_ending(SCHEDULE_AGAIN_S)
            else:
                self._change(lambda pod: podstatus.schedule(pod, self._address))
                text = f"Successfully assigned {self._namespace}/{self._name} to {podstatus.NODE}"
                self._record("Normal", "Scheduled", text)
                return True
        return False

    async def _keep_running(self) -> None:
        """Starts the container again and again until the end is asked for."""
        back_off_s = 0
        while not self._ending.is_set():
            started = datetime.now(UTC)
            await self._run_once(started)
            lasted_s = (datetime.now(UTC) - started).total_seconds()
            if lasted_s >= self._node.pace.real_s(FORGIVEN_AFTER_S):
                back_off_s = 0
            if back_off_s:
                await self._wait_in_back_off(back_off_s)
            back_off_s = min(back_off_s * 2, MAX_BACK_OFF_S) or BACK_OFF_S
            if not self._ending.is_set():
                self._restarts += 1
                self._change(podstatus.count_restart)

    async def _run_once(self, started: datetime) -> None:
        try:
            process = await self._start()
        except (errors.NotFound, errors.Unavailable) as error:
            problem = str(error)
            reason = "ErrImagePull" if isinstance(error, errors.NotFound) else "RunContainerError"
            self._change(lambda pod: podstatus.set_waiting(pod, reason, problem))
            self._record("Warning", "Failed", problem)
            return
        self._change(lambda pod: podstatus.set_running(pod, f"process://{process.started.result()}"))
        self._record("Normal", "Started", f"Started container {self._container['name']}")
        watchers = self._watch(process)
        try:
            await self._wait_for_end(process)
        finally:
            for watcher in watchers:
                watcher.cancel()
            await asyncio.gather(*watchers, return_exceptions=True)
        self._change(lambda pod: podstatus.set_terminated(pod, process.exit_code.result(), started))

    async def _start(self) -> Process:
        container = self._container
        image = self._node.images.get(container["image"])
        if image is None and not container.get("command"):
            name = container["image"]
            raise errors.NotFound(f'Failed to pull image "{name}": the practice cluster knows no image of that name')
        entrypoint = container.get("command") or (image.command if image else ())
        ports = jsons.as_list(container.get("ports"))
        env = {
            "PATH": os.environ.get("PATH", os.defpath),
            "HOSTNAME": self._name,
            "POD_IP": self._address,
            "POD_NAME": self._name,
            "POD_NAMESPACE": self._namespace,
            **({"PORT": str(ports[0]["containerPort"])} if ports else {}),
            **(image.env if image else {}),
            **{variable["name"]: str(variable.get("value", "")) for variable in jsons.as_list(container.get("env"))},
        }
        argv = [*entrypoint, *jsons.as_list(container.get("args"))]
        return await self._node.processes.start(argv, env, self._logs / f"{self._restarts}.log")

    def _watch(self, process: Process) -> list[asyncio.Task[None]]:
        """Starts the probes; without a readiness probe a started container is ready."""
        tasks: list[asyncio.Task[None]] = []
        if readiness := self._container.get("readinessProbe"):
            probe = probes.parse_probe(readiness, self._container, self._address)
            tasks.append(asyncio.create_task(probes.watch(probe, self._node.pace, self._note_readiness)))
        else:
            self._note_readiness(ready=True)
        if liveness := self._container.get("livenessProbe"):
            probe = probes.parse_probe(liveness, self._container, self._address)

            def note(alive: bool, problem: str) -> None:  # noqa: FBT001 - the form of every probe's report
                if not alive:
                    self._record("Warning", "Unhealthy", f"Liveness probe failed: {problem}")
                    self._node.processes.signal(process, signal.SIGKILL)

            tasks.append(asyncio.create_task(probes.watch(probe, self._node.pace, note)))
        return tasks

    def _note_readiness(self, ready: bool, problem: str = "") -> None:  # noqa: FBT001 - the form of every probe's report
        self._change(lambda pod: podstatus.set_ready(pod, ready=ready))
        if not ready:
            self._record("Warning", "Unhealthy", f"Readiness probe failed: {problem}")

    async def _wait_for_end(self, process: Process) -> None:
        ending = asyncio.create_task(self._ending.wait())
        await asyncio.wait([ending, process.exit_code], return_when=asyncio.FIRST_COMPLETED)
        ending.cancel()
        if process.exit_code.done():
            return
        self._record("Normal", "Killing", f"Stopping container {self._container['name']}")
        self._node.processes.signal(process, signal.SIGTERM)
        waited_s, step_s = 0.0, 0.05
        while waited_s < self._grace_s and not process.exit_code.done():
            await asyncio.wait([process.exit_code], timeout=step_s)
            waited_s += step_s
        self._node.processes.signal(process, signal.SIGKILL)
        await process.exit_code

    async def _wait_in_back_off(self, seconds: int) -> None:
        name, uid = self._container["name"], self._document["metadata"]["uid"]
        where = f"container={name} pod={self._name}_{self._namespace}({uid})"
        text = f"back-off {seconds}s restarting failed {where}"

        def wait(pod: JsonObject) -> None:
            broken_image = "waiting" in podstatus.container_status(pod)["state"]
            podstatus.set_waiting(pod, "ImagePullBackOff" if broken_image else "CrashLoopBackOff", text)

        self._change(wait)
        self._record("Warning", "BackOff", f"Back-off restarting failed {where}")
        await self._wait_for_ending(seconds)

    async def _wait_for_ending(self, seconds: float) -> None:
        """Returns when the end is asked for, or when the seconds have passed."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._node.pace.real_s(seconds)):
                await self._ending.wait()

    def _change(self, change: Callable[[JsonObject], None]) -> None:
        self._document = self._node.registry.update(POD, self._namespace, self._name, change)

    def _record(self, kind: str, reason: str, message: str) -> None:
        self._node.recorder.record(self._document, kind, reason, message)
