"""Counting streamed numbers into cells or into given bins, at a few nanoseconds a number.

Instead of sorting, a chunk's cell numbers are taken from the float64 patterns with integer
operations and counted in a dense table around the column's median magnitude. The few numbers
outside the table are sorted.
"""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod

import numpy as np

from training.drift.sketch import EXACT, MAX_CELLS, Bins, Cells

CHUNK = 262_144  # numbers in one go: few waits for the interpreter lock, still in the caches
_FIRST = 8192
_SPAN = 1 << 14  # magnitudes in the dense table, for each sign
_HIGH_BITS = 20  # mantissa bits in the upper half of a float64


class _Counter(ABC):
    """Feeds chunks through a dense grid, or through sorting where no grid fits."""

    def __init__(self, level: int) -> None:
        self.level = level
        self._grid: _Grid | None = None

    def add(self, values: np.ndarray) -> None:
        """Count finite float64 values."""
        values = np.ascontiguousarray(values, dtype=np.float64)
        for start in range(0, values.size, CHUNK):
            self._add(values[start : start + CHUNK])

    def _add(self, chunk: np.ndarray) -> None:
        level = _bits_in_use(chunk) if self.level == EXACT else self.level
        if self.level == EXACT and level > _HIGH_BITS:
            # The level of a few numbers bounds that of all, which then need no sorting.
            self.count_cells(Cells.of(chunk[:_FIRST], EXACT))
            remainder = chunk[_FIRST:]
            if remainder.size and self.level < EXACT:
                self._add(remainder)
            elif remainder.size:
                self.count_cells(Cells.of(remainder, EXACT))
            return
        if self._grid is None or not self._grid.fits(level, self.level):
            self._flush()
            self._grid = _Grid(level, self.level, float(np.median(np.abs(chunk[:1000]))))
        outside = self._grid.count(chunk)
        if outside.size:
            self.count_cells(Cells.of(outside, self.level))
        if self._grid.cells_in_use() > MAX_CELLS:
            self._flush()

    def _flush(self) -> None:
        if self._grid is not None:
            self.count_cells(self._grid.cells())
        self._grid = None

    @abstractmethod
    def count_cells(self, cells: Cells) -> None:
        """Count numbers that are in cells already."""


class CellCounter(_Counter):
    """Counts numbers into `Cells`.

    Args:
        level: A level that is known not to be finer than the result's; the exact one if nothing is
            known.
    """

    def __init__(self, level: int = EXACT) -> None:
        super().__init__(level)
        self._cells = Cells.empty()

    def count_cells(self, cells: Cells) -> None:
        """Count numbers that are in cells already."""
        self._cells = self._cells.merged(cells)
        self.level = min(self.level, self._cells.level)

    def result(self) -> Cells:
        """The cells of all numbers added."""
        self._flush()
        return self._cells


class BinCounter(_Counter):
    """Counts numbers into the bins of a reference.

    Args:
        level: Level of the edges.
        edges: Keys of the bin edges, see `Bins`.
    """

    def __init__(self, level: int, edges: np.ndarray) -> None:
        super().__init__(level)
        self._edges = edges
        self._counts = np.zeros(edges.size + 1, np.int64)

    def count_cells(self, cells: Cells) -> None:
        """Count numbers that are in cells already."""
        self._counts += cells.binned(self._edges).counts

    def result(self) -> Bins:
        """The bins of all numbers added."""
        self._flush()
        return Bins(self.level, self._edges, self._counts.copy())


class _Grid:
    """A dense table of the cells around one magnitude.

    Cells of float64 patterns are numbered by magnitude, ``pattern without sign >> dropped bits``;
    the table covers `_SPAN` of them from `base` for each sign, and one entry more for whatever is
    outside.

    Args:
        level: Mantissa bits that tell the table's entries apart.
        target: Level of the cells to hand over; where finer than `level`, the numbers have no bits
            below `level`.
        middle: A typical magnitude.
    """

    def __init__(self, level: int, target: int, middle: float) -> None:
        self._level = level
        self._target = target
        pattern = int(np.array([abs(middle)], np.float64).view(np.int64)[0])
        self._base = max(0, (pattern >> (EXACT - level)) - _SPAN // 2)
        self._table = np.zeros(2 * (_SPAN + 1), np.int64)

    def fits(self, level: int, target: int) -> bool:
        """True if the table can count numbers of `level` for cells of `target`."""
        return level <= self._level and target == self._target

    def count(self, values: np.ndarray) -> np.ndarray:
        """Count the values inside the table; returns the others."""
        index = self._index(values)
        counts = np.bincount(index, minlength=self._table.size)
        if not (counts[_SPAN] or counts[-1]):
            self._table += counts
            return values[:0]
        counts[_SPAN] = counts[-1] = 0
        self._table += counts
        return values[(index == _SPAN) | (index == 2 * _SPAN + 1)]

    def cells_in_use(self) -> int:
        """Number of cells in use."""
        return int(np.count_nonzero(self._table))

    def cells(self) -> Cells:
        """The counts, as cells of the target level."""
        index = np.flatnonzero(self._table)
        negative = index > _SPAN
        magnitude = index - negative * (_SPAN + 1) + self._base
        magnitude[magnitude < (1 << self._level)] = 0  # subnormal numbers count as zero
        magnitude <<= self._target - self._level
        keys = np.where(negative & (magnitude > 0), -1 - magnitude, magnitude)
        return Cells.summed(self._target, keys, self._table[index])

    def _index(self, values: np.ndarray) -> np.ndarray:
        """Position of each value in the table, intp of the values' shape; valid until the next."""
        if self._level > _HIGH_BITS:
            pattern, sign_bit, dropped = values.view(np.uint64), 63, EXACT - self._level
            index, sign = _WORK.wide[:, : values.size]
        else:
            # The upper halves of the patterns; every supported machine is little-endian.
            pattern, sign_bit, dropped = values.view(np.uint32)[1::2], 31, _HIGH_BITS - self._level
            index, sign = _WORK.narrow[:, : values.size]
        kind = pattern.dtype.type
        np.copyto(sign, pattern)  # operations on a strided view are much slower than one copy
        np.bitwise_and(sign, kind((1 << sign_bit) - 1), out=index)
        np.right_shift(index, kind(dropped), out=index)
        # Whatever is below the base wraps around to a huge number.
        np.subtract(index, kind(self._base), out=index)
        np.minimum(index, kind(_SPAN), out=index)
        np.right_shift(sign, kind(sign_bit), out=sign)
        np.multiply(sign, kind(_SPAN + 1), out=sign)
        np.add(index, sign, out=index)
        positions = _WORK.positions[: values.size]
        np.copyto(positions, index, casting="unsafe")
        return positions


class _Work(threading.local):
    """Arrays that a thread uses again and again, so that their memory is not mapped anew."""

    def __init__(self) -> None:
        self.narrow = np.empty((2, CHUNK), np.uint32)
        self.wide = np.empty((2, CHUNK), np.uint64)
        self.positions = np.empty(CHUNK, np.intp)


_WORK = _Work()


def _bits_in_use(values: np.ndarray) -> int:
    """The highest level at which some value has a mantissa bit set."""
    bits = int(np.bitwise_or.reduce(values.view(np.uint64))) & ((1 << EXACT) - 1)
    return EXACT - ((bits & -bits).bit_length() - 1) if bits else 0
