"""Shares of a reference and a window to draw side by side."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from training.drift.numeric import NumericColumn
from training.drift.sketch import EXACT, Bins, values_of

_BARS = 40
_LABELS = 12
_LARGEST_WHOLE = 2.0**53
_HALF_LARGEST = 2.0**1022
_TAIL = 0.005  # left out at either end, so that an outlier does not squeeze the rest


def number_chart(
    reference: NumericColumn, window: NumericColumn, reference_bins: Bins, window_bins: Bins
) -> dict[str, Any] | None:
    """Shares of both in 40 bars of equal width; None if neither has a finite number."""
    borders = borders_of(reference, window, reference_bins)
    if borders is None:
        return None
    cumulative = [_cumulative(bins.counts) for bins in (reference_bins, window_bins)]
    curves = [line for line in cumulative if line[-1] > 0]
    low = min(borders[max(0, int(np.searchsorted(line, _TAIL, "right")) - 1)] for line in curves)
    high = max(
        borders[min(borders.size - 1, int(np.searchsorted(line, 1 - _TAIL)))] for line in curves
    )
    if not low < high:
        low, high = low - max(1.0, abs(low)) / 2, high + max(1.0, abs(high)) / 2
    steps = np.linspace(0.0, 1.0, _BARS + 1)
    edges = low * (1 - steps) + high * steps  # the range may be too large for a number
    if _is_whole(reference) and max(-low, high) < _LARGEST_WHOLE:
        # Bars of whole widths, or else they would hold two numbers here and one there.
        first, last = np.ceil(low), np.floor(high)
        step = np.ceil((last - first + 1) / _BARS)
        edges = first + step * np.arange((last - first) // step + 2)
    scale = 4.0 if borders[-1] / 2 - borders[0] / 2 > _HALF_LARGEST else 1.0
    shares = [np.diff(np.interp(edges / scale, borders / scale, line)) for line in cumulative]
    return {
        "edges": [float(f"{edge:.6g}") for edge in edges],
        "reference": _rounded(shares[0]),
        "window": _rounded(shares[1]),
    }


def category_chart(
    labels: Sequence[str], reference: np.ndarray, window: np.ndarray
) -> dict[str, Any]:
    """Shares of both in the largest categories, and those of all others together."""
    shares = [counts / max(1, int(counts.sum())) for counts in (reference, window)]
    order = np.argsort(-np.maximum(*shares), kind="stable")
    largest, remainder = order[:_LABELS], order[_LABELS:]
    before, now = (_rounded(share[largest]) for share in shares)
    chart = {"labels": [labels[index] for index in largest], "reference": before, "window": now}
    if remainder.size:
        before, now = _rounded(np.array([share[remainder].sum() for share in shares]))
        chart["others"] = {"categories": int(remainder.size), "reference": before, "window": now}
    return chart


def borders_of(reference: NumericColumn, window: NumericColumn, bins: Bins) -> np.ndarray | None:
    """Both sides of every bin, the outer ones being the smallest and the largest number of all."""
    spans = [column.span for column in (reference, window) if column.span is not None]
    if not spans or bins.edges.size == 0:
        return None
    inner = bins.values()
    low = min(inner[0], *(span[0] for span in spans))
    high = max(inner[-1], *(span[1] for span in spans))
    return np.concatenate([[low], inner, [high]])


def _is_whole(column: NumericColumn) -> bool:
    """True if all numbers are known to be whole."""
    if column.cells is None or column.cells.level < EXACT:
        return False
    values = values_of(column.cells.keys)
    return bool(np.all(values == np.floor(values)))


def _cumulative(counts: np.ndarray) -> np.ndarray:
    return np.concatenate([[0.0], np.cumsum(counts) / max(1, int(counts.sum()))])


def _rounded(shares: np.ndarray) -> list[float]:
    return [float(f"{share:.4g}") for share in shares]
