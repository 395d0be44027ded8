"""Distances and tests of drift at their limits, where their formulas can be counted by hand."""

from __future__ import annotations

import math

import numpy as np
import pyarrow as pa
import pytest
from scipy import stats

from training.drift import distances, profile_table
from training.drift.statistics import benjamini_hochberg, homogeneity_test, kolmogorov_tail, ks_test


def test_tenths_are_of_equal_reference_counts() -> None:
    fine = np.full(100, 7)
    before, now = distances.deciles(fine, np.arange(100))
    assert before.tolist() == [70] * 10
    assert now.tolist() == [sum(range(first, first + 10)) for first in range(0, 100, 10)]
    # Of few bins a tenth may be none; a bin is never cut.
    before, now = distances.deciles(np.array([50, 0, 50, 0]), np.array([1, 2, 3, 4]))
    assert before.sum() == 100 and now.sum() == 10
    assert [count for count in before if count] == [50, 50]
    assert distances.deciles(np.zeros(3, int), np.array([1, 2, 3]))[1].sum() == 6


def test_distances_of_what_shares_nothing_are_the_largest() -> None:
    apart = np.array([100, 0]), np.array([0, 300])
    assert distances.jensen_shannon(*apart) == pytest.approx(1.0)
    assert distances.total_variation(*apart) == distances.largest_difference(*apart) == 1.0
    # An empty bin counts as one of ten thousand rows.
    least = 1e-4
    expected = 2 * (1 - least) * math.log(1 / least)
    assert distances.population_stability_index(*apart) == pytest.approx(expected)
    same = np.array([3, 4, 5]), np.array([6, 8, 10])
    for name in ("jensen_shannon", "total_variation", "largest_difference"):
        assert getattr(distances, name)(*same) == pytest.approx(0.0, abs=1e-7)
    assert distances.population_stability_index(*same) == pytest.approx(0.0)


def test_the_largest_difference_is_of_one_category_and_total_variation_of_a_set() -> None:
    reference, window = np.array([50, 30, 20]), np.array([30, 35, 35])
    assert distances.largest_difference(reference, window) == pytest.approx(0.2)
    assert distances.total_variation(reference, window) == pytest.approx(0.2)
    window = np.array([40, 20, 40])
    assert distances.largest_difference(reference, window) == pytest.approx(0.2)
    assert distances.total_variation(reference, window) == pytest.approx(0.2)


@pytest.mark.parametrize("scale", [1e-300, 1.0, 1e300])
def test_wasserstein_of_two_bins_is_counted_by_hand(scale: float) -> None:
    """All rows in the first bin, then all in the next: on average one width further."""
    borders = np.array([0.0, 1.0, 2.0, 3.0]) * scale
    reference, window = np.array([50, 0, 50]), np.array([0, 100, 0])
    # Middles 0.5 and 2.5 have the deviation 1; a quarter lies between the curves in each bin.
    assert distances.wasserstein(borders, reference, window) == pytest.approx(0.75)
    moved = distances.wasserstein(borders, np.array([50, 50, 0]), np.array([0, 50, 50]))
    assert moved == pytest.approx(2.0), "a width of twice the deviation of two neighbours"
    assert distances.wasserstein(borders, np.array([0, 7, 0]), window) is None
    assert distances.wasserstein(np.zeros(4), reference, window) is None


def test_categories_of_fewer_than_five_expected_rows_are_pooled() -> None:
    def freedom(rare: int) -> int:
        """Degrees by the p-value of a table whose two rare categories have so many rows."""
        reference = np.array([5000, 5000, rare, rare])
        window = np.array([5200, 4800, rare, rare])
        p_value, _ = homogeneity_test(reference, window, 2000)
        expected = {
            k: stats.chi2.sf(float(stats.chi2_contingency([reference, window])[0]), k)
            for k in (1, 2, 3)
        }
        return min(expected, key=lambda k: abs(expected[k] - p_value))

    assert freedom(400) == 3 and freedom(25) == 3
    # Two of twelve are one of twenty-four: still told apart. Of four each they are pooled.
    p_value, test = homogeneity_test(np.array([5000, 4, 4]), np.array([5000, 4, 4]), 100)
    assert (p_value, test) == (pytest.approx(1.0), "exact")
    assert homogeneity_test(np.array([5000, 5, 5]), np.array([5000, 5, 5]), 100)[1] == "monte-carlo"
    # One category alone is no difference.
    assert homogeneity_test(np.array([7, 0]), np.array([9, 0]), 100) == (1.0, "chi-square")


@pytest.mark.parametrize(("rows", "test"), [(25, "chi-square"), (24, "exact")])
def test_the_approximation_needs_twenty_five_expected_rows(rows: int, test: str) -> None:
    assert homogeneity_test(np.array([1000, rows]), np.array([1000, rows]), 100)[1] == test
    more = np.array([1000, 1000, rows])
    name = {"exact": "monte-carlo"}.get(test, test)
    assert homogeneity_test(more, more, 100)[1] == name


def test_a_table_that_no_draw_reaches_has_one_chance_of_all_and_one() -> None:
    reference, window = np.array([100, 20, 0]), np.array([0, 0, 60])
    assert homogeneity_test(reference, window, 999) == (1 / 1000, "monte-carlo")
    assert homogeneity_test(reference, window, 199) == (1 / 200, "monte-carlo")


def test_drawing_stops_where_the_answer_is_clear() -> None:
    """At fifty exceedances: the p-value of equal samples is one, however many are drawn."""
    same = np.array([60, 20, 15]), np.array([60, 20, 15])
    assert homogeneity_test(*same, 10**9) == (1.0, "monte-carlo")


@pytest.mark.parametrize("table", [([3, 97], [9, 91]), ([0, 50], [6, 44]), ([12, 8], [30, 5])])
def test_two_categories_are_fishers(table: tuple[list[int], list[int]]) -> None:
    p_value, test = homogeneity_test(np.array(table[0]), np.array(table[1]), 10)
    assert test == "exact" and p_value == pytest.approx(stats.fisher_exact(table)[1])


def test_ks_is_of_cumulated_shares() -> None:
    distance, p_value = ks_test(np.array([50, 0, 50]), np.array([0, 100, 0]))
    assert distance == pytest.approx(0.5)
    assert p_value == pytest.approx(stats.kstwobign.sf(0.5 * math.sqrt(50)))
    assert ks_test(np.array([10]), np.array([20])) == (0.0, 1.0)
    assert kolmogorov_tail(0.0) == 1.0


def test_adjusted_p_values_keep_their_places_and_never_pass_one() -> None:
    assert benjamini_hochberg(np.array([0.9, 0.01, 0.8])).tolist() == pytest.approx(
        [0.9, 0.03, 0.9]
    )
    assert benjamini_hochberg(np.array([1.0])).tolist() == [1.0]


def test_columns_of_two_types_are_of_both() -> None:
    parts = [
        profile_table(pa.table({"x": pa.array([1, 2], kind), "w": ["a", "b"]}))
        for kind in (pa.int64(), pa.float64())
    ]
    merged = parts[0].merge(parts[1])
    assert merged.columns["x"].type == "double|int64"
    assert merged.merge(parts[0]).columns["x"].type == "double|int64"
    column = merged.columns["x"].with_missing(3)
    assert (column.rows, column.nulls, column.missing) == (7, 3, 3)
    words = merged.columns["w"].with_missing(2)
    assert (words.rows, words.nulls, words.missing) == (6, 2, 2)
