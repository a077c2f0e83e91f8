"""A small web service that can break: what the pods of the demo run. Standard library only (`python -I -S`).

`GET /` and `GET /healthz` answer 200 while all is well. `POST /wedge?mode=error|hang` breaks both until the process is
restarted: they answer 503, or do not answer. Its state lives in the process alone, so that a restart really heals.
Environment: `POD_IP` and `PORT` to listen on; `FLAW`, what is wrong with the release: `crash` (ends with 1 at once) or
`sick` (starts, but is never healthy).
"""

from __future__ import annotations

import os
import signal
import socketserver
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import FrameType

HANG_S = 3600
_wedged = threading.Event()
_hanging = threading.Event()


class Handler(BaseHTTPRequestHandler):
    """Answers one request."""

    def do_GET(self) -> None:
        """The front page and the health check."""
        if _hanging.is_set():
            threading.Event().wait(HANG_S)
        if _wedged.is_set():
            self._answer(503, "wedged: the connection pool is exhausted")
        elif self.path in ("/", "/healthz"):
            self._answer(200, f"ok from {os.environ.get('HOSTNAME', 'nowhere')}")
        else:
            self._answer(404, "not found")

    def do_POST(self) -> None:
        """The handle by which the demo breaks it."""
        if not self.path.startswith("/wedge"):
            self._answer(404, "not found")
            return
        _wedged.set()
        if "mode=hang" in self.path:
            _hanging.set()
        self._answer(200, "wedged")

    def _answer(self, code: int, text: str) -> None:
        body = f"{text}\n".encode()
        self.send_response(code)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)
        self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Only failures are worth a line."""
        if len(args) > 1 and str(args[1]) >= "500":
            sys.stderr.write(f"{format % args}\n")


class Server(ThreadingHTTPServer):
    """A server that looks up no names (which may take seconds) and is not kept alive by hanging requests."""

    daemon_threads = True
    block_on_close = False

    def server_bind(self) -> None:
        """Binds without a reverse look-up."""
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = str(self.server_address[0]), self.server_address[1]


def _stop(_number: int, _frame: FrameType | None) -> None:
    os._exit(0)


def main() -> int:
    """Serves until TERM; the exit status is 0 after TERM and 1 for a release that crashes."""
    flaw = os.environ.get("FLAW", "")
    if flaw == "crash":
        sys.stderr.write("fatal: configuration key 'currency' is missing in this release\n")
        return 1
    if flaw == "sick":
        _wedged.set()
    signal.signal(signal.SIGTERM, _stop)
    address = (os.environ.get("POD_IP", "127.0.0.1"), int(os.environ.get("PORT", "8080")))
    with Server(address, Handler) as server:
        sys.stderr.write(f"listening on {address[0]}:{address[1]}\n")
        server.serve_forever()
    return 0


if __name__ == "__main__":
    sys.exit(main())
