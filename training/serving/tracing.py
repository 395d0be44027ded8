"""Traces of requests for a collector, by OpenTelemetry's standard variables; off without them.

``OTEL_EXPORTER_OTLP_ENDPOINT`` (or ``OTEL_EXPORTER_OTLP_TRACES_ENDPOINT``) turns them on,
``OTEL_SDK_DISABLED=true`` and ``OTEL_TRACES_EXPORTER=none`` off again. All others are read by the
library: headers, timeout, certificate, sampler, resource attributes, service name, propagators
(opentelemetry.io, "Environment Variable Specification" and "OpenTelemetry Protocol Exporter").
Neither its SDK nor an exporter is imported before that.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from training import __version__
from training.errors import UserError
from training.serving.security import REQUEST_ID, TRACE_ID

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider

ENDPOINTS = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")
PROTOCOLS = ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL")
HTTP, GRPC = "http/protobuf", "grpc"
EXTRA = "requirements/otel.txt"
# Asked every few seconds by machines: no trace of them tells anything.
QUIET = re.compile(r"/metrics|(/models/[^/]+)?/ping|/v2/health/.*|/v2/models/[^/]+/ready")
# Names of spans are few: what differs from request to request is left out of them.
NAMES = (
    (re.compile(r"^(/v2)?/models/[^/]+"), r"\1/models/{model}"),
    (re.compile(r"/(runs|drift|versions)/[^/]+$"), r"/\1/{name}"),
)


def start(stack: str, environment: Mapping[str, str] = os.environ) -> TracerProvider | None:
    """The provider of traces, which sends them from a thread of its own; None if none is wanted.

    Raises UserError for a protocol that is none, or whose exporter is not installed.
    """
    if not _is_wanted(environment):
        return None
    name = next((environment[name] for name in PROTOCOLS if environment.get(name)), HTTP)
    if name not in (HTTP, GRPC):
        raise UserError(f"{PROTOCOLS[1]}: {name!r} is not allowed; allowed: {HTTP}, {GRPC}")
    try:
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor

        if name == HTTP:
            from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        else:
            from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter
    except ImportError as error:
        raise UserError(
            f"{ENDPOINTS[1]} is set, but {error.name} is not installed: "
            f".venv/bin/uv pip install -r {EXTRA}; or set OTEL_SDK_DISABLED=true"
        ) from None
    # The provider itself reads the sampler's variables, the others those of theirs.
    provider = TracerProvider(resource=_resource(stack), shutdown_on_exit=False)
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    return provider


def _is_wanted(environment: Mapping[str, str]) -> bool:
    return (
        any(environment.get(name) for name in ENDPOINTS)
        and environment.get("OTEL_SDK_DISABLED", "").lower() != "true"
        and environment.get("OTEL_TRACES_EXPORTER", "otlp") == "otlp"
    )


def _resource(stack: str) -> Any:
    """What sends: this service and stack, unless the environment names them otherwise."""
    from opentelemetry.sdk.resources import Resource

    resource = Resource.create()
    attributes = {
        "service.name": "mlops",
        "service.version": __version__,
        "deployment.environment.name": stack,
    }
    unnamed = {
        key: value
        for key, value in attributes.items()
        if str(resource.attributes.get(key, "unknown_service")).startswith("unknown_service")
    }
    return resource.merge(Resource(unnamed))


class Traced:
    """ASGI middleware: a span for each request, a child of the sender's if it gave one.

    Attributes are those of the semantic conventions for HTTP servers
    (opentelemetry.io/docs/specs/semconv/http/http-spans), and the request's id.
    """

    def __init__(self, app: Any, provider: TracerProvider) -> None:
        from opentelemetry import propagate
        from opentelemetry.trace import SpanKind, Status, StatusCode

        self._app = app
        self._tracer = provider.get_tracer("mlops", __version__)
        self._extract, self._kind = propagate.extract, SpanKind.SERVER
        self._failed = Status(StatusCode.ERROR)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http" or QUIET.fullmatch(scope["path"]):
            await self._app(scope, receive, send)
            return
        headers = {
            name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]
        }
        route = scope["path"]
        for pattern, name in NAMES:
            route = pattern.sub(name, route)
        attributes = {
            "http.request.method": scope["method"],
            "http.route": route,
            "url.path": scope["path"],
            "url.scheme": scope["scheme"],
            "mlops.request_id": scope[REQUEST_ID],
        }
        with self._tracer.start_as_current_span(
            f"{scope['method']} {route}", self._extract(headers), self._kind, attributes
        ) as span:
            # Lines of the log lead to the trace.
            scope[TRACE_ID] = f"{span.get_span_context().trace_id:032x}"

            async def observed(message: Any) -> None:
                if message["type"] == "http.response.start":
                    span.set_attribute("http.response.status_code", message["status"])
                    if message["status"] >= 500:
                        span.set_status(self._failed)
                await send(message)

            await self._app(scope, receive, observed)
