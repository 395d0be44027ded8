"""Captures in one process: counts, columns, and what waits. Their log: `test_capture_logs`."""

from __future__ import annotations

import asyncio
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
    folder.mkdir(exist_ok=True)
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
    assert not opened.durable, "unless the settings say so"
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


def test_as_many_rows_wait_as_is_documented(tmp_path: Path) -> None:
    """docs/faults.md: "up to 500,000 rows wait; more are counted as dropped"."""
    opened = Captures(tmp_path)
    opened.add(request(1, rows=500_001))
    assert (opened.pending, opened.dropped) == (0, 500_001)
    opened.add(request(2, rows=500_000))
    opened.add(request(3))
    assert (opened.pending, opened.dropped) == (500_000, 500_002)


def test_what_cannot_be_written_waits_with_what_came_meanwhile(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = Captures(tmp_path)
    for number, version in ((1, 1), (2, 2), (3, 2)):
        opened.add(request(number, version))
    write = files.write_whole

    def write_one(table: Any, path: Path) -> None:
        if "v000002" in path.name:
            opened.add(request(4))
            raise OSError("no space left")
        write(table, path)

    monkeypatch.setattr(files, "write_whole", write_one)
    with pytest.raises(OSError, match="no space left"):
        opened.flush()
    assert (opened.pending, opened.written_rows) == (3, 1)
    monkeypatch.undo()
    opened.flush()
    assert (opened.pending, opened.written_rows) == (0, 4)
    assert sorted(frame(tmp_path)[REQUEST]) == ["r1", "r2", "r3", "r4"]


def test_rows_that_are_lost_at_the_end_are_counted_in_the_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: Any) -> None:
        raise OSError("no space left")

    opened = Captures(tmp_path)
    opened.add(request(1, rows=3))
    monkeypatch.setattr(files, "write_whole", fail)
    opened.stop()
    (record,) = caplog.records
    assert record.getMessage() == "3 captured rows are lost: no space left"


def test_a_start_makes_the_folder_and_tells_what_a_log_held(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    folder = tmp_path / "models" / "toys" / "captures"
    opened = Captures(folder)
    opened.start()
    opened.stop()
    assert folder.is_dir() and not caplog.records
    write_log(folder, [request(1, rows=2)])
    opened = Captures(folder)
    opened.start()
    opened.stop()
    assert f"2 rows of a log of captures in {folder} are in files now" in caplog.text

    def fail(*_: Any) -> None:
        raise OSError("away")

    caplog.clear()
    monkeypatch.setattr(capture_log, "recover", fail)
    opened = Captures(folder)
    opened.start()
    assert opened._writer._thread.is_alive() and opened._logger._thread.is_alive()
    opened.stop()
    assert [r.getMessage() for r in caplog.records] == [
        f"the log of captures in {folder} waits: away"
    ]


@pytest.mark.parametrize("alone", [True, False, None])
def test_a_server_s_first_process_clears_what_is_half_written(
    alone: bool | None, tmp_path: Path
) -> None:
    staged = tmp_path / "2026-03-01" / f"{files.STAGED}x"
    staged.parent.mkdir()
    staged.write_text("half")
    path = write_log(tmp_path, [request(1, rows=2)])
    opened = Captures(tmp_path)
    opened.start(**({} if alone is None else {"alone": alone}))
    assert staged.exists() is (alone is False)
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


def test_each_request_wakes_the_thread_that_writes_the_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(capture, "MAX_PENDING_ROWS", 2)
    monkeypatch.setattr(capture, "FLUSH_SECONDS", 3600.0)
    opened = Captures(tmp_path)
    opened.start()

    async def keep() -> None:
        for number in (1, 2, 3):  # as many as wait, and one
            await asyncio.wait_for(opened.keep(request(number)), 30)
        with pytest.raises(capture.CaptureError, match="3 captured rows"):
            await opened.keep(request(4))

    asyncio.run(keep())
    opened.stop()
    assert sorted(frame(tmp_path)[REQUEST]) == ["r1", "r2", "r3"]


def test_a_request_whose_loop_has_ended_holds_up_no_other(tmp_path: Path) -> None:
    opened = Captures(tmp_path)

    async def leave() -> None:
        asyncio.ensure_future(opened.keep(request(1)))  # noqa: RUF006
        await asyncio.sleep(0)

    async def keep() -> None:
        waiting = asyncio.ensure_future(opened.keep(request(2)))
        await asyncio.sleep(0)
        opened._append()
        await asyncio.wait_for(waiting, 5)

    asyncio.run(leave())
    asyncio.run(keep())
    opened.flush()
    assert sorted(frame(tmp_path)[REQUEST]) == ["r1", "r2"]
