"""A practice cluster as a program: starts three pods, prints their process ids on one line, and waits to be ended."""

import asyncio
import sys
from pathlib import Path

import httpx

from tiphys.sandbox import demo_shop
from tiphys.sandbox.server import Sandbox


async def main():
    async with Sandbox(Path(sys.argv[1])) as sandbox:
        headers = {"authorization": f"Bearer {sandbox.admin_token}"}
        async with httpx.AsyncClient(base_url=sandbox.url, headers=headers, trust_env=False) as http:
            await http.post("/api/v1/namespaces", json={"metadata": {"name": "shop"}})
            path = "/apis/apps/v1/namespaces/shop/deployments"
            await http.post(path, json=demo_shop.deployment("web", replicas=3))
            pids: list[str] = []
            while len(pids) < 3:
                await asyncio.sleep(0.02)
                pods = (await http.get("/api/v1/pods")).json()["items"]
                statuses = [status for pod in pods for status in pod["status"].get("containerStatuses", [])]
                pids = [status["containerID"].removeprefix("process://") for status in statuses if status["started"]]
        print(*pids, flush=True)  # noqa: T201 - the parent reads it
        await sandbox.wait()


if __name__ == "__main__":
    asyncio.run(main())
