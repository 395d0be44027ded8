"""Answers of the clouds that the doctor asks, from a server on this computer."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any


@contextmanager
def answering(answers: dict[str, Any]) -> Iterator[str]:
    """A server that answers a path containing a key with its value, all else with 403."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            answer = next((body for key, body in answers.items() if key in self.path), None)
            self.send_response(200 if answer is not None else 403)
            self.end_headers()
            self.wfile.write(json.dumps(answer).encode())

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.do_GET()

        def log_message(self, format: str, *args: Any) -> None:
            """Nothing: the tests look at what the doctor says."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
