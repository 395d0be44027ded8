"""Tests of whether two samples, given as counts, come from one distribution.

The tail probabilities are those of SciPy's ``special.kolmogorov`` and ``special.chdtrc``, and are
tested against them. They stand here because importing `scipy.special` takes longer (0.5 s beside
0.3 s for NumPy and pyarrow together) than a check of a million rows.
"""

from __future__ import annotations

import math

import numpy as np

POOLED_BELOW = 5.0  # expected rows in the smaller sample
SPARSE_BELOW = (
    25.0  # below it chi-square's tail is off by more than the false discovery rate can bear
)
_EXCEEDANCES = 50
_DRAWS_AT_ONCE = 200
_TERMS = 100  # of the series of Kolmogorov's distribution


def ks_test(reference: np.ndarray, window: np.ndarray) -> tuple[float, float]:
    """Kolmogorov-Smirnov distance of binned samples and its p-value.

    The distance is taken at the bin edges, so it is at most the exact distance, and less by no more
    than the larger sample share of one bin. The p-value is Kolmogorov's asymptotic one: it is too
    large rather than too small for ties and for small samples.

    Args:
        reference: Counts in ordered bins, shape (n,).
        window: Counts in the same bins.

    Returns:
        The distance, 0 to 1, and the p-value.
    """
    sizes = float(reference.sum()), float(window.sum())
    steps = np.cumsum(reference)[:-1] / sizes[0] - np.cumsum(window)[:-1] / sizes[1]
    distance = float(np.max(np.abs(steps), initial=0.0))
    scaled = distance * float(np.sqrt(sizes[0] * sizes[1] / sum(sizes)))
    return distance, kolmogorov_tail(scaled)


def homogeneity_test(reference: np.ndarray, window: np.ndarray, draws: int) -> tuple[float, str]:
    """P-value for two samples of categories.

    Categories with fewer than 5 expected rows in the smaller sample are pooled. Where fewer than 25
    are expected in some category, the p-value is not the chi-square distribution's: for two
    categories it is Fisher's exact one, for more it is by Monte Carlo over tables with the same
    margins, which is valid at any size. Drawing stops at 50 exceedances (Besag and Clifford,
    Biometrika 78, 1991).

    Args:
        reference: Rows of each category, shape (n,).
        window: Rows of the same categories.
        draws: The most tables to draw.

    Returns:
        The p-value and the name of the test: ``chi-square``, ``exact`` or ``monte-carlo``.
    """
    table = _pooled(np.stack([reference, window]))
    columns = table.sum(axis=0)
    smaller = table[int(np.argmin(table.sum(axis=1)))]
    expected = columns * (smaller.sum() / columns.sum())
    if columns.size < 2:
        return 1.0, "chi-square"
    if expected.min() >= SPARSE_BELOW:
        statistic = float(_chi_square(smaller, columns))
        return chi_square_tail(columns.size - 1, statistic), "chi-square"
    if columns.size == 2:
        return _exact(smaller, columns), "exact"
    return _monte_carlo(smaller, columns, draws), "monte-carlo"


def benjamini_hochberg(p_values: np.ndarray) -> np.ndarray:
    """P-values adjusted to control the false discovery rate (JRSS B 57, 1995), same shape."""
    order = np.argsort(p_values)
    ranked = p_values[order] * p_values.size / np.arange(1, p_values.size + 1)
    adjusted = np.empty(p_values.size)
    adjusted[order] = np.minimum(np.minimum.accumulate(ranked[::-1])[::-1], 1.0)
    return adjusted


def _pooled(table: np.ndarray) -> np.ndarray:
    columns = table.sum(axis=0)
    expected = columns * (table.sum(axis=1).min() / columns.sum())
    rare = expected < POOLED_BELOW
    if rare.sum() < 2:
        return table[:, columns > 0]
    pooled = np.concatenate([table[:, ~rare], table[:, rare].sum(axis=1, keepdims=True)], axis=1)
    return pooled[:, pooled.sum(axis=0) > 0]


def _chi_square(sample: np.ndarray, columns: np.ndarray) -> np.ndarray:
    """Pearson's statistic of a sample, shape (..., n), within a table of given column sums."""
    size, total = float(sample.sum(axis=-1).flat[0]), float(columns.sum())
    deviation = sample - columns * (size / total)
    return (deviation**2 / columns).sum(axis=-1) * total**2 / (size * (total - size))


def _exact(sample: np.ndarray, columns: np.ndarray) -> float:
    """Fisher's two-sided p-value of a 2 x 2 table."""
    rare, common = int(columns.min()), int(columns.max())
    size, observed_count = int(sample.sum()), int(sample[int(np.argmin(columns))])
    possible = np.arange(max(0, size - common), min(rare, size) + 1, dtype=np.float64)
    last = possible[:-1]
    ratios = (rare - last) * (size - last) / ((last + 1) * (common - size + last + 1))
    log_weight = np.concatenate([[0.0], np.cumsum(np.log(ratios))])
    weight = np.exp(log_weight - log_weight.max())
    observed = weight[observed_count - int(possible[0])]
    return float(min(1.0, weight[weight <= observed * (1 + 1e-9)].sum() / weight.sum()))


def _monte_carlo(sample: np.ndarray, columns: np.ndarray, draws: int) -> float:
    observed = float(_chi_square(sample, columns)) * (1 - 1e-12)
    random = np.random.default_rng(0)
    total = exceedances = 0
    while total < draws:
        count = min(_DRAWS_AT_ONCE, draws - total)
        tables = random.multivariate_hypergeometric(
            columns, int(sample.sum()), size=count, method="marginals"
        )
        above = np.cumsum(_chi_square(tables, columns) >= observed) + exceedances
        if above[-1] >= _EXCEEDANCES:
            return _EXCEEDANCES / (total + 1 + int(np.argmax(above >= _EXCEEDANCES)))
        total, exceedances = total + count, int(above[-1])
    return (exceedances + 1) / (total + 1)


def kolmogorov_tail(value: float) -> float:
    """Probability that Kolmogorov's statistic is above `value`."""
    if value < 1.0:
        # The theta series that converges fast near zero (Feller, Ann. Math. Stat. 19, 1948).
        if value < 0.04:
            return 1.0
        odd_terms = np.arange(1, _TERMS, 2)
        below = np.exp(-((odd_terms * math.pi / value) ** 2) / 8).sum()
        return max(0.0, 1.0 - math.sqrt(2 * math.pi) / value * float(below))
    terms = np.arange(1, _TERMS)
    signs = np.where(terms % 2 == 1, 2.0, -2.0)
    return float((signs * np.exp(-2 * (terms * value) ** 2)).sum())


def chi_square_tail(degrees: int, value: float) -> float:
    """Probability that chi-square with whole `degrees` of freedom is above `value`.

    A finite sum: Abramowitz and Stegun, 26.4.4 and 26.4.5.
    """
    half = value / 2
    if half <= 0:
        return 1.0
    powers = np.arange(degrees // 2) + (degrees % 2) / 2
    first = math.erfc(math.sqrt(half)) if degrees % 2 else 0.0
    logs = powers * math.log(half) - half - np.array([math.lgamma(power + 1) for power in powers])
    return min(1.0, first + float(np.exp(logs).sum()))
