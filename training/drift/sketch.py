"""A mergeable, deterministic sketch of the distribution of numbers.

Numbers are counted in cells: a cell holds the numbers whose float64 patterns agree in sign,
exponent and the first ``level`` of the 52 mantissa bits. A cell of level m is at most ``2**-m``
wide relative to its numbers, and level 52 is exact. The level is the finest one at which at most
`MAX_CELLS` cells are in use. As a coarser level's cells are unions of a finer level's, both the
level and the counts are a function of the multiset of numbers alone: no order, sharding or batch
size can change them, and merging is exact.

Numbers below 2**-1022 in magnitude (zero, negative zero, subnormal) count as zero.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

EXACT = 52
MAX_CELLS = 4096
MAX_EDGES = 1024
_MAGNITUDE = np.int64(0x7FFF_FFFF_FFFF_FFFF)
_LARGEST_KEY = np.int64(0x7FEF_FFFF_FFFF_FFFF)
_SMALLEST_NORMAL = 2.0**-1022


def keys_of(values: np.ndarray) -> np.ndarray:
    """Order-preserving int64 keys of finite float64 values, 0 for zero and subnormal numbers."""
    keys = keys_from(values)
    keys[np.abs(values) < _SMALLEST_NORMAL] = 0
    return keys


def keys_from(values: np.ndarray) -> np.ndarray:
    """The full key of every float64 pattern, subnormal numbers and negative zero included."""
    bits = np.ascontiguousarray(values, dtype=np.float64).view(np.int64)
    return bits ^ ((bits >> 63) & _MAGNITUDE)


def values_of(keys: np.ndarray) -> np.ndarray:
    """The float64 values of full (level 52) keys, the inverse of `keys_from`."""
    keys = np.asarray(keys, dtype=np.int64)
    return (keys ^ ((keys >> 63) & _MAGNITUDE)).view(np.float64)


@dataclass(frozen=True)
class Bins:
    """Counts between edges: bin 0 is below ``edges[0]``, the last bin is from ``edges[-1]`` up.

    Args:
        level: Mantissa bits of the keys in `edges`.
        edges: int64 keys of shape (n,), increasing, n <= 1,024.
        counts: int64 of shape (n + 1,).
    """

    level: int
    edges: np.ndarray
    counts: np.ndarray

    def same_edges(self, other: Bins) -> bool:
        """True if both count into the same bins."""
        return self.level == other.level and np.array_equal(self.edges, other.edges)

    def values(self) -> np.ndarray:
        """The smallest number of each bin but the first, float64 of shape (n,)."""
        return values_of(self.edges << (EXACT - self.level))


@dataclass(frozen=True)
class Cells:
    """Counts of the cells in use.

    Args:
        level: Mantissa bits that tell cells apart, 0 to 52.
        keys: int64 of shape (n,), increasing: `keys_of` shifted right by ``52 - level``.
        counts: int64 of shape (n,), all positive.
    """

    level: int
    keys: np.ndarray
    counts: np.ndarray

    @staticmethod
    def empty() -> Cells:
        """No number yet, at the exact level."""
        return Cells(EXACT, np.empty(0, np.int64), np.empty(0, np.int64))

    @staticmethod
    def of(values: np.ndarray, level: int = EXACT) -> Cells:
        """Cells of finite float64 values at `level`, however many (see `limited`)."""
        keys = np.sort(keys_of(values) >> (EXACT - level))
        return Cells(level, *_summed(keys, np.ones(keys.size, np.int64)))

    @staticmethod
    def summed(level: int, keys: np.ndarray, counts: np.ndarray) -> Cells:
        """Cells from keys in any order that may repeat."""
        order = np.argsort(keys, kind="stable")
        return Cells(level, *_summed(keys[order], counts[order]))

    @property
    def total(self) -> int:
        """Number of values counted."""
        return int(self.counts.sum())

    def coarsened(self, level: int) -> Cells:
        """The same numbers in the cells of a coarser level."""
        if level == self.level:
            return self
        return Cells(level, *_summed(self.keys >> (self.level - level), self.counts))

    def limited(self, most: int = MAX_CELLS) -> Cells:
        """At the finest level with at most `most` cells."""
        if self.keys.size <= most:
            return self
        # Two neighbours stay apart at a level if their keys differ in a bit above those the level
        # drops.
        differing = (self.keys[1:] ^ self.keys[:-1]).astype(np.uint64)
        # Clearing the bit below the highest one keeps the rounding to float64 from reaching the
        # next power of 2.
        highest = np.frexp((differing & ~(differing >> np.uint64(1))).astype(np.float64))[1]
        apart_after = np.cumsum(np.bincount(highest, minlength=66)[::-1])[::-1]
        dropped = next((d for d in range(self.level) if apart_after[d + 1] < most), self.level)
        return self.coarsened(self.level - dropped)

    def merged(self, other: Cells) -> Cells:
        """The cells of the numbers of both."""
        level = min(self.level, other.level)
        a, b = self.coarsened(level), other.coarsened(level)
        keys, counts = np.concatenate([a.keys, b.keys]), np.concatenate([a.counts, b.counts])
        return Cells.summed(level, keys, counts).limited()

    def edges(self) -> np.ndarray:
        """At most 1,024 bin edges: both sides of every cell, or else about equal counts."""
        if self.keys.size == 0:
            return self.keys
        # Above the largest finite number there is nothing to tell apart.
        end = self.keys[-1:] + 1
        end = end[end <= _LARGEST_KEY >> (EXACT - self.level)]
        if 2 * self.keys.size <= MAX_EDGES:
            return np.unique(np.concatenate([self.keys, self.keys[:-1] + 1, end]))
        before = np.cumsum(self.counts) - self.counts
        quantile = before * (MAX_EDGES - 1) // self.total
        starts = self.keys[np.concatenate([[True], quantile[1:] != quantile[:-1]])]
        return np.concatenate([starts, end])

    def binned(self, edges: np.ndarray) -> Bins:
        """Counts between `edges`, which are keys of this level."""
        bin_of_cell = np.searchsorted(edges, self.keys, side="right")
        counts = np.zeros(edges.size + 1, np.int64)
        np.add.at(counts, bin_of_cell, self.counts)
        return Bins(self.level, edges, counts)


def _summed(ordered: np.ndarray, counts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Add the counts of equal neighbours."""
    if ordered.size == 0:
        return ordered, counts
    starts = np.flatnonzero(np.concatenate([[True], ordered[1:] != ordered[:-1]]))
    return ordered[starts], np.add.reduceat(counts, starts)
