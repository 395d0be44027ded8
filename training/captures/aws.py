"""Captured requests on SageMaker: JSON lines of the endpoint's data capture, made to Parquet.

The service writes ``<source>/<endpoint>/<variant>/YYYY/MM/DD/HH/<name>.jsonl``, one line per
request (https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-data-capture.html).
"""

from __future__ import annotations

import atexit
import base64
import json
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq

from training import clock
from training.errors import UserError
from training.serving import requests
from training.serving.capture import Captured, table
from training.store.aws import S3Store, located
from training.table import Column
from training.versions import Manifest

SUFFIX = ".jsonl"
THREADS = 16
# A request that arrives at the end of an hour may be written in the next one's folder.
SLACK = timedelta(hours=1)


def window(source: str, since: datetime, until: datetime, manifest: Manifest) -> list[Path]:
    """Parquet files, one per hour, of what the version answered in [since, until).

    `source` is the address ``s3://BUCKET/...`` that the endpoint captures to. Raises UserError
    for a line that is no capture.
    """
    store, prefix = located(source)
    first, last = _hour(since - SLACK), _hour(until + SLACK)
    keys = [key for key in store.keys(prefix) if key.endswith(SUFFIX)]
    wanted = sorted((key for key in keys if first <= _folder(key) <= last), key=_folder)
    folder = Path(tempfile.mkdtemp(prefix="captures-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    files = []
    with ThreadPoolExecutor(THREADS) as pool:
        for hour, group in groupby(wanted, key=_folder):
            found = [
                captured
                for answered in pool.map(lambda key: _answered(store, key, manifest), group)
                for captured in answered
                if since <= captured.at < until
            ]
            if found:
                files.append(folder / f"{hour.replace('/', '')}.parquet")
                pq.write_table(table(found), files[-1])
    return files


def _hour(moment: datetime) -> str:
    """The folder of a moment's hour: ``YYYY/MM/DD/HH``, UTC."""
    return f"{clock.text(moment):.13}".replace("-", "/").replace("T", "/")


def _folder(key: str) -> str:
    return "/".join(key.split("/")[-5:-1])


def _answered(store: S3Store, key: str, manifest: Manifest) -> list[Captured]:
    """The requests in an object that the version answered."""
    columns = [Column(**column) for column in manifest["inputs"]]
    try:
        lines = [json.loads(line) for line in store.read(key).decode().splitlines() if line]
        return [found for line in lines for found in _captured(line, manifest["version"], columns)]
    except (ValueError, KeyError, TypeError) as error:
        raise UserError(f"{store.uri}/{key} is not what an endpoint captures: {error}") from error


def _captured(line: dict[str, Any], version: int, columns: Sequence[Column]) -> Iterator[Captured]:
    data = line["captureData"]
    answer = json.loads(_body(data["endpointOutput"]))
    # Refused requests, and those of other versions, have another answer.
    if answer.get("version") != version:
        return
    asked = data["endpointInput"]
    yield Captured(
        request=answer["request_id"],
        at=clock.parse(line["eventMetadata"]["inferenceTime"]),
        version=version,
        inputs=requests.parse(_plain_type(asked), _body(asked), columns),
        predictions=np.array(answer["predictions"]),
        scores=np.array(answer["scores"], dtype=float),
    )


def _plain_type(part: dict[str, Any]) -> str:
    return part["observedContentType"].split(";")[0].strip().lower()


def _body(part: dict[str, Any]) -> bytes:
    """What was sent; content types that the configuration does not name come as base64."""
    if part["encoding"] == "BASE64":
        return base64.b64decode(part["data"])
    return part["data"].encode()
