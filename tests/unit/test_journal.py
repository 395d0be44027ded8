"""Journals: numbered records, one winner."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from training.journal import Journal, JournalMovedError, known_fields, required_fields
from training.store import ObjectExistsError, Store, open_store


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
        records = list(pool.map(lambda n: journal.append({"n": n}), range(100)))
    assert sorted(r["number"] for r in records) == list(range(1, 101))
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
    assert "models/m/releases/000002.json in " in caplog.text
    assert "is passed over: it has no value" in caplog.text
    assert strict.append({"value": "b"}, after=1)["number"] == 3


class Crowded:
    """A store in which somebody else writes just before the next so many writes."""

    def __init__(self, store: Store, rivals: int) -> None:
        self._store, self._rivals = store, rivals

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    def create(self, key: str, content: bytes) -> None:
        if self._rivals:
            self._rivals -= 1
            Journal(self._store, "models/m/releases").append({"value": "other"})
        self._store.create(key, content)


def test_a_writer_that_rests_on_nothing_goes_on_after_others(journal: Journal) -> None:
    crowded = Journal(Crowded(journal.store, 3), journal.prefix)  # type: ignore[arg-type]
    assert crowded.append({"value": "own"})["number"] == 4
    assert [r["value"] for r in journal.records()] == ["other", "other", "other", "own"]


@pytest.mark.parametrize("records", [0, 1])
def test_a_writer_that_rests_on_a_record_gives_up_when_another_comes_between(
    journal: Journal, records: int
) -> None:
    for _ in range(records):
        journal.append({"value": "before"})
    crowded = Journal(Crowded(journal.store, 1), journal.prefix)  # type: ignore[arg-type]
    with pytest.raises(JournalMovedError):
        crowded.append({"value": "own"}, after=records)
    assert [r["value"] for r in journal.records()] == ["before"] * records + ["other"]


def test_a_number_is_given_once(journal: Journal) -> None:
    assert journal.create(1, {"value": "a"}) == {"value": "a", "number": 1}
    with pytest.raises(JournalMovedError, match="models/m/releases: record 1 exists"):
        journal.create(1, {"value": "b"})
    assert journal.last() == {"number": 1, "value": "a"}


def test_numbers_go_on_beyond_six_digits(journal: Journal) -> None:
    journal.create(999_999, {"value": "a"})
    assert journal.append({"value": "b"}, after=999_999)["number"] == 1_000_000
    assert journal.numbers() == [999_999, 1_000_000]
    assert [r["value"] for r in journal.newest_first()] == ["b", "a"]


def test_a_record_is_an_object_of_json_at_its_number(journal: Journal) -> None:
    journal.append({"value": "\u00e9"})
    assert json.loads(journal.store.read("models/m/releases/000001.json")) == {"value": "\u00e9"}


def test_a_decision_on_a_record_that_is_not_there_is_written_after_it(journal: Journal) -> None:
    """The record itself may be damaged meanwhile: what rests on it is still the next."""
    assert journal.append({"value": "a"}, after=4)["number"] == 5


def test_the_same_record_in_two_stores_is_told_for_each(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    for name in ("one", "two"):
        store = open_store(str(tmp_path / name))
        store.write("m/000001.json", b"[]")
        store.write("m/000002.json", b"{")
        assert Journal(store, "m").records() == []
    for name in ("one", "two"):
        first, second = (
            record.getMessage() for record in caplog.records if f"{name} " in record.getMessage()
        )
        assert first.startswith("m/000001.json in ") and "it is not a JSON object" in first
        assert second.startswith("m/000002.json in ") and "it is not JSON (" in second


def test_fields_without_a_default_are_required_but_for_the_number() -> None:
    @dataclass
    class Entry:
        number: int
        value: str
        when: str
        note: str = ""
        parts: list[str] = field(default_factory=list)

    assert required_fields(Entry) == ("value", "when")


class Writers(RuleBasedStateMachine):
    """Some writers, each with the record it last saw, in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = TemporaryDirectory()
        self.journal = Journal(open_store(self.folder.name), "j")
        self.values: list[int] = []
        self.numbers_read = dict.fromkeys("abc", 0)

    @rule(writer=st.sampled_from("abc"))
    def looks(self, writer: str) -> None:
        last = self.journal.last()
        self.numbers_read[writer] = last["number"] if last else 0
        assert self.numbers_read[writer] == len(self.values)

    @rule(writer=st.sampled_from("abc"), value=st.integers())
    def writes_what_rests_on_it(self, writer: str, value: int) -> None:
        if self.numbers_read[writer] == len(self.values):
            self.journal.append({"value": value}, after=self.numbers_read[writer])
            self.values.append(value)
        else:
            with pytest.raises(JournalMovedError):
                self.journal.append({"value": value}, after=self.numbers_read[writer])

    @rule(value=st.integers())
    def writes_whatever_was_before(self, value: int) -> None:
        self.journal.append({"value": value})
        self.values.append(value)

    @invariant()
    def all_is_kept_in_order(self) -> None:
        assert [record["value"] for record in self.journal.records()] == self.values
        assert [r["value"] for r in self.journal.newer(1)] == self.values[1:]

    def teardown(self) -> None:
        self.folder.cleanup()


TestWriters = Writers.TestCase
TestWriters.settings = settings(max_examples=20, stateful_step_count=15, deadline=None)
