"""Where the judge lies: `../shared` beside the repository, or `TIPHYS_SHARED`."""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from types import ModuleType

from tiphys.jsons import JsonObject
from tiphys.manifest.documents import parse_documents

REPOSITORY = Path(__file__).parents[2]
SHARED = Path(os.environ.get("TIPHYS_SHARED") or REPOSITORY.parent / "shared")
UPSTREAM = SHARED / "upstream" / "argo-workflows" / "examples"
LIBRARY_KINDS = frozenset({"WorkflowTemplate", "ClusterWorkflowTemplate", "ConfigMap"})


@cache
def upstream_library() -> list[JsonObject]:
    """The templates and ConfigMaps of upstream's examples: they were on the cluster when the examples were run."""
    return [
        document.json
        for file in sorted(UPSTREAM.rglob("*.yaml"))
        for document in parse_documents(file.read_text("utf-8"), file=file.name)
        if document.kind in LIBRARY_KINDS and document.is_valid
    ]


def differences(outcome: dict[str, object], workflows: Sequence[dict[str, object]]) -> list[str]:
    """What `conformance/compare.py` says of a recorded outcome and the Workflow objects that we ended with."""
    return _compare().differences(outcome, list(workflows))


def _compare() -> ModuleType:
    spec = importlib.util.spec_from_file_location("compare", SHARED / "conformance" / "compare.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
