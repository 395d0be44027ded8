"""The log of captures in one process: what is on the disk, what is read, and what is no record."""

from __future__ import annotations

import os
import zlib
from datetime import timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest

from tests.unit.test_capture_cases import NOON, frame, request, write_log
from training.captures.columns import REQUEST, VERSION
from training.serving import capture, capture_log
from training.serving.capture import Captures


def test_names_and_records_are_on_the_disk_before_anything_rests_on_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By what the operating system is asked for, each with what was there at that moment."""
    folder = tmp_path / "captures"
    folder.mkdir()
    syncs: list[tuple[str, list[str] | int]] = []
    fsync, fdatasync = os.fsync, os.fdatasync

    def sync_names(handle: int) -> None:
        path = Path(os.readlink(f"/proc/self/fd/{handle}"))
        if path == folder:
            syncs.append(("names", sorted(p.name for p in folder.iterdir())))
        fsync(handle)

    def sync_content(handle: int) -> None:
        syncs.append(("content", os.fstat(handle).st_size))
        fdatasync(handle)

    monkeypatch.setattr(os, "fsync", sync_names)
    monkeypatch.setattr(os, "fdatasync", sync_content)
    log = capture_log.CaptureLog(folder)
    assert syncs == [("names", [log.path.name])]
    log.append([capture.table([request(1)]), capture.table([request(2, version=2)])])
    assert syncs[1:] == [("content", log.path.stat().st_size)]
    log.close()
    assert capture_log.recover(folder) == 2
    assert syncs[-1] == ("names", [log.path.name, "2026-03-01"]), "the day, before the log goes"
    syncs.clear()
    opened = Captures(folder)
    for hours in (1, 2, 24):
        opened.add(request(hours, at=NOON + timedelta(hours=hours)))
        opened.flush()
    assert syncs == [("names", ["2026-03-01", "2026-03-02"])], "once a day"


def test_a_log_is_read_as_its_format_says(tmp_path: Path) -> None:
    """Also by the server after an update: the names and the bytes stay what they are."""
    content = b""
    for number in (1, 2):
        sink = pa.BufferOutputStream()
        table = capture.table([request(number)])
        with pa.ipc.new_stream(sink, table.schema) as writer:
            writer.write_table(table)
        stream = sink.getvalue().to_pybytes()
        content += len(stream).to_bytes(4, "big") + zlib.crc32(stream).to_bytes(4, "big") + stream
    (tmp_path / ".log-0123456789ab.arrows").write_bytes(content)
    path = write_log(tmp_path / "other", [request(1)], [request(2)])
    assert path.read_bytes() == content
    (tmp_path / "a file").touch()
    assert path.stat().st_mode == (tmp_path / "a file").stat().st_mode
    assert capture_log.recover(tmp_path) == 2
    assert sorted(frame(tmp_path)[REQUEST]) == ["r1", "r2"]


def test_rows_of_several_days_are_looked_for_in_all_their_files(tmp_path: Path) -> None:
    opened = Captures(tmp_path)
    batches = [
        [request(n, at=NOON + timedelta(hours=hours)) for n, hours in batch]
        for batch in ([(1, 0), (2, 2)], [(3, 25), (4, 49)], [(5, 50)])
    ]
    for batch in batches:
        for captured in batch:
            opened.add(captured)
        opened.flush()
    write_log(tmp_path, *batches)
    assert capture_log.recover(tmp_path) == 0 and len(frame(tmp_path)) == 5


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
