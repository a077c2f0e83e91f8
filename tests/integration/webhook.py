"""A receiver of webhooks on loopback: keeps what it gets, and answers as it is told."""

import asyncio
import json
import time
from collections.abc import Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from tiphys.jsons import JsonObject


@dataclass
class Receiver:
    """`received` are (authorization header, body); `code` is what every post is answered with."""

    url: str = ""
    code: int = 200
    received: list[tuple[str, JsonObject]] = field(default_factory=list)

    @property
    def bodies(self) -> list[JsonObject]:
        return [body for _, body in self.received]

    async def until(self, holds: Callable[[JsonObject], bool], *, patience_s: float = 20) -> JsonObject:
        """The first body of which it is true, once it has come."""
        end = time.monotonic() + patience_s
        while True:
            for body in self.bodies:
                if holds(body):
                    return body
            assert time.monotonic() < end, f"has not come; there is {json.dumps(self.bodies)}"
            await asyncio.sleep(0.05)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter):
        lines = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")[1:-2]
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        body = json.loads(await reader.readexactly(int(headers["content-length"])))
        self.received.append((headers.get("authorization", ""), body))
        writer.write(f"HTTP/1.1 {self.code} Said\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode())
        await writer.drain()
        writer.close()


@asynccontextmanager
async def webhook_receiver():
    receiver = Receiver()
    server = await asyncio.start_server(receiver.serve, "127.0.0.1", 0)
    receiver.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/alerts"
    try:
        yield receiver
    finally:
        server.close()
        await server.wait_closed()


def is_alert(name: str, status: str, **labels: str) -> Callable[[JsonObject], bool]:
    """Whether a body is of that alert, in that status."""
    wanted = {"alertname": name, **labels}.items()
    return lambda body: body["status"] == status and wanted <= body["commonLabels"].items()
