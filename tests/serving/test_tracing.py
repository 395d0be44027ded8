"""Traces of requests in a collector on this computer; nothing of it without the variables."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.request import Request

import grpc
import pytest
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2, trace_service_pb2_grpc
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

from tests.project import REPOSITORY
from tests.serving.conftest import Start
from tests.serving.platforms import ROW, Failing, register_champion
from tests.serving.servers import call, until
from training.errors import UserError
from training.platform import Platform
from training.serving import tracing

TRACE, PARENT = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
BODY = json.dumps({"instances": [ROW]}).encode()


class Collector:
    """Keeps what it is sent: spans with the attributes of their resource, and the headers."""

    def __init__(self) -> None:
        self.spans: list[tuple[dict[str, Any], Span]] = []
        self.headers: list[dict[str, str]] = []
        self.url = ""

    def take(self, request: Any) -> None:
        for resource in request.resource_spans:
            about = {a.key: a.value.string_value for a in resource.resource.attributes}
            self.spans += [(about, span) for s in resource.scope_spans for span in s.spans]


@contextmanager
def over_http() -> Iterator[Collector]:
    """OTLP/HTTP: POST of a protobuf message to /v1/traces (opentelemetry.io, "OTLP")."""
    collector = Collector()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            is_right = self.path == "/v1/traces"
            is_right &= self.headers["content-type"] == "application/x-protobuf"
            if is_right:
                collector.headers.append({k.lower(): v for k, v in self.headers.items()})
                collector.take(trace_service_pb2.ExportTraceServiceRequest.FromString(body))
            self.send_response(200 if is_right else 400)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Nothing."""

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=http.serve_forever, args=(0.02,))
    thread.start()
    collector.url = f"http://127.0.0.1:{http.server_address[1]}"
    try:
        yield collector
    finally:
        http.shutdown()
        http.server_close()
        thread.join()


@contextmanager
def over_grpc() -> Iterator[Collector]:
    """OTLP/gRPC: the service TraceService of opentelemetry-proto."""
    collector = Collector()

    class Service(trace_service_pb2_grpc.TraceServiceServicer):
        def Export(self, request: Any, context: Any) -> Any:  # noqa: N802 the service's name
            collector.headers.append({k: str(v) for k, v in context.invocation_metadata()})
            collector.take(request)
            return trace_service_pb2.ExportTraceServiceResponse()

    server = grpc.server(ThreadPoolExecutor(2))
    trace_service_pb2_grpc.add_TraceServiceServicer_to_server(Service(), server)
    collector.url = f"http://127.0.0.1:{server.add_insecure_port('127.0.0.1:0')}"
    server.start()
    try:
        yield collector
    finally:
        server.stop(None).wait()


def ask(url: str, **headers: str) -> tuple[int, Any]:
    kind = {"content-type": "application/json", **headers}
    return call(Request(f"{url}/models/toys/invocations", BODY, kind, method="POST"))


def attributes(span: Span) -> dict[str, Any]:
    return {a.key: a.value.string_value or a.value.int_value for a in span.attributes}


@pytest.mark.parametrize(
    ("protocol", "listening"), [("http/protobuf", over_http), ("grpc", over_grpc), ("", over_http)]
)
def test_a_request_is_a_span_in_its_senders_trace(
    platform: Platform, start: Start, protocol: str, listening: Any
) -> None:
    register_champion(platform)
    with listening() as collector:
        variables = {
            "OTEL_EXPORTER_OTLP_ENDPOINT": collector.url,
            "OTEL_EXPORTER_OTLP_HEADERS": "x-tenant=blue",
            "OTEL_RESOURCE_ATTRIBUTES": "team=ml",
            "OTEL_BSP_SCHEDULE_DELAY": "100",
        }
        variables |= {"OTEL_EXPORTER_OTLP_PROTOCOL": protocol} if protocol else {}
        server = start(platform, "--no-schedules", **variables)
        ids = {"traceparent": f"00-{TRACE}-{PARENT}-01", "x-request-id": "caller-7"}
        assert ask(server.url, **ids)[0] == 200
        assert server.get("/metrics")[0] == server.get("/ping")[0] == 200
        assert server.get("/models/toys/versions/9")[0] == 404
        until(lambda: len(collector.spans) == 2)
        assert server.stop() == 0
    (about, span), (_, missing) = collector.spans
    assert about["service.name"] == "mlops" and about["team"] == "ml"
    assert about["deployment.environment.name"] == "local"
    assert span.name == "POST /models/{model}/invocations"
    assert (span.trace_id.hex(), span.parent_span_id.hex()) == (TRACE, PARENT)
    assert span.kind == Span.SPAN_KIND_SERVER
    assert span.end_time_unix_nano > span.start_time_unix_nano
    assert attributes(span) == {
        "http.request.method": "POST", "http.route": "/models/{model}/invocations",
        "url.path": "/models/toys/invocations", "url.scheme": "http",
        "http.response.status_code": 200, "mlops.request_id": "caller-7",
    }  # fmt: skip
    assert missing.name == "GET /models/{model}/versions/{name}"
    assert attributes(missing)["http.response.status_code"] == 404
    assert missing.trace_id != span.trace_id and not missing.parent_span_id
    assert collector.headers[0]["x-tenant"] == "blue"


def test_a_failure_is_one_in_the_trace_and_its_line_names_it(
    platform: Platform, start: Start
) -> None:
    register_champion(platform, estimator=Failing())
    with over_http() as collector:
        server = start(
            platform, "--no-schedules", "--log-format", "json",
            OTEL_EXPORTER_OTLP_TRACES_ENDPOINT=f"{collector.url}/v1/traces",
            OTEL_SERVICE_NAME="flights", OTEL_BSP_SCHEDULE_DELAY="60000",
        )  # fmt: skip
        assert any(ask(server.url)[0] == 500 for _ in range(40))
        assert server.stop() == 0  # sends what waits, long before its time
        failed = [
            span for _, span in collector.spans if span.status.code == Status.STATUS_CODE_ERROR
        ]
        assert collector.spans[0][0]["service.name"] == "flights"
    assert attributes(failed[-1])["http.response.status_code"] == 500
    lines = [json.loads(line) for line in server.logged().splitlines()]
    assert failed[-1].trace_id.hex() in {line.get("trace") for line in lines}


def test_a_collector_that_is_gone_harms_nobody(platform: Platform, start: Start) -> None:
    register_champion(platform)
    server = start(
        platform, "--no-schedules",
        OTEL_EXPORTER_OTLP_ENDPOINT="http://127.0.0.1:9", OTEL_EXPORTER_OTLP_TIMEOUT="1",
        OTEL_BSP_SCHEDULE_DELAY="100",
    )  # fmt: skip
    for _ in range(3):
        assert ask(server.url)[0] == 200
    assert server.stop() == 0


@pytest.mark.parametrize(
    "variables",
    [
        {},
        {"OTEL_EXPORTER_OTLP_ENDPOINT": ""},
        {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9", "OTEL_SDK_DISABLED": "true"},
        {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9", "OTEL_TRACES_EXPORTER": "none"},
    ],
)
def test_nothing_is_imported_unless_it_is_wanted(variables: dict[str, str]) -> None:
    """But for the API, which FastAPI imports where it is installed."""
    program = (
        "import sys; from training.serving import server, tracing; "
        "assert tracing.start('local') is None; "
        "print([n for n in sys.modules if n.startswith('opentelemetry') and "
        "n.split('.')[1:2] in (['sdk'], ['exporter'])])"
    )
    process = subprocess.run(
        [sys.executable, "-c", program], env={**variables, "PYTHONPATH": str(REPOSITORY)},
        capture_output=True, text=True,
    )  # fmt: skip
    assert (process.returncode, process.stdout) == (0, "[]\n"), process.stderr


def test_what_cannot_be_exported_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9"}
    with pytest.raises(
        UserError, match=r"'http/json' is not allowed; allowed: http/protobuf, grpc"
    ):
        tracing.start("local", {**settings, "OTEL_EXPORTER_OTLP_PROTOCOL": "http/json"})
    for module in ("opentelemetry.exporter.otlp.proto.http", "opentelemetry.sdk.trace"):
        with monkeypatch.context() as patch:
            patch.setitem(sys.modules, module, None)
            patch.delitem(
                sys.modules, "opentelemetry.exporter.otlp.proto.http.trace_exporter", raising=False
            )
            with pytest.raises(UserError, match=r"uv pip install -r requirements/otel\.txt"):
                tracing.start("local", settings)
