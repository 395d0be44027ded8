"""BigQuery's Storage Read API on this computer, over the rows that an endpoint logged.

The library's own messages are what is sent and answered. A restriction is run as it stands, in
BigQuery's dialect. As the service says, rows come in any order: here the newest first, each in a
page of its own (https://cloud.google.com/bigquery/docs/reference/storage).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import duckdb
import grpc
import pyarrow as pa
import sqlglot
from google.cloud.bigquery_storage_v1 import types

from tests.clouds.vertex import Logged, Vertex

SERVICE = "google.cloud.bigquery.storage.v1.BigQueryRead"
# https://cloud.google.com/vertex-ai/docs/predictions/online-prediction-logging; Arrow's types as
# https://cloud.google.com/bigquery/docs/reference/storage#arrow_schema_details has them.
SCHEMA = pa.schema(
    [
        ("endpoint", pa.string()),
        ("deployed_model_id", pa.string()),
        ("logging_time", pa.timestamp("us", "UTC")),
        ("request_id", pa.decimal128(38, 9)),
        ("request_payload", pa.list_(pa.string())),
        ("response_payload", pa.list_(pa.string())),
    ]
)


class Reads:
    """Read sessions on the table of a double; `calls` gets the ids of all methods called."""

    def __init__(self, vertex: Vertex, calls: list[str]) -> None:
        self.vertex, self.calls = vertex, calls
        self._sessions: list[pa.Table] = []

    def create_read_session(self, request: Any, context: grpc.ServicerContext) -> Any:
        """A session with a stream, or with none if no row meets the restriction."""
        self.calls.append(f"{SERVICE}.CreateReadSession")
        session, options = request.read_session, request.read_session.read_options
        if session.data_format != types.DataFormat.ARROW or request.max_stream_count != 1:
            context.abort(grpc.StatusCode.INVALID_ARGUMENT, "the double has one stream, of Arrow")
        self.vertex.restrictions.append(options.row_restriction)
        table = restricted(self.vertex.rows, list(options.selected_fields), options.row_restriction)
        self._sessions.append(table)
        name = f"{request.parent}/locations/eu/sessions/{len(self._sessions) - 1}"
        streams = [types.ReadStream(name=f"{name}/streams/0")] if table.num_rows else []
        schema = types.ArrowSchema(serialized_schema=table.schema.serialize().to_pybytes())
        return types.ReadSession(name=name, arrow_schema=schema, streams=streams)

    def read_rows(self, request: Any, context: grpc.ServicerContext) -> Iterator[Any]:
        """The rows of a stream from an offset on."""
        self.calls.append(f"{SERVICE}.ReadRows")
        table = self._sessions[int(request.read_stream.split("/")[-3])]
        for batch in table.slice(request.offset).to_batches(1):
            content = types.ArrowRecordBatch(serialized_record_batch=batch.serialize().to_pybytes())
            yield types.ReadRowsResponse(arrow_record_batch=content, row_count=batch.num_rows)


def restricted(rows: list[Logged], fields: list[str], restriction: str) -> pa.Table:
    """The fields of the rows that meet a restriction in BigQuery's dialect, the newest first."""
    logged = pa.Table.from_pylist(
        [
            {
                "endpoint": "1",
                "deployed_model_id": row.deployment,
                "logging_time": row.at,
                "request_id": int(row.request),
                "request_payload": row.asked,
                "response_payload": row.answered,
            }
            for row in rows
        ],
        SCHEMA,
    )
    names = ", ".join(fields)
    text = f"SELECT {names} FROM logged WHERE {restriction} ORDER BY logging_time DESC"
    with duckdb.connect() as database:
        database.execute("SET TimeZone = 'UTC'")
        database.register("logged", logged)
        query = sqlglot.transpile(text, read="bigquery", write="duckdb")[0]
        found = database.execute(query).to_arrow_table()
    return found.cast(pa.schema([SCHEMA.field(name) for name in fields]))


@contextmanager
def serving(reads: Reads) -> Iterator[str]:
    """The address at which sessions are read."""

    def handler(make: Callable[..., Any], call: Any, request: Any, answer: Any) -> Any:
        return make(
            call, request_deserializer=request.deserialize, response_serializer=answer.serialize
        )

    server = grpc.server(ThreadPoolExecutor(2))
    methods = {
        "CreateReadSession": handler(
            grpc.unary_unary_rpc_method_handler,
            reads.create_read_session,
            types.CreateReadSessionRequest,
            types.ReadSession,
        ),
        "ReadRows": handler(
            grpc.unary_stream_rpc_method_handler,
            reads.read_rows,
            types.ReadRowsRequest,
            types.ReadRowsResponse,
        ),
    }
    server.add_generic_rpc_handlers([grpc.method_handlers_generic_handler(SERVICE, methods)])
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        yield f"127.0.0.1:{port}"
    finally:
        server.stop(None)
