"""A webhook's receiver on this computer."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Receiver:
    """Keeps the events posted to it; the first `failing` posts are answered with 500."""

    def __init__(self, failing: int) -> None:
        self.events: list[dict[str, Any]] = []
        self.paths: list[str] = []
        self.failing = failing
        self.http = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.url = f"http://127.0.0.1:{self.http.server_address[1]}"

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                event = json.loads(self.rfile.read(int(self.headers["content-length"])))
                receiver.paths.append(self.path)
                receiver.failing -= 1
                if receiver.failing < 0:
                    receiver.events.append(event)
                self.send_response(500 if receiver.failing >= 0 else 204)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Nothing."""

        return Handler


@contextmanager
def receiving(failing: int = 0) -> Iterator[Receiver]:
    """A receiver that listens."""
    receiver = Receiver(failing)
    thread = threading.Thread(target=receiver.http.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield receiver
    finally:
        receiver.http.shutdown()
        receiver.http.server_close()
        thread.join()
