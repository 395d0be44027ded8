"""Captures and their log in one process: counts, columns, and what is no whole record."""

from __future__ import annotations

import asyncio
import os
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from training.captures import local as files
from training.captures.columns import PREDICTION, REQUEST, SCORE, TIME, VERSION
from training.serving import capture, capture_log
from training.serving.capture import Captured, Captures

NOON = datetime(2026, 3, 1, 12, tzinfo=timezone.utc)


def request(number: int, version: int = 1, at: datetime = NOON, rows: int = 1) -> Captured:
    values = {"n": np.full(rows, float(number)), "w": np.array(["a"] * rows, object)}
    answer = np.array(["dear"] * rows, object), np.full(rows, number / 10)
    return Captured(f"r{number}", at, version, values, *answer)


def frame(folder: Path) -> pd.DataFrame:
    paths = sorted(folder.glob("*/*.parquet"))
    return pd.concat([pd.read_parquet(p) for p in paths]) if paths else pd.DataFrame({REQUEST: []})


def write_log(folder: Path, *records: list[Captured]) -> Path:
    """A log that a killed process left."""
    log = capture_log.CaptureLog(folder)
    log.append([capture.table(record) for record in records])
    log.close()
    log.close()
    return log.path


def test_rows_are_counted_until_they_are_in_a_file(tmp_path: Path) -> None:
    opened = Captures(tmp_path)
    opened.add(request(1, rows=3))
    opened.add(request(2, version=2, rows=2))
    opened.add(request(3))
    assert (opened.pending, opened.written_rows, opened.dropped) == (6, 0, 0)
    opened.flush()
    opened.flush()
    assert (opened.pending, opened.written_rows, opened.dropped) == (0, 6, 0)
    assert len(list(tmp_path.glob("*/*.parquet"))) == 2, "one a version"
    rows = frame(tmp_path)
    assert list(rows.columns) == ["n", "w", REQUEST, TIME, VERSION, PREDICTION, SCORE]
    assert sorted(zip(rows[REQUEST], rows[VERSION], rows[SCORE], strict=True)) == [
        *[("r1", 1, 0.1)] * 3, *[("r2", 2, 0.2)] * 2, ("r3", 1, 0.3),
    ]  # fmt: skip
    assert set(rows[PREDICTION]) == {"dear"} and set(rows[TIME]) == {pd.Timestamp(NOON)}


def test_what_the_disk_is_too_far_behind_for_is_dropped_and_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(capture, "MAX_PENDING_ROWS", 5)
    opened = Captures(tmp_path)
    opened.add(request(1, rows=3))
    opened.add(request(2, rows=3))
    opened.add(request(3, rows=2))
    assert (opened.pending, opened.dropped) == (5, 3)
    opened.flush()
    assert sorted(set(frame(tmp_path)[REQUEST])) == ["r1", "r3"]


def test_many_rows_are_written_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(capture, "FLUSH_ROWS", 4)
    opened = Captures(tmp_path)
    wakes: list[int] = []
    monkeypatch.setattr(opened._writer, "wake", lambda: wakes.append(opened.pending))
    for number in (1, 2):
        opened.add(request(number, rows=2))
    assert wakes == [4]


def test_a_file_is_named_by_its_first_request(tmp_path: Path) -> None:
    opened = Captures(tmp_path)
    for hours in (2, 1, 3):
        opened.add(request(hours, at=NOON + timedelta(hours=hours)))
    opened.flush()
    (path,) = tmp_path.glob("*/*.parquet")
    assert path.name.startswith((NOON + timedelta(hours=1)).strftime(files.STAMP))


@pytest.mark.parametrize("alone", [True, False])
def test_a_server_s_first_process_clears_what_is_half_written(alone: bool, tmp_path: Path) -> None:
    staged = tmp_path / "2026-03-01" / f"{files.STAGED}x"
    staged.parent.mkdir()
    staged.write_text("half")
    path = write_log(tmp_path, [request(1, rows=2)])
    opened = Captures(tmp_path)
    opened.start(alone=alone)
    assert staged.exists() is not alone
    assert not path.exists() and len(frame(tmp_path)) == 2
    assert opened._writer._thread.is_alive() and opened._logger._thread.is_alive()
    opened.add(request(2))
    opened.stop()
    assert not opened._writer._thread.is_alive() and not opened._logger._thread.is_alive()
    assert sorted(set(frame(tmp_path)[REQUEST])) == ["r1", "r2"]


def test_a_request_that_waits_while_the_server_stops_is_answered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = Captures(tmp_path)
    for repeater in (opened._writer, opened._logger):
        monkeypatch.setattr(repeater, "stop", lambda: None)

    async def stop() -> None:
        waiting = asyncio.ensure_future(opened.keep(request(1)))
        await asyncio.sleep(0)
        opened.stop()
        await asyncio.wait_for(waiting, 5)

    asyncio.run(stop())
    assert list(frame(tmp_path)[REQUEST]) == ["r1"] and list(tmp_path.glob(".log-*")) == []


def test_rows_that_are_in_a_file_already_are_not_written_twice(tmp_path: Path) -> None:
    opened = Captures(tmp_path)
    opened.add(request(1))
    opened.add(request(2, version=2))
    opened.flush()
    write_log(tmp_path, [request(1), request(2), request(3)], [request(2, version=2)])
    assert capture_log.recover(tmp_path) == 2
    rows = frame(tmp_path)
    assert sorted(zip(rows[REQUEST], rows[VERSION], strict=True)) == [
        ("r1", 1), ("r2", 1), ("r2", 2), ("r3", 1),
    ]  # fmt: skip
    assert capture_log.recover(tmp_path) == 0 and list(tmp_path.glob(".log-*")) == []


@pytest.mark.parametrize("cut", [1, 3, 7, 8, 9, 60])
def test_a_record_that_is_not_whole_ends_the_log(cut: int, tmp_path: Path) -> None:
    path = write_log(tmp_path, [request(1)])
    first = path.stat().st_size
    path.unlink()
    path = write_log(tmp_path, [request(1)], [request(2)])
    os.truncate(path, first + cut)
    assert capture_log.recover(tmp_path) == 1 and list(frame(tmp_path)[REQUEST]) == ["r1"]


def test_a_record_that_is_damaged_ends_the_log(tmp_path: Path) -> None:
    path = write_log(tmp_path, [request(1)], [request(2)])
    content = bytearray(path.read_bytes())
    content[-20] ^= 1
    path.write_bytes(content)
    assert capture_log.recover(tmp_path) == 1 and list(frame(tmp_path)[REQUEST]) == ["r1"]


def test_a_log_that_a_process_writes_is_left(tmp_path: Path) -> None:
    log = capture_log.CaptureLog(tmp_path)
    log.append([capture.table([request(1)])])
    handles = len(os.listdir("/proc/self/fd"))
    assert capture_log.recover(tmp_path) == 0 and log.path.exists()
    assert len(os.listdir("/proc/self/fd")) == handles
    log.remove()
    log.remove()
    assert not log.path.exists() and len(os.listdir("/proc/self/fd")) == handles - 1


def test_files_are_looked_for_on_the_days_and_from_an_hour_before(tmp_path: Path) -> None:
    opened = Captures(tmp_path)
    moments: dict[str, Any] = {
        "r1": NOON - timedelta(days=1), "r2": NOON - timedelta(minutes=61),
        "r3": NOON - timedelta(minutes=59), "r4": NOON, "r5": NOON + timedelta(days=1),
    }  # fmt: skip
    for name, at in moments.items():
        opened.add(request(int(name[1]), at=at))
        opened.flush()
    (tmp_path / "2026-03-01" / "20260301T120000-v000001-cut.parquet").write_text("no parquet")
    near = capture_log._near(tmp_path, 1, NOON - timedelta(hours=1), NOON)
    assert [pd.read_parquet(path)[REQUEST][0] for path in near] == ["r3", "r4"]
    assert list(capture_log._near(tmp_path, 2, NOON - timedelta(hours=1), NOON)) == []
