"""Captured requests on Azure ML: JSON lines of the endpoint's data collector, made to Parquet.

Payload logging writes requests and responses as CloudEvents to one folder each,
``<source>/v<version>/{request,response}/YYYY/MM/DD/HH/<name>.jsonl``, and marks those that belong
together with a correlation id. A body above 4 MB, or one that is no text, lies in a blob of its
own, beside those files: the event has ``"datainblob": "true"`` and the blob's address as its data
(learn.microsoft.com, "Collect production data from models deployed for real-time inferencing",
"Store large payloads" and "Store binary data"). What no request came of is counted and logged, and
stops no drift check.
"""

from __future__ import annotations

import atexit
import json
import logging
import shutil
import tempfile
import urllib.parse
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq

from training import clock
from training.errors import UserError
from training.model_inputs import Column
from training.serving import requests
from training.serving.capture import Captured, table
from training.serving.input_values import RequestError
from training.store.azure import BlobStore, located
from training.versions import Manifest

REQUEST, RESPONSE = "request", "response"
COLLECTIONS = (REQUEST, RESPONSE)
SUFFIX = ".jsonl"
THREADS = 16
# An answer may be written in the folder of the hour after its request's.
SLACK = timedelta(hours=1)

log = logging.getLogger(__name__)

Event = dict[str, Any]


@dataclass
class Unreadable:
    """Captures that no request came of, each by its blob and the reason; safe among threads."""

    reasons: list[str] = field(default_factory=list)

    def add(self, store: BlobStore, key: str, reason: object) -> None:
        self.reasons.append(f"{store.uri}/{key} is not what an endpoint captures: {reason}")


def folder(version: int) -> str:
    """The folder of a version's captures."""
    return f"v{version:06d}"


def window(source: str, since: datetime, until: datetime, manifest: Manifest) -> list[Path]:
    """Parquet files, one per hour, of what the version answered in [since, until).

    `source` is the address of the folder that all versions' captures are in. Captures that cannot
    be read are left out and logged with their number; raises UserError if none can be read.
    """
    store, prefix = located(source)
    prefix = f"{prefix}/{folder(manifest['version'])}"
    columns = [Column(**column) for column in manifest["inputs"]]
    unreadable = Unreadable()
    request_events = _events(store, f"{prefix}/{REQUEST}", since - SLACK, until + SLACK, unreadable)
    response_events = _events(
        store, f"{prefix}/{RESPONSE}", since - SLACK, until + 2 * SLACK, unreadable
    )
    answers = {event["correlationid"]: event for _, event in response_events}
    captures = []
    for key, event in request_events:
        answer = answers.get(event["correlationid"])
        if answer is None or not since <= clock.parse(event["time"]) < until:
            continue
        try:
            captures += _captured(store, event, answer, manifest["version"], columns)
        except (ValueError, KeyError, TypeError, AttributeError, RequestError) as error:
            unreadable.add(store, key, error)
    if unreadable.reasons:
        if not captures:
            raise UserError(unreadable.reasons[0])
        number, first = len(unreadable.reasons), unreadable.reasons[0]
        log.warning("%d captures are left out, the first: %s", number, first)
    return _write_files(sorted(captures, key=lambda captured: captured.at))


def _events(
    store: BlobStore, prefix: str, since: datetime, until: datetime, unreadable: Unreadable
) -> list[tuple[str, Event]]:
    """The events of some hours, each with the key of its blob."""
    first, last = _hour(since), _hour(until)
    keys = [
        key
        for key in store.keys(prefix)
        if key.endswith(SUFFIX) and first <= "/".join(key.split("/")[-5:-1]) <= last
    ]
    with ThreadPoolExecutor(THREADS) as pool:
        read = list(pool.map(lambda key: _lines(store, key), keys))
    events = [(key, event) for key, lines in zip(keys, read, strict=True) for event in lines]
    # A large body's own blob may have the name of a file of events.
    bodies = {_body_key(store, event) for _, event in events if _is_elsewhere(event)}
    whole = []
    for key, event in events:
        missing = [name for name in ("time", "correlationid") if name not in event]
        if key in bodies:
            continue
        if missing:
            unreadable.add(store, key, event.get("unread") or f"it lacks {', '.join(missing)}")
        else:
            whole.append((key, event))
    return whole


def _lines(store: BlobStore, key: str) -> list[Event]:
    """The objects in a file of events; a line that is none is told under ``unread``."""
    events: list[Event] = []
    for line in store.read(key).splitlines():
        try:
            event = json.loads(line) if line.strip() else None
            if event is not None and not isinstance(event, dict):
                raise ValueError("a line is no object")
        except ValueError as error:
            event = {"unread": str(error)}
        if event is not None:
            events.append(event)
    return events


def _captured(
    store: BlobStore, event: Event, response: Event, version: int, columns: Sequence[Column]
) -> list[Captured]:
    """The request of an event, if it was answered with predictions."""
    answer = _json(_body(store, response))
    # A refused or failed request has an answer without predictions, or none.
    if answer is None or "predictions" not in answer:
        return []
    body = _body(store, event)
    text = body.encode() if isinstance(body, str) else json.dumps(body).encode()
    # Beside JSON objects the endpoint takes CSV alone (`training.serving.requests`).
    kind = requests.JSON if text.lstrip().startswith(b"{") else requests.CSV
    return [
        Captured(
            request=answer["request_id"],
            at=clock.parse(event["time"]),
            version=version,
            inputs=requests.parse(kind, text, columns),
            predictions=np.array(answer["predictions"]),
            scores=np.array(answer["scores"], dtype=float),
        )
    ]


def _body(store: BlobStore, event: Event) -> Any:
    """The body that an event is of: plain data where it was JSON, else text; None without one."""
    if not _is_elsewhere(event):
        return event.get("data")
    key = _body_key(store, event)
    if key is None:
        raise ValueError(f"its data is outside of the store, at {event['data']}")
    return store.read(key).decode()


def _json(body: Any) -> Any:
    return json.loads(body) if isinstance(body, str) else body


def _is_elsewhere(event: Event) -> bool:
    """True if an event's data is the address of the blob that has it."""
    return str(event.get("datainblob")).lower() == "true" and isinstance(event.get("data"), str)


def _body_key(store: BlobStore, event: Event) -> str | None:
    """The key of the blob that has an event's body; None outside of the store."""
    start = f"{store.uri}/"
    address = urllib.parse.unquote(event["data"])
    return address.removeprefix(start) if address.startswith(start) else None


def _write_files(captures: list[Captured]) -> list[Path]:
    folder_path = Path(tempfile.mkdtemp(prefix="captures-"))
    atexit.register(shutil.rmtree, folder_path, ignore_errors=True)
    files = []
    for hour, group in groupby(captures, key=lambda captured: _hour(captured.at)):
        files.append(folder_path / f"{hour.replace('/', '')}.parquet")
        pq.write_table(table(list(group)), files[-1])
    return files


def _hour(moment: datetime) -> str:
    """The folder of a moment's hour: ``YYYY/MM/DD/HH``, UTC."""
    return f"{clock.text(moment):.13}".replace("-", "/").replace("T", "/")
