"""The HTTP face of the server: routes, limits, and answers that are always JSON."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response

from training.serving import dashboard, inference, model_pages, openapi, try_page
from training.serving.answers import problem
from training.serving.endpoint import Endpoint
from training.serving.exposition import Metrics
from training.serving.http import JSON, Direct, answer, body_of, invoke
from training.serving.input_values import RequestError
from training.serving.requests import INFERENCE
from training.serving.security import REQUEST_ID, TRACE_ID, Guard
from training.serving.state import State
from training.serving.tracing import Traced

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider

log = logging.getLogger(__name__)


def create_app(
    endpoints: Mapping[str, Endpoint],
    state: State,
    metrics: Metrics,
    hosts: set[str],
    traces: TracerProvider | None = None,
) -> Starlette:
    """The application for `endpoints`, by model; `hosts` are the names it may be called by."""
    app = Starlette()
    app.add_middleware(Direct, endpoints=endpoints)
    if traces is not None:
        app.add_middleware(Traced, provider=traces)
    app.add_middleware(Guard, hosts=hosts)
    app.add_exception_handler(HTTPException, _refused)
    app.add_exception_handler(RequestError, _bad_request)
    app.add_exception_handler(Exception, _failed)
    _add_model_routes(app, endpoints)
    _add_state_routes(app, endpoints, state, metrics)
    return app


def _add_model_routes(app: Starlette, endpoints: Mapping[str, Endpoint]) -> None:
    async def ping(request: Request) -> Response:
        endpoint = _endpoint(endpoints, request)
        if endpoint.in_service is None:
            return answer(503, problem(endpoint.why_not_in_service()))
        return answer(200, b'{"status": "in service"}')

    async def invocations(request: Request) -> Response:
        return await invoke(_endpoint(endpoints, request), request)

    async def infer(request: Request) -> Response:
        endpoint = _endpoint(endpoints, request)
        try:
            if inference.BINARY_HEADER in request.headers:
                raise RequestError("binary data is not supported; send the tensors as JSON", 415)
            body = await body_of(request)
        except RequestError as error:
            endpoint.refuse(error.status)
            raise
        ids = request.scope.get(REQUEST_ID), request.scope.get(TRACE_ID)
        prediction = inference.answer(await endpoint.invoke(INFERENCE, body, *ids), body)
        return answer(prediction.status, prediction.body)

    async def model(request: Request) -> Response:
        endpoint = _endpoint(endpoints, request)
        active = endpoint.in_service
        if active is None:
            return answer(503, problem(endpoint.why_not_in_service()))
        about = inference.model(endpoint.model, active.version, active.predictor.columns)
        return answer(200, json.dumps(about).encode())

    async def live(request: Request) -> Response:
        return answer(200, b'{"live": true}')

    async def ready(request: Request) -> Response:
        waiting = [e for e in endpoints.values() if e.in_service is None]
        if waiting:
            return answer(503, problem(waiting[0].why_not_in_service()))
        return answer(200, b'{"ready": true}')

    async def server(request: Request) -> Response:
        return answer(200, json.dumps(inference.server(list(endpoints))).encode())

    async def document(request: Request) -> Response:
        return answer(200, json.dumps(openapi.document(endpoints)).encode())

    async def attempt(request: Request) -> Response:
        endpoint = _endpoint(endpoints, request)
        active = endpoint.in_service
        origin = str(request.base_url).rstrip("/")
        version = active.version if active else None
        page, headers = try_page.page(endpoint.model, version, openapi.row(endpoint), origin)
        return HTMLResponse(page, headers=headers)

    async def version(request: Request) -> Response:
        return answer(200, json.dumps(_endpoint(endpoints, request).describe()).encode())

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
        content, media_type = metrics.expose(request.headers.get("accept", ""))
        return Response(content, media_type=media_type)

    def status(request: Request) -> Response:
        return JSONResponse(state.collect())

    def page(request: Request) -> Response:
        content, headers = dashboard.page(state.page())
        return HTMLResponse(content, headers=headers)

    app.add_route("/metrics", scrape, methods=["GET"])
    app.add_route("/status.json", status, methods=["GET"])
    app.add_route("/", page, methods=["GET"])
    model_pages.add(app, state.details, lambda model: _endpoint_of(endpoints, model).model)


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
    return answer(error.status, problem(str(error)))


async def _failed(request: Request, error: Exception) -> Response:
    return answer(500, problem("the request failed; the log says why"))
