"""Data capture: inputs, answers and versions of sampled requests, to Parquet files.

The request path only appends to a list; a thread writes. A file appears under its name whole
(written aside, then renamed), so a kill loses at most what was not flushed yet and leaves
nothing that a reader would take for a capture.
"""

from __future__ import annotations

import logging
import threading
import uuid
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from pathlib import Path

import numpy as np
import pyarrow as pa

from training.captures import local as captures
from training.captures.columns import PREDICTION, REQUEST, SCORE, TIME, VERSION
from training.serving.background import Repeater
from training.serving.requests import Inputs

log = logging.getLogger(__name__)

FLUSH_SECONDS = 0.5
FLUSH_ROWS = 20_000
MAX_PENDING_ROWS = 500_000


@dataclass(frozen=True)
class Captured:
    """One answered request: inputs, predictions and scores of the same number of rows."""

    request: str
    at: datetime
    version: int
    inputs: Inputs
    predictions: np.ndarray
    scores: np.ndarray


class Captures:
    """The captures of one model, written to `folder`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.written = 0
        self.dropped = 0
        self._lock = threading.Lock()
        self._waiting: list[Captured] = []
        self._rows = 0
        self._writer = Repeater(f"capture to {folder}", FLUSH_SECONDS, self.flush)

    @property
    def pending(self) -> int:
        """Rows that are not in a file yet."""
        return self._rows

    def start(self) -> None:
        """Clear what a killed process left half-written, and begin to write."""
        self.folder.mkdir(parents=True, exist_ok=True)
        for staged in self.folder.glob(f"*/{captures.STAGED}*"):
            staged.unlink(missing_ok=True)
        self._writer.start()

    def stop(self) -> None:
        """Write all that waits, and end."""
        self._writer.stop()
        try:
            self.flush()
        except OSError as error:
            log.error("%d captured rows are lost: %s", self.pending, error)

    def add(self, captured: Captured) -> None:
        """Take a request; it is dropped, and counted, if the disk is that far behind."""
        rows = len(captured.scores)
        with self._lock:
            if self._rows + rows > MAX_PENDING_ROWS:
                self.dropped += rows
                return
            self._waiting.append(captured)
            self._rows += rows
            full = self._rows >= FLUSH_ROWS
        if full:
            self._writer.wake()

    def flush(self) -> None:
        """Write what waits, one file a version; what cannot be written waits on."""
        with self._lock:
            batch, self._waiting = self._waiting, []
        batch.sort(key=lambda captured: captured.version)
        while batch:
            version = batch[0].version
            count = sum(1 for _ in next(groupby(batch, key=lambda c: c.version))[1])
            try:
                self._write(version, batch[:count])
            except BaseException:
                with self._lock:
                    self._waiting[:0] = batch
                raise
            rows = sum(len(captured.scores) for captured in batch[:count])
            with self._lock:
                self._rows -= rows
                self.written += rows
            batch = batch[count:]

    def _write(self, version: int, batch: list[Captured]) -> None:
        unique = uuid.uuid4().hex[:12]
        first_time = min(captured.at for captured in batch)
        path = self.folder / captures.file_name(first_time, version, unique)
        path.parent.mkdir(exist_ok=True)
        captures.write_whole(table(batch), path)


def table(batch: list[Captured]) -> pa.Table:
    """Requests that were answered, a row each of the model's inputs and the columns of captures."""
    counts = [len(captured.scores) for captured in batch]
    columns = {
        name: np.concatenate([captured.inputs[name] for captured in batch])
        for name in batch[0].inputs
    }
    arrays = {
        name: pa.array(values, pa.string() if values.dtype == object else pa.float64())
        for name, values in columns.items()
    }
    moments = pa.array([c.at for c in batch], pa.timestamp("us", tz="UTC"))
    request_of_row = pa.array(np.repeat(np.arange(len(batch)), counts))
    arrays[REQUEST] = pa.array([c.request for c in batch], pa.string()).take(request_of_row)
    arrays[TIME] = moments.take(request_of_row)
    arrays[VERSION] = pa.array(np.repeat([c.version for c in batch], counts), pa.int64())
    arrays[PREDICTION] = pa.array(np.concatenate([c.predictions for c in batch]).tolist())
    arrays[SCORE] = pa.array(np.concatenate([c.scores for c in batch]), pa.float64())
    return pa.table(arrays)
