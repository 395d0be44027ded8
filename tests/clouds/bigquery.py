"""BigQuery's Storage Read API on this computer, over rows that an endpoint logged.

The library's own messages are what is sent and answered. A restriction is run as it stands, in
BigQuery's dialect. As the service says, rows come in any order
(https://cloud.google.com/bigquery/docs/reference/storage): here the newest first. What is read is
that of whole partitions, of which those are left out that a comparison of their column with a
constant rules out (https://cloud.google.com/bigquery/docs/querying-partitioned-tables).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import date, datetime, timedelta, timezone
from typing import Any

import duckdb
import grpc
import pyarrow as pa
import sqlglot
from google.cloud.bigquery_storage_v1 import types
from sqlglot import exp

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
PARTITION = "logging_time"

# The rows of a table by the day of their partition.
Partitions = Mapping[date, pa.Table]


class Reads:
    """Read sessions on one table.

    Args:
        partitions: The table's rows, as they are now.
        calls: Gets the ids of all methods called.
        page_rows: Rows an answer has.
    """

    def __init__(
        self, partitions: Callable[[], Partitions], calls: list[str], page_rows: int = 1
    ) -> None:
        self._partitions, self.calls, self.page_rows = partitions, calls, page_rows
        # The partitions that each session has read.
        self.days: list[set[date]] = []
        # Codes that the next calls end with, and after how many rows.
        self.breaks: list[tuple[grpc.StatusCode, int]] = []
        self._sessions: list[pa.Table] = []

    def create_read_session(self, request: Any, context: grpc.ServicerContext) -> Any:
        """A session with a stream, or with none if no row meets the restriction."""
        self.calls.append(f"{SERVICE}.CreateReadSession")
        if self.breaks and not self.breaks[0][1]:
            context.abort(self.breaks.pop(0)[0], "out of luck")
        session, options = request.read_session, request.read_session.read_options
        if session.data_format != types.DataFormat.ARROW or request.max_stream_count != 1:
            context.abort(grpc.StatusCode.INVALID_ARGUMENT, "the double has one stream, of Arrow")
        partitions = self._partitions()
        days = days_read(partitions, options.row_restriction)
        table = restricted(
            [partitions[day] for day in sorted(days)],
            list(options.selected_fields),
            options.row_restriction,
        )
        self.days.append(days)
        self._sessions.append(table)
        name = f"{request.parent}/locations/eu/sessions/{len(self._sessions) - 1}"
        streams = [types.ReadStream(name=f"{name}/streams/0")] if table.num_rows else []
        schema = types.ArrowSchema(serialized_schema=table.schema.serialize().to_pybytes())
        return types.ReadSession(name=name, arrow_schema=schema, streams=streams)

    def read_rows(self, request: Any, context: grpc.ServicerContext) -> Iterator[Any]:
        """The rows of a stream from an offset on."""
        self.calls.append(f"{SERVICE}.ReadRows")
        code, left = self.breaks.pop(0) if self.breaks else (None, 0)
        table = self._sessions[int(request.read_stream.split("/")[-3])]
        for batch in table.slice(request.offset).to_batches(self.page_rows):
            if code is not None and left <= 0:
                context.abort(code, "out of luck")
            left -= batch.num_rows
            content = types.ArrowRecordBatch(serialized_record_batch=batch.serialize().to_pybytes())
            yield types.ReadRowsResponse(arrow_record_batch=content, row_count=batch.num_rows)


def days_read(days: Iterable[date], restriction: str) -> set[date]:
    """The partitions, of those there are, that a restriction reads."""
    rules_out = {exp.GTE: "{end} <= {value}", exp.LT: "{begin} >= {value}"}
    tree = sqlglot.parse_one(restriction, read="bigquery")
    parts = [
        (rules_out[type(part)], part.expression.sql("duckdb"))
        for part in (tree.flatten() if isinstance(tree, exp.And) else [tree])
        if type(part) in rules_out
        and part.this == exp.column(PARTITION)
        and not part.expression.find(exp.Column)
    ]
    with _database() as database:

        def is_read(day: date) -> bool:
            begin = datetime(day.year, day.month, day.day, tzinfo=timezone.utc)
            bounds = {"begin": begin, "end": begin + timedelta(days=1)}
            texts = {name: f"TIMESTAMPTZ '{moment}'" for name, moment in bounds.items()}
            tests = [text.format(value=value, **texts) for text, value in parts]
            answer = database.execute(f"SELECT {' OR '.join(tests) or 'false'}").fetchone()
            return answer == (False,)

        return set(filter(is_read, days))


def restricted(tables: Sequence[pa.Table], fields: list[str], restriction: str) -> pa.Table:
    """The fields of the rows that meet a restriction in BigQuery's dialect, the newest first."""
    names = ", ".join(fields)
    text = f"SELECT {names} FROM logged WHERE {restriction} ORDER BY {PARTITION} DESC"
    with _database() as database:
        database.register("logged", pa.concat_tables([SCHEMA.empty_table(), *tables]))
        query = sqlglot.transpile(text, read="bigquery", write="duckdb")[0]
        found = database.sql(query).to_arrow_table()
    return found.cast(pa.schema([SCHEMA.field(name) for name in fields]))


def _database() -> duckdb.DuckDBPyConnection:
    database = duckdb.connect()
    database.execute("SET TimeZone = 'UTC'")
    return database


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
