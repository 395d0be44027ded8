"""Comparing the values of a column: the test, the effect and the distances."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from training.drift import distances
from training.drift.categorical import CategoryColumn
from training.drift.charts import borders_of, category_chart, number_chart
from training.drift.columns import Column
from training.drift.numeric import NumericColumn
from training.drift.quantities import Quantities, quantities
from training.drift.sketch import Bins
from training.drift.statistics import homogeneity_test, ks_test
from training.errors import UserError


@dataclass(frozen=True)
class ValueDrift:
    """Difference of a column's values; see `training.drift.verdict.FeatureDrift`."""

    effect: float
    p_value: float
    test: str
    psi: float
    jensen_shannon: float
    wasserstein: float | None
    linf: float


def compare_values(
    name: str, reference: Column, window: Column, draws: int
) -> tuple[ValueDrift | None, dict[str, Any] | None, Quantities | None]:
    """The drift of a column's values, the chart of it, and of numbers mean and quantiles.

    The drift is None where a side has no values, all of it where values are not compared.

    Args:
        name: The column.
        reference: The column in the reference.
        window: The column in the window.
        draws: The most tables to draw in a Monte Carlo test.

    Raises:
        UserError: The window was counted into the bins of another reference.
    """
    is_void = min(side.rows - side.missing for side in (reference, window)) == 0
    if isinstance(reference, NumericColumn) and isinstance(window, NumericColumn):
        bins = _common_bins(name, reference, window)
        chart = number_chart(reference, window, *bins)
        drift = None if is_void else _numbers(reference, window, *bins)
        return drift, chart, quantities(reference, window, *bins)
    if isinstance(reference, CategoryColumn) and isinstance(window, CategoryColumn):
        labels, counts = _common_categories(reference, window)
        drift = None if is_void else _categories(*counts, draws)
        return drift, category_chart(labels, *counts), None
    return None, None, None


def _common_bins(name: str, reference: NumericColumn, window: NumericColumn) -> tuple[Bins, Bins]:
    """Both columns in the reference's bins, or in bins of the finest level that both have."""
    if reference.bins.same_edges(window.bins):
        return reference.bins, window.bins
    if reference.cells is None or window.cells is None:
        raise UserError(
            f"the window's column {name!r} was counted into the bins of another reference; "
            "profile the window with this reference"
        )
    level = min(reference.cells.level, window.cells.level)
    coarse = reference.cells.coarsened(level)
    edges = coarse.edges()
    return coarse.binned(edges), window.cells.coarsened(level).binned(edges)


def _numbers(reference: NumericColumn, window: NumericColumn, *bins: Bins) -> ValueDrift:
    counts = [
        _with_infinities(column, side)
        for column, side in zip((reference, window), bins, strict=True)
    ]
    distance, p_value = ks_test(*counts)
    tenths = distances.deciles(*counts)
    borders = borders_of(reference, window, bins[0])
    return ValueDrift(
        effect=distance,
        p_value=p_value,
        test="kolmogorov-smirnov",
        psi=distances.population_stability_index(*tenths),
        jensen_shannon=distances.jensen_shannon(*tenths),
        wasserstein=_wasserstein(borders, *bins),
        linf=distance,
    )


def _wasserstein(borders: np.ndarray | None, reference: Bins, window: Bins) -> float | None:
    if borders is None or reference.counts.sum() == 0 or window.counts.sum() == 0:
        return None
    return distances.wasserstein(borders, reference.counts, window.counts)


def _with_infinities(column: NumericColumn, bins: Bins) -> np.ndarray:
    below, above = column.infinities
    return np.concatenate([[below], bins.counts, [above]])


def _common_categories(
    reference: CategoryColumn, window: CategoryColumn
) -> tuple[list[str], tuple[np.ndarray, np.ndarray]]:
    """Names and both counts of all categories, or of buckets where a side has too many names."""
    if reference.buckets is not None or window.buckets is not None:
        counts = reference.in_buckets(), window.in_buckets()
        return [f"bucket {index}" for index in range(counts[0].size)], counts
    names = [*reference.names, *(name for name in window.names if name not in reference.names)]
    arrays = tuple(
        np.array([side.names.get(name, 0) for name in names], np.int64)
        for side in (reference, window)
    )
    return names, (arrays[0], arrays[1])


def _categories(reference: np.ndarray, window: np.ndarray, draws: int) -> ValueDrift:
    p_value, test = homogeneity_test(reference, window, draws)
    return ValueDrift(
        effect=distances.total_variation(reference, window),
        p_value=p_value,
        test=test,
        psi=distances.population_stability_index(reference, window),
        jensen_shannon=distances.jensen_shannon(reference, window),
        wasserstein=None,
        linf=distances.largest_difference(reference, window),
    )
