"""BigQuery on this computer, in a process of its own: a table of a Parquet file a day.

    python -m bench.captures.service FOLDER

Rows are read by the Storage Read API, and by REST as pages of JSON. The addresses of both are
printed; a line of standard input is answered with the partitions read so far, by their days.
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
from urllib.parse import parse_qs, urlsplit

import pyarrow as pa
import pyarrow.parquet as pq

from tests.clouds import bigquery

PAGE_ROWS = 5000
FIELDS = ["logging_time", "request_id", "request_payload", "response_payload"]


class Days(Mapping[date, pa.Table]):
    """The table's partitions; one is in memory while it is read."""

    def __init__(self, folder: Path) -> None:
        self._files = {date.fromisoformat(path.stem): path for path in folder.glob("*.parquet")}

    def __getitem__(self, day: date) -> pa.Table:
        return pq.read_table(self._files[day]).cast(bigquery.SCHEMA)

    def __iter__(self) -> Iterator[date]:
        return iter(self._files)

    def __len__(self) -> int:
        return len(self._files)


class Rest(ThreadingHTTPServer):
    """jobs.query and jobs.getQueryResults, whose query is one restriction."""

    daemon_threads = True

    def __init__(self, days: Days) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.days = days
        self.rows = pa.table({})


class _Handler(BaseHTTPRequestHandler):
    server: Rest
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["content-length"])))
        restriction = asked["query"].partition("WHERE ")[2]
        days = bigquery.days_read(self.server.days, restriction)
        tables = [self.server.days[day] for day in sorted(days)]
        newest_first = bigquery.restricted(tables, FIELDS, restriction)
        self.server.rows = newest_first.sort_by("logging_time")
        self._answer(0)

    def do_GET(self) -> None:
        self._answer(int(parse_qs(urlsplit(self.path).query)["pageToken"][0]))

    def log_message(self, format: str, *args: object) -> None:
        """Nothing."""

    def _answer(self, first: int) -> None:
        rows = self.server.rows
        page = rows.slice(first, PAGE_ROWS).select(FIELDS).to_pylist()
        answer: dict[str, Any] = {
            "jobComplete": True,
            "jobReference": {"projectId": "p", "jobId": "1", "location": "europe-west1"},
            "rows": [{"f": [{"v": _cell(value)} for value in row.values()]} for row in page],
        }
        if first + PAGE_ROWS < rows.num_rows:
            answer["pageToken"] = str(first + PAGE_ROWS)
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
    rest = Rest(days)
    threading.Thread(target=rest.serve_forever, daemon=True).start()
    reads = bigquery.Reads(lambda: days, [], page_rows=1000)
    with bigquery.serving(reads) as address:
        print(f"http://127.0.0.1:{rest.server_port}", address, flush=True)
        for _ in sys.stdin:
            print(*sorted(day for session in reads.days for day in session), flush=True)


if __name__ == "__main__":
    main()
