"""Files of captures: damaged ones, small ones joined, and windows that read only their days."""

from __future__ import annotations

import random
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from training.captures import local

START = datetime(2026, 3, 1, tzinfo=timezone.utc)
MANIFEST = {"version": 3}


def write(folder: Path, moment: datetime, number: int, version: int = 3) -> Path:
    path = folder / local.file_name(moment, version, f"c{number:011x}")
    path.parent.mkdir(parents=True, exist_ok=True)
    local.write_whole(pa.table({"n": [number], "x": [number / 2]}), path)
    return path


def numbers(folder: Path, since: datetime, until: datetime) -> list[int]:
    paths = local.window(str(folder), since, until, MANIFEST)
    return sorted(n for path in paths for n in pq.read_table(path)["n"].to_pylist())


@pytest.fixture
def filled(tmp_path: Path) -> Path:
    for hour in range(72):
        write(tmp_path, START + timedelta(hours=hour, minutes=7), hour)
        write(tmp_path, START + timedelta(hours=hour, minutes=8), 1000 + hour, version=4)
    return tmp_path


@pytest.mark.parametrize("content", [b"", b"PAR1", b"PAR1" + b"x" * 40, b"no parquet at all PAR1"])
def test_a_damaged_file_is_passed_over_and_told_once(
    filled: Path, content: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    path = write(filled, START + timedelta(hours=5, minutes=30), 99)
    path.write_bytes(content)
    for _ in range(2):
        assert numbers(filled, START, START + timedelta(days=1)) == list(range(24))
    assert caplog.text.count(path.name) == 1


def test_joined_files_give_every_window_the_same_rows(filled: Path) -> None:
    checks = [START + timedelta(hours=h) for h in (0, 6.5, 30, 48)]
    ends = [*checks[1:], START + timedelta(days=9)]
    before = [numbers(filled, *window) for window in zip(checks, ends, strict=True)]
    removed = local.compact(filled, checks, START + timedelta(hours=60))
    assert [numbers(filled, *window) for window in zip(checks, ends, strict=True)] == before
    files = list(filled.glob("*/*.parquet"))
    assert removed == 2 * 60 and len(files) == 2 * (12 + 5), files
    assert local.compact(filled, checks, START + timedelta(hours=60)) == 0
    # And again with all that is there by now.
    local.compact(filled, checks, START + timedelta(days=9))
    assert [numbers(filled, *window) for window in zip(checks, ends, strict=True)] == before


@pytest.mark.parametrize("kill", range(12))
def test_a_kill_while_joining_loses_and_doubles_nothing(
    kill: int, filled: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps = iter(range(10**6))
    moment = random.Random(kill).randrange(0, 150)

    def stop_at(original: Any) -> Any:
        def call(*args: Any, **kwargs: Any) -> Any:
            if next(steps) >= moment:
                raise KeyboardInterrupt
            return original(*args, **kwargs)

        return call

    monkeypatch.setattr(Path, "unlink", stop_at(Path.unlink))
    monkeypatch.setattr(local, "write_whole", stop_at(local.write_whole))
    with pytest.raises(KeyboardInterrupt):
        local.compact(filled, [START], START + timedelta(days=9))
    monkeypatch.undo()
    assert numbers(filled, START, START + timedelta(days=9)) == list(range(72))
    local.compact(filled, [START], START + timedelta(days=9))
    assert numbers(filled, START, START + timedelta(days=9)) == list(range(72))
    assert len(list(filled.glob("*/*.parquet"))) == 6


def test_a_window_looks_into_its_own_days_only(
    filled: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folders: list[str] = []
    original = Path.glob

    def glob(path: Path, pattern: str) -> Any:
        folders.append(path.name)
        return original(path, pattern)

    monkeypatch.setattr(Path, "glob", glob)
    since = START + timedelta(days=1)
    assert len(local.window(str(filled), since, since + timedelta(hours=3), MANIFEST)) == 3
    assert folders[1:] == ["2026-03-02"]
