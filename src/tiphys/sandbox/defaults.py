"""What the API server fills in when an author leaves it out. Pure.

Kubernetes: pkg/apis/apps/v1/defaults.go and pkg/apis/core/v1/defaults.go.
"""

from __future__ import annotations

import copy

from tiphys import jsons
from tiphys.jsons import JsonObject
from tiphys.sandbox.controllers import DEFAULT_HISTORY, DEFAULT_PROGRESS_S
from tiphys.sandbox.kinds import DEPLOYMENT, NAMESPACE, POD, Kind


def fill_in(kind: Kind, document: JsonObject) -> JsonObject:
    """A copy of a document with the defaults of its kind."""
    filled = copy.deepcopy(document)
    if kind is NAMESPACE:
        filled.update(spec={"finalizers": ["kubernetes"]}, status={"phase": "Active"})
    elif kind is POD:
        filled["spec"] = _pod_spec(filled)
        filled["status"] = {"phase": "Pending"}
    elif kind is DEPLOYMENT:
        filled["spec"] = _deployment_spec(jsons.as_object(filled.get("spec")))
        filled["status"] = {}
    return filled


def _deployment_spec(spec: JsonObject) -> JsonObject:
    filled: JsonObject = {
        "replicas": 1,
        "revisionHistoryLimit": DEFAULT_HISTORY,
        "progressDeadlineSeconds": DEFAULT_PROGRESS_S,
        **spec,
        "strategy": _strategy(jsons.as_object(spec.get("strategy"))),
    }
    template = jsons.as_object(filled.get("template"))
    if "spec" in template:
        filled["template"] = {**template, "spec": _pod_spec(template)}
    return filled


def _strategy(given: JsonObject) -> JsonObject:
    if given.get("type", "RollingUpdate") != "RollingUpdate":
        return given
    limits = {"maxSurge": "25%", "maxUnavailable": "25%", **jsons.as_object(given.get("rollingUpdate"))}
    return {"type": "RollingUpdate", "rollingUpdate": limits}


def _pod_spec(document: JsonObject) -> JsonObject:
    spec = jsons.as_object(document.get("spec"))
    return {"restartPolicy": "Always", "terminationGracePeriodSeconds": 30, **spec}
