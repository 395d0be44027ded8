"""The tests and distances against SciPy's, which the job itself does not load."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import special, stats
from scipy.spatial import distance

from training.drift import distances
from training.drift.sketch import Cells
from training.drift.statistics import (
    benjamini_hochberg,
    chi_square_tail,
    homogeneity_test,
    kolmogorov_tail,
    ks_test,
)

SEEDS = st.integers(0, 2**32)


def binned(reference: np.ndarray, window: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    cells = Cells.of(reference).limited()
    edges = cells.edges()
    window_cells = Cells.of(window, cells.level)
    return cells.binned(edges).counts, window_cells.binned(edges).counts


def exact_ks(reference: np.ndarray, window: np.ndarray) -> float:
    return np.asarray(stats.ks_2samp(reference, window, method="asymp"))[0]


@settings(max_examples=60)
@given(SEEDS, st.integers(5, 4000), st.integers(5, 4000), st.sampled_from([0, 1, 2, 6]))
def test_binned_ks_is_just_below_the_exact_one(seed, size, other, digits):
    random = np.random.default_rng(seed)
    reference = np.round(random.normal(size=size), digits)
    window = np.round(random.normal(0.2, 1.3, size=other), digits)
    counts = binned(reference, window)
    largest = max(float((side / side.sum()).max()) for side in counts)
    approximate, _ = ks_test(*counts)
    exact = exact_ks(reference, window)
    assert approximate <= exact + 1e-12
    assert exact <= approximate + largest + 1e-12


def test_few_distinct_numbers_give_the_exact_ks():
    random = np.random.default_rng(3)
    reference, window = random.integers(0, 300, 5000) / 7, random.integers(0, 310, 4000) / 7
    assert ks_test(*binned(reference, window))[0] == pytest.approx(exact_ks(reference, window))


def test_ks_p_value_is_kolmogorovs():
    random = np.random.default_rng(4)
    counts = binned(random.normal(size=20_000), random.normal(0.02, 1, size=20_000))
    statistic, p_value = ks_test(*counts)
    assert p_value == pytest.approx(stats.kstwobign.sf(statistic * np.sqrt(10_000)))


def test_chi_square_where_all_categories_are_common():
    reference, window = np.array([500, 300, 200]), np.array([480, 350, 190])
    p_value, test = homogeneity_test(reference, window, 1000)
    assert test == "chi-square"
    expected = stats.chi2_contingency([reference, window], correction=False)[1]
    assert p_value == pytest.approx(expected)


@given(st.integers(0, 30), st.integers(100, 5000), st.integers(0, 30), st.integers(100, 5000))
def test_two_categories_are_exact_where_one_is_rare(a, b, c, d):
    p_value, test = homogeneity_test(np.array([a, b]), np.array([c, d]), 1000)
    if test == "exact":
        assert p_value == pytest.approx(stats.fisher_exact([[a, b], [c, d]])[1])


def test_monte_carlo_matches_the_permutation_of_rows():
    reference, window = np.array([60, 30, 25, 10]), np.array([40, 50, 20, 15])
    p_value, test = homogeneity_test(reference, window, 20_000)
    assert test == "monte-carlo"
    rows = np.repeat([0, 1, 2, 3], reference + window)
    random = np.random.default_rng(5)

    def statistic(sample: np.ndarray) -> float:
        counts = np.bincount(sample, minlength=4)
        remainder = reference + window - counts
        return float(np.asarray(stats.chi2_contingency([counts, remainder], correction=False)[0]))

    observed = statistic(np.repeat([0, 1, 2, 3], window)) - 1e-9
    exceeded = [
        statistic(random.permutation(rows)[: window.sum()]) >= observed for _ in range(3000)
    ]
    assert p_value == pytest.approx(np.mean(exceeded), rel=0.5)


def test_rare_categories_are_pooled():
    reference = np.concatenate([[50_000, 50_000], np.ones(500, int)])
    window = np.concatenate([[500, 500], np.zeros(500, int)])
    assert homogeneity_test(reference, window, 1000)[0] > 0.05
    window[2:102] = 1
    assert homogeneity_test(reference, window, 1000)[0] < 0.01


def test_one_category_cannot_differ():
    assert homogeneity_test(np.array([10, 0]), np.array([500, 0]), 100)[0] == 1.0


@given(st.lists(st.floats(0, 1), min_size=1, max_size=60))
def test_benjamini_hochberg(p_values):
    expected = stats.false_discovery_control(p_values)
    assert benjamini_hochberg(np.array(p_values)) == pytest.approx(expected)


@given(SEEDS)
def test_distances(seed):
    random = np.random.default_rng(seed)
    borders = np.sort(random.normal(size=9))
    counts = random.integers(1, 50, 8), random.integers(1, 50, 8)
    p, q = counts[0] / counts[0].sum(), counts[1] / counts[1].sum()
    assert distances.jensen_shannon(*counts) == pytest.approx(distance.jensenshannon(p, q, 2))
    assert distances.population_stability_index(*counts) == pytest.approx(
        np.sum((q - p) * np.log(q / p))
    )
    assert distances.total_variation(*counts) == pytest.approx(0.5 * np.abs(p - q).sum())
    assert distances.largest_difference(*counts) == pytest.approx(np.abs(p - q).max())
    points = [random.uniform(low, high, 4000) for low, high in pairwise(borders)]
    weights = [np.repeat(share / 4000, 4000) for share in p], [np.repeat(s / 4000, 4000) for s in q]
    middles = (borders[1:] + borders[:-1]) / 2
    sigma = np.sqrt(np.sum(p * middles**2) - np.sum(p * middles) ** 2)
    expected = stats.wasserstein_distance(
        np.concatenate(points), np.concatenate(points), *(np.concatenate(w) for w in weights)
    )
    assert distances.wasserstein(borders, *counts) == pytest.approx(expected / sigma, rel=0.05)


def test_wasserstein_of_a_shift_is_the_shift():
    random = np.random.default_rng(6)
    values = random.normal(3, 2, 50_000)
    counts = binned(values, values + 0.5)
    edges = Cells.of(values).limited()
    borders = edges.binned(edges.edges()).values()
    borders = np.concatenate([[values.min()], borders, [values.max() + 0.5]])
    assert distances.wasserstein(borders, *counts) == pytest.approx(0.25, rel=0.02)
    assert distances.wasserstein(np.array([0.0, 0.0]), np.array([3]), np.array([4])) is None


@given(st.floats(0, 10))
def test_kolmogorov_tail(value):
    assert kolmogorov_tail(value) == pytest.approx(special.kolmogorov(value), rel=1e-9, abs=1e-15)


@given(st.integers(1, 1023), st.floats(0, 5000))
def test_chi_square_tail(degrees, value):
    expected = special.chdtrc(degrees, value)
    assert chi_square_tail(degrees, value) == pytest.approx(expected, rel=1e-8, abs=1e-300)
