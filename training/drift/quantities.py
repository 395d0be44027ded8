"""Mean and quantiles of numbers on both sides, from their counts."""

from __future__ import annotations

import numpy as np

from training.drift.charts import borders_of
from training.drift.numeric import NumericColumn
from training.drift.sketch import EXACT, Bins, values_of

QUANTILES = {"5 %": 0.05, "25 %": 0.25, "median": 0.5, "75 %": 0.75, "95 %": 0.95}
MEAN = "mean"

# The name of a quantity to its value in the reference and in the window; None on a side without
# finite numbers.
Quantities = dict[str, list[float | None]]


def quantities(
    reference: NumericColumn, window: NumericColumn, reference_bins: Bins, window_bins: Bins
) -> Quantities | None:
    """Mean and `QUANTILES` of the finite numbers of both; None if neither has one.

    They are as exact as the bins: numbers of at most 512 different values exactly, others to the
    width of a bin, of which there are about a thousand. A bin's numbers are taken to lie evenly in
    it; for the mean, where the reference's own numbers in it do.
    """
    borders = borders_of(reference, window, reference_bins)
    if borders is None:
        return None
    middles = _middles(reference, reference_bins, borders)
    sides = [_of_side(borders, middles, bins.counts) for bins in (reference_bins, window_bins)]
    return {name: [side.get(name) for side in sides] for name in (MEAN, *QUANTILES)}


def _of_side(borders: np.ndarray, middles: np.ndarray, counts: np.ndarray) -> dict[str, float]:
    total = int(counts.sum())
    if total == 0:
        return {}
    values = {MEAN: float((counts / total * middles).sum())}
    ends = np.cumsum(counts)
    for name, share in QUANTILES.items():
        rank = share * total
        index = int(np.searchsorted(ends, rank))
        inside = (rank - (ends[index] - counts[index])) / counts[index]
        # Not low + inside * width: that may be too large for a number.
        values[name] = float(borders[index] * (1 - inside) + borders[index + 1] * inside)
    return {name: float(f"{value:.6g}") for name, value in values.items()}


def _middles(reference: NumericColumn, bins: Bins, borders: np.ndarray) -> np.ndarray:
    """A number that stands for each bin: the reference's mean in it, or the bin's middle."""
    middles = borders[:-1] / 2 + borders[1:] / 2
    if reference.cells is None:
        return middles
    cells = reference.cells.coarsened(bins.level)
    low = values_of(cells.keys << (EXACT - cells.level))
    high = values_of((cells.keys + 1) << (EXACT - cells.level))
    # The cell of the largest numbers ends at infinity.
    values = low if cells.level == EXACT else np.where(np.isfinite(high), low / 2 + high / 2, low)
    place = np.searchsorted(bins.edges, cells.keys, side="right")
    totals = np.bincount(place, cells.counts, minlength=middles.size)
    sums = np.bincount(place, cells.counts / totals[place] * values, minlength=middles.size)
    return np.where(totals > 0, sums, middles)
