"""What every artifact store must do."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.contract.backends import Backend
from training.store import ObjectExistsError, Store, open_store


@pytest.fixture
def store(backend: Backend) -> Store:
    return open_store(backend.store())


def test_an_object_is_read_as_it_was_written(store: Store) -> None:
    store.write("a/b.json", b"1")
    store.write("a/b.json", b"22")
    assert store.read("a/b.json") == b"22"


def test_reading_what_is_not_there_is_a_key_error(store: Store, tmp_path: Path) -> None:
    with pytest.raises(KeyError):
        store.read("a/none")
    with pytest.raises(KeyError):
        store.fetch("a/none", tmp_path)


def test_create_never_replaces(store: Store) -> None:
    store.create("a/1.json", b"first")
    with pytest.raises(ObjectExistsError):
        store.create("a/1.json", b"second")
    assert store.read("a/1.json") == b"first"


def test_keys_are_those_of_the_folder_sorted(store: Store) -> None:
    for key in ("a/2", "a/1", "a/b/3", "ab/4", "c"):
        store.write(key, b"")
    assert store.keys("a") == ["a/1", "a/2", "a/b/3"]
    assert store.keys("none") == []


def test_delete_can_be_repeated(store: Store) -> None:
    store.write("a", b"")
    store.delete("a")
    store.delete("a")
    assert store.keys("") == []


def test_fetch_gives_a_file_with_the_content(store: Store, tmp_path: Path) -> None:
    store.write("a/model", b"bytes")
    assert store.fetch("a/model", tmp_path).read_bytes() == b"bytes"
