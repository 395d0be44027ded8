"""Captured requests that a back end read, as the Parquet files that a drift check takes."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pyarrow.parquet as pq

from training import clock
from training.serving.capture import Captured, table
from training.versions import Manifest

# Rows of one file, about: what is held in memory until it is written.
FILE_ROWS = 20_000
# What is made of labels that have arrived takes no more (`training.performance`).
MOST_ROWS = 1_000_000


def clipped(since: datetime, manifest: Manifest) -> tuple[datetime, bool]:
    """The begin of a window, no earlier than the version, and whether the window is all there is.

    No request was answered by a version before it was registered.
    """
    if "created" not in manifest:
        return since, False
    created = clock.parse(manifest["created"])
    return max(since, created), since <= created


@dataclass
class Unreadable:
    """Captures that could not be read: their number, and the first of the reasons."""

    number: int = 0
    first: str = ""

    def add(self, reason: str) -> None:
        """Count one."""
        self.number += 1
        self.first = self.first or reason


class CaptureFiles:
    """Parquet files in a folder that goes with the process; `rows` counts their rows."""

    def __init__(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="captures-"))
        atexit.register(shutil.rmtree, self._folder, ignore_errors=True)
        self._paths: list[Path] = []
        self.rows = 0

    def write(self, begin: str, captures: Iterable[Captured]) -> None:
        """Write requests in as many files as they need, in order.

        `begin`, such as the hour ``YYYY/MM/DD/HH``, sorts among those of other calls.
        """
        waiting: list[Captured] = []
        rows = 0
        for captured in captures:
            waiting.append(captured)
            rows += len(captured.predictions)
            if rows >= FILE_ROWS:
                self._write(begin, waiting, rows)
                waiting, rows = [], 0
        if waiting:
            self._write(begin, waiting, rows)

    def in_order(self) -> list[Path]:
        """The files, oldest first."""
        return sorted(self._paths)

    def _write(self, begin: str, captures: list[Captured], rows: int) -> None:
        path = self._folder / f"{begin.replace('/', '')}-{len(self._paths):06d}.parquet"
        pq.write_table(table(captures), path)
        self._paths.append(path)
        self.rows += rows
