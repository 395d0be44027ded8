"""One reading of a window of a table, in a process of its own.

    python -m bench.gcp.read arrow|json rows|files SINCE UNTIL

`rows` are Python's, in order; `files` are the Parquet files that a drift check gets. `arrow` is
what the project does; `json` pages through the answer of a query that sorts, as it did before.
Prints seconds, processor seconds, peak MB and rows as JSON.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from training import clock
from training.captures import gcp as captures
from training.clients import gcp, gcp_bigquery
from training.endpoint.gcp_requests import SERIALS

SOURCE, VERSION, COLUMNS = "bq://my-project.mlops.toys", 3, 25
MANIFEST = {
    "version": VERSION,
    "inputs": [{"name": f"x{number}", "kind": "numeric"} for number in range(COLUMNS)],
}
PAGE_ROWS = 5000
EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)


def json_rows(
    source: str, since: datetime, until: datetime, version: int
) -> Iterator[captures.Row]:
    """The rows of a query's answer, in its order, `PAGE_ROWS` of them a request."""
    text = captures.QUERY.format(
        table=source.removeprefix(captures.SCHEME),
        since=since.isoformat(),
        until=until.isoformat(),
        serials=SERIALS,
        version=version,
    )
    queries = f"{gcp_bigquery.API}/my-project/queries"
    request = {"query": f"{text} ORDER BY logging_time", "maxResults": PAGE_ROWS}
    answer = json.loads(gcp.call("POST", queries, request))
    address = f"{queries}/{answer['jobReference']['jobId']}"
    while True:
        yield from (_row([field["v"] for field in row["f"]]) for row in answer["rows"])
        if "pageToken" not in answer:
            return
        more = {"pageToken": answer["pageToken"], "maxResults": PAGE_ROWS}
        answer = gcp.get(address, **more)


def _row(fields: list[Any]) -> captures.Row:
    moment, number, request, response = fields
    return {
        "logging_time": EPOCH + timedelta(microseconds=int(moment)),
        "request_id": number,
        "request_payload": [item["v"] for item in request],
        "response_payload": [item["v"] for item in response],
    }


def main() -> None:
    """Read, and print what it took."""
    way, kind, since, until = sys.argv[1:]
    if way == "json":
        captures._logged = json_rows
    moments = clock.parse(since), clock.parse(until)
    start = time.perf_counter()
    if kind == "rows":
        rows, last = 0, EPOCH
        for begin, end in captures._spans(*moments):
            for row in captures._logged(SOURCE, begin, end, VERSION):
                rows += 1
                assert last <= row["logging_time"]
                last = row["logging_time"]
    else:
        files = captures.window(SOURCE, *moments, MANIFEST)
        rows = sum(pq.read_metadata(file).num_rows for file in files)
    seconds = time.perf_counter() - start
    usage = resource.getrusage(resource.RUSAGE_SELF)
    # Its `ru_maxrss` begins with the memory of whoever started this process.
    peak = Path("/proc/self/status").read_text().partition("VmHWM:")[2]
    print(
        json.dumps(
            {
                "seconds": seconds,
                "processor_seconds": usage.ru_utime + usage.ru_stime,
                "peak_mb": int(peak.split()[0]) / 1024,
                "rows": rows,
            }
        )
    )


if __name__ == "__main__":
    main()
