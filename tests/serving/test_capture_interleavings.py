"""Captures whose threads meet at any two lines, and what is left of them by a kill there."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path
from tempfile import TemporaryDirectory
from types import SimpleNamespace

import numpy as np
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.interleaving import Plan, Turns, plans
from training import clock
from training.captures.columns import REQUEST
from training.serving import capture, capture_log
from training.serving.capture import Captured, Captures

REQUESTS = ("ant", "bee", "cat")
# Lines that the threads pass together, at least.
LINES = 300


def captured(request: str, version: int) -> Captured:
    values = np.array([1.0, 2.0])
    at = clock.parse("2026-03-31T12:00:00Z")
    return Captured(request, at, version, {"x": values}, np.array(["a", "b"]), values)


class Disk:
    """What a process that starts now would find: rows in files and in logs."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._contents: dict[tuple[str, int], set[str]] = {}

    def requests(self) -> set[str]:
        """The requests of all rows; what was read before is not read again."""
        paths = [*self._folder.glob("*/*.parquet"), *self._folder.glob(".log-*")]
        return set().union(*(self._read(path, path.stat().st_size) for path in paths))

    def _read(self, path: Path, size: int) -> set[str]:
        key = (path.name, size)
        if key not in self._contents:
            is_file = path.suffix == ".parquet"
            tables = [pq.read_table(path)] if is_file else capture_log._records(path)
            names = (name for table in tables for name in table[REQUEST].to_pylist())
            self._contents[key] = set(names)
        return self._contents[key]


def rows(folder: Path) -> list[str]:
    """The requests of all rows in files, sorted."""
    files = folder.glob("*/*.parquet")
    return sorted(name for path in files for name in pq.read_table(path)[REQUEST].to_pylist())


@settings(max_examples=100, deadline=None, derandomize=True)
@given(plan=plans(80, turns=8), killed_at=st.integers(1, LINES))
def test_what_was_answered_outlives_a_kill_at_any_line(plan: Plan, killed_at: int) -> None:
    with TemporaryDirectory() as name:
        folder, copy = Path(name, "captures"), Path(name, "left")
        folder.mkdir()
        answered: list[str] = []
        disk = Disk(folder)

        def watch() -> None:
            assert set(answered) <= disk.requests()
            if turns.points == killed_at:
                shutil.copytree(folder, copy)

        turns = Turns(plan, modules=(capture, capture_log), watch=watch)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(capture, "threading", SimpleNamespace(Lock=turns.lock))
            captures = Captures(folder)

        def ask(request: str, version: int) -> None:
            loop = asyncio.new_event_loop()
            task = loop.create_task(captures.keep(captured(request, version)))
            while not task.done():
                loop.call_soon(loop.stop)
                loop.run_forever()
                turns.pause()
            loop.close()
            task.result()
            answered.append(request)

        def log() -> None:
            while len(answered) < len(REQUESTS):
                captures._append()
                turns.pause()

        def write() -> None:
            while len(answered) < len(REQUESTS):
                captures.flush()
                turns.pause()

        asks = [
            lambda request=request, version=place % 2: ask(request, version)
            for place, request in enumerate(REQUESTS)
        ]
        outcomes = turns.run(*asks, log, write)
        assert outcomes == [None] * len(outcomes)
        captures.flush()
        everything = sorted([*REQUESTS, *REQUESTS])
        assert rows(folder) == everything
        assert (captures.written_rows, captures.pending) == (len(everything), 0)
        assert not list(folder.glob(".log-*")), "what is in files is in no log"
        assert turns.points >= killed_at
        capture_log.recover(copy)
        recovered = rows(copy)
        assert all(recovered.count(request) == 2 for request in set(recovered))
