"""Refusals that pass: when to come back, and clients that are too slow."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from tests.serving.platforms import ROW, register_champion
from training.platform import Platform
from training.serving import app as application
from training.serving import batching, http
from training.serving.endpoint import Endpoint
from training.serving.exposition import Metrics
from training.serving.follow import Follower
from training.serving.state import State

BODY = json.dumps({"instances": [ROW]}).encode()
Receive = Callable[[], Awaitable[dict[str, Any]]]


def application_of(platform: Platform) -> Any:
    """The application of a stack, without a network."""
    endpoints: dict[str, Endpoint] = {}
    state = State(platform, endpoints, lambda model: [])
    metrics = Metrics(state.models)
    endpoints["toys"] = Endpoint(platform, "toys", metrics)
    Follower(platform.store, endpoints["toys"], lambda version: None).check()
    return application.create_app(endpoints, state, metrics, set())


async def post(app: Any, receive: Receive) -> tuple[int, dict[bytes, bytes], Any]:
    messages: list[dict[str, Any]] = []
    scope = {
        "type": "http",
        "method": "POST",
        "path": "/invocations",
        "raw_path": b"/invocations",
        "query_string": b"",
        "headers": [(b"host", b"x"), (b"content-type", b"application/json")],
        "http_version": "1.1",
        "scheme": "http",
    }

    async def send(message: dict[str, Any]) -> None:
        messages.append(message)

    await app(scope, receive, send)
    return messages[0]["status"], dict(messages[0]["headers"]), json.loads(messages[1]["body"])


async def body() -> dict[str, Any]:
    return {"type": "http.request", "body": BODY, "more_body": False}


async def never() -> dict[str, Any]:
    await asyncio.sleep(60)
    raise AssertionError("the server waited for it")


async def disconnect() -> dict[str, Any]:
    return {"type": "http.disconnect"}


def test_what_is_refused_for_now_says_when_to_come_back(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    status, headers, _ = asyncio.run(post(application_of(platform), body))
    assert (status, headers[b"retry-after"]) == (503, b"1")
    register_champion(platform)
    app = application_of(platform)
    status, headers, answer = asyncio.run(post(app, body))
    assert (status, answer["version"], b"retry-after" in headers) == (200, 1, False)
    monkeypatch.setattr(batching, "MAX_WAITING_REQUESTS", 0)
    status, headers, answer = asyncio.run(post(app, body))
    assert (status, headers[b"retry-after"]) == (503, b"1")
    assert "wait already" in answer["error"]


@pytest.mark.parametrize(("receive", "expected"), [(never, 408), (disconnect, 400)])
def test_a_client_that_is_slow_or_gone_holds_nothing(
    platform: Platform, monkeypatch: pytest.MonkeyPatch, receive: Receive, expected: int
) -> None:
    monkeypatch.setattr(http, "BODY_SECONDS", 0.1)
    register_champion(platform)
    app = application_of(platform)

    async def ask_twice() -> tuple[int, int]:
        status, _, _ = await asyncio.wait_for(post(app, receive), 30)
        after, _, _ = await post(app, body)
        return status, after

    assert asyncio.run(ask_twice()) == (expected, 200)
