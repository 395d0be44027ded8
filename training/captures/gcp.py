"""Captured requests on Google Cloud: rows that the endpoint logs to BigQuery, made to Parquet.

A row is a request: the deployment that answered, when, and both bodies. `predict` is logged as a
text an instance and without scores, `rawPredict` is taken to be as one text
(https://cloud.google.com/vertex-ai/docs/predictions/online-prediction-logging names it for
dedicated endpoints, which those of a stack are). The table has a partition a day; a query reads the
partitions of the window alone, and they are what is paid for, however much is kept. Its answer
comes as Arrow, in any order; sorted runs of it go to the disk and are merged, so that memory does
not grow with the window either.
"""

from __future__ import annotations

import heapq
import json
import logging
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from training.captures.capture_files import MOST_ROWS, CaptureFiles, Unreadable, clipped
from training.captures.part import WHOLE, Part
from training.clients import gcp_bigquery
from training.endpoint.gcp_requests import SERIALS
from training.errors import UserError
from training.model_inputs import Column
from training.serving import requests
from training.serving.capture import Captured
from training.serving.input_values import RequestError
from training.versions import Manifest

SCHEME = "bq://"
# A comparison of the partitions' column with a constant keeps the other partitions from being read:
# https://cloud.google.com/bigquery/docs/querying-partitioned-tables. Deployments are numbered by
# version (`training.endpoint.gcp_requests`). Without an order: that of many rows is made on one
# machine there, and may end in "Resources exceeded".
QUERY = """\
SELECT logging_time, request_id, request_payload, response_payload
FROM `{table}`
WHERE logging_time >= TIMESTAMP '{since}' AND logging_time < TIMESTAMP '{until}'
  AND DIV(CAST(deployed_model_id AS INT64), {serials}) = {version}
"""
# Rows that a run is read back by.
RUN_ROWS = 500
# Size of the rows that are sorted at once.
RUN_BYTES = 32 * 1024 * 1024
DAY = timedelta(days=1)

log = logging.getLogger(__name__)

Row = dict[str, Any]


def window(
    source: str, since: datetime, until: datetime, manifest: Manifest, part: Part = WHOLE
) -> list[Path]:
    """Parquet files of what the version answered in [since, until), oldest first.

    `source` is the table ``bq://PROJECT.DATASET.TABLE`` that the endpoint logs to. A window that
    begins no later than the version was registered is all there is of it: of that, the newest days
    with `MOST_ROWS`. Rows that are no captures are left out and logged with their number; raises
    UserError if there are no others.
    """
    since, is_everything = clipped(since, manifest)
    files, unreadable = CaptureFiles(), Unreadable()
    for begin, end in _spans(since, until):
        rows = _logged(source, begin, end, manifest["version"])
        files.write(f"{begin:%Y/%m/%d/%H}", _captures(rows, manifest, unreadable))
        if is_everything and files.rows >= MOST_ROWS:
            break
    if unreadable.number:
        if not files.rows:
            raise UserError(f"{source} has no row that an endpoint logs: {unreadable.first}")
        log.warning(
            "%s: %d rows left out; the first: %s", source, unreadable.number, unreadable.first
        )
    return list(part.of(files.in_order()))


def _spans(since: datetime, until: datetime) -> Iterator[tuple[datetime, datetime]]:
    """Parts of [since, until), newest first, each of twice as many days (UTC) as the one before.

    So a long window of few rows takes few queries, and one of many rows may end early.
    """
    end, days = until.astimezone(timezone.utc), 1
    while end > since:
        last = (end - timedelta(microseconds=1)).replace(hour=0, minute=0, second=0, microsecond=0)
        begin = max(since.astimezone(timezone.utc), last - (days - 1) * DAY)
        yield begin, end
        end, days = begin, 2 * days


def _logged(source: str, since: datetime, until: datetime, version: int) -> Iterator[Row]:
    """The rows of the window that the version answered, by time."""
    table_name = source.removeprefix(SCHEME)
    text = QUERY.format(
        table=table_name,
        since=since.isoformat(),
        until=until.isoformat(),
        serials=SERIALS,
        version=version,
    )
    with tempfile.TemporaryDirectory(prefix="captured-runs-") as folder:
        batches = gcp_bigquery.query(table_name.partition(".")[0], text)
        runs = _sorted_runs(batches, Path(folder))
        yield from heapq.merge(*map(_rows, runs), key=lambda row: row["logging_time"])


def _sorted_runs(batches: Iterable[pa.RecordBatch], folder: Path) -> list[Path]:
    """Arrow files in `folder`, each of about `RUN_BYTES` of rows by time."""
    runs: list[Path] = []
    waiting: list[pa.RecordBatch] = []
    size = 0
    for batch in batches:
        waiting.append(batch)
        size += batch.nbytes
        if size >= RUN_BYTES:
            runs.append(_write_run(waiting, folder / f"{len(runs)}.arrows"))
            waiting, size = [], 0
    if waiting:
        runs.append(_write_run(waiting, folder / f"{len(runs)}.arrows"))
    return runs


def _write_run(batches: list[pa.RecordBatch], path: Path) -> Path:
    rows = pa.Table.from_batches(batches).sort_by("logging_time")
    options = pa.ipc.IpcWriteOptions(compression="lz4")
    with pa.ipc.new_stream(path, rows.schema, options=options) as writer:
        writer.write_table(rows, RUN_ROWS)
    return path


def _rows(run: Path) -> Iterator[Row]:
    with pa.OSFile(str(run)) as file, pa.ipc.open_stream(file) as reader:
        for batch in reader:
            yield from batch.to_pylist()


def _captures(
    rows: Iterable[Row], manifest: Manifest, unreadable: Unreadable
) -> Iterator[Captured]:
    """The captures of rows."""
    columns = [Column(**column) for column in manifest["inputs"]]
    for row in rows:
        try:
            yield from _captured(row, manifest["version"], columns)
        except (ValueError, KeyError, TypeError, RequestError) as error:
            unreadable.add(str(error))


def _captured(row: Row, version: int, columns: Sequence[Column]) -> Iterator[Captured]:
    answer = _answer(row["response_payload"])
    # What was refused has another answer, or none.
    if "predictions" not in answer:
        return
    predictions = answer["predictions"]
    yield Captured(
        request=answer["request_id"] if "request_id" in answer else str(int(row["request_id"])),
        at=row["logging_time"],
        version=version,
        inputs=requests.parse(*_request_body(row["request_payload"], columns), columns),
        predictions=np.array(predictions),
        scores=np.array(answer.get("scores", [None] * len(predictions)), dtype=float),
    )


def _request_body(texts: list[str], columns: Sequence[Column]) -> tuple[str, bytes]:
    """Content type and body of the request, of which the instances alone may be logged."""
    try:
        parsed = [json.loads(text) for text in texts]
    except ValueError:
        (text,) = texts
        return requests.CSV, text.encode()
    keys = parsed[0].keys() if len(parsed) == 1 and isinstance(parsed[0], dict) else set()
    # An instance has all columns, of which one may be called as what a body has.
    if requests.SHAPES.keys() & keys and not {column.name for column in columns} <= keys:
        return requests.JSON, texts[0].encode()
    return requests.JSON, json.dumps({"instances": parsed}).encode()


def _answer(texts: list[str]) -> dict[str, Any]:
    """The body of the answer, of which the predictions alone may be logged."""
    parsed = [json.loads(text) for text in texts]
    if len(parsed) == 1 and isinstance(parsed[0], dict):
        return parsed[0]
    return {"predictions": parsed} if parsed else {}
