"""Data capture: inputs, answers and versions of sampled requests, to Parquet files.

The request path only appends to a list; a thread writes. A file appears under its name whole
(written aside, then renamed), so a kill loses at most what was not flushed yet and leaves
nothing that a reader would take for a capture. Durable captures lose nothing: an answer waits
until its request is in a log on the disk (`training.serving.capture_log`).
"""

from __future__ import annotations

import asyncio
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
from training.files import sync
from training.serving import arrow_arrays, capture_log
from training.serving.background import Repeater
from training.serving.requests import Inputs

log = logging.getLogger(__name__)

FLUSH_SECONDS = 0.5
FLUSH_ROWS = 20_000
MAX_PENDING_ROWS = 500_000
# The thread that writes the log is woken by each request.
_IDLE_SECONDS = 3600.0


@dataclass(frozen=True)
class Captured:
    """One answered request: inputs, predictions and scores of the same number of rows."""

    request: str
    at: datetime
    version: int
    inputs: Inputs
    predictions: np.ndarray
    scores: np.ndarray


class CaptureError(Exception):
    """A capture that has to be on the disk could not be written there."""


@dataclass(frozen=True)
class _Unlogged:
    captured: Captured
    loop: asyncio.AbstractEventLoop
    logged: asyncio.Future[None]

    def settle(self, error: Exception | None) -> None:
        """Let the request that waits go on; one that went away waits no more."""
        if not self.logged.done():
            if error is None:
                self.logged.set_result(None)
            else:
                self.logged.set_exception(error)


class Captures:
    """The captures of one model, written to `folder`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.written_rows = 0
        self.dropped = 0
        # Whether an answer waits until its capture is on the disk.
        self.durable = False
        self._lock = threading.Lock()
        self._waiting: list[Captured] = []
        self._rows = 0
        self._writer = Repeater(f"capture to {folder}", FLUSH_SECONDS, self.flush)
        self._unlogged: list[_Unlogged] = []
        self._logger = Repeater(f"capture log in {folder}", _IDLE_SECONDS, self._append)
        # Held while the log changes, so that what waits is what the logs hold.
        self._log_lock = threading.Lock()
        self._log: capture_log.CaptureLog | None = None
        self._full_logs: list[capture_log.CaptureLog] = []

    @property
    def pending(self) -> int:
        """Rows that are not in a file yet."""
        return self._rows

    def start(self, *, alone: bool = True) -> None:
        """Take over the log that a killed process left, and begin to write.

        The first process of a server, which is `alone` yet, clears what was left half-written.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        for staged in self.folder.glob(f"*/{captures.STAGED}*") if alone else ():
            staged.unlink(missing_ok=True)
        try:
            rows = capture_log.recover(self.folder)
            if rows:
                log.info("%d rows of a log of captures in %s are in files now", rows, self.folder)
        except OSError as error:  # the log stays, for the next start
            log.error("the log of captures in %s waits: %s", self.folder, error)
        self._writer.start()
        self._logger.start()

    def stop(self) -> None:
        """Write all that waits, and end."""
        self._logger.stop()
        self._writer.stop()
        try:
            self._append()
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

    async def keep(self, captured: Captured) -> None:
        """Take a request; on return it is on the disk.

        Raises CaptureError if it cannot be written; then it is not captured.
        """
        if self._rows > MAX_PENDING_ROWS:
            raise CaptureError(f"{self._rows} captured rows could not be written to files yet")
        loop = asyncio.get_running_loop()
        unlogged = _Unlogged(captured, loop, loop.create_future())
        with self._lock:
            self._unlogged.append(unlogged)
        self._logger.wake()
        await unlogged.logged

    def _append(self) -> None:
        """Add a group of requests to the log, and let them go on."""
        with self._lock:
            group, self._unlogged = self._unlogged, []
        if not group:
            return
        error = self._append_to_log([unlogged.captured for unlogged in group])
        for unlogged in group:
            if not unlogged.loop.is_closed():
                unlogged.loop.call_soon_threadsafe(unlogged.settle, error)

    def _append_to_log(self, group: list[Captured]) -> CaptureError | None:
        group.sort(key=lambda captured: captured.version)
        tables = [table(list(batch)) for _, batch in groupby(group, key=lambda c: c.version)]
        with self._log_lock:
            try:
                if self._log is None:
                    self._log = capture_log.CaptureLog(self.folder)
                self._log.append(tables)
            except OSError as error:
                return CaptureError(error.strerror)
            with self._lock:
                self._waiting += group
                self._rows += sum(len(captured.scores) for captured in group)
        return None

    def flush(self) -> None:
        """Write what waits, one file a version; what cannot be written waits on."""
        with self._log_lock:
            with self._lock:
                batch, self._waiting = self._waiting, []
            if self._log is not None:
                self._full_logs.append(self._log)
                self._log = None
        self._write_all(batch)
        for full in self._full_logs:
            full.remove()
        self._full_logs.clear()

    def _write_all(self, batch: list[Captured]) -> None:
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
                self.written_rows += rows
            batch = batch[count:]

    def _write(self, version: int, batch: list[Captured]) -> None:
        unique = uuid.uuid4().hex[:12]
        first_time = min(captured.at for captured in batch)
        path = self.folder / captures.file_name(first_time, version, unique)
        new_day = not path.parent.exists()
        path.parent.mkdir(exist_ok=True)
        captures.write_whole(table(batch), path)
        if new_day:
            sync(self.folder)


def table(batch: list[Captured]) -> pa.Table:
    """Requests that were answered, a row each of the model's inputs and the columns of captures."""
    counts = [len(captured.scores) for captured in batch]
    columns = {
        name: np.concatenate([captured.inputs[name] for captured in batch])
        for name in batch[0].inputs
    }
    arrays = {
        name: arrow_arrays.texts(values.tolist())
        if values.dtype == object
        else arrow_arrays.numbers(values)
        for name, values in columns.items()
    }
    requests = [c.request for c, count in zip(batch, counts, strict=True) for _ in range(count)]
    arrays[REQUEST] = arrow_arrays.texts(requests)
    arrays[TIME] = arrow_arrays.moments([c.at for c in batch], counts)
    arrays[VERSION] = arrow_arrays.numbers(np.repeat([c.version for c in batch], counts))
    arrays[PREDICTION] = arrow_arrays.labels(np.concatenate([c.predictions for c in batch]))
    arrays[SCORE] = arrow_arrays.numbers(np.concatenate([c.scores for c in batch]))
    return pa.Table.from_arrays(list(arrays.values()), names=list(arrays))
