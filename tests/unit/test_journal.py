"""Journals: numbered records, one winner."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from training.journal import Journal, JournalMovedError
from training.store import open_store


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    return Journal(open_store(str(tmp_path)), "models/m/releases")


def test_records_come_back_in_order_with_their_numbers(journal: Journal) -> None:
    assert journal.last() is None
    for value in ("a", "b", "c"):
        journal.append({"value": value})
    assert [(r["number"], r["value"]) for r in journal.records()] == [(1, "a"), (2, "b"), (3, "c")]
    assert journal.last() == {"number": 3, "value": "c"}


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
