"""Captured requests on SageMaker: JSON lines of the endpoint's data capture, made to Parquet.

The service writes ``<source>/<endpoint>/<variant>/YYYY/MM/DD/HH/<name>.jsonl``, one line per
request (https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-data-capture.html); the
container's own capture does the same (`training.scoring.aws_capture`). Only the folders of the
hours that are asked for are listed and read, newest first, an hour at a time.
"""

from __future__ import annotations

import base64
import json
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from training import clock
from training.captures.capture_files import MOST_ROWS, CaptureFiles, clipped
from training.captures.part import WHOLE, Part
from training.errors import UserError
from training.model_inputs import Column
from training.serving import requests
from training.serving.capture import Captured
from training.serving.input_values import RequestError
from training.store.aws import S3Store, located
from training.versions import Manifest

SUFFIX = ".jsonl"
THREADS = 16
# A request that arrives at the end of an hour may be written in the next one's folder.
SLACK = timedelta(hours=1)
# So many lines without one capture are a fault wherever they stand.
SURE_LINES = 100
# Year, month, day, hour.
LEVELS = 4
NOT_CAPTURED = (ValueError, KeyError, TypeError, AttributeError, RequestError)


@dataclass
class _LineCounts:
    """Counts of lines, and of those that are no capture, with the first of their errors."""

    lines: int = 0
    unreadable: int = 0
    example: str = field(default="")


def window(
    source: str, since: datetime, until: datetime, manifest: Manifest, part: Part = WHOLE
) -> list[Path]:
    """Parquet files, oldest hour first, of what the version answered in [since, until).

    `source` is the address ``s3://BUCKET/...`` that the endpoint captures to; a `part` is its
    share of each hour's objects. A window that begins no later than the version was registered is
    all there is of it: of that, the newest hours with `MOST_ROWS`. Lines that are no capture are
    counted and told; raises UserError if there are no others.
    """
    store, prefix = located(source)
    columns = [Column(**column) for column in manifest["inputs"]]
    since, is_everything = clipped(since, manifest)
    files, counts = CaptureFiles(), _LineCounts()
    with ThreadPoolExecutor(THREADS) as pool:
        hours = _hours(store, prefix, _hour(since - SLACK), _hour(until + SLACK), pool)
        for hour in sorted(hours, reverse=True):
            keys = [k for folder in hours[hour] for k in store.keys(folder) if k.endswith(SUFFIX)]
            captures = (
                captured
                for key, body in _bodies(store, part.of(sorted(keys)), pool)
                for captured in _captures(key, body, manifest["version"], columns, counts)
                if since <= captured.at < until
            )
            files.write(hour, captures)
            if is_everything and files.rows >= MOST_ROWS:
                break
    _tell(source, counts, part)
    return files.in_order()


def _bodies(
    store: S3Store, keys: Sequence[str], pool: ThreadPoolExecutor
) -> Iterator[tuple[str, bytes]]:
    """Each object with its key; not many more than `THREADS` are held at a time."""
    waiting: deque[tuple[str, Future[bytes]]] = deque()
    for key in keys:
        waiting.append((key, pool.submit(store.read, key)))
        if len(waiting) == THREADS:
            first, body = waiting.popleft()
            yield first, body.result()
    for key, body in waiting:
        yield key, body.result()


def _tell(source: str, counts: _LineCounts, part: Part) -> None:
    if not counts.unreadable:
        return
    message = (
        f"{counts.unreadable} of {counts.lines} lines in {source} are not what an endpoint captures"
    )
    # A part's lines may be few, and those of the others good.
    if counts.unreadable == counts.lines and (part == WHOLE or counts.lines >= SURE_LINES):
        raise UserError(f"{message}; the first: {counts.example}")
    print(f"{message}, and do not count; the first: {counts.example}")


def _hours(
    store: S3Store, prefix: str, first: str, last: str, pool: ThreadPoolExecutor
) -> dict[str, list[str]]:
    """The folders of each hour from `first` to `last`, both ``YYYY/MM/DD/HH``."""
    variants = [
        f"{prefix}/{endpoint}/{variant}"
        for endpoint in store.folders(prefix)
        for variant in store.folders(f"{prefix}/{endpoint}")
    ]
    parts = [(variant, "") for variant in variants]
    for _ in range(LEVELS):
        names = pool.map(lambda part: store.folders("/".join(filter(None, part))), parts)
        parts = [
            (variant, time)
            for (variant, before), children in zip(parts, list(names), strict=True)
            for time in (f"{before}/{child}".lstrip("/") for child in children)
            if first[: len(time)] <= time <= last[: len(time)]
        ]
    hours: dict[str, list[str]] = {}
    for variant, time in parts:
        hours.setdefault(time, []).append(f"{variant}/{time}")
    return hours


def _hour(moment: datetime) -> str:
    """The folder of a moment's hour: ``YYYY/MM/DD/HH``, UTC."""
    return f"{clock.text(moment):.13}".replace("-", "/").replace("T", "/")


def _captures(
    key: str, body: bytes, version: int, columns: Sequence[Column], counts: _LineCounts
) -> Iterator[Captured]:
    """The requests in an object that the version answered."""
    for line in body.split(b"\n"):
        if not line.strip():
            continue
        counts.lines += 1
        try:
            captured = _captured(json.loads(line), version, columns)
        except NOT_CAPTURED as error:
            counts.unreadable += 1
            counts.example = counts.example or f"{key}: {type(error).__name__} {error}"
            continue
        if captured is not None:
            yield captured


def _captured(line: dict[str, Any], version: int, columns: Sequence[Column]) -> Captured | None:
    data = line["captureData"]
    answer = json.loads(_body(data["endpointOutput"]))
    # Refused requests, and those of other versions, have another answer.
    if answer.get("version") != version:
        return None
    request = data["endpointInput"]
    return Captured(
        request=answer["request_id"],
        at=clock.parse(line["eventMetadata"]["inferenceTime"]),
        version=version,
        inputs=requests.parse(_plain_type(request), _body(request), columns),
        predictions=np.array(answer["predictions"]),
        scores=np.array(answer["scores"], dtype=float),
    )


def _plain_type(part: dict[str, Any]) -> str:
    return part["observedContentType"].split(";")[0].strip().lower()


def _body(part: dict[str, Any]) -> bytes:
    """The body as it was sent; base64 for content types that the configuration does not name."""
    if part["encoding"] == "BASE64":
        return base64.b64decode(part["data"])
    return part["data"].encode()
