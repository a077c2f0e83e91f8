"""Notifications say what happened, to what, and how to answer."""

from __future__ import annotations

import json

import httpx
import pytest

from tiphys import errors
from tiphys.notify.log import LineNotifier
from tiphys.notify.webhook import WebhookNotifier

ASKED = {"approval": "apr-1", "action": "rollback_release", "target": "shop/web", "reasons": ["confidence: low"]}


async def test_a_line_says_how_to_answer():
    lines: list[str] = []
    await LineNotifier(lines.append).notify("approval.requested", "inc-1", ASKED)
    parts = ["approval.requested", "inc-1", "rollback_release on shop/web", "confidence: low"]
    assert lines == [" · ".join([*parts, "answer with: tiphys approval grant apr-1"])]


async def test_a_line_says_why():
    lines: list[str] = []
    await LineNotifier(lines.append).notify("incident.escalated", "inc-1", {"action": "", "reason": "nobody knows"})
    assert lines == ["incident.escalated · inc-1 · nobody knows"]


async def test_a_webhook_gets_everything_as_json():
    seen: list[httpx.Request] = []

    def take(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(204)

    async with httpx.AsyncClient(transport=httpx.MockTransport(take)) as client:
        await WebhookNotifier("http://hook/x", client).notify("approval.requested", "inc-1", ASKED)
    assert json.loads(seen[0].content) == {"kind": "approval.requested", "subject": "inc-1", "body": ASKED}


async def test_a_webhook_that_does_not_take_it_says_so():
    async with httpx.AsyncClient(transport=httpx.MockTransport(lambda _: httpx.Response(500))) as client:
        with pytest.raises(errors.Unavailable, match="was not taken"):
            await WebhookNotifier("http://hook/x", client).notify("incident.closed", "inc-1", {})
