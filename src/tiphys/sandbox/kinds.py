"""The kinds that the practice cluster serves, and their verbs. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from tiphys.sandbox import statuses

READ = ("get", "list")
ALL = ("get", "list", "create", "update", "patch", "delete", "deletecollection")


@dataclass(frozen=True, slots=True)
class Kind:
    """A resource: `subresources` maps a name to its verbs."""

    group: str
    kind: str
    plural: str
    verbs: tuple[str, ...] = ALL
    namespaced: bool = True
    short: tuple[str, ...] = ()
    subresources: tuple[tuple[str, tuple[str, ...]], ...] = ()

    @property
    def api_version(self) -> str:
        """`v1` or `apps/v1`."""
        return f"{self.group}/v1" if self.group else "v1"

    def subresource(self, name: str) -> tuple[str, ...]:
        """The verbs of a subresource; empty when there is none of that name."""
        return dict(self.subresources).get(name, ())


NAMESPACE = Kind("", "Namespace", "namespaces", ("get", "list", "create", "delete"), namespaced=False, short=("ns",))
POD = Kind("", "Pod", "pods", short=("po",), subresources=(("log", ("get",)),))
SERVICE = Kind("", "Service", "services", short=("svc",))
CONFIG_MAP = Kind("", "ConfigMap", "configmaps", short=("cm",))
EVENT = Kind("", "Event", "events", READ, short=("ev",))
SCALE = ("scale", ("get", "update", "patch"))
DEPLOYMENT = Kind("apps", "Deployment", "deployments", short=("deploy",), subresources=(SCALE,))
REPLICA_SET = Kind("apps", "ReplicaSet", "replicasets", READ, short=("rs",))
KINDS = (NAMESPACE, POD, SERVICE, CONFIG_MAP, EVENT, DEPLOYMENT, REPLICA_SET)


def find_kind(group: str, plural: str) -> Kind:
    """The kind of a path; raises `ApiError` 404."""
    for kind in KINDS:
        if (kind.group, kind.plural) == (group, plural):
            return kind
    raise statuses.no_such_path()
