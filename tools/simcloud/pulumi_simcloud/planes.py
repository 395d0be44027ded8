"""The common ground of the simulated cloud's data planes: a server on the cloud's state.

Resources come through the engine; what a platform does with them by itself comes here.
"""

from __future__ import annotations

from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

from pulumi_simcloud.state import State

# How long an end may take to be seen.
END_SECONDS = 0.02
JSON = {"content-type": "application/json"}


class Handler(BaseHTTPRequestHandler):
    """Answers the requests of one connection."""

    protocol_version = "HTTP/1.1"
    # An answer is two packets: without this the second waits for the first to be acknowledged,
    # for which a client takes its time (40 ms on Linux).
    disable_nagle_algorithm = True

    def content(self) -> bytes:
        """The request's body."""
        return self.rfile.read(int(self.headers.get("content-length") or 0))

    def answer(self, status: int, body: bytes, headers: Mapping[str, str] = JSON) -> None:
        """Send an answer."""
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing: the cloud keeps a journal of its own."""


class Plane(ThreadingHTTPServer):
    """Serves one simulated cloud on a free port of this computer."""

    daemon_threads = True

    def __init__(self, state: State, handler: type[Handler]) -> None:
        super().__init__(("127.0.0.1", 0), handler)
        self.state = state

    @property
    def address(self) -> str:
        """The address that it listens on."""
        return f"http://127.0.0.1:{self.server_port}"

    def begin(self) -> None:
        """Serve, until `end`, in a thread."""
        Thread(target=self.serve_forever, args=(END_SECONDS,), daemon=True).start()

    def end(self) -> None:
        """Serve no longer."""
        self.shutdown()
        self.server_close()
