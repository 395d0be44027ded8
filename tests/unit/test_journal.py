"""Journals: numbered records, one winner."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest

from training.journal import Journal, JournalMovedError, known_fields, required_fields
from training.store import ObjectExistsError, open_store


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    return Journal(open_store(str(tmp_path)), "models/m/releases")


def test_records_come_back_in_order_with_their_numbers(journal: Journal) -> None:
    assert journal.last() is None
    for value in ("a", "b", "c"):
        journal.append({"value": value})
    assert [(r["number"], r["value"]) for r in journal.records()] == [(1, "a"), (2, "b"), (3, "c")]
    assert journal.last() == {"number": 3, "value": "c"}


def test_newer_records_and_the_newest_first_pass_over_what_is_damaged(journal: Journal) -> None:
    for value in ("a", "b", "c", "d"):
        journal.append({"value": value})
    journal.store.write("models/m/releases/000003.json", b"{")
    assert [r["value"] for r in journal.newest_first()] == ["d", "b", "a"]
    assert [r["value"] for r in journal.newer(1)] == ["b", "d"]
    assert not list(journal.newer(4))


def test_an_append_that_rests_on_an_old_record_is_refused(journal: Journal) -> None:
    journal.append({"value": 1}, after=0)
    with pytest.raises(JournalMovedError):
        journal.append({"value": 2}, after=0)
    assert len(journal.records()) == 1


def test_of_many_writers_at_once_each_gets_a_number_of_its_own(journal: Journal) -> None:
    with ThreadPoolExecutor(8) as pool:
        written = list(pool.map(lambda n: journal.append({"n": n}), range(100)))
    assert sorted(r["number"] for r in written) == list(range(1, 101))
    assert sorted(r["n"] for r in journal.records()) == list(range(100))


def test_of_many_writers_that_rest_on_the_same_record_one_wins(journal: Journal) -> None:
    def attempt(n: int) -> bool:
        try:
            journal.append({"n": n}, after=0)
        except JournalMovedError:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(attempt, range(50))) == 1
    assert len(journal.records()) == 1


@pytest.mark.parametrize("content", [b"", b'{"value": ', b"[1]", b"null", b"\xff\xfe"])
def test_a_damaged_record_is_passed_over_and_its_number_is_not_given_again(
    journal: Journal, content: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    journal.append({"value": "a"})
    journal.store.write("models/m/releases/000002.json", content)
    assert [record["value"] for record in journal.records()] == ["a"]
    assert journal.last() == {"number": 1, "value": "a"}
    with pytest.raises(KeyError):
        journal.read(2)
    journal.records()
    assert caplog.text.count("000002.json") == 1, "told once"
    # What rests on the newest readable record is written after the damaged one.
    assert journal.append({"value": "b"}, after=1)["number"] == 3
    assert journal.append({"value": "c"})["number"] == 4
    with pytest.raises(JournalMovedError):
        journal.append({"value": "d"}, after=1)


@pytest.mark.parametrize(
    "name", ["notes.json", "000001 (copy).json", "1.json", "000001.json.bak", "-00001.json"]
)
def test_a_foreign_file_is_no_record(journal: Journal, name: str) -> None:
    journal.append({"value": "a"})
    journal.store.write(f"models/m/releases/{name}", b"{}")
    assert journal.numbers() == [1] and journal.append({"value": "b"})["number"] == 2


def test_a_store_that_never_agrees_ends_the_writer() -> None:
    class Stubborn:
        uri = "stubborn"

        def keys(self, prefix: str) -> list[str]:
            return []

        def create(self, key: str, content: bytes) -> None:
            raise ObjectExistsError(key)

    with pytest.raises(JournalMovedError):
        Journal(Stubborn(), "models/m").append({})  # type: ignore[arg-type]


def test_fields_of_a_newer_version_are_dropped_and_missing_ones_are_told(
    journal: Journal, caplog: pytest.LogCaptureFixture
) -> None:
    @dataclass(frozen=True)
    class Entry:
        number: int
        value: str
        note: str = ""

    strict = Journal(journal.store, journal.prefix, required_fields(Entry))
    journal.append({"value": "a", "new": 2})
    journal.append({"note": "half"})
    assert [known_fields(Entry, record) for record in strict.records()] == [Entry(1, "a")]
    assert "it has no value" in caplog.text
    assert strict.append({"value": "b"}, after=1)["number"] == 3
