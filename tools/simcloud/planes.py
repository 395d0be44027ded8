"""What the data planes of the simulated cloud have in common: a server on the cloud's state.

Resources come through the engine; what a platform does with them by itself comes here.
"""

from __future__ import annotations

from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

from tools.simcloud.state import State


class Plane(ThreadingHTTPServer):
    """Serves one simulated cloud on a free port of this computer."""

    daemon_threads = True

    def __init__(self, state: State, handler: type[BaseHTTPRequestHandler]) -> None:
        super().__init__(("127.0.0.1", 0), handler)
        self.state = state

    @property
    def address(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.server_port}"

    def begin(self) -> None:
        """Serve, until `end`, in a thread."""
        Thread(target=self.serve_forever, daemon=True).start()

    def end(self) -> None:
        """Serve no longer."""
        self.shutdown()
        self.server_close()
