"""Captured requests on Google Cloud: rows that the endpoint logs to BigQuery, made to Parquet.

A row is a request: the deployment that answered, when, and both bodies. `predict` is logged as a
text an instance and without scores, `rawPredict` is taken to be as one text
(https://cloud.google.com/vertex-ai/docs/predictions/online-prediction-logging names it for
dedicated endpoints, which those of a stack are). The table has a partition a day, and is asked for
one day after the other: what is read, sorted and held is a day's at most, however much is kept.
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
import pyarrow.parquet as pq

from training import clock
from training.captures.part import WHOLE, Part
from training.clients import gcp
from training.endpoint.gcp_requests import SERIALS
from training.errors import UserError
from training.model_inputs import Column
from training.serving import requests
from training.serving.capture import Captured, table
from training.serving.input_values import RequestError
from training.versions import Manifest

SCHEME = "bq://"
API = "https://bigquery.googleapis.com/bigquery/v2/projects"
# Deployments are numbered by version (`training.endpoint.gcp_requests`). Only a filter on the
# column of the partitions keeps the others from being read, and paid for.
# https://cloud.google.com/bigquery/docs/querying-partitioned-tables
QUERY = """\
SELECT logging_time, CAST(request_id AS STRING) AS request_id, request_payload, response_payload
FROM `{table}`
WHERE logging_time >= @since AND logging_time < @until
  AND DIV(CAST(deployed_model_id AS INT64), {serials}) = @version
ORDER BY logging_time
"""
PAGE_ROWS = 5000
DAY = timedelta(days=1)
# A whole body has one of these (`training.serving.requests`).
BODIES = {"instances", "columns"}

log = logging.getLogger(__name__)

Row = list[Any]


def window(
    source: str, since: datetime, until: datetime, manifest: Manifest, part: Part = WHOLE
) -> list[Path]:
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
    return list(part.of(files))


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
    """The rows of the window, a page at a time, a day after the other; each has four fields."""
    begin = since
    while begin < until:
        midnight = begin.astimezone(timezone.utc).replace(hour=0, minute=0, second=0, microsecond=0)
        end = min(midnight + DAY, until)
        yield from _of_a_day(source, begin, end, version)
        begin = end


def _of_a_day(source: str, since: datetime, until: datetime, version: int) -> Iterator[list[Row]]:
    project = source.removeprefix(SCHEME).partition(".")[0]
    moments = {"since": _moment(since), "until": _moment(until)}
    request = {
        "query": QUERY.format(table=source.removeprefix(SCHEME), serials=SERIALS),
        "useLegacySql": False,
        "maxResults": PAGE_ROWS,
        "parameterMode": "NAMED",
        "queryParameters": [
            *(_parameter(name, "TIMESTAMP", value) for name, value in moments.items()),
            _parameter("version", "INT64", str(version)),
        ],
        "formatOptions": {"useInt64Timestamp": True},
    }
    answer = json.loads(gcp.call("POST", f"{API}/{project}/queries", request))
    job = answer["jobReference"]
    address = f"{API}/{project}/queries/{job['jobId']}"
    more = {"location": job["location"], "maxResults": PAGE_ROWS}
    form = {"formatOptions.useInt64Timestamp": "true"}
    while True:
        if answer["jobComplete"]:
            yield [[field["v"] for field in row["f"]] for row in answer.get("rows", [])]
        token = answer.get("pageToken")
        if answer["jobComplete"] and not token:
            return
        answer = gcp.get(address, **more, **form, **({"pageToken": token} if token else {}))


def _captured(row: list[Any], version: int, columns: Sequence[Column]) -> Iterator[Captured]:
    moment, request, request_texts, response_texts = row
    request_texts, response_texts = (
        [item["v"] for item in field] for field in (request_texts, response_texts)
    )
    answer = _answer(response_texts)
    # What was refused has another answer, or none.
    if "predictions" not in answer:
        return
    predictions = answer["predictions"]
    yield Captured(
        request=answer.get("request_id", request),
        at=datetime.fromtimestamp(int(moment) / 1e6, timezone.utc),
        version=version,
        inputs=requests.parse(*_request_body(request_texts), columns),
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


def _parameter(name: str, kind: str, value: str) -> dict[str, Any]:
    return {"name": name, "parameterType": {"type": kind}, "parameterValue": {"value": value}}
