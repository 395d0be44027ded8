"""A service on this computer, for what a client does with its answers."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from training.clients import http
from training.clients.http import Client, ServiceError


@dataclass
class Service:
    """A service that answers as it is told, one answer after the other; the last for good."""

    address: str = ""
    # A status with headers, or what breaks the connection: "reset" or "incomplete".
    answers: list[Any] = field(default_factory=list)
    requests: list[dict[str, str]] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    content: bytes = b"{}"

    def client(self) -> Client:
        def authorize(url: str, anew: bool) -> dict[str, str]:
            return {"authorization": "new" if anew else "old"}

        def error(method: str, url: str, answer: http.Answer) -> ServiceError:
            return ServiceError("Cloud", method, url, answer.status, "Code", "no")

        return Client("Cloud", lambda url: url, authorize, error)

    def send(self, method: str = "GET", **options: Any) -> http.Answer:
        return self.client().send(method, f"{self.address}/thing?secret=1", **options)


@contextmanager
def serving() -> Iterator[Service]:
    """A service that can be asked meanwhile."""
    service = Service()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            service.requests.append(dict(self.headers))
            length = int(self.headers.get("content-length") or 0)
            service.bodies.append(self.rfile.read(length))
            answer = service.answers.pop(0) if len(service.answers) > 1 else service.answers[0]
            if answer == "reset":
                self.connection.close()
                return
            status, headers = answer if isinstance(answer, tuple) else (200, {})
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header(
                "content-length", str(len(service.content) + 8 * (answer == "incomplete"))
            )
            self.end_headers()
            self.wfile.write(service.content)
            self.close_connection = True

        do_POST = do_PUT = do_GET  # noqa: N815

        def log_message(self, *_: Any) -> None:
            """Nobody reads it."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    service.address = f"http://127.0.0.1:{server.server_port}"
    yield service
    server.shutdown()
    server.server_close()
