"""Notifications as JSON posted to a URL, once each: a message that is lost loses no incident."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import httpx

from tiphys import errors

TIMEOUT_S = 10.0
"""Seconds that the receiver may take."""


class WebhookNotifier:
    """Posts `{kind, subject, body}` to one URL."""

    def __init__(self, url: str, client: httpx.AsyncClient) -> None:
        self._url = url
        self._client = client

    async def notify(self, kind: str, subject: str, body: Mapping[str, Any]) -> None:
        """See `Notifier`; raises `Unavailable` when it was not taken."""
        message = {"kind": kind, "subject": subject, "body": dict(body)}
        try:
            reply = await self._client.post(self._url, json=message, timeout=TIMEOUT_S)
            reply.raise_for_status()
        except httpx.HTTPError as error:
            raise errors.Unavailable(f"the notification {kind} about {subject} was not taken: {error}") from error
