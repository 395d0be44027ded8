"""Captured requests on Google Cloud: rows that the endpoint logs to BigQuery, made to Parquet.

A row is a request: the deployment that answered, when, and both bodies. `predict` is logged as a
text an instance and without scores, `rawPredict` is taken to be as one text
(https://cloud.google.com/vertex-ai/docs/predictions/online-prediction-logging names it for
dedicated endpoints, which those of a stack are). The table has a partition a day. One day after the
other is read from storage, as Arrow, without a query: only its partition is read and paid for,
however much is kept. Rows come in any order, so they go to a file for each hour first; what is
sorted and held is an hour's.
"""

from __future__ import annotations

import atexit
import json
import logging
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from training import clock
from training.clients import gcp
from training.endpoint.gcp_requests import SERIALS
from training.errors import UserError
from training.model_inputs import Column
from training.serving import requests
from training.serving.capture import Captured, table
from training.serving.input_values import RequestError
from training.versions import Manifest

SCHEME = "bq://"
FIELDS = ["logging_time", "request_id", "deployed_model_id", "request_payload", "response_payload"]
# Only a filter on the column of the partitions keeps the others from being read, and paid for.
# https://cloud.google.com/bigquery/docs/querying-partitioned-tables
RESTRICTION = "logging_time >= TIMESTAMP('{since}') AND logging_time < TIMESTAMP('{until}')"
# Rows that are made to captures at once.
PAGE_ROWS = 5000
DAY = timedelta(days=1)
# A whole body has one of these (`training.serving.requests`).
BODIES = {"instances", "columns"}

log = logging.getLogger(__name__)

Row = dict[str, Any]


def window(source: str, since: datetime, until: datetime, manifest: Manifest) -> list[Path]:
    """Parquet files of what the version answered in [since, until), in order.

    `source` is the table ``bq://PROJECT.DATASET.TABLE`` that the endpoint logs to. Rows that are
    no captures are left out and logged with their number; raises UserError if there are no others.
    """
    columns = [Column(**column) for column in manifest["inputs"]]
    folder = Path(tempfile.mkdtemp(prefix="captures-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    files: list[Path] = []
    unreadable: list[str] = []
    for rows in _pages(source, _begin(since, manifest), until, manifest["version"]):
        captures = [
            capture for row in rows for capture in _readable(row, manifest, columns, unreadable)
        ]
        if captures:
            files.append(folder / f"{len(files):06d}.parquet")
            pq.write_table(table(captures), files[-1])
    if unreadable:
        if not files:
            raise UserError(f"{source} has no row that an endpoint logs: {unreadable[0]}")
        log.warning("%s: %d rows left out; the first: %s", source, len(unreadable), unreadable[0])
    return files


def _begin(since: datetime, manifest: Manifest) -> datetime:
    """No request was answered by a version before it was registered."""
    created = manifest.get("created")
    return since if created is None else max(since, clock.parse(created))


def _readable(
    row: Row, manifest: Manifest, columns: Sequence[Column], unreadable: list[str]
) -> list[Captured]:
    """The captures of a row; of one that is none, the reason is added to `unreadable`."""
    try:
        return list(_captured(row, manifest["version"], columns))
    except (ValueError, KeyError, TypeError, RequestError) as error:
        unreadable.append(str(error))
        return []


def _pages(source: str, since: datetime, until: datetime, version: int) -> Iterator[list[Row]]:
    """The rows of the window in order, a page at a time, a day after the other."""
    begin = since
    while begin < until:
        midnight = begin.astimezone(timezone.utc).replace(hour=0, minute=0, second=0, microsecond=0)
        end = min(midnight + DAY, until)
        with tempfile.TemporaryDirectory(prefix="captured-hours-") as folder:
            for file in _by_hour(source, begin, end, version, Path(folder)):
                for batch in pq.read_table(file).sort_by("logging_time").to_batches(PAGE_ROWS):
                    yield batch.to_pylist()
        begin = end


def _by_hour(
    source: str, since: datetime, until: datetime, version: int, folder: Path
) -> list[Path]:
    """Parquet files in `folder`, one for each hour that has rows of the version, oldest first."""
    files: dict[int, pq.ParquetWriter] = {}
    try:
        for rows in gcp.table_rows(
            source.removeprefix(SCHEME),
            FIELDS,
            RESTRICTION.format(since=_moment(since), until=_moment(until)),
        ):
            # Deployments are numbered by version (`training.endpoint.gcp_requests`).
            numbers = pc.divide(rows["deployed_model_id"].cast(pa.int64()), SERIALS)
            mine = rows.filter(pc.equal(numbers, version))
            hours = pc.hour(mine["logging_time"])
            for hour in pc.unique(hours).to_pylist():
                path = folder / f"{hour:02d}.parquet"
                if hour not in files:
                    files[hour] = pq.ParquetWriter(path, mine.schema)
                files[hour].write_batch(mine.filter(pc.equal(hours, hour)))
    finally:
        for writer in files.values():
            writer.close()
    return [folder / f"{hour:02d}.parquet" for hour in sorted(files)]


def _captured(row: Row, version: int, columns: Sequence[Column]) -> Iterator[Captured]:
    answer = _answer(row["response_payload"])
    # What was refused has another answer, or none.
    if "predictions" not in answer:
        return
    predictions = answer["predictions"]
    yield Captured(
        request=answer.get("request_id", str(int(row["request_id"]))),
        at=row["logging_time"],
        version=version,
        inputs=requests.parse(*_request_body(row["request_payload"]), columns),
        predictions=np.array(predictions),
        scores=np.array(answer.get("scores", [None] * len(predictions)), dtype=float),
    )


def _request_body(texts: list[str]) -> tuple[str, bytes]:
    """Content type and body of the request, of which the instances alone may be logged."""
    try:
        parsed = [json.loads(text) for text in texts]
    except ValueError:
        (text,) = texts
        return requests.CSV, text.encode()
    whole = len(parsed) == 1 and isinstance(parsed[0], dict) and BODIES & parsed[0].keys()
    return requests.JSON, json.dumps(parsed[0] if whole else {"instances": parsed}).encode()


def _answer(texts: list[str]) -> dict[str, Any]:
    """The body of the answer, of which the predictions alone may be logged."""
    parsed = [json.loads(text) for text in texts]
    if len(parsed) == 1 and isinstance(parsed[0], dict):
        return parsed[0]
    return {"predictions": parsed} if parsed else {}


def _moment(moment: datetime) -> str:
    return moment.astimezone(timezone.utc).isoformat()
