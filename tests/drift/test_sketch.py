"""Cells are a function of the multiset of numbers alone, and bins keep their promises."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from training.drift.sketch import EXACT, MAX_CELLS, MAX_EDGES, Cells, keys_from, keys_of, values_of
from training.drift.sketch_counters import BinCounter, CellCounter

ANY_NUMBER = st.floats(allow_nan=False, allow_infinity=False, width=64)
NUMBERS = hnp.arrays(np.float64, st.integers(0, 200), elements=ANY_NUMBER)
random = np.random.default_rng(7)

SHAPES = {
    "normal": random.normal(size=150_000),
    "far from zero": 1e6 + random.normal(size=150_000),
    "many magnitudes": random.lognormal(0, 30, size=150_000),
    "whole": random.integers(-500, 500, 150_000).astype(float),
    "money": np.round(random.exponential(10, 150_000), 2),
    "half zero": np.where(random.random(150_000) < 0.5, 0.0, random.exponential(1, 150_000)),
    "constant": np.full(150_000, 3.3),
    "outliers": np.where(random.random(150_000) < 0.01, -1e300, 1e6 + random.normal(size=150_000)),
    "huge whole": random.integers(-(2**62), 2**62, 150_000).astype(float),
    "subnormal": random.normal(size=150_000) * 1e-308,
    "whole, then not": np.concatenate([np.arange(70_000) % 50 + 0.0, random.normal(size=70_000)]),
    "rising": np.linspace(-5, 1e9, 150_000) ** 3,
}


def are_equal(a: Cells, b: Cells) -> bool:
    return (
        a.level == b.level and np.array_equal(a.keys, b.keys) and np.array_equal(a.counts, b.counts)
    )


@given(NUMBERS)
def test_keys_keep_the_order(values):
    keys = keys_of(np.sort(values))
    assert np.all(keys[1:] >= keys[:-1])
    assert np.array_equal(values_of(keys_from(values)), values)


def test_zero_has_one_key():
    assert np.array_equal(keys_of(np.array([0.0, -0.0, 5e-324, -1e-310])), np.zeros(4))


@pytest.mark.parametrize("values", SHAPES.values(), ids=SHAPES.keys())
def test_counting_equals_sorting(values):
    counter = CellCounter()
    counter.add(values)
    cells, expected = counter.result(), Cells.of(values).limited()
    assert are_equal(cells, expected)
    assert cells.keys.size <= MAX_CELLS
    bins = BinCounter(cells.level, cells.edges())
    bins.add(values)
    assert np.array_equal(bins.result().counts, cells.binned(cells.edges()).counts)


@pytest.mark.parametrize("values", SHAPES.values(), ids=SHAPES.keys())
def test_shards_in_any_order_equal_one_pass(values):
    whole = CellCounter()
    whole.add(values)
    shards = np.array_split(np.random.default_rng(1).permutation(values), 7)
    merged = Cells.empty()
    for shard in shards[::-1]:
        counter = CellCounter()
        counter.add(shard)
        merged = counter.result().merged(merged)
    assert are_equal(merged, whole.result())


@pytest.mark.parametrize("values", SHAPES.values(), ids=SHAPES.keys())
def test_the_level_is_the_finest_that_fits(values):
    cells = Cells.of(values).limited()
    if cells.level < EXACT:
        assert Cells.of(values, cells.level + 1).keys.size > MAX_CELLS


@given(NUMBERS, st.integers(0, 200))
def test_merging_is_counting_both(values, cut):
    merged = Cells.of(values[:cut]).merged(Cells.of(values[cut:]))
    assert are_equal(merged, Cells.of(values))
    assert merged.total == values.size


@settings(max_examples=50)
@given(st.integers(1, 3000), st.integers(0, 2**32), st.sampled_from([0.0, 1.0, 1e5]))
def test_bins_are_few_even_and_exact_at_their_edges(size, seed, offset):
    values = np.random.default_rng(seed).normal(offset, 1.0, size)
    cells = Cells.of(values).limited()
    edges = cells.edges()
    bins = cells.binned(edges)
    assert edges.size <= MAX_EDGES and np.all(np.diff(edges) > 0)
    below = np.cumsum(bins.counts)[:-1]
    assert np.array_equal(below, [(values < edge).sum() for edge in bins.values()])
    assert bins.counts.max() <= cells.counts.max() + size / (MAX_EDGES - 1)


@given(NUMBERS.filter(len), NUMBERS)
def test_a_window_is_exact_at_the_edges(reference, window):
    cells = Cells.of(reference)
    counter = BinCounter(cells.level, cells.edges())
    counter.add(window)
    bins = counter.result()
    flushed = np.where(np.abs(window) < 2.0**-1022, 0.0, window)
    edges = bins.values()
    assert np.all(np.isfinite(edges))
    assert np.array_equal(np.cumsum(bins.counts)[:-1], [(flushed < edge).sum() for edge in edges])
