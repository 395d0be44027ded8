"""The local store on a disk that is full, read-only or loses its power."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from training.errors import UserError
from training.store import ObjectExistsError, open_store
from training.store.local import LocalStore

CALLS = ["write", "fsync", "mkstemp", "replace", "link"]


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("verb", ["write", "create"])
def test_a_full_disk_is_a_sentence_and_leaves_nothing_behind(
    verb: str, call: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = LocalStore(str(tmp_path))
    store.write("m/old.json", b"old")
    key = "m/old.json" if verb == "write" else "m/new.json"
    if (verb, call) in (("write", "link"), ("create", "replace"), ("write", "write")):
        call = "fsync"

    def full(*_: Any, **__: Any) -> Any:
        raise OSError(errno.ENOSPC, "No space left on device")

    target: Any = {"fsync": os, "replace": os, "link": os}.get(call)
    if call == "mkstemp":
        import training.store.local as module

        monkeypatch.setattr(module.tempfile, "mkstemp", full)
    elif call == "write":
        monkeypatch.setattr(os, "fdopen", full)
    else:
        monkeypatch.setattr(target, call, full)
    with pytest.raises(UserError, match=r"m/\w+\.json' cannot be written: No space left"):
        getattr(store, verb)(key, b"new")
    monkeypatch.undo()
    assert [path.name for path in (tmp_path / "m").iterdir()] == ["old.json"]
    assert store.read("m/old.json") == b"old"


def test_a_read_only_store_is_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match="cannot be written: "):
        LocalStore(str(tmp_path / "file")).write("m/a.json", b"")


@pytest.mark.parametrize("verb", ["write", "create"])
def test_file_and_folder_are_synchronized(
    verb: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[str] = []
    sizes: list[int] = []
    original: Callable[[int], None] = os.fsync

    def fsync(handle: int) -> None:
        synced.append(os.readlink(f"/proc/self/fd/{handle}"))
        sizes.append(os.fstat(handle).st_size)
        original(handle)

    monkeypatch.setattr(os, "fsync", fsync)
    getattr(LocalStore(str(tmp_path)), verb)("m/a.json", b"x")
    # The new folder's name in its own folder, the content, and the object's name.
    assert len(synced) == 3 and ".staged-" in synced[1]
    assert sizes[1] == 1, "no part of the content waits in memory"
    assert (synced[0], synced[2]) == (str(tmp_path), str(tmp_path / "m"))


def test_objects_are_files_below_the_folder(tmp_path: Path) -> None:
    store = open_store(str(tmp_path))
    assert isinstance(store, LocalStore) and store.uri == str(tmp_path)
    store.write("a/1.json", b"1")
    store.write("a/1.json", b"22")
    assert (tmp_path / "a/1.json").read_bytes() == store.read("a/1.json") == b"22"
    assert store.fetch("a/1.json", tmp_path / "other").read_bytes() == b"22"
    store.create("a/b/2.json", b"2")
    with pytest.raises(ObjectExistsError, match=r"a/1\.json"):
        store.create("a/1.json", b"3")
    (tmp_path / "a/.staged-x").touch()  # of a write that was killed
    store.write("ab", b"")
    assert store.keys("a") == ["a/1.json", "a/b/2.json"]
    assert store.keys("") == ["a/1.json", "a/b/2.json", "ab"] and store.keys("none") == []
    for _ in range(2):
        store.delete("a/1.json")
    for call in (store.read, lambda key: store.fetch(key, tmp_path)):
        with pytest.raises(KeyError, match=r"a/1\.json"):
            call("a/1.json")


@pytest.mark.parametrize("uri", ["ftp://host/folder", "S3//x://y"])
def test_an_address_of_no_target_says_which_there_are(uri: str) -> None:
    with pytest.raises(UserError, match=f"store '{uri}': no back end; allowed: a folder's path"):
        open_store(uri)
