"""Middleware of the console: who may ask, and that what changes something was sent by its pages."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request

from training.console.sessions import Sessions

ENTRY = "/enter"
METHODS = ("GET", "POST")
# Ours alone may read or embed an answer; forms have to tell their origin, which `no-referrer`
# would keep back: https://fetch.spec.whatwg.org/#append-a-request-origin-header
HEADERS = [
    (b"referrer-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
]

# Sends the page of a refusal: status and sentence.
Refuse = Callable[[Request, int, str], Any]


def cookie(port: int) -> str:
    """The name of the session's cookie: a browser keeps those of all ports in one place."""
    return f"mlops_console_{port}"


def session(request: Request, port: int) -> str:
    """The session that the request's cookie names; empty without one."""
    return request.cookies.get(cookie(port), "")


class Gate:
    """ASGI middleware inside `Guard`, which has checked the Host header by then."""

    def __init__(
        self,
        app: Callable[..., Awaitable[None]],
        sessions: Sessions,
        port: int,
        refuse: Refuse,
    ) -> None:
        self._app, self._sessions, self._port, self._refuse = app, sessions, port, refuse

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def closed(message: Any) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message["headers"], *HEADERS]}
            await send(message)

        request = Request(scope, receive)
        refusal = self._refusal(request)
        answer = self._app if refusal is None else self._refuse(request, *refusal)
        await answer(scope, receive, closed)

    def _refusal(self, request: Request) -> tuple[int, str] | None:
        """The status and the reason for which a request is refused; None if it is not."""
        if request.method not in METHODS:
            return 405, f"method {request.method} is not allowed; allowed: {', '.join(METHODS)}"
        if request.method == "POST" and not _from_here(request):
            return 403, "nothing was done: the form was not sent by a page of this console"
        if request.url.path == ENTRY:
            return None
        if not self._sessions.is_open(session(request, self._port)):
            return 403, "open the address that the terminal of `mlops console` shows"
        return None


def _from_here(request: Request) -> bool:
    """True if a browser says that a page of this very address sent the request.

    A browser sends the Origin of every POST; Sec-Fetch-Site is held against too where there is one.
    """
    origin = f"{request.url.scheme}://{request.headers.get('host', '')}".lower()
    site = request.headers.get("sec-fetch-site", "same-origin")
    return request.headers.get("origin", "").lower() == origin and site == "same-origin"
