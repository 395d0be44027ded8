"""The HTTP face of the server: routes, limits, and answers that are always JSON."""

from __future__ import annotations

import asyncio
import json
import logging
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from training.serving import dashboard, exposition, inference, model_pages, openapi, try_page
from training.serving.answers import problem
from training.serving.endpoint import Endpoint
from training.serving.exposition import Metrics
from training.serving.input_values import OVERLOADED, RequestError
from training.serving.requests import INFERENCE, MAX_BYTES
from training.serving.security import REQUEST_ID, TRACE_ID, Guard
from training.serving.state import State
from training.serving.tracing import Traced

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider

log = logging.getLogger(__name__)

JSON = "application/json"
# A client that is slower holds no place in the server.
BODY_SECONDS = 30
RETRY_AFTER_SECONDS = "1"


def create_app(
    endpoints: Mapping[str, Endpoint],
    state: State,
    metrics: Metrics,
    hosts: set[str],
    traces: TracerProvider | None = None,
) -> Starlette:
    """The application for `endpoints`, by model; `hosts` are the names it may be called by."""
    app = Starlette()
    app.add_middleware(_Direct, endpoints=endpoints)
    if traces is not None:
        app.add_middleware(Traced, provider=traces)
    app.add_middleware(Guard, hosts=hosts)
    app.add_exception_handler(HTTPException, _refused)
    app.add_exception_handler(RequestError, _bad_request)
    app.add_exception_handler(Exception, _failed)
    _add_model_routes(app, endpoints)
    _add_state_routes(app, endpoints, state, metrics)
    return app


def predictions_app(
    endpoints: Mapping[str, Endpoint],
    hosts: set[str],
    rest: ASGIApp,
    traces: TracerProvider | None = None,
) -> ASGIApp:
    """The application of a process that answers predictions alone; `rest` answers all else."""
    direct: ASGIApp = _Direct(rest, endpoints)
    if traces is not None:
        direct = Traced(direct, provider=traces)
    guarded, paths = Guard(direct, hosts), prediction_paths(endpoints)

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        mine = scope["type"] == "http" and scope["method"] == "POST" and scope["path"] in paths
        await (guarded if mine else rest)(scope, receive, send)

    return app


def prediction_paths(endpoints: Mapping[str, Endpoint]) -> dict[str, Endpoint]:
    """The endpoint that answers predictions at each path."""
    paths = {f"/models/{name}/invocations": endpoint for name, endpoint in endpoints.items()}
    if len(endpoints) == 1:
        paths["/invocations"] = next(iter(endpoints.values()))
    return paths


class _Direct:
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
            response = await _invoked(endpoint, request)
        except RequestError as error:
            response = _answer(error.status, problem(str(error)))
        await response(scope, receive, send)


async def _invoked(endpoint: Endpoint, request: Request) -> Response:
    ids = request.scope.get(REQUEST_ID), request.scope.get(TRACE_ID)
    answer = await endpoint.invoke(_content_type(request), await _body(request), *ids)
    return _answer(answer.status, answer.body)


def _add_model_routes(app: Starlette, endpoints: Mapping[str, Endpoint]) -> None:
    async def ping(request: Request) -> Response:
        endpoint = _endpoint(endpoints, request)
        if endpoint.in_service is None:
            return _answer(503, problem(endpoint.why_not_in_service()))
        return _answer(200, b'{"status": "in service"}')

    async def invocations(request: Request) -> Response:
        return await _invoked(_endpoint(endpoints, request), request)

    async def infer(request: Request) -> Response:
        endpoint = _endpoint(endpoints, request)
        if inference.BINARY_HEADER in request.headers:
            raise RequestError("binary data is not supported; send the tensors as JSON", 415)
        body = await _body(request)
        ids = request.scope.get(REQUEST_ID), request.scope.get(TRACE_ID)
        answer = inference.answer(await endpoint.invoke(INFERENCE, body, *ids), body)
        return _answer(answer.status, answer.body)

    async def model(request: Request) -> Response:
        endpoint = _endpoint(endpoints, request)
        active = endpoint.in_service
        if active is None:
            return _answer(503, problem(endpoint.why_not_in_service()))
        about = inference.model(endpoint.model, active.version, active.predictor.columns)
        return _answer(200, json.dumps(about).encode())

    async def live(request: Request) -> Response:
        return _answer(200, b'{"live": true}')

    async def ready(request: Request) -> Response:
        waiting = [e for e in endpoints.values() if e.in_service is None]
        if waiting:
            return _answer(503, problem(waiting[0].why_not_in_service()))
        return _answer(200, b'{"ready": true}')

    async def server(request: Request) -> Response:
        return _answer(200, json.dumps(inference.server(list(endpoints))).encode())

    async def document(request: Request) -> Response:
        return _answer(200, json.dumps(openapi.document(endpoints)).encode())

    async def attempt(request: Request) -> Response:
        endpoint = _endpoint(endpoints, request)
        active = endpoint.in_service
        origin = str(request.base_url).rstrip("/")
        version = active.version if active else None
        page, headers = try_page.page(endpoint.model, version, openapi.row(endpoint), origin)
        return HTMLResponse(page, headers=headers)

    async def version(request: Request) -> Response:
        return _answer(200, json.dumps(_endpoint(endpoints, request).describe()).encode())

    for prefix in ("", "/models/{model}"):
        app.add_route(f"{prefix}/ping", ping, methods=["GET"])
        app.add_route(f"{prefix}/invocations", invocations, methods=["POST"])
        app.add_route(f"{prefix}/version", version, methods=["GET"])
        app.add_route(f"{prefix}/try", attempt, methods=["GET"])
    app.add_route("/openapi.json", document, methods=["GET"])
    app.add_route("/v2", server, methods=["GET"])
    app.add_route("/v2/health/live", live, methods=["GET"])
    app.add_route("/v2/health/ready", ready, methods=["GET"])
    app.add_route("/v2/models/{model}", model, methods=["GET"])
    app.add_route("/v2/models/{model}/ready", ping, methods=["GET"])
    app.add_route("/v2/models/{model}/infer", infer, methods=["POST"])


def _add_state_routes(
    app: Starlette, endpoints: Mapping[str, Endpoint], state: State, metrics: Metrics
) -> None:
    # `def`, not `async def`: these read files, so they run beside the event loop.
    def scrape(request: Request) -> Response:
        return Response(metrics.text(), media_type=exposition.CONTENT_TYPE)

    def status(request: Request) -> Response:
        return JSONResponse(state.collect())

    def page(request: Request) -> Response:
        content, headers = dashboard.page(state.page())
        return HTMLResponse(content, headers=headers)

    app.add_route("/metrics", scrape, methods=["GET"])
    app.add_route("/status.json", status, methods=["GET"])
    app.add_route("/", page, methods=["GET"])
    model_pages.add(app, state, lambda model: _endpoint_of(endpoints, model).model)


def _endpoint(endpoints: Mapping[str, Endpoint], request: Request) -> Endpoint:
    model = request.path_params.get("model")
    if model is not None:
        return _endpoint_of(endpoints, model)
    if len(endpoints) > 1:
        paths = ", ".join(f"/models/{name}{request.url.path}" for name in endpoints)
        raise HTTPException(404, f"several models are served here; say which: {paths}")
    return next(iter(endpoints.values()))


def _endpoint_of(endpoints: Mapping[str, Endpoint], model: str) -> Endpoint:
    if model not in endpoints:
        raise HTTPException(404, f"no model {model!r} here; served: {', '.join(endpoints)}")
    return endpoints[model]


def _content_type(request: Request) -> str:
    encoding = request.headers.get("content-encoding", "identity")
    if encoding != "identity":
        raise RequestError(f"content encoding {encoding!r} is not supported; send it plain", 415)
    return request.headers.get("content-type", "").split(";")[0].strip().lower()


async def _body(request: Request) -> bytes:
    """The whole body; raises RequestError if it is too large, or too slow to come."""
    # A timer rather than `asyncio.wait_for`, which makes a task of every request.
    task, loop = asyncio.current_task(), asyncio.get_running_loop()
    assert task is not None
    timer = loop.call_later(BODY_SECONDS, task.cancel)
    try:
        return await _whole(request)
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


async def _whole(request: Request) -> bytes:
    parts, size = [], 0
    async for part in request.stream():
        size += len(part)
        if size > MAX_BYTES:
            raise RequestError(f"the body is larger than the {MAX_BYTES} bytes allowed", 413)
        parts.append(part)
    return b"".join(parts)


def _answer(status: int, body: bytes) -> Response:
    headers = {"retry-after": RETRY_AFTER_SECONDS} if status == OVERLOADED else None
    return Response(body, status, headers, media_type=JSON)


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    message = {
        404: f"no path {request.url.path!r} here",
        405: f"method {request.method} is not allowed for {request.url.path!r}",
    }.get(error.status_code)
    said_by_us = error.detail not in ("Not Found", "Method Not Allowed")
    text = error.detail if said_by_us or message is None else message
    return Response(problem(text), error.status_code, error.headers, JSON)


async def _bad_request(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestError)
    return _answer(error.status, problem(str(error)))


async def _failed(request: Request, error: Exception) -> Response:
    return _answer(500, problem("the request failed; the log says why"))
