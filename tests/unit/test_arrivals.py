"""The replay's months come and go; nothing else in a folder that somebody names does."""

from __future__ import annotations

from pathlib import Path

import pytest

from training.errors import UserError
from training.replay import arrivals, flights


@pytest.fixture
def months(tmp_path: Path) -> Path:
    folder = arrivals.months_folder(tmp_path)
    folder.mkdir(parents=True)
    for month in arrivals.ALL_MONTHS:
        flights.month_file(folder, month).write_text(str(month))
    return folder


def names(folder: Path) -> list[str]:
    return sorted(file.name for file in folder.iterdir())


def test_labels_arrive_and_a_restart_takes_them_back(tmp_path: Path, months: Path) -> None:
    data = tmp_path / "data"
    arrivals.lay_out(tmp_path, data)
    first = ["2013-01.parquet", "2013-02.parquet"]
    assert names(data) == first
    arrivals.arrive(months, data, 3)
    assert names(data) == [*first, "2013-03.parquet"]
    arrivals.restart(months, data)
    assert names(data) == first
    assert len(names(months)) == 12


@pytest.mark.parametrize("strange", ["mine.parquet", "notes.txt", "2013-13.parquet"])
def test_a_folder_with_anything_else_is_left_as_it_is(
    tmp_path: Path, months: Path, strange: str
) -> None:
    data = tmp_path / "data"
    data.mkdir()
    (data / strange).write_text("dear")
    with pytest.raises(UserError, match=f"holds {strange}, which no replay has put there"):
        arrivals.lay_out(tmp_path, data)
    assert names(data) == [strange]


def test_a_file_is_no_folder_of_months(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("dear")
    with pytest.raises(UserError, match="is a file"):
        arrivals.check(tmp_path / "data")
