"""A practice cluster with the accounts of `deploy/rbac`, ready for steps and resolvers to be tried on."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
from tests.contracts.kube import Kube

from tiphys.cluster.client import ClusterAccess
from tiphys.jsons import JsonObject
from tiphys.sandbox import accounts, demo_shop
from tiphys.sandbox.pace import Pace
from tiphys.sandbox.server import Sandbox

RBAC = Path(__file__).parents[2] / "deploy" / "rbac"
SHOP = demo_shop.NAMESPACE


@asynccontextmanager
async def practice_cluster(
    tmp_path: Path, *deployments: JsonObject, ready: bool = True
) -> AsyncIterator[tuple[Sandbox, Kube]]:
    """A cluster with these deployments of the demo service, rolled out if `ready`, and a service in front of each."""
    rbac = accounts.load_documents(RBAC)
    async with Sandbox(tmp_path, rbac=rbac, pace=Pace(0.05)) as sandbox:
        headers = {"authorization": f"Bearer {sandbox.admin_token}"}
        async with httpx.AsyncClient(base_url=sandbox.url, headers=headers, trust_env=False) as http:
            kube = Kube(http, SHOP, demo_shop.GOOD, demo_shop.PORT, "/healthz", "", patience_s=20)
            for deployment in deployments:
                sandbox.create(deployment)
                sandbox.create(demo_shop.service(deployment["metadata"]["name"]))
            for deployment in deployments if ready else ():
                await kube.until_rolled_out(deployment["metadata"]["name"])
            yield sandbox, kube


def access(sandbox: Sandbox, account: str) -> ClusterAccess:
    """What that account reaches the cluster by."""
    return ClusterAccess(sandbox.url, sandbox.token_directory / account)
