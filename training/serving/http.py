"""Predictions over HTTP: what every process of a server does, and all that a worker does."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING

import uvicorn
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from training.serving.answers import problem
from training.serving.endpoint import Endpoint
from training.serving.input_values import OVERLOADED, RequestError
from training.serving.requests import MAX_BYTES
from training.serving.security import REQUEST_ID, TRACE_ID, Guard
from training.serving.tracing import Traced

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider

JSON = "application/json"
# A client that is slower holds no place in the server.
BODY_SECONDS = 30
RETRY_AFTER_SECONDS = "1"
# Requests under way at a stop get this long to be answered.
STOP_SECONDS = 10


def http_config(app: ASGIApp) -> uvicorn.Config:
    """The settings of a process's HTTP server."""
    return uvicorn.Config(
        app,
        log_level="warning",
        log_config=None,  # its lines go where all others do
        access_log=False,  # the entry of a console stands in an address
        server_header=False,
        timeout_graceful_shutdown=STOP_SECONDS,
    )


def predictions_app(
    endpoints: Mapping[str, Endpoint],
    hosts: set[str],
    fallback: ASGIApp,
    traces: TracerProvider | None = None,
) -> ASGIApp:
    """The application of a process that answers predictions alone; `fallback` answers all else."""
    direct: ASGIApp = Direct(fallback, endpoints)
    if traces is not None:
        direct = Traced(direct, provider=traces)
    guarded, paths = Guard(direct, hosts), prediction_paths(endpoints)

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        is_prediction = (
            scope["type"] == "http" and scope["method"] == "POST" and scope["path"] in paths
        )
        await (guarded if is_prediction else fallback)(scope, receive, send)

    return app


def prediction_paths(endpoints: Mapping[str, Endpoint]) -> dict[str, Endpoint]:
    """The endpoint that answers predictions at each path."""
    paths = {f"/models/{name}/invocations": endpoint for name, endpoint in endpoints.items()}
    if len(endpoints) == 1:
        paths["/invocations"] = next(iter(endpoints.values()))
    return paths


class Direct:
    """ASGI middleware: answers predictions itself, past the routes, which take as long."""

    def __init__(self, app: ASGIApp, endpoints: Mapping[str, Endpoint]) -> None:
        self._app = app
        self._endpoints = prediction_paths(endpoints)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        endpoint = None
        if scope["type"] == "http" and scope["method"] == "POST":
            endpoint = self._endpoints.get(scope["path"])
        if endpoint is None:
            await self._app(scope, receive, send)
            return
        request = Request(scope, receive)
        try:
            response = await invoke(endpoint, request)
        except RequestError as error:
            response = answer(error.status, problem(str(error)))
        await response(scope, receive, send)


async def invoke(endpoint: Endpoint, request: Request) -> Response:
    """The endpoint's answer to a prediction; raises RequestError if it cannot be read."""
    ids = request.scope.get(REQUEST_ID), request.scope.get(TRACE_ID)
    try:
        content_type, body = content_type_of(request), await body_of(request)
    except RequestError as error:
        endpoint.refuse(error.status)
        raise
    prediction = await endpoint.invoke(content_type, body, *ids)
    return answer(prediction.status, prediction.body)


def content_type_of(request: Request) -> str:
    """The media type alone; raises RequestError for a body that is compressed."""
    encoding = request.headers.get("content-encoding", "identity")
    if encoding != "identity":
        raise RequestError(f"content encoding {encoding!r} is not supported; send it plain", 415)
    return request.headers.get("content-type", "").split(";")[0].strip().lower()


async def body_of(request: Request) -> bytes:
    """The whole body; raises RequestError if it is too large, or too slow to come."""
    # A timer rather than `asyncio.wait_for`, which makes a task of every request.
    task, loop = asyncio.current_task(), asyncio.get_running_loop()
    assert task is not None
    timer = loop.call_later(BODY_SECONDS, task.cancel)
    try:
        return await _read_body(request)
    except asyncio.CancelledError:
        if loop.time() < timer.when():  # somebody else's
            raise
        if sys.version_info >= (3, 11):
            task.uncancel()
        raise RequestError(f"the body did not come within {BODY_SECONDS} s", 408) from None
    except ClientDisconnect:
        raise RequestError("the client went away before its body had come", 400) from None
    finally:
        timer.cancel()


async def _read_body(request: Request) -> bytes:
    parts, size = [], 0
    async for part in request.stream():
        size += len(part)
        if size > MAX_BYTES:
            raise RequestError(f"the body is larger than the {MAX_BYTES} bytes allowed", 413)
        parts.append(part)
    return b"".join(parts)


def answer(status: int, body: bytes) -> Response:
    """A response in JSON, which says when to come back if the server is overloaded."""
    headers = {"retry-after": RETRY_AFTER_SECONDS} if status == OVERLOADED else None
    return Response(body, status, headers, media_type=JSON)
