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

import json
import logging
import urllib.parse
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from training import clock
from training.captures.capture_files import MOST_ROWS, CaptureFiles, Unreadable, clipped
from training.captures.part import WHOLE, Part
from training.errors import UserError
from training.model_inputs import Column
from training.serving import requests
from training.serving.capture import Captured
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


def folder(version: int) -> str:
    """The folder of a version's captures."""
    return f"v{version:06d}"


def window(
    source: str, since: datetime, until: datetime, manifest: Manifest, part: Part = WHOLE
) -> list[Path]:
    """Parquet files, oldest hour first, of what the version answered in [since, until).

    `source` is the address of the folder that all versions' captures are in; a `part` is its share
    of each hour's requests. A window that begins no later than the version was registered is all
    there is of it: of that, the newest hours with `MOST_ROWS`. Captures that cannot be read are
    left out and logged with their number; raises UserError if none can be read.
    """
    store, prefix = located(source)
    prefix = f"{prefix}/{folder(manifest['version'])}"
    since, is_everything = clipped(since, manifest)
    files, unreadable = CaptureFiles(), Unreadable()
    request_keys = _hours(store, f"{prefix}/{REQUEST}", since - SLACK, until + SLACK)
    response_keys = _hours(store, f"{prefix}/{RESPONSE}", since - SLACK, until + 2 * SLACK)
    # Those of the hour after, which comes first.
    later: dict[str, Event] = {}
    for hour in sorted({*request_keys, *response_keys}, reverse=True):
        events = _events(store, response_keys.get(hour, []), unreadable)
        answers = {event["correlationid"]: event for _, event in events}
        requests = sorted(
            _events(store, request_keys.get(hour, []), unreadable),
            key=lambda entry: entry[1]["time"],
        )
        pairs = [
            (key, event, answers.get(event["correlationid"]) or later.get(event["correlationid"]))
            for key, event in part.of(requests)
            if since <= clock.parse(event["time"]) < until
        ]
        files.write(hour, _captures(store, pairs, manifest, unreadable))
        later = answers
        if is_everything and files.rows >= MOST_ROWS:
            break
    if unreadable.number:
        if not files.rows and part == WHOLE:
            raise UserError(unreadable.first)
        log.warning("%d captures are left out, the first: %s", unreadable.number, unreadable.first)
    return files.in_order()


def _hours(store: BlobStore, prefix: str, since: datetime, until: datetime) -> dict[str, list[str]]:
    """The keys of the files of events in the folder of each hour, ``YYYY/MM/DD/HH``."""
    first, last = _hour(since), _hour(until)
    hours: dict[str, list[str]] = {}
    for key in store.keys(prefix):
        hour = "/".join(key.split("/")[-5:-1])
        if key.endswith(SUFFIX) and first <= hour <= last:
            hours.setdefault(hour, []).append(key)
    return hours


def _events(
    store: BlobStore, keys: Sequence[str], unreadable: Unreadable
) -> list[tuple[str, Event]]:
    """The events of an hour, each with the key of its blob."""
    with ThreadPoolExecutor(THREADS) as pool:
        contents = list(pool.map(lambda key: _lines(store, key), keys))
    events = [(key, event) for key, lines in zip(keys, contents, strict=True) for event in lines]
    # A large body's own blob may have the name of a file of events.
    bodies = {_body_key(store, event) for _, event in events if _is_elsewhere(event)}
    whole = []
    for key, event in events:
        missing = [name for name in ("time", "correlationid") if name not in event]
        if key in bodies:
            continue
        if missing:
            reason = event.get("unread") or f"it lacks {', '.join(missing)}"
            unreadable.add(_reason(store, key, reason))
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


def _captures(
    store: BlobStore,
    pairs: Iterable[tuple[str, Event, Event | None]],
    manifest: Manifest,
    unreadable: Unreadable,
) -> Iterator[Captured]:
    """The requests of events that were answered; each with its blob's key and its answer."""
    columns = [Column(**column) for column in manifest["inputs"]]
    for key, event, answer in pairs:
        try:
            if answer is not None:
                yield from _captured(store, event, answer, manifest["version"], columns)
        except (ValueError, KeyError, TypeError, AttributeError, RequestError) as error:
            unreadable.add(_reason(store, key, error))


def _reason(store: BlobStore, key: str, reason: object) -> str:
    return f"{store.uri}/{key} is not what an endpoint captures: {reason}"


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


def _hour(moment: datetime) -> str:
    """The folder of a moment's hour: ``YYYY/MM/DD/HH``, UTC."""
    return f"{clock.text(moment):.13}".replace("-", "/").replace("T", "/")
