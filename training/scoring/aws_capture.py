"""Capture in SageMaker's container: what the service's data capture writes, written by the server.

The service's own capture belongs to Model Monitor, which is closed to accounts that are new to it;
this needs S3 alone. A line is what the service writes
(https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-data-capture.html), under the same
keys, so that one reader takes both. The request path appends to a list; a thread writes. A kill
loses what was not flushed yet; what cannot be written is counted, and no answer waits for it.
"""

from __future__ import annotations

import atexit
import base64
import json
import logging
import random
import threading
import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol

from training import clock

if TYPE_CHECKING:
    # With it comes pandas, which a program that names the ways of capture does without.
    from training.serving.answers import Answer

# Who captures: the server in the container, or SageMaker's data capture.
CONTAINER, SERVICE = "container", "service"
URI, PERCENT = "MLOPS_CAPTURE_URI", "MLOPS_CAPTURE_PERCENT"
FLUSH_SECONDS = 10.0
# One object; and all that waits while the store does not answer.
OBJECT_BYTES, WAITING_BYTES = 8 * 2**20, 64 * 2**20

log = logging.getLogger(__name__)


class Writer(Protocol):
    """A writer of objects: `training.store.aws.S3Store`."""

    def write(self, key: str, content: bytes) -> None:
        """Write an object."""
        ...


def capture_from(environment: Mapping[str, str]) -> Capture | None:
    """The capture that the environment asks for, at work; None if it asks for none."""
    if URI not in environment:
        return None
    from training.store.aws import located

    store, prefix = located(environment[URI])
    capture = Capture(store, prefix, float(environment[PERCENT]))
    capture.start()
    return capture


class Capture:
    """Requests and answers on their way to ``<prefix>/YYYY/MM/DD/HH/<name>.jsonl``."""

    def __init__(self, store: Writer, prefix: str, percent: float) -> None:
        self._store, self._prefix, self._share = store, prefix, percent / 100
        self._lock = threading.Lock()
        self._waiting: list[tuple[datetime, bytes]] = []
        self._bytes = 0
        self._end = threading.Event()
        self.dropped = 0

    def start(self) -> None:
        """Write every few seconds until the process ends, and then what is left."""
        threading.Thread(target=self._write_on, name="capture", daemon=True).start()
        atexit.register(self.stop)

    def stop(self) -> None:
        """Write what waits."""
        self._end.set()
        self.flush()

    def add(self, content_type: str, body: bytes, answer: Answer) -> None:
        """Keep a request with its answer, or leave it out of the sample."""
        if self._share < 1 and random.random() >= self._share:
            return
        moment = clock.now()
        line = _line(moment, content_type, body, answer)
        with self._lock:
            if self._bytes + len(line) > WAITING_BYTES:
                self.dropped += 1
                return
            self._waiting.append((moment, line))
            self._bytes += len(line)

    def flush(self) -> None:
        """Write what waits; what the store refuses waits on."""
        while self._waiting:
            with self._lock:
                part = _first(self._waiting)
            hour = part[0][0]
            key = f"{self._prefix}/{hour:%Y/%m/%d/%H}/{hour:%M-%S}-{uuid.uuid4()}.jsonl"
            try:
                self._store.write(key, b"".join(line for _, line in part))
            except Exception as error:
                log.error("%d captured requests wait: %s", len(self._waiting), error)
                return
            with self._lock:
                del self._waiting[: len(part)]
                self._bytes -= sum(len(line) for _, line in part)
        if self.dropped:
            log.error("%d requests were not captured: the store took none", self.dropped)
            self.dropped = 0

    def _write_on(self) -> None:
        while not self._end.wait(FLUSH_SECONDS):
            self.flush()


def _first(waiting: list[tuple[datetime, bytes]]) -> list[tuple[datetime, bytes]]:
    """The lines of the next object: of one hour, and no more than that many bytes."""
    first_moment, size, count = waiting[0][0], 0, 0
    for moment, line in waiting:
        if count and (
            f"{moment:%d%H}" != f"{first_moment:%d%H}" or size + len(line) > OBJECT_BYTES
        ):
            break
        size, count = size + len(line), count + 1
    return waiting[:count]


def _line(moment: datetime, content_type: str, body: bytes, answer: Answer) -> bytes:
    """The line of the service's data capture for a request."""
    part: dict[str, Any] = {
        "captureData": {
            "endpointInput": {"mode": "INPUT", **_encoded(content_type, body)},
            "endpointOutput": {"mode": "OUTPUT", **_encoded("application/json", answer.body)},
        },
        "eventMetadata": {"eventId": str(uuid.uuid4()), "inferenceTime": clock.text(moment)},
        "eventVersion": "0",
    }
    return json.dumps(part).encode() + b"\n"


def _encoded(content_type: str, body: bytes) -> dict[str, str]:
    try:
        return {"observedContentType": content_type, "data": body.decode(), "encoding": "JSON"}
    except UnicodeDecodeError:
        data = base64.b64encode(body).decode()
        return {"observedContentType": content_type, "data": data, "encoding": "BASE64"}
