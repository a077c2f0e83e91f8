"""Evidence where no cluster is configured: nothing is known, and what needs evidence goes to people."""

from __future__ import annotations

from collections.abc import Sequence

from tiphys.controllers.ports import JsonObject


class NoEvidence:
    """Implements `Evidence`."""

    async def gather(self, alert: JsonObject) -> Sequence[JsonObject]:
        """No facts."""
        del alert
        return ()
