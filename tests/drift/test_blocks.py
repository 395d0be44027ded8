"""Dependent rows: counts by block merge exactly, and the block test is honest."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.drift.tables import mixed, require
from training.drift import Profile, Thresholds, compare, profile_table
from training.drift.blocks import MAX_CELLS, MAX_GROUPS
from training.errors import UserError

BY_DAY = Thresholds(block="day")
COLUMNS = ["normal", "holes", "nulls", "small", "huge", "flag", "word", "coded", "price"]


def days(count: int, rows: int, seed: int, shift: float = 0.0, first: int = 0) -> pa.Table:
    """Rows that share most of their value with the others of their day."""
    random = np.random.default_rng(seed)
    day = np.repeat(np.arange(first, first + count), rows)
    common = random.normal(size=(count, 3))[day - first]
    word = (common[:, 1] + random.normal(size=day.size) > 0).astype(str)
    absent = common[:, 2] + random.normal(size=day.size) > 1
    return pa.table(
        {
            "day": day,
            "x": common[:, 0] + random.normal(size=day.size) + shift,
            "word": word,
            "gaps": pa.array(random.normal(size=day.size), mask=absent),
        }
    )


def by_day(reference: pa.Table, window: pa.Table, thresholds: Thresholds = BY_DAY):
    profile = profile_table(reference, block="day")
    return compare(profile, profile_table(window, reference=profile), thresholds)


@settings(max_examples=10)
@given(st.integers(0, 2**32), st.sampled_from([5, 500]))
def test_counts_by_block_merge_exactly(seed, count):
    random = np.random.default_rng(seed)
    table = mixed(3000).append_column("day", pa.array(random.integers(0, count, 3000)))
    table = table.take(random.permutation(3000))
    whole = profile_table(table, columns=COLUMNS, block="day")
    parts = [
        profile_table(table.slice(start, 750), columns=COLUMNS, block="day")
        for start in range(0, 3000, 750)
    ]
    merged = parts[2].merge(parts[0]).merge(parts[3].merge(parts[1]))
    assert merged.to_json() == whole.to_json()
    assert Profile.from_json(merged.to_json()) == whole
    blocks = require(whole.blocks)
    for counts in [*blocks.values.values(), *blocks.missing.values()]:
        assert np.unique(counts.groups).size <= min(count, MAX_GROUPS)
        assert np.unique(counts.cells).size <= MAX_CELLS
    assert all(counts.counts.sum() == 3000 for counts in blocks.missing.values())


def test_independent_rows_would_cry_wolf_where_blocks_do_not():
    naive, honest = [], []
    for seed in range(60):
        reference, window = days(40, 100, seed), days(15, 100, seed + 1000, first=40)
        profile = profile_table(reference, block="day")
        now = profile_table(window, reference=profile)
        naive.append(compare(profile, now).verdict == "drift")
        honest.append(compare(profile, now, BY_DAY).verdict == "drift")
    assert np.mean(naive) > 0.9
    assert np.mean(honest) <= 0.15  # 5 % expected; above 9 of 60 has a chance of 0.1 %


def test_drift_of_all_days_is_found():
    result = by_day(days(60, 100, 0), days(30, 100, 1, shift=1.5))
    assert result.drifted[0] == "x" and result.features["x"].test == "block-bootstrap"


@pytest.mark.parametrize("shift", [0.0, 8.0])
def test_a_window_of_one_block_is_held_against_the_spread_of_the_reference(shift):
    result = by_day(days(60, 100, 0), days(1, 100, 1, shift=shift))
    assert (result.verdict == "drift") is (shift > 0)


def test_few_blocks_on_both_sides_are_insufficient():
    result = by_day(days(5, 1000, 0), days(4, 1000, 1, shift=5.0))
    assert result.verdict == "insufficient_data"
    assert not result.features["x"].sufficient


def test_equal_blocks_do_not_drift():
    table = days(30, 50, 0)
    assert by_day(table, table).verdict == "no_drift"


def test_profiles_without_the_block_are_an_error():
    profile = profile_table(days(20, 20, 0))
    with pytest.raises(UserError, match=r"was made with the block column None.*block='day'"):
        compare(profile, profile, BY_DAY)


def test_bad_block_columns():
    with pytest.raises(UserError, match="no column 'nope'"):
        profile_table(days(2, 2, 0), block="nope")
    with pytest.raises(UserError, match="'list' of the table in memory is list"):
        profile_table(mixed(10), block="list")
    profiles = [profile_table(days(2, 2, 0), block=name) for name in ("day", "word")]
    with pytest.raises(UserError, match="the blocks are 'day' in one profile and 'word'"):
        profiles[0].merge(profiles[1])
