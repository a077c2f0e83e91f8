"""The event sources that are built in, and what their events carry."""

from __future__ import annotations

from collections.abc import Mapping

TIPHYS = "tiphys"
"""The source of Tiphys' own events; no EventSource document may take the name."""
WORKFLOW_ENDED = "workflow-ended"
"""A workflow has ended; its data is `{namespace, name, uid, phase, message, labels, outputs}`."""

OWN_SOURCES: Mapping[str, frozenset[str]] = {TIPHYS: frozenset({WORKFLOW_ENDED})}
"""The events of each built-in source, by source."""
