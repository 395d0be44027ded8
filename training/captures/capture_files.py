"""Captured requests that a back end read, as the Parquet files that a drift check takes."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from collections.abc import Iterable
from pathlib import Path

import pyarrow.parquet as pq

from training.serving.capture import Captured, table

# Rows of one file, about: what is held in memory until it is written.
FILE_ROWS = 20_000
# What is made of labels that have arrived takes no more (`training.performance`).
MOST_ROWS = 1_000_000


class CaptureFiles:
    """Parquet files in a folder that goes with the process; `rows` counts their rows."""

    def __init__(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="captures-"))
        atexit.register(shutil.rmtree, self._folder, ignore_errors=True)
        self._paths: list[Path] = []
        self.rows = 0

    def write(self, hour: str, captures: Iterable[Captured]) -> None:
        """Write the requests of an hour, ``YYYY/MM/DD/HH``, in as many files as they need."""
        waiting: list[Captured] = []
        rows = 0
        for captured in captures:
            waiting.append(captured)
            rows += len(captured.predictions)
            if rows >= FILE_ROWS:
                self._write(hour, waiting, rows)
                waiting, rows = [], 0
        if waiting:
            self._write(hour, waiting, rows)

    def in_order(self) -> list[Path]:
        """The files, oldest hour first."""
        return sorted(self._paths)

    def _write(self, hour: str, captures: list[Captured], rows: int) -> None:
        path = self._folder / f"{hour.replace('/', '')}-{len(self._paths):06d}.parquet"
        pq.write_table(table(captures), path)
        self._paths.append(path)
        self.rows += rows
