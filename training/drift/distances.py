"""Distances of two samples, given as counts, that teams may hold thresholds for."""

from __future__ import annotations

import numpy as np

_LEAST_SHARE = 1e-4  # an empty bin's share, so that the index stays finite
_DECILES = 10


def deciles(reference: np.ndarray, window: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Counts in about ten bins of equal reference counts, from counts in finer ones."""
    before = np.cumsum(reference) - reference
    group = before * _DECILES // max(1, int(reference.sum()))
    group = np.minimum(group, _DECILES - 1)
    return np.bincount(group, reference), np.bincount(group, window)


def population_stability_index(reference: np.ndarray, window: np.ndarray) -> float:
    """Sum of (q - p) ln(q / p) over shares p, q, each at least 0.0001."""
    p = np.maximum(reference / reference.sum(), _LEAST_SHARE)
    q = np.maximum(window / window.sum(), _LEAST_SHARE)
    return float(((q - p) * np.log(q / p)).sum())


def jensen_shannon(reference: np.ndarray, window: np.ndarray) -> float:
    """Jensen-Shannon distance: the root of the divergence in bits, 0 to 1."""
    p, q = reference / reference.sum(), window / window.sum()
    divergence = (_relative_entropy(p, (p + q) / 2) + _relative_entropy(q, (p + q) / 2)) / 2
    return float(np.sqrt(max(0.0, divergence)))


def largest_difference(reference: np.ndarray, window: np.ndarray) -> float:
    """L-infinity: the largest difference of a category's share, 0 to 1."""
    return float(np.abs(reference / reference.sum() - window / window.sum()).max())


def total_variation(reference: np.ndarray, window: np.ndarray) -> float:
    """Largest difference in the share of any set of categories, 0 to 1."""
    return float(np.abs(reference / reference.sum() - window / window.sum()).sum() / 2)


def wasserstein(borders: np.ndarray, reference: np.ndarray, window: np.ndarray) -> float | None:
    """Wasserstein-1 distance over the reference's standard deviation; None if that is zero.

    Args:
        borders: Both sides of every bin in turn, increasing, shape (n + 1,); counts are taken to be
            even in a bin.
        reference: Counts, shape (n,).
        window: Counts, shape (n,).
    """
    scale = float(np.abs(borders).max())  # keeps squares of huge numbers finite
    if scale == 0:
        return None
    borders = borders / scale
    p, q = reference / reference.sum(), window / window.sum()
    middles, widths = (borders[1:] + borders[:-1]) / 2, np.diff(borders)
    mean = float((p * middles).sum())
    sigma = float(np.sqrt((p * (middles - mean) ** 2).sum()))
    if sigma <= np.finfo(float).eps * max(1.0, abs(mean)):
        return None
    gap = np.concatenate([[0.0], np.cumsum(p - q)])
    return float((_mean_magnitude(gap[:-1], gap[1:]) * widths).sum() / sigma)


def _mean_magnitude(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Mean of |x| on the way from a to b."""
    crossing = a * b < 0
    spread = np.where(crossing, np.abs(a) + np.abs(b), 1.0)
    return np.where(crossing, (a**2 + b**2) / (2 * spread), np.abs(a + b) / 2)


def _relative_entropy(p: np.ndarray, q: np.ndarray) -> float:
    support = p > 0
    return float((p[support] * np.log2(p[support] / q[support])).sum())
