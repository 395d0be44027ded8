"""BigQuery on this computer, over rows that an endpoint logged: queries and reads of answers.

A query is run as it stands, in BigQuery's dialect. What it reads is whole partitions, of which
those are left out that a comparison of their column with a constant rules out
(https://cloud.google.com/bigquery/docs/querying-partitioned-tables). The Storage Read API is the
library's own messages; it reads tables of answers alone, for which nothing else has to be told.
As the service says, rows come in any order: here the newest first.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
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
ANSWER = "projects/my-project/datasets/_anonymous/tables/answer{number}"

# The rows of a table by the day of their partition.
Partitions = Mapping[date, pa.Table]


class Queries:
    """Queries of one table, and their answers by the number of their jobs.

    Args:
        partitions: The table's rows, as they are now.
    """

    def __init__(self, partitions: Callable[[], Partitions]) -> None:
        self._partitions = partitions
        self.answers: list[pa.Table] = []
        # The partitions that each query has read.
        self.days: list[set[date]] = []

    def run(self, text: str) -> int:
        """Run a query; the number of its job."""
        tree = sqlglot.parse_one(text, read="bigquery")
        partitions = self._partitions()
        days = days_read(partitions, tree)
        self.days.append(days)
        for name in tree.find_all(exp.Table):
            name.replace(exp.to_table("logged"))
        logged = pa.concat_tables([SCHEMA.empty_table(), *(partitions[d] for d in sorted(days))])
        with _database() as database:
            database.register("logged", logged)
            self.answers.append(database.sql(tree.sql("duckdb")).to_arrow_table())
        return len(self.answers) - 1

    def destination(self, job: int) -> dict[str, str]:
        """The table that has the answer of a job."""
        _, project, _, dataset, _, table = ANSWER.format(number=job).split("/")
        return {"projectId": project, "datasetId": dataset, "tableId": table}


class Reads:
    """Read sessions on the answers of queries.

    Args:
        queries: The queries.
        calls: Gets the ids of all methods called.
        page_rows: Rows that a message has.
    """

    def __init__(self, queries: Queries, calls: list[str], page_rows: int = 1) -> None:
        self.queries, self.calls, self.page_rows = queries, calls, page_rows
        # Codes that the next calls end with, and after how many rows.
        self.breaks: list[tuple[grpc.StatusCode, int]] = []

    def create_read_session(self, request: Any, context: grpc.ServicerContext) -> Any:
        """A session with a stream, or with none if there are no rows."""
        self.calls.append(f"{SERVICE}.CreateReadSession")
        if self.breaks and not self.breaks[0][1]:
            context.abort(self.breaks.pop(0)[0], "out of luck")
        session = request.read_session
        if session.data_format != types.DataFormat.ARROW or request.max_stream_count != 1:
            context.abort(grpc.StatusCode.INVALID_ARGUMENT, "the double has one stream, of Arrow")
        job = re.fullmatch(
            r"projects/my-project/datasets/_anonymous/tables/answer(\d+)", session.table
        )
        if not job:
            context.abort(grpc.StatusCode.NOT_FOUND, f"{session.table} is no answer")
        name = f"{request.parent}/locations/eu/sessions/{job[1]}"
        table = self.queries.answers[int(job[1])]
        streams = [types.ReadStream(name=f"{name}/streams/0")] if table.num_rows else []
        schema = types.ArrowSchema(serialized_schema=table.schema.serialize().to_pybytes())
        return types.ReadSession(name=name, arrow_schema=schema, streams=streams)

    def read_rows(self, request: Any, context: grpc.ServicerContext) -> Iterator[Any]:
        """The rows of a stream from an offset on."""
        self.calls.append(f"{SERVICE}.ReadRows")
        code, rows_left = self.breaks.pop(0) if self.breaks else (None, 0)
        table = self.queries.answers[int(request.read_stream.split("/")[-3])]
        newest_first = table.sort_by([(PARTITION, "descending")])
        for batch in newest_first.slice(request.offset).to_batches(self.page_rows):
            if code is not None and rows_left <= 0:
                context.abort(code, "out of luck")
            rows_left -= batch.num_rows
            content = types.ArrowRecordBatch(serialized_record_batch=batch.serialize().to_pybytes())
            yield types.ReadRowsResponse(arrow_record_batch=content, row_count=batch.num_rows)


def days_read(days: Iterable[date], query: exp.Expr) -> set[date]:
    """The partitions, of those there are, that a query reads."""
    rules_out = {exp.GTE: "{end} <= {value}", exp.LT: "{begin} >= {value}"}
    clause = query.find(exp.Where)
    condition = clause.this if clause else exp.true()
    parts = [
        (rules_out[type(part)], part.expression.sql("duckdb"))
        for part in (condition.flatten() if isinstance(condition, exp.And) else [condition])
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


def _database() -> duckdb.DuckDBPyConnection:
    database = duckdb.connect()
    database.execute("SET TimeZone = 'UTC'")
    return database


@contextmanager
def serving(reads: Reads) -> Iterator[str]:
    """The address at which answers are read."""

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
