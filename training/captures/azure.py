"""Captured requests on Azure ML: JSON lines of the endpoint's data collector, made to Parquet.

Payload logging writes requests and responses as CloudEvents to one folder each,
``<source>/v<version>/{request,response}/YYYY/MM/DD/HH/<name>.jsonl``, and marks those that belong
together with a correlation id (learn.microsoft.com, "Collect production data from models deployed
for real-time inferencing").
"""

from __future__ import annotations

import atexit
import json
import shutil
import tempfile
from collections.abc import Sequence
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
from training.store.azure import BlobStore, located
from training.table import Column
from training.versions import Manifest

REQUEST, RESPONSE = "request", "response"
COLLECTIONS = (REQUEST, RESPONSE)
SUFFIX = ".jsonl"
MEMBERS = ("time", "correlationid", "data")
THREADS = 16
# An answer may be written in the folder of the hour after its request's.
SLACK = timedelta(hours=1)

Event = dict[str, Any]


def folder(version: int) -> str:
    """The folder of a version's captures."""
    return f"v{version:06d}"


def window(source: str, since: datetime, until: datetime, manifest: Manifest) -> list[Path]:
    """Parquet files, one per hour, of what the version answered in [since, until).

    `source` is the address of the folder that all versions' captures are in. Raises UserError
    for a line that is no capture.
    """
    store, prefix = located(source)
    prefix = f"{prefix}/{folder(manifest['version'])}"
    columns = [Column(**column) for column in manifest["inputs"]]
    asked = _events(store, f"{prefix}/{REQUEST}", since - SLACK, until + SLACK)
    answered = _events(store, f"{prefix}/{RESPONSE}", since - SLACK, until + 2 * SLACK)
    answers = {event["correlationid"]: event["data"] for event in answered}
    found = [
        _captured(event, answers[event["correlationid"]], manifest["version"], columns)
        for event in asked
        if since <= clock.parse(event["time"]) < until
        # A refused request has an answer without predictions.
        and "predictions" in answers.get(event["correlationid"], {})
    ]
    return _written(sorted(found, key=lambda captured: captured.at))


def _events(store: BlobStore, prefix: str, since: datetime, until: datetime) -> list[Event]:
    first, last = _hour(since), _hour(until)
    keys = [
        key
        for key in store.keys(prefix)
        if key.endswith(SUFFIX) and first <= "/".join(key.split("/")[-5:-1]) <= last
    ]
    with ThreadPoolExecutor(THREADS) as pool:
        return [
            event for events in pool.map(lambda key: _read(store, key), keys) for event in events
        ]


def _read(store: BlobStore, key: str) -> list[Event]:
    try:
        events = [json.loads(line) for line in store.read(key).decode().splitlines() if line]
        return [{name: event[name] for name in MEMBERS} for event in events]
    except (ValueError, KeyError, TypeError) as error:
        raise UserError(f"{store.uri}/{key} is not what an endpoint captures: {error}") from error


def _captured(
    event: Event, answer: dict[str, Any], version: int, columns: Sequence[Column]
) -> Captured:
    body = json.dumps(event["data"]).encode()
    return Captured(
        request=answer["request_id"],
        at=clock.parse(event["time"]),
        version=version,
        inputs=requests.parse(requests.JSON, body, columns),
        predictions=np.array(answer["predictions"]),
        scores=np.array(answer["scores"], dtype=float),
    )


def _written(found: list[Captured]) -> list[Path]:
    place = Path(tempfile.mkdtemp(prefix="captures-"))
    atexit.register(shutil.rmtree, place, ignore_errors=True)
    files = []
    for hour, group in groupby(found, key=lambda captured: _hour(captured.at)):
        files.append(place / f"{hour.replace('/', '')}.parquet")
        pq.write_table(table(list(group)), files[-1])
    return files


def _hour(moment: datetime) -> str:
    """The folder of a moment's hour: ``YYYY/MM/DD/HH``, UTC."""
    return f"{clock.text(moment):.13}".replace("-", "/").replace("T", "/")
