"""Tail probabilities of test statistics.

The same as SciPy's ``special.kolmogorov`` and ``special.chdtrc``, whose import takes longer than a
check of a hundred thousand rows.
"""

from __future__ import annotations

import math

import numpy as np

_TERMS = 100


def kolmogorov_tail(value: float) -> float:
    """Probability that Kolmogorov's statistic is above `value`."""
    if value < 1.0:
        # The theta series that converges fast near zero (Feller, Ann. Math. Stat. 19, 1948).
        if value < 0.04:
            return 1.0
        odd = np.arange(1, _TERMS, 2)
        below = np.exp(-((odd * math.pi / value) ** 2) / 8).sum()
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
