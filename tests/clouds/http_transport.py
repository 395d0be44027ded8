"""Requests of this process to a double of Azure or Google Cloud, answered without a connection.

Half of what a small request takes is its socket, its thread, and headers that are written and read
again. Other processes, such as jobs and commands, call the same handler by its address.
"""

from __future__ import annotations

import io
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import BaseAdapter
from requests.structures import CaseInsensitiveDict

from training.clients import http


@contextmanager
def connected(server: ThreadingHTTPServer) -> Iterator[str]:
    """Let the clients of this process call the server's handler meanwhile, at this address."""
    address = f"http://127.0.0.1:{server.server_port}"
    session = http._session()
    session.mount(f"{address}/", _Adapter(server))
    yield address
    del session.adapters[f"{address}/"]


class _Adapter(BaseAdapter):
    def __init__(self, server: ThreadingHTTPServer) -> None:
        super().__init__()
        handler: Any = server.RequestHandlerClass
        self._call = type("Call", (_Call, handler), {})
        self._server = server

    def send(self, request: requests.PreparedRequest, *_: Any, **__: Any) -> requests.Response:
        call = self._call(self._server, request)
        try:
            getattr(call, f"do_{request.method}")()
        except Exception:  # a server's own fault ends the connection
            traceback.print_exc()
            raise requests.ConnectionError(f"{request.url}: no answer") from None
        call.wfile.seek(0)
        return call.response

    def close(self) -> None:
        """Nothing is open."""


class _Call(BaseHTTPRequestHandler):
    """One request: what a handler reads of it, and its answer as a client has it."""

    def __init__(self, server: ThreadingHTTPServer, request: requests.PreparedRequest) -> None:
        url, body = urlsplit(request.url or ""), request.body
        assert body is None or isinstance(body, bytes), "the clients send bytes"
        self.server = server
        self.command = request.method or ""
        self.path = f"{url.path}?{url.query}" if url.query else url.path
        self.headers = HTTPMessage()
        for name, value in request.headers.items():
            self.headers[name] = value.decode() if isinstance(value, bytes) else value
        self.rfile = io.BytesIO(body or b"")
        self.wfile = io.BytesIO()
        self.response = requests.Response()
        self.response.request = request
        self.response.url = request.url or ""
        self.response.headers = CaseInsensitiveDict()
        self.response.raw = self.wfile

    def send_response(self, code: int, message: str | None = None) -> None:
        self.response.status_code = code

    def send_header(self, keyword: str, value: str) -> None:
        self.response.headers[keyword] = value

    def end_headers(self) -> None:
        """What is written from here on is the content."""
