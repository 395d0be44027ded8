"""BigQuery on this computer, in a process of its own: a table of a Parquet file a day.

    python -m bench.gcp.service FOLDER

Queries are run by REST; their answers are read there as pages of JSON, or by the Storage Read API.
The addresses of both are printed; a line of standard input is answered with the days read so far.
"""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pyarrow as pa
import pyarrow.parquet as pq

from tests.clouds import gcp_bigquery


class Days(Mapping[date, pa.Table]):
    """The table's partitions; one is in memory while it is read."""

    def __init__(self, folder: Path) -> None:
        self._files = {date.fromisoformat(path.stem): path for path in folder.glob("*.parquet")}

    def __getitem__(self, day: date) -> pa.Table:
        return pq.read_table(self._files[day]).cast(gcp_bigquery.SCHEMA)

    def __iter__(self) -> Iterator[date]:
        return iter(self._files)

    def __len__(self) -> int:
        return len(self._files)


class QueryServer(ThreadingHTTPServer):
    """jobs.query, jobs.getQueryResults and jobs.get."""

    daemon_threads = True

    def __init__(self, queries: gcp_bigquery.Queries) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.queries = queries


class _Handler(BaseHTTPRequestHandler):
    server: QueryServer
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        request = json.loads(self.rfile.read(int(self.headers["content-length"])))
        self._answer(
            self._page(self.server.queries.run(request["query"]), 0, request["maxResults"])
        )

    def do_GET(self) -> None:
        address = urlsplit(self.path)
        kind, job = address.path.split("/")[-2:]
        if kind == "jobs":
            table = self.server.queries.destination(int(job))
            self._answer({"configuration": {"query": {"destinationTable": table}}})
        else:
            query = dict(parse_qsl(address.query))
            self._answer(self._page(int(job), int(query["pageToken"]), int(query["maxResults"])))

    def log_message(self, format: str, *args: object) -> None:
        """Nothing."""

    def _page(self, job: int, first: int, most: int) -> dict[str, Any]:
        rows = self.server.queries.answers[job]
        page = rows.slice(first, most).to_pylist()
        more = {"pageToken": str(first + most)} if most and first + most < len(rows) else {}
        return {
            "jobComplete": True,
            "jobReference": {"projectId": "p", "jobId": str(job), "location": "europe-west1"},
            "totalRows": str(len(rows)),
            "rows": [{"f": [{"v": _cell(value)} for value in row.values()]} for row in page],
            **more,
        }

    def _answer(self, answer: dict[str, Any]) -> None:
        body = json.dumps(answer).encode()
        self.send_response(200)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def _cell(value: Any) -> Any:
    if isinstance(value, list):
        return [{"v": item} for item in value]
    if isinstance(value, datetime):
        return str(int(value.timestamp() * 1e6))
    return str(int(value)) if isinstance(value, Decimal) else value


def main() -> None:
    """Serve until standard input ends."""
    days = Days(Path(sys.argv[1]))
    queries = gcp_bigquery.Queries(lambda: days)
    server = QueryServer(queries)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    reads = gcp_bigquery.Reads(queries, [], page_rows=1000)
    with gcp_bigquery.serving(reads) as address:
        print(f"http://127.0.0.1:{server.server_port}", address, flush=True)
        for _ in sys.stdin:
            print(*sorted(day for query in queries.days for day in query), flush=True)


if __name__ == "__main__":
    main()
