"""Labels find the rows that they belong to: equal inputs, each row one label at most."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, timezone
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from training.drift.labels import Rows, _mixed, later_than, matched, read_rows
from training.errors import UserError
from training.table_reader import open_tables

GOLDEN = 0x9E3779B97F4A7C15  # of splitmix64
INPUTS = {"x": False, "word": True}


def rows(columns: dict[str, Any], inputs: dict[str, bool] = INPUTS, **options: Any) -> Rows:
    extra = options.pop("extra", [])
    return read_rows(open_tables(pa.table(columns)), inputs, extra, **options)


def keys(values: Any, is_text: bool = False) -> list[int]:
    return rows({"x": values}, {"x": is_text}).keys.tolist()


def test_hashes_are_splitmix64_s() -> None:
    """The generator's first numbers of seed 1234567, by Vigna's program (prng.di.unimi.it)."""
    states = np.array([(1234567 + n * GOLDEN) % 2**64 for n in range(5)], np.uint64)
    assert _mixed(states).tolist() == [
        6457827717110365317, 3203168211198807973, 9817491932198370423, 4593380528125082431,
        16408922859458223821,
    ]  # fmt: skip


def test_other_inputs_have_another_hash() -> None:
    assert len(set(keys(np.arange(-5000, 5000)))) == 10_000
    assert len(set(keys(np.arange(10_000) / 7))) == 10_000
    assert len(set(keys([f"word {n}" for n in range(3000)], is_text=True))) == 3000
    # The same values in other columns are other inputs.
    pairs = rows({"a": [1, 2, 1, 2], "b": [2, 1, 1, 2]}, {"a": False, "b": False}).keys
    assert len(set(pairs.tolist())) == 4


def test_the_order_of_columns_is_of_no_matter() -> None:
    table = {"x": [1.0, 2.0], "word": ["a", "b"]}
    turned = {name: table[name] for name in ("word", "x")}
    assert rows(table).keys.tolist() == rows(turned).keys.tolist()
    assert rows(table).keys.tolist() == rows(table, {"word": True, "x": False}).keys.tolist()


@pytest.mark.parametrize("value", [1.5, -3.25, 1280.0, 1.75 * 2.0**-600])
def test_numbers_agree_in_twelve_digits(value: float) -> None:
    step = np.spacing(value)
    same = [value, value + 2000 * step, value - 2000 * step, float(f"{value:.15g}")]
    assert len(set(keys(same))) == 1
    assert len({*keys([value, value + 5000 * step, value - 5000 * step])}) == 3
    assert keys([value])[0] != keys([-value])[0]


def test_what_a_number_is_kept_as_is_of_no_matter() -> None:
    numbers = pa.array([0, 1, 1, None], pa.int64())
    same = [
        numbers, numbers.cast(pa.float64()), numbers.cast(pa.float32()), numbers.cast(pa.bool_()),
        pa.array([-0.0, 1.0, 1.0, float("nan")]), numbers.cast(pa.timestamp("s")),
        pa.array([0, 1000, 1000, None], pa.timestamp("ms")),
    ]  # fmt: skip
    assert len({tuple(keys(array)) for array in same}) == 1
    assert len(set(keys(numbers))) == 3  # nothing is not zero


def test_what_a_word_is_kept_as_is_of_no_matter() -> None:
    words = pa.array(["a", None, "b", "a", ""])
    with_null = pa.DictionaryArray.from_arrays(pa.array([0, 1, 2, 0, 3]), ["a", None, "b", ""])
    forms = [words, words.dictionary_encode(), words.cast(pa.large_string()), with_null]
    assert len({tuple(keys(array, is_text=True)) for array in forms}) == 1
    assert len(set(keys(words, is_text=True))) == 4  # nothing is not the empty word


def test_words_where_a_number_was_learned_are_like_no_number() -> None:
    assert not {*keys([0.0, 1.0, -1.0])} & {*keys(["0", "1", "many"])}


def test_each_row_has_one_label_and_each_label_one_row() -> None:
    random = np.random.default_rng(0)
    captured, labeled = random.integers(0, 40, 120), random.integers(20, 60, 90)
    positions, label_positions = matched(
        *(Rows(side.astype(np.uint64), {}) for side in (captured, labeled))
    )
    # The first of equal rows goes with the first of equal labels, and so on.
    waiting = defaultdict(list)
    for place, value in enumerate(labeled):
        waiting[value].append(place)
    expected = [
        (place, waiting[value].pop(0)) for place, value in enumerate(captured) if waiting[value]
    ]
    assert expected and sorted(zip(positions, label_positions, strict=True)) == expected
    nothing = Rows(np.empty(0, np.uint64), {})
    assert matched(nothing, Rows(captured.astype(np.uint64), {}))[0].size == 0


def test_values_are_read_beside_the_inputs() -> None:
    table = {
        "x": [1.0, 2.0, 3.0], "word": ["a", "b", None], "late": pa.array([1, None, 0], pa.int8()),
        "by": ["me", None, "you"], "when": pa.array([0, 1500, None], pa.timestamp("ms")),
    }  # fmt: skip
    values = rows(table, extra=["late", "by", "when", "x"]).values
    assert list(values) == ["late", "by", "when", "x"]
    np.testing.assert_array_equal(values["late"], [1.0, np.nan, 0.0])
    assert values["by"].dtype == object and values["by"].tolist() == ["me", None, "you"]
    np.testing.assert_array_equal(values["when"], [0.0, 1.5, np.nan])
    assert values["x"].tolist() == [1.0, 2.0, 3.0]
    empty = read_rows([], INPUTS, ["late"])
    assert empty.keys.size == empty.values["late"].size == 0


def test_only_later_rows_count() -> None:
    moments = pa.array([10, 20, 21, None, 30], pa.timestamp("s"))
    table = {"x": [1.0, 2.0, 3.0, 4.0, 5.0], "word": ["a"] * 5, "when": moments}
    later = rows(table, extra=["x"], after=("when", 20.0))
    assert later.values["x"].tolist() == [3.0, 5.0]
    assert later.keys.tolist() == rows(table).keys[[2, 4]].tolist()
    assert "when" not in later.values
    assert later_than(moments, 20.0).tolist() == [False, False, True, False, True]
    moment = datetime(2026, 1, 2, tzinfo=timezone.utc)
    mask = later_than(pa.array([moment], pa.timestamp("us", "UTC")), moment.timestamp() - 1)
    assert mask.tolist() == [True]


def test_no_table_is_read_once_there_are_rows_enough() -> None:
    tables = [open_tables(pa.table({"x": [float(n)] * 3, "word": ["a"] * 3}))[0] for n in range(4)]
    for most, count in ((None, 12), (0, 0), (1, 3), (3, 3), (4, 6), (6, 6), (100, 12)):
        assert read_rows(iter(tables), INPUTS, [], most).keys.size == count, most


@pytest.mark.parametrize("absent", ["x", "word", "late", "when"])
def test_a_table_that_lacks_a_column_says_which(absent: str) -> None:
    table = {"x": [1.0], "word": ["a"], "late": [1], "when": pa.array([1], pa.timestamp("s"))}
    del table[absent]
    with pytest.raises(UserError, match=f"has no column '{absent}'; it has {', '.join(table)}"):
        rows(table, extra=["late"], after=("when", 0.0))


def test_an_order_does_not_depend_on_the_files() -> None:
    table = {"x": [3.0, 1.0, 2.0, 1.0], "word": ["a"] * 4, "n": [0, 1, 2, 3]}
    whole = rows(table, extra=["n"]).ordered()
    assert whole.keys.tolist() == sorted(whole.keys.tolist())
    turned = {name: values[2:] + values[:2] for name, values in table.items()}
    again = rows(turned, extra=["n"]).ordered()
    assert whole.keys.tolist() == again.keys.tolist()
    key_by_row = {n: key for n, key in zip(table["n"], rows(table).keys.tolist(), strict=True)}
    assert [key_by_row[n] for n in whole.values["n"]] == whole.keys.tolist()


def test_equal_rows_stay_in_the_order_that_they_came_in() -> None:
    count = 3000
    table = {"x": np.arange(count) % 3, "word": ["a"] * count, "n": np.arange(count)}
    whole = rows(table, extra=["n"]).ordered()
    for third in np.split(whole.values["n"], 3):
        assert np.all(np.diff(third) == 3)
