"""What all back ends read captures with: parts of a window, files of bounded size, their rows."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from training import clock
from training.captures import capture_files, local
from training.captures.capture_files import CaptureFiles, Unreadable, clipped
from training.captures.part import WHOLE, Part
from training.errors import UserError
from training.serving.capture import Captured

NOON = clock.parse("2026-03-01T12:00:00Z")
HOUR = timedelta(hours=1)


def captured(name: str, at: datetime = NOON, rows: int = 1) -> Captured:
    ages = np.arange(rows, dtype=float)
    return Captured(name, at, 3, {"age": ages}, np.array(["a"] * rows), ages)


@pytest.mark.parametrize("text", ["1/1", "2/5", "5/5", "10/12"])
def test_a_part_is_read_as_it_is_written(text: str) -> None:
    assert str(Part.parse(text)) == text


@pytest.mark.parametrize("text", ["", "2", "0/5", "6/5", "2/", "/5", "a/5", "2/b", "-1/5", "1/0"])
def test_what_is_no_part_is_refused(text: str) -> None:
    with pytest.raises(UserError, match=f"part '{text}' is not allowed; give NUMBER/COUNT"):
        Part.parse(text)


def test_parts_share_all_items_each_once() -> None:
    items = list(range(11))
    shares = [list(Part(number, 3).of(items)) for number in (1, 2, 3)]
    assert sorted(item for share in shares for item in share) == items
    assert {len(share) for share in shares} == {3, 4}
    assert shares[0][:2] == [0, 3], "neighbours, of a busy hour, go to different parts"
    assert list(WHOLE.of(items)) == items


def test_parts_keep_apart_what_they_write(tmp_path: Path) -> None:
    paths = {
        path
        for number, count in ((1, 2), (2, 2), (1, 3))
        for part in [Part(number, count)]
        for path in (part.profile(tmp_path), part.captures(tmp_path))
    }
    assert len(paths) == 6 and all(path.parent == tmp_path for path in paths)
    assert Part(2, 3).profile(tmp_path).name == "part-2-of-3.json"
    assert Part(2, 3).captures(tmp_path).name == "part-2-of-3"


def test_no_window_begins_before_its_version() -> None:
    manifest: dict[str, Any] = {"created": clock.text(NOON)}
    assert clipped(NOON - HOUR, manifest) == (NOON, True)
    assert clipped(NOON, manifest) == (NOON, True)
    assert clipped(NOON + HOUR, manifest) == (NOON + HOUR, False)
    # Of a version without a date nobody knows.
    assert clipped(NOON - HOUR, {}) == (NOON - HOUR, False)


def test_the_first_reason_is_told_and_all_are_counted() -> None:
    unreadable = Unreadable()
    assert (unreadable.number, unreadable.first) == (0, "")
    for reason in ("one", "two", "three"):
        unreadable.add(reason)
    assert (unreadable.number, unreadable.first) == (3, "one")


def test_files_are_bounded_whole_and_in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(capture_files, "FILE_ROWS", 4)
    files = CaptureFiles()
    files.write("2026/03/01/13", [captured("later", rows=2)])
    files.write("2026/03/01/12", [captured(f"r{number}", rows=2) for number in range(5)])
    files.write("2026/03/01/11", [])
    names = [pq.read_table(path)["request_id"].to_pylist() for path in files.in_order()]
    assert names == [["r0", "r0", "r1", "r1"], ["r2", "r2", "r3", "r3"], ["r4", "r4"],
                     ["later", "later"]]  # fmt: skip
    assert files.rows == 12


def put(folder: Path, moment: datetime, name: str, version: int = 3, rows: int = 1) -> Path:
    path = folder / local.file_name(moment, version, name)
    path.parent.mkdir(exist_ok=True)
    table = pa.table({"request_id": [name] * rows, "x": range(rows), "when": [moment] * rows})
    local.write_whole(table, path)
    return path


def test_a_file_s_name_has_its_time_and_its_version() -> None:
    moment = NOON + timedelta(microseconds=123456)
    name = "2026-03-01/20260301T120000.123456-v000003-ab.parquet"
    assert local.file_name(moment, 3, "ab") == name


def test_a_window_is_half_open_of_a_version_and_shared_by_parts(tmp_path: Path) -> None:
    moments = [NOON - timedelta(microseconds=1), NOON, NOON + 6 * HOUR, NOON + 13 * HOUR]
    paths = [put(tmp_path, moment, f"r{number}") for number, moment in enumerate(moments)]
    put(tmp_path, NOON, "other", version=33)
    until = NOON + 13 * HOUR
    window = local.window(str(tmp_path), NOON, until, {"version": 3})
    assert window == paths[1:3]
    later = local.window(str(tmp_path), NOON, until + timedelta(microseconds=1), {"version": 3})
    assert later == paths[1:]
    parts = [
        local.window(str(tmp_path), NOON, until, {"version": 3}, Part(number, 2))
        for number in (1, 2)
    ]
    assert parts == [paths[1:2], paths[2:3]]


def test_requests_are_looked_up_from_the_newest(tmp_path: Path) -> None:
    for number, day in enumerate((0, 1, 1, 2)):
        put(tmp_path, NOON + timedelta(days=day, minutes=number), f"r{number}", rows=2)
    assert local.find(tmp_path, ["r1", "none"]) == {
        "r1": [{"request_id": "r1", "x": x, "when": "2026-03-02 12:01:00+00:00"} for x in (0, 1)]
    }
    assert set(local.find(tmp_path, ["r0", "r3"])) == {"r0", "r3"}
    assert local.find(tmp_path, []) == local.find(tmp_path / "none", ["r0"]) == {}


def test_no_older_file_is_opened_than_is_needed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(4):
        put(tmp_path, NOON + timedelta(days=number), f"r{number}")
    opened: list[str] = []
    whole = local.is_whole
    monkeypatch.setattr(local, "is_whole", lambda path: opened.append(path.name[:8]) or whole(path))
    assert set(local.find(tmp_path, ["r2"])) == {"r2"}
    assert opened == ["20260304", "20260303"]


def test_a_file_that_is_half_written_is_in_no_window(tmp_path: Path) -> None:
    good, bad = put(tmp_path, NOON, "good"), put(tmp_path, NOON + HOUR, "bad")
    content = bad.read_bytes()
    for half in (content[:-1], content[1:], content[:20], b"PAR1PAR1"):
        bad.write_bytes(half)
        assert local.window(str(tmp_path), NOON, NOON + 2 * HOUR, {"version": 3}) == [good]
        assert set(local.find(tmp_path, ["good", "bad"])) == {"good"}


def test_joined_files_are_told_by_their_sources(tmp_path: Path) -> None:
    paths = [put(tmp_path, NOON + number * HOUR, f"r{number}") for number in range(3)]
    old = [path.name for path in paths[:2]]
    assert local.compacted_names(paths[0]) == []
    assert local.compact(tmp_path, [], NOON + 2 * HOUR) == 2
    (joined,) = [path for path in tmp_path.glob("*/*") if path.name != paths[2].name]
    assert local.compacted_names(joined) == old
    assert joined.name.startswith("20260301T120000.000000-v000003-compacted-")
    assert pq.read_table(joined)["request_id"].to_pylist() == ["r0", "r1"]
    # One that is damaged stands for nothing.
    damaged = joined.with_name(joined.name.replace("compacted-", "compacted-0"))
    damaged.write_bytes(joined.read_bytes()[:-1])
    assert local.compacted_names(damaged) == []
    assert damaged not in local.window(str(tmp_path), NOON, NOON + 9 * HOUR, {"version": 3})
    damaged.unlink()
    # A kill before the old ones are gone doubles nothing: they are not read, and go later.
    again = put(tmp_path, NOON, "r0")
    window = local.window(str(tmp_path), NOON, NOON + 9 * HOUR, {"version": 3})
    assert window == [joined, paths[2]] and again.exists()
    assert local.compact(tmp_path, [], NOON + 2 * HOUR) == 1
    assert not again.exists() and joined.exists()
