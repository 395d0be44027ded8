"""Files of this computer: what removes a folder while somebody writes there."""

from __future__ import annotations

import errno
import shutil
from pathlib import Path
from typing import Any

import pytest

from training import files

REMOVE = shutil.rmtree


class Writer:
    """`shutil.rmtree`, with somebody who adds a file after each of the first `times` listings."""

    def __init__(self, times: int) -> None:
        self.times = times

    def __call__(self, folder: Path) -> None:
        for path in list(folder.iterdir()):
            path.unlink()
        if self.times:
            self.times -= 1
            (folder / f"{self.times}.txt").touch()
        folder.rmdir()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "store"
    folder.mkdir()
    (folder / "a.txt").touch()
    return folder


@pytest.mark.parametrize("times", [0, 1, 3])
def test_a_folder_is_removed_while_somebody_writes_there(
    folder: Path, monkeypatch: pytest.MonkeyPatch, times: int
) -> None:
    monkeypatch.setattr(shutil, "rmtree", Writer(times))
    files.remove_folder(folder)
    assert not folder.exists()


def test_a_writer_that_goes_on_is_told(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "rmtree", Writer(1_000_000))
    monkeypatch.setattr(files, "REMOVE_SECONDS", 0.05)
    with pytest.raises(OSError) as failure:
        files.remove_folder(folder)
    assert failure.value.errno == errno.ENOTEMPTY


def test_any_other_failure_is_told_at_once(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    attempts: list[Path] = []

    def refuse(path: Path, **_: Any) -> None:
        attempts.append(path)
        raise PermissionError(errno.EACCES, "not yours")

    monkeypatch.setattr(shutil, "rmtree", refuse)
    with pytest.raises(PermissionError, match="not yours"):
        files.remove_folder(folder)
    assert attempts == [folder]


def test_what_others_removed_first_is_no_failure(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def removed_by_others(path: Path) -> None:
        REMOVE(path)
        raise FileNotFoundError(errno.ENOENT, "gone")

    monkeypatch.setattr(shutil, "rmtree", removed_by_others)
    files.remove_folder(folder)
    files.remove_folder(folder)
    assert not folder.exists()
