"""A browser as the console sees it: cookies, and the headers that say where a form comes from."""

from __future__ import annotations

import asyncio
import re
from functools import partial
from html import unescape
from typing import Any

import httpx

from training.console import endpoints
from training.console.app import Console
from training.console.snapshot import Snapshot
from training.platform import Platform
from training.runs import runs_of
from training.serving.state import State

PORT = 8899
ORIGIN = f"http://127.0.0.1:{PORT}"


def make_console(platform: Platform, *, acts: bool = True, fresh_seconds: float = 0.0) -> Console:
    """The console of a stack, without a socket."""
    remote = {model: endpoints.RemoteEndpoint(platform, model) for model in platform.models}
    state = State(platform, remote, partial(runs_of(platform).schedules, platform))
    return Console(platform, state, Snapshot(state.page, fresh_seconds), PORT, acts)


class Browser:
    """One browser; `get` and `post` follow no redirect."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self._app = console.create_app()
        self.cookies = httpx.Cookies()

    def request(self, method: str, path: str, **options: Any) -> httpx.Response:
        """The answer to any request."""

        async def ask() -> httpx.Response:
            transport = httpx.ASGITransport(self._app, raise_app_exceptions=False)
            async with httpx.AsyncClient(
                transport=transport, base_url=ORIGIN, cookies=self.cookies
            ) as client:
                answer = await client.request(method, path, **options)
                self.cookies = client.cookies
                return answer

        return asyncio.run(ask())

    def enter(self) -> Browser:
        """Open the address that the terminal shows."""
        answer = self.get("/enter", token=self.console.sessions.entry)
        assert (answer.status_code, answer.headers["location"]) == (303, "/")
        return self

    def get(self, path: str, headers: dict[str, str] | None = None, **query: str) -> Any:
        """The answer to a GET."""
        return self.request("GET", path, headers=headers, params=query or None)

    def post(self, path: str, fields: dict[str, str], **headers: str) -> Any:
        """The answer to a form; `headers` with the value "" are not sent."""
        all_headers = {"origin": ORIGIN, "sec-fetch-site": "same-origin"} | {
            name.replace("_", "-"): value for name, value in headers.items()
        }
        headers_sent = {name: value for name, value in all_headers.items() if value}
        return self.request("POST", path, data=fields, headers=headers_sent)

    def form(self, action: str, subject: str = "", model: str = "toys") -> dict[str, str]:
        """The hidden fields of an action's page."""
        answer = self.get(f"/models/{model}/act/{action}", subject=subject)
        assert answer.status_code == 200, answer.text
        return hidden_fields(answer.text)

    def act(
        self, action: str, subject: str = "", why: str = "a test", model: str = "toys", **more: str
    ) -> Any:
        """Confirm an action as a person does."""
        fields = {**self.form(action, subject, model), "why": why, **more}
        return self.post(f"/models/{model}/act/{action}", fields)


def hidden_fields(html: str) -> dict[str, str]:
    """The hidden fields of a page's form."""
    pairs = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', html)
    return {name: unescape(value) for name, value in pairs}


def sentence(answer: Any) -> str:
    """The sentence of an error's page."""
    match = re.search(r'<p role="alert">(.*?)</p>', answer.text, re.S)
    assert match, answer.text
    return unescape(match[1])
