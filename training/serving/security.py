"""Middleware of every request and answer: the Host check and the security headers."""

from __future__ import annotations

import asyncio
import contextlib
import re
import uuid
from http import HTTPStatus
from typing import Any

from training.serving.answers import problem

LOCAL_NAMES = {"127.0.0.1", "localhost", "[::1]"}
EVERY_ADDRESS = {"0.0.0.0", "[::]"}

# Where the ids of a request stand in its ASGI scope.
REQUEST_ID, TRACE_ID = "mlops.request_id", "mlops.trace_id"
_REQUEST_HEADER = b"x-request-id"
# An id goes into logs and captures: nothing that could be read as something else.
_REQUEST_ID = re.compile(r"[A-Za-z0-9._:-]{1,128}")
# https://www.w3.org/TR/trace-context/#traceparent-header: version, trace-id, parent-id, flags.
_TRACEPARENT = re.compile(r"[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}(?:-.*)?")

# Headers of every answer that does not bring its own.
_HEADERS = [
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cache-control", b"no-store"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
]

# A body that is refused gets this long to come to its end.
DISCARD_SECONDS = 5


def allowed_hosts(host: str) -> set[str]:
    """The names that a server bound to `host` may be called by; empty for any.

    Bound to this computer only, a foreign name means that a web page has made its own name
    point here (DNS rebinding) to read what is served.
    """
    return set() if host in EVERY_ADDRESS else LOCAL_NAMES | {host.lower()}


class Guard:
    """ASGI middleware: refuses foreign Host headers, adds the headers to every answer.

    A refusal waits for the rest of its request's body. A connection that is closed with bytes to
    read is reset, and the client, which is still sending, never sees the answer (RFC 9112, 9.6).
    """

    def __init__(self, app: Any, hosts: set[str]) -> None:
        self._app = app
        self._hosts = hosts

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        request, trace = _ids(scope)
        scope[REQUEST_ID], scope[TRACE_ID] = request, trace
        body = _Body(receive)

        async def guarded(message: Any) -> None:
            if message["type"] == "http.response.start":
                if message["status"] >= 400 and message["status"] != HTTPStatus.REQUEST_TIMEOUT:
                    await body.discard()
                headers = [*message["headers"], (_REQUEST_HEADER, request.encode())]
                present = {name for name, _ in headers}
                headers += [header for header in _HEADERS if header[0] not in present]
                message = {**message, "headers": headers}
            await send(message)

        if self._hosts and (host := _host(scope)) not in self._hosts:
            await _refuse(host, guarded)
        else:
            await self._app(scope, body.receive, guarded)


class _Body:
    """The body of a request, which knows whether some of it is still to come."""

    def __init__(self, receive: Any) -> None:
        self._receive = receive
        self._more = True

    async def receive(self) -> Any:
        message = await self._receive()
        self._more = message["type"] == "http.request" and message.get("more_body", False)
        return message

    async def discard(self) -> None:
        """Read what is still to come, for a while, and throw it away."""
        if self._more:
            # In Python 3.10 the error is not yet the builtin one.
            with contextlib.suppress(asyncio.TimeoutError):
                await asyncio.wait_for(self._read(), DISCARD_SECONDS)

    async def _read(self) -> None:
        while self._more:
            await self.receive()


def _ids(scope: Any) -> tuple[str, str | None]:
    """The id of a request, its sender's if that is one, and the id of the trace it belongs to."""
    request = trace = ""
    for name, value in scope["headers"]:
        if name == _REQUEST_HEADER:
            request = value.decode("latin-1")
        elif name == b"traceparent":
            trace = value.decode("latin-1")
    match = _TRACEPARENT.fullmatch(trace)
    trace_id = match[1] if match and match[1] != "0" * 32 else None
    if not _REQUEST_ID.fullmatch(request):
        request = uuid.uuid4().hex
    return request, trace_id


def _host(scope: Any) -> str:
    value = next((value for name, value in scope["headers"] if name == b"host"), b"")
    name, colon, port = value.decode("latin-1").lower().rpartition(":")
    return name if colon and port.isdigit() else value.decode("latin-1").lower()


async def _refuse(host: str, send: Any) -> None:
    body = problem(f"host {host!r} is not served here; call it by the address it is bound to")
    headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": 421, "headers": headers})
    await send({"type": "http.response.body", "body": body})
