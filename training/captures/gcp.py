"""Captured requests on Google Cloud: rows that the endpoint logs to BigQuery, made to Parquet.

A row is a request: the deployment that answered, when, and both bodies. `predict` is logged as a
text an instance and without scores, `rawPredict` is taken to be as one text
(https://cloud.google.com/vertex-ai/docs/predictions/online-prediction-logging speaks of all online
predictions; of `rawPredict` by name only the page of partner models does:
https://cloud.google.com/vertex-ai/generative-ai/docs/multimodal/request-response-logging). A check
that finds no rows says that it has too few.
"""

from __future__ import annotations

import atexit
import json
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq

from training.clients import gcp
from training.endpoint.gcp_requests import SERIALS
from training.errors import UserError
from training.serving import requests
from training.serving.capture import Captured, table
from training.serving.input_values import RequestError
from training.table import Column
from training.versions import Manifest

SCHEME = "bq://"
API = "https://bigquery.googleapis.com/bigquery/v2/projects"
# Deployments are numbered by version (`training.endpoint.gcp_requests`).
QUERY = """\
SELECT logging_time, CAST(request_id AS STRING) AS request_id, request_payload, response_payload
FROM `{table}`
WHERE logging_time >= @since AND logging_time < @until
  AND DIV(CAST(deployed_model_id AS INT64), {serials}) = @version
ORDER BY logging_time
"""
PAGE_ROWS = 5000
# A whole body has one of these (`training.serving.requests`).
BODIES = {"instances", "columns"}


def window(source: str, since: datetime, until: datetime, manifest: Manifest) -> list[Path]:
    """Parquet files of what the version answered in [since, until), in order.

    `source` is the table ``bq://PROJECT.DATASET.TABLE`` that the endpoint logs to. Raises
    UserError for a row that is no capture.
    """
    columns = [Column(**column) for column in manifest["inputs"]]
    folder = Path(tempfile.mkdtemp(prefix="captures-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    files = []
    for number, rows in enumerate(_pages(source, since, until, manifest["version"])):
        try:
            found = [
                captured
                for row in rows
                for captured in _captured(row, manifest["version"], columns)
            ]
        except (ValueError, KeyError, TypeError, RequestError) as error:
            raise UserError(f"{source} has a row that no endpoint logs: {error}") from error
        if found:
            files.append(folder / f"{number:06d}.parquet")
            pq.write_table(table(found), files[-1])
    return files


def _pages(
    source: str, since: datetime, until: datetime, version: int
) -> Iterator[list[list[Any]]]:
    """The rows of the query, a page at a time; each has its four fields."""
    project = source.removeprefix(SCHEME).partition(".")[0]
    moments = {"since": _moment(since), "until": _moment(until)}
    query = QUERY.format(table=source.removeprefix(SCHEME), serials=SERIALS)
    asked = {
        "query": query,
        "useLegacySql": False,
        "maxResults": PAGE_ROWS,
        "parameterMode": "NAMED",
        "queryParameters": [
            *(_parameter(name, "TIMESTAMP", value) for name, value in moments.items()),
            _parameter("version", "INT64", str(version)),
        ],
        "formatOptions": {"useInt64Timestamp": True},
    }
    found = json.loads(gcp.call("POST", f"{API}/{project}/queries", asked))
    job = found["jobReference"]
    place = f"{API}/{project}/queries/{job['jobId']}"
    more = {"location": job["location"], "maxResults": PAGE_ROWS}
    form = {"formatOptions.useInt64Timestamp": "true"}
    while True:
        if found["jobComplete"]:
            yield [[field["v"] for field in row["f"]] for row in found.get("rows", [])]
        token = found.get("pageToken")
        if found["jobComplete"] and not token:
            return
        found = gcp.get(place, **more, **form, **({"pageToken": token} if token else {}))


def _captured(row: list[Any], version: int, columns: Sequence[Column]) -> Iterator[Captured]:
    moment, request, asked, answered = row
    asked, answered = ([item["v"] for item in field] for field in (asked, answered))
    answer = _answer(answered)
    # What was refused has another answer, or none.
    if "predictions" not in answer:
        return
    predictions = answer["predictions"]
    yield Captured(
        request=answer.get("request_id", request),
        at=datetime.fromtimestamp(int(moment) / 1e6, timezone.utc),
        version=version,
        inputs=requests.parse(*_asked(asked), columns),
        predictions=np.array(predictions),
        scores=np.array(answer.get("scores", [None] * len(predictions)), dtype=float),
    )


def _asked(texts: list[str]) -> tuple[str, bytes]:
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
