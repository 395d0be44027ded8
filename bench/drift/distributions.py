"""Distributions whose counts by cell or category are drawn at once, for the calibration."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from scipy import stats
from scipy.special import ndtr

from training.drift import Profile
from training.drift.categorical import CategoryColumn
from training.drift.columns import Column
from training.drift.numeric import NumericColumn
from training.drift.sketch import EXACT, Cells, keys_of, values_of

_LEVEL = 7
_LARGEST = 2.0**6


@dataclass(frozen=True)
class Numbers:
    """A distribution over cells.

    Args:
        level: Level of the cells.
        keys: Their keys, increasing, shape (n,).
        shares: Their probabilities, shape (n,).
        missing: Probability of a null.
    """

    level: int
    keys: np.ndarray
    shares: np.ndarray
    missing: float = 0.0

    def draw(self, random: np.random.Generator, rows: int) -> Column:
        """A column of so many rows."""
        nulls = int(random.binomial(rows, self.missing))
        counts = random.multinomial(rows - nulls, self.shares)
        in_use = counts > 0
        cells = Cells(self.level, self.keys[in_use], counts[in_use]).limited()
        ends = cells.keys[[0, -1]] if in_use.any() else self.keys[:0]
        low, *_, high = values_of(ends << (EXACT - cells.level)).tolist() or (0.0, 0.0)
        bins = cells.binned(cells.edges())
        return NumericColumn("numeric", "double", rows, nulls, 0, (0, 0), (low, high), bins, cells)


@dataclass(frozen=True)
class Categories:
    """A distribution over categories.

    Args:
        shares: Their probabilities, shape (n,).
    """

    shares: np.ndarray

    def draw(self, random: np.random.Generator, rows: int) -> Column:
        """A column of so many rows."""
        counts = random.multinomial(rows, self.shares).tolist()
        names = {f"level {index}": count for index, count in enumerate(counts) if count}
        return CategoryColumn("categorical", "string", rows, 0, names, None)


Table = Mapping[str, Numbers | Categories]


def continuous(cumulative: Callable[[np.ndarray], np.ndarray], missing: float = 0.0) -> Numbers:
    """A distribution from its cumulative function; nearly all of it must lie within 64 of zero."""
    top = int(keys_of(np.array([_LARGEST]))[0]) >> (EXACT - _LEVEL)
    least = int(keys_of(np.array([2.0**-14]))[0]) >> (EXACT - _LEVEL)
    magnitudes = np.concatenate([[0], np.arange(least, top)])
    keys = np.concatenate([-1 - magnitudes[::-1], magnitudes])
    below = cumulative(values_of(keys << (EXACT - _LEVEL)))
    return Numbers(_LEVEL, keys, np.diff(below, append=1.0), missing)


def normal(shift: float = 0.0, scale: float = 1.0, missing: float = 0.0) -> Numbers:
    """A normal distribution."""
    return continuous(lambda values: ndtr((values - shift) / scale), missing)


def discrete(values: np.ndarray, shares: np.ndarray) -> Numbers:
    """A distribution over a few increasing numbers."""
    return Numbers(EXACT, keys_of(np.asarray(values, np.float64)), shares / shares.sum())


def _even(levels: int) -> np.ndarray:
    return np.full(levels, 1 / levels)


def _half_zero(top: int) -> np.ndarray:
    return np.concatenate([[0.5], _even(top) / 2])


NORMAL = normal()
SKEWED = continuous(lambda values: ndtr(np.log(np.maximum(values, 1e-300))))
WHOLE = discrete(np.arange(30), stats.poisson.pmf(np.arange(30), 3))
RARE = 1 / np.arange(1, 201) ** 1.5
TABLES: dict[str, Table] = {
    "mixed": {
        **{f"normal {index}": NORMAL for index in range(14)},
        **{f"skewed {index}": SKEWED for index in range(2)},
        **{
            f"whole {index}": discrete(np.arange(30), stats.poisson.pmf(np.arange(30), 3))
            for index in range(2)
        },
        **{f"gaps {index}": normal(missing=0.05) for index in range(2)},
        **{f"{levels} levels": Categories(_even(levels)) for levels in (3, 8, 20, 50, 200)},
    },
    "ties": {
        **{f"up to {top}": discrete(np.arange(top), _even(top)) for top in (2, 3, 5, 10, 100)},
        **{
            f"zero or {top}": discrete(np.arange(top + 1), _half_zero(top))
            for top in (2, 3, 5, 10, 100)
        },
    },
    "200 levels": {
        **{f"even {index}": Categories(_even(200)) for index in range(5)},
        **{f"rare {index}": Categories(RARE / RARE.sum()) for index in range(5)},
    },
    "nulls": {
        f"{share} {index}": normal(missing=share)
        for share in (0.001, 0.01, 0.05, 0.2, 0.5)
        for index in range(2)
    },
}


def draw_profile(table: Table, random: np.random.Generator, rows: int) -> Profile:
    """A profile of so many rows."""
    return Profile({name: column.draw(random, rows) for name, column in table.items()})
