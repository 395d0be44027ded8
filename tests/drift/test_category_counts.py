"""Counts of categories and p-values by block, held against counts and formulas by hand."""

from __future__ import annotations

import pyarrow as pa
import pytest

from tests.drift.tables import require
from tests.drift.test_blocks import days
from training.drift import bootstrap, compare, profile_table
from training.drift.categorical import MAX_NAMES, CategoryColumn, CategoryTally

DRAWS = 999


def tally(array: pa.Array, type_: str = "string") -> CategoryColumn:
    result = CategoryTally("categorical", type_)
    result.add(array)
    return result.column()


def test_a_dictionary_may_hold_null_and_names_that_no_row_has() -> None:
    dictionary = pa.array(["a", None, "unused"])
    column = tally(pa.DictionaryArray.from_arrays(pa.array([0, 1, 1, None]), dictionary))
    assert (column.rows, column.nulls, column.names) == (4, 3, {"a": 1})


@pytest.mark.parametrize("many_first", [True, False])
def test_few_categories_and_too_many_to_name_merge_as_if_counted_at_once(many_first: bool) -> None:
    many = pa.array([f"id-{number}" for number in range(MAX_NAMES + 1)])
    few = pa.array(["id-0", "id-0", "other", None])
    parts = (many, few) if many_first else (few, many)
    first, second = map(tally, parts)
    merged, whole = first.merged(second), tally(pa.concat_arrays(parts))
    assert merged.names == whole.names == {}
    assert (merged.rows, merged.nulls) == (len(many) + len(few), 1)
    assert require(merged.buckets).tolist() == require(whole.buckets).tolist()
    assert require(merged.buckets).sum() == len(many) + 3


def test_a_merged_column_keeps_the_types_of_all_its_parts() -> None:
    texts, flags, numbers = (tally(pa.array(["a"]), name) for name in ("string", "bool", "int64"))
    assert texts.merged(flags).merged(numbers).type == numbers.merged(flags.merged(texts)).type
    assert texts.merged(flags).merged(numbers).type == "bool|int64|string"


def test_numbers_are_compared_by_their_order() -> None:
    reference, window = days(40, 60, 1), days(15, 60, 2, shift=0.3, first=40)
    profile = profile_table(reference, block="day")
    now = profile_table(window, reference=profile)
    features = compare(profile, now).features
    before, after = (require(side.blocks).values["x"] for side in (profile, now))
    by_order, by_share = (
        bootstrap.block_test(before, after, is_ordered, DRAWS) for is_ordered in (True, False)
    )
    by_block = bootstrap.tested_by_block(features, profile, now, "day", DRAWS)
    assert by_block["x"].p_value == by_order != by_share


def test_a_difference_that_no_draw_reaches_has_the_least_p_value() -> None:
    """(b + 1) / (n + 1) of n draws with b exceedances: Davison and Hinkley, 1997, section 4.2."""
    reference, window = days(40, 60, 1), days(40, 60, 2, shift=50.0, first=40)
    profile = profile_table(reference, block="day")
    now = profile_table(window, reference=profile)
    before, after = (require(side.blocks).values["x"] for side in (profile, now))
    for draws in (99, 999):
        p_value = bootstrap.block_test(before, after, True, draws)
        assert p_value == pytest.approx(1 / (draws + 1), rel=1e-12)
